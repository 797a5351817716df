"""One change for many customers: counted first, confirmed, then done to exactly those that were counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from crm_site.accounts import policy
from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from crm_site.jobs.actions import enqueue
from customers.actions.classes import STATED, set_classes
from customers.models import BulkChange, Customer, ValueClass
from customers.rules.definitions import VALUE

CAPABILITY, JOB = "customers.bulk", "customers.bulk"
#: so many are done while the person waits, more by a job
AT_ONCE = 200
#: customers of one transaction
CHUNK = 500
#: as many as one change may be for
MOST = 100_000

#: why a customer that was counted was left as it is
NO_RIGHT, GONE, RESTRICTED, SAME = "no_right", "gone", "restricted", "same"
#: what reception reads as the reason to ask for the number
CHECK_REASON = "bulk"


@transaction.atomic
def prepare(
    store_id: int, rows: QuerySet[Customer], *, change: str, value: str, query: str, by: Employee, now: datetime
) -> BulkChange:
    """Keep which customers of `rows` a change is to be for; nothing is changed yet.

    Raises RuleBroken for nobody, for too many, and for a value that means nothing in this store (field "value").
    """
    check_value(store_id, change, value)
    keys = list(rows.filter(store_id=store_id).order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if not keys:
        raise RuleBroken(_("These filters leave nobody in this store."), code="nobody")
    if len(keys) > MOST:
        text = _("More than %(most)s customers at once is too many. Narrow the list, for instance by series or class.")
        raise RuleBroken(text % {"most": f"{MOST:,}"}, code="too_many")
    return BulkChange.objects.create(
        store_id=store_id, change=change, value=value, query=query[:500], counted=keys, created_by=by, created_at=now
    )


def check_value(store_id: int, change: str, value: str) -> None:
    """Refuse an unknown change, somebody else's employee and an unknown class."""
    if change not in BulkChange.Change.values:
        raise RuleBroken(_("Choose what is to be changed."), field="change")
    if change == BulkChange.Change.KEEPER and value:
        staff = Employee.objects.filter(store_id=store_id, left_on=None)
        if not (value.isascii() and value.isdigit() and len(value) < 19 and staff.filter(pk=int(value)).exists()):
            raise RuleBroken(_("Choose somebody who works in this store."), field="value")
    if change == BulkChange.Change.VALUE and value and value not in ValueClass.values:
        raise RuleBroken(_("Choose one of the value classes."), field="value")


@transaction.atomic
def confirm(bulk_id: int, *, by: Employee, now: datetime) -> BulkChange:
    """Let a prepared change begin; a second click finds it begun. Only whoever prepared it may."""
    bulk = BulkChange.objects.select_for_update().get(pk=bulk_id)
    if bulk.created_by_id != by.pk:
        raise RuleBroken(_("Only whoever counted these customers can confirm the change."), code="not_yours")
    if bulk.confirmed_at is not None:
        return bulk
    bulk.confirmed_at = now
    bulk.save(update_fields=["confirmed_at"])
    trail.record(by, "customers.bulk_confirmed", bulk, change=bulk.change, rows=len(bulk.counted))
    if len(bulk.counted) > AT_ONCE:
        enqueue(JOB, f"bulk:{bulk.pk}", store=bulk.store, payload={"bulk": bulk.pk}, by=by)
    return bulk


def finish(bulk_id: int, *, now: datetime, today: date) -> BulkChange:
    """Do all of a confirmed change, a chunk a transaction."""
    while not (bulk := step(bulk_id, now=now, today=today)).finished_at:
        pass
    return bulk


@transaction.atomic
def step(bulk_id: int, *, now: datetime, today: date) -> BulkChange:
    """Do the next chunk of a confirmed change: each row is looked at again, and what no longer fits is left and named.

    Safe to run again: it goes on where the last committed chunk ended.
    """
    bulk = BulkChange.objects.select_for_update(of=("self",)).select_related("created_by__user").get(pk=bulk_id)
    if bulk.confirmed_at is None or bulk.finished_at is not None:
        return bulk
    keys = bulk.counted[bulk.reached : bulk.reached + CHUNK]
    fit = _look_again(bulk, keys)
    if fit:
        _CHANGES[bulk.change](bulk, fit, today)
    bulk.reached += len(keys)
    bulk.changed += len(fit)
    if bulk.reached >= len(bulk.counted):
        bulk.finished_at = now
        left = {why: len(found) for why, found in bulk.skipped.items()}
        trail.record(
            bulk.created_by, "customers.bulk_changed", bulk, change=bulk.change, changed=bulk.changed, skipped=left
        )
    bulk.save(update_fields=["reached", "changed", "skipped", "finished_at"])
    return bulk


def _look_again(bulk: BulkChange, keys: Sequence[int]) -> list[int]:
    """The customers of a chunk that are still to be changed, locked; the others are noted with the reason."""
    if not policy.allows(bulk.created_by.user, CAPABILITY, bulk.store_id):
        _skip(bulk, NO_RIGHT, keys)
        return []
    rows = Customer.objects.standing().filter(pk__in=keys, store_id=bulk.store_id, anonymised_on=None)
    known = {row.pk: row for row in rows.select_for_update(no_key=True, of=("self",)).order_by("pk")}
    fit = []
    for key in keys:
        row = known.get(key)
        if row is None:
            _skip(bulk, GONE, [key])
        elif row.restricted:
            _skip(bulk, RESTRICTED, [key])
        elif _is_so(bulk, row):
            _skip(bulk, SAME, [key])
        else:
            fit.append(key)
    return fit


def _skip(bulk: BulkChange, why: str, keys: Sequence[int]) -> None:
    bulk.skipped.setdefault(why, []).extend(keys)


def _is_so(bulk: BulkChange, row: Customer) -> bool:
    """Whether a card is already as the change would have it."""
    if bulk.change == BulkChange.Change.KEEPER:
        return str(row.keeper_id or "") == bulk.value
    if bulk.change == BulkChange.Change.VALUE:
        return row.value_class == bulk.value and row.value_stated == bool(bulk.value)
    return row.check_phone_since is not None


def _set_keeper(bulk: BulkChange, keys: list[int], _today: date) -> None:
    keeper = int(bulk.value) if bulk.value else None
    Customer.objects.filter(pk__in=keys).update(keeper_id=keeper, version=F("version") + 1)


def _set_value(bulk: BulkChange, keys: list[int], today: date) -> None:
    """State the class as a person does on one card; share and potential stay as they were reckoned."""
    rows = Customer.objects.filter(pk__in=keys)
    found = {
        pk: (bulk.value, STATED if bulk.value else "", share, potential)
        for pk, share, potential in rows.values_list("pk", "value_share", "potential")
    }
    rows.update(value_stated=False)
    set_classes(bulk.store_id, VALUE, found, on=today)
    rows.update(value_stated=bool(bulk.value), version=F("version") + 1)


def _ask_check(_bulk: BulkChange, keys: list[int], today: date) -> None:
    Customer.objects.filter(pk__in=keys).update(check_phone_since=today, check_phone_reason=CHECK_REASON)


_CHANGES: dict[str, Callable[[BulkChange, list[int], date], None]] = {
    BulkChange.Change.KEEPER: _set_keeper,
    BulkChange.Change.VALUE: _set_value,
    BulkChange.Change.CHECK: _ask_check,
}
