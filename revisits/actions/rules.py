"""Changing a rule: a new version of the store's own row, in force from the next day on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from revisits.models import RevisitRule, RuleVersion

#: what an admin may change; everything else of a version is carried over
CHANGEABLE = (
    "is_on", "offset_days", "window_before", "window_after", "tries", "owner_role", "whom", "questionnaire", "script",
)  # fmt: skip
_CARRIED = ("anchor", "purpose", "conditions", *CHANGEABLE)


@transaction.atomic
def change_rule(
    store_id: int, code: str, values: Mapping[str, Any], *, shown: int, by: Employee, today: date
) -> RuleVersion:
    """Give a store's rule a new version from tomorrow on; the calls made so far keep theirs.

    `values` holds fields of CHANGEABLE; `shown` is the id of the version that the user had before them. The company's
    rule is copied to a row of the store first. A version that is not yet in force is replaced. Refuses when somebody
    else changed the rule meanwhile, and when nothing would change.
    """
    Store.objects.select_for_update(no_key=True).get(pk=store_id)
    rule = _rule(store_id, code)
    latest = _latest(rule)
    if latest.pk != shown:
        raise RuleBroken(_("Somebody changed this rule meanwhile. Compare with the present version and save again."))
    changes = {name: (getattr(latest, name), values[name]) for name in CHANGEABLE if name in values}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    if not changes:
        raise RuleBroken(_("Nothing was changed, so no new version was made."), code="unchanged")
    own = rule if rule.store_id else _own_row(rule, store_id)
    version = _new_version(own, _latest(own), {name: after for name, (_before, after) in changes.items()}, today)
    trail.record(by, "revisit_rule.changed", version, store_id=store_id, rule=code, **changes)
    return version


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


def _new_version(own: RevisitRule, latest: RuleVersion, changes: Mapping[str, Any], today: date) -> RuleVersion:
    """The version from tomorrow on; the one before it ends today, or goes if it never came into force."""
    start = today + timedelta(days=1)
    values = {name: getattr(latest, name) for name in _CARRIED} | dict(changes)
    number = (own.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    if latest.effective_from >= start and not latest.revisits.exists():
        latest.delete()
    else:
        latest.effective_until = today
        latest.save(update_fields=["effective_until"])
    return RuleVersion.objects.create(rule=own, number=number, effective_from=start, **values)
