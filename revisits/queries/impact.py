"""What a change of a rule does to the calls ahead: how many more and fewer, which ones, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import QuerySet

from complaints.models import Complaint
from customers.models import Customer, Delivery, RepairOrder, Vehicle, VehicleRole
from revisits.generator.dry import Dry, calls, dry_run
from revisits.rules.codes import ENDED

#: how far ahead the page looks beside the next run
DAYS_AHEAD = 7


class Difference(NamedTuple):
    """A call that would be made only after the change, or only without it."""

    rule: str
    anchor_key: str
    is_more: bool
    #: why it is not made on the other side: a code of rules.codes.Reason, '' = it is not due then
    reason: str


class Effect(NamedTuple):
    """What a change does to the calls that are made up to a day."""

    until: date
    differences: list[Difference]

    @property
    def more(self) -> int:
        """How many calls are made only after the change."""
        return sum(one.is_more for one in self.differences)

    @property
    def fewer(self) -> int:
        """How many calls are made only without it."""
        return len(self.differences) - self.more


def effects(store_id: int, start: date, change: Callable[[], Any]) -> tuple[Effect, Effect]:
    """The effect on the run of `start`, and on the calls that fall due in the 7 days from `start` on.

    Rehearses the generator's own runs without and with `change` (see generator.dry): nothing stays written, and the
    numbers are those of the run. What `change` raises is passed on.
    """
    week = start + timedelta(days=DAYS_AHEAD - 1)
    with_change = [dry_run(store_id, day, start, prepare=change) for day in (start, week)]  # what it refuses, first
    without = [dry_run(store_id, day, start) for day in (start, week)]
    next_run, ahead = (
        Effect(day, differences(before, after))
        for day, before, after in zip((start, week), without, with_change, strict=True)
    )
    return next_run, ahead


def differences(before: Dry, after: Dry) -> list[Difference]:
    """The calls of one rehearsal that the other one does not make: those that come first, then those that go."""
    had, has = calls(before.tasks), calls(after.tasks)
    why_not, why_gone = _reasons(before), _reasons(after)
    more = [Difference(*key, True, why_not.get(key, "")) for key in sorted(has - had)]
    return more + [Difference(*key, False, why_gone.get(key, "")) for key in sorted(had - has)]


def _reasons(dry: Dry) -> dict[tuple[str, str], str]:
    """Why an occasion is no call: the reason of its skip, or of the task that ended as it began."""
    found = {(skip.rule, skip.anchor_key): skip.reason for skip in dry.skips}
    return found | {(task.rule, task.anchor_key): task.reason for task in dry.tasks if task.state in ENDED}


# ---- who they are ----------------------------------------------------------------------------------------------------


class About(NamedTuple):
    """Whom an occasion is about."""

    name: str
    plate: str


def whose(store_id: int, keys: Iterable[str]) -> dict[str, About]:
    """{anchor key: customer and car}, with one query for each kind of fact."""
    by_kind: dict[str, dict[int, list[str]]] = {}
    for key in keys:
        kind, pk, *_rest = key.split(":")
        by_kind.setdefault(kind, {}).setdefault(int(pk), []).append(key)
    found: dict[str, About] = {}
    for kind, ids in by_kind.items():
        for row_id, about in _READ[kind](store_id, list(ids)).items():
            found |= dict.fromkeys(ids[row_id], about)
    return found


def _facts(model: Any) -> Callable[[int, list[int]], dict[int, About]]:
    """Reads facts that name their customer and their car."""

    def read(store_id: int, ids: list[int]) -> dict[int, About]:
        rows: QuerySet = model.objects.filter(store_id=store_id, pk__in=ids)
        columns = rows.order_by().values_list("pk", "customer__name", "vehicle__plate_no")
        return {pk: About(name or "", plate or "") for pk, name, plate in columns}

    return read


def _customers(store_id: int, ids: list[int]) -> dict[int, About]:
    rows = Customer.objects.filter(store_id=store_id, pk__in=ids).values_list("pk", "name")
    return {pk: About(name, "") for pk, name in rows}


def _vehicles(store_id: int, ids: list[int]) -> dict[int, About]:
    """Cars with their present owners."""
    plates = dict(Vehicle.objects.filter(store_id=store_id, pk__in=ids).values_list("pk", "plate_no"))
    owners = VehicleRole.objects.filter(vehicle_id__in=plates, role=VehicleRole.Kind.OWNER, until=None)
    names = dict(owners.values_list("vehicle_id", "customer__name"))
    return {pk: About(names.get(pk, ""), plate) for pk, plate in plates.items()}


_READ: dict[str, Callable[[int, list[int]], dict[int, About]]] = {
    "delivery": _facts(Delivery),
    "order": _facts(RepairOrder),
    "complaint": _facts(Complaint),
    "vehicle": _vehicles,
    "customer": _customers,
}
