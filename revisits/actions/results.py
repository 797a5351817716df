"""Changing a call result: a new version of the store's own row; and adding results that only this store has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from revisits.models import CallResult, ResultVersion
from revisits.queries.results import has_calls, results_of
from revisits.rules.results import CHANGEABLE, FIXED_BY_CALLS, Problem, problems

#: the codes of results that a store adds
OWN_CODE = "OWN"
#: a keypad with more than that is no keypad
MOST = 30


@transaction.atomic
def change_result(
    store_id: int, code: str, values: Mapping[str, Any], *, shown: str, by: Employee, now: datetime
) -> CallResult:
    """Give a store's result a new version from now on; the calls made so far keep theirs.

    `values` holds fields of CHANGEABLE; `shown` is `stamp()` of the row that the user had before them. The company's
    result is copied to a row of the store first. Refuses (`field` names the part to mend) when somebody else changed
    it meanwhile, when nothing would change, and a keypad that could no longer be worked with.
    """
    Store.objects.select_for_update(no_key=True).get(pk=store_id)
    rows = {row.code: row for row in results_of(store_id)}
    result = rows.pop(code)
    if stamp(result) != shown:
        raise RuleBroken(_("Somebody changed this result meanwhile. Compare with the present version and save again."))
    changes = {name: (getattr(result, name), values[name]) for name in CHANGEABLE if name in values}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    if not changes:
        raise RuleBroken(_("Nothing was changed, so no new version was made."), code="unchanged")
    _check_fixed(store_id, code, changes)
    own = _own_row(result, store_id, now)
    for name, (_before, after) in changes.items():
        setattr(own, name, after)
    _check(own, rows.values())
    own.version += 1
    own.save(update_fields=[*changes, "version"])
    _keep_version(own, by=by, now=now)
    trail.record(by, "call_result.changed", own, store_id=store_id, result=code, version=own.version, **changes)
    return own


@transaction.atomic
def add_result(store_id: int, values: Mapping[str, Any], *, by: Employee, now: datetime) -> CallResult:
    """A result that only this store has, last of its keypad; refuses what does not fit together, and a name twice."""
    Store.objects.select_for_update(no_key=True).get(pk=store_id)
    others = results_of(store_id)
    if len(others) >= MOST:
        raise RuleBroken(_("There are %(count)s results already. Change one that nobody uses.") % {"count": MOST})
    for row in others:
        if values["label_zh"] == row.label_zh and row.is_active:
            raise RuleBroken(_("There is a result of this name already."), code="name", field="label_zh")
    last = CallResult.objects.for_store(store_id).aggregate(last=Max("position"))["last"] or 0
    result = CallResult(store_id=store_id, code=_free_code(others), position=last + 1, **values)
    _check(result, others)
    result.save(force_insert=True)
    _keep_version(result, by=by, now=now)
    trail.record(by, "call_result.added", result, store_id=store_id, result=result.code)
    return result


def stamp(result: CallResult) -> str:
    """Names a result as it stands; another one once somebody has changed it."""
    return f"{result.pk}:{result.version}"


def _check_fixed(store_id: int, code: str, changes: Mapping[str, Any]) -> None:
    """Refuse to change what calls already say: their rates would change with it."""
    fixed = next((name for name in FIXED_BY_CALLS if name in changes), None)
    if fixed and has_calls(store_id, code):
        text = _("Calls have ended with this result, so this stays as it is. Add a result of your own instead.")
        raise RuleBroken(text, code="fixed", field=fixed)


def _check(result: CallResult, others: Any) -> None:
    found = problems(result, others)
    if found:
        raise RuleBroken(_message(found[0]), code=found[0].code, field=found[0].field)


def _message(problem: Problem) -> str:
    return {
        ("key", "reserved"): _("This letter does something else on the call page. Choose another one, or none."),
        ("key", "taken"): _("Another result has this letter. Choose another one, or none."),
        ("is_active", "no_success"): _("One result that keeps the answers must stay on: without it no call succeeds."),
        ("is_active", "no_miss"): _("One result for customers who were not reached must stay on."),
        ("group", "reached"): _("Somebody was reached, so it belongs to another group."),
        ("group", "not_reached"): _("Nobody was reached, so it belongs to another group."),
        ("next_step", "not_reached"): _("This follows only where somebody was reached."),
        ("saves_answers", "unfinished"): _("Answers are kept only when somebody was reached and the call is finished."),
        ("counts_as_try", "no_try"): _("A promise or a bad number uses up no try: choose No."),
        ("max_repeats", "not_again"): _("It is not tried again, so leave this empty."),
    }[problem]


def _own_row(result: CallResult, store_id: int, now: datetime) -> CallResult:
    """The row of the store, copied from the company's where it has none, with the version it stands at kept."""
    if result.store_id is None:
        result.pk, result.store_id = None, store_id
        result.save(force_insert=True)
    if not result.versions.filter(number=result.version).exists():
        _keep_version(result, by=None, now=now)
    return result


def _keep_version(result: CallResult, *, by: Employee | None, now: datetime) -> None:
    values = {name: getattr(result, name) for name in CHANGEABLE}
    ResultVersion.objects.create(result=result, number=result.version, values=values, made_at=now, made_by=by)


def _free_code(others: list[CallResult]) -> str:
    taken = {row.code for row in others}
    return next(code for code in (f"{OWN_CODE}_{number}" for number in range(1, MOST + 2)) if code not in taken)
