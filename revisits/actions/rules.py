"""Changing a rule: a new version of the store's own row, in force from a day ahead on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from customers.models import Segment
from revisits.models import RevisitRule, RuleVersion
from revisits.rules.conditions import problem, segment_of

#: what an admin may change; everything else of a version is carried over
CHANGEABLE = (
    "is_on", "offset_days", "window_before", "window_after", "tries", "owner_role", "whom", "questionnaire", "script",
    "needs_consent", "capacity", "capacity_number", "conditions",
)  # fmt: skip
_CARRIED = ("anchor", "purpose", *CHANGEABLE)
#: a change is planned at most so far ahead
LONGEST_PLAN = timedelta(days=366)


@transaction.atomic
def change_rule(
    store_id: int,
    code: str,
    values: Mapping[str, Any],
    *,
    shown: int,
    by: Employee,
    today: date,
    start: date | None = None,
) -> RuleVersion:
    """Give a store's rule a new version from `start` on (tomorrow unless told); the calls made so far keep theirs.

    `values` holds fields of CHANGEABLE; `shown` is the id of the version that the user had before them. The company's
    rule is copied to a row of the store first. Versions that would come into force on that day or later are replaced.
    Refuses (`field` names the part to mend) when somebody else changed the rule meanwhile, when nothing would change,
    a day that is not ahead, and terms that do not fit together.
    """
    Store.objects.select_for_update(no_key=True).get(pk=store_id)
    rule = _rule(store_id, code)
    latest = _latest(rule)
    if latest.pk != shown:
        raise RuleBroken(_("Somebody changed this rule meanwhile. Compare with the present version and save again."))
    start = start or today + timedelta(days=1)
    changes = {name: (getattr(latest, name), values[name]) for name in CHANGEABLE if name in values}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    _check(latest, values, changes, start, today)
    own = rule if rule.store_id else _own_row(rule, store_id)
    version = _new_version(own, {name: after for name, (_before, after) in changes.items()}, start)
    trail.record(by, "revisit_rule.changed", version, store_id=store_id, rule=code, start=start, **changes)
    return version


def _check(
    latest: RuleVersion, values: Mapping[str, Any], changes: Mapping[str, Any], start: date, today: date
) -> None:
    """Refuse what changes nothing, what does not begin ahead, and what does not fit together."""
    if not changes:
        raise RuleBroken(_("Nothing was changed, so no new version was made."), code="unchanged")
    if not today < start <= today + LONGEST_PLAN:
        text = _("Choose a day from tomorrow on, at most a year ahead.")
        raise RuleBroken(text, code="start", field="starts_on")
    terms = {name: getattr(latest, name) for name in _CARRIED} | dict(values)
    _check_segment(terms["conditions"])
    found = problem(terms)
    if found:
        raise RuleBroken(_MESSAGES[found.code](), code=found.code, field=found.field)


def _check_segment(conditions: Mapping[str, Any]) -> None:
    """Refuse a segment that somebody retires meanwhile; held until the rule stands, which then holds it."""
    wanted = segment_of(conditions)
    if wanted and not Segment.objects.select_for_update().filter(pk=wanted.segment_id, retired_on=None).exists():
        raise RuleBroken(_("This segment is retired. Choose another one."), code="retired", field="segment")


_MESSAGES: dict[str, Callable[[], str]] = {
    "reminder": lambda: _("Only a reminder to a date that is ahead may come before it."),
    "always": lambda: _("These calls are always made: they cannot be drawn or limited."),
    "number": lambda: _("Say how many."),
    "percent": lambda: _("A share is at most 100 %."),
}


def _rule(store_id: int, code: str) -> RevisitRule:
    """The row that rules in the store: its own, else the company's."""
    rows = RevisitRule.objects.for_store(store_id).filter(code=code)
    return max(rows, key=lambda row: row.store_id is not None)


def _latest(rule: RevisitRule) -> RuleVersion:
    return rule.versions.order_by("-effective_from", "-number")[0]


def _own_row(company: RevisitRule, store_id: int) -> RevisitRule:
    """The company's rule with its versions as a row of the store."""
    own = RevisitRule.objects.create(
        store_id=store_id,
        code=company.code,
        priority=company.priority,
        label_zh=company.label_zh,
        label_en=company.label_en,
    )
    for version in company.versions.order_by("number"):
        version.pk, version.rule = None, own
        version.save(force_insert=True)
    return own


def _new_version(own: RevisitRule, changes: Mapping[str, Any], start: date) -> RuleVersion:
    """The version from `start` on; the one before it ends the day before, later ones never come into force."""
    latest = _latest(own)
    values = {name: getattr(latest, name) for name in _CARRIED} | dict(changes)
    number = (own.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    later = own.versions.filter(effective_from__gte=start)
    used = later.filter(revisits__isnull=False).first()
    if used:
        text = _("Calls were made by the version of %(day)s already. Choose a later day.")
        raise RuleBroken(text % {"day": f"{used.effective_from:%Y-%m-%d}"}, code="used", field="starts_on")
    later.delete()
    before = _latest(own)
    before.effective_until = start - timedelta(days=1)
    before.save(update_fields=["effective_until"])
    return RuleVersion.objects.create(rule=own, number=number, effective_from=start, **values)
