"""Tasks whose forecast has moved: their days move along, or they go until they are due; never a second task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from crm_site.core import sql
from revisits.generator.context import Context, StoreRule
from revisits.models import Anchor, AttemptPurpose, CallAttempt, Revisit
from revisits.rules import due
from revisits.rules.due import DueDay
from revisits.rules.joining import REMINDER_DAYS
from revisits.stops import stand_alone

#: anchors that are forecasts, and where the car keeps them
DAYS = {Anchor.FIRST_SERVICE: "vehicle__first_service_on", Anchor.MAINTENANCE: "vehicle__next_maintenance_on"}
AT_ONCE = 1_000


class _Moved(NamedTuple):
    pk: int
    rule_id: int
    anchor_key: str
    anchor_on: date
    #: the call that it goes along with, perhaps before its day
    head_id: int | None


def follow(context: Context, rows: QuerySet[Revisit]) -> int:
    """Let those of the open tasks that nobody has worked on follow their forecast; gives how many moved or went.

    A task that was tried, or whose customer named a time, keeps its days.
    """
    rules = {pk: rule for rule in context.rules for pk in rule.ids}
    return sum(
        _move(context, rules, part)
        for anchor, day in DAYS.items()
        for part in _parts(_moved(rows, anchor, day).values_list("pk", "rule_id", "anchor_key", day, "head_id"))
    )


def worked_on() -> Q:
    """Tasks that somebody has tried to make, alone or with another one, or that somebody has agreed upon."""
    tried = Exists(CallAttempt.objects.filter(revisit=OuterRef("pk")))
    shared = Exists(AttemptPurpose.objects.filter(revisit=OuterRef("pk")))
    return Q(first_attempt_on__isnull=False) | Q(promised_at__isnull=False) | Q(tried) | Q(shared)


def forget_untouched(context: Context, ids: Sequence[int]) -> int:
    """Remove those of some tasks that nobody has in hand or has worked on by now; gives how many.

    Somebody may have taken one since they were looked for, and may be writing in it.
    """
    free = Revisit.objects.filter(pk__in=ids).unclaimed(context.in_hand_at).exclude(worked_on()).order_by("pk")
    return forget(list(free.select_for_update(skip_locked=True).values_list("pk", flat=True)))


def forget(ids: Sequence[int]) -> int:
    """Remove tasks that nobody has worked on; calls that were to be made together with them stand alone again."""
    stand_alone(ids)
    Revisit.objects.filter(head_id__in=ids).update(head=None, joined_as="")  # what has ended meanwhile
    return Revisit.objects.filter(pk__in=ids).delete()[1].get(Revisit._meta.label, 0)


def _moved(rows: QuerySet[Revisit], anchor: str, day: str) -> QuerySet[Revisit]:
    moved = rows.filter(~Q((day, F("anchor_on"))), rule_version__anchor=anchor, **{f"{day}__isnull": False})
    return moved.exclude(worked_on()).order_by("pk")


def _move(context: Context, rules: dict[int, StoreRule], part: Sequence[_Moved]) -> int:
    """Some tasks: new days for what is due on them, the rest goes and is made again on its day."""
    stay, go = [], []
    for task in part:
        found = _days(context, rules.get(task.rule_id), task)
        if found is None:
            go.append(task.pk)
        else:
            version: Any = found.version
            stay.append((task.pk, version.pk, found.anchor_on, found.due_on, found.expires_on))
    sql.update_rows(Revisit, ("rule_version", "anchor_on", "due_on", "expires_on"), stay)
    forget_untouched(context, go)
    return len(part)


def _days(context: Context, rule: StoreRule | None, task: _Moved) -> DueDay | None:
    """The days of a task under its new forecast; None where it is not due by the day of the run, or not any more."""
    found = due.under(task.anchor_on, rule.versions, context.calendar) if rule else None
    if found is None or not found.version.is_on:
        return None
    found = due.placed(found, task.anchor_key, context.start, context.calendar)
    last = context.day + timedelta(days=REMINDER_DAYS) if task.head_id else context.day
    is_due = context.start.on <= found.due_on <= last and found.expires_on >= context.today
    return found if is_due else None


def _parts(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[_Moved]]:
    left = iter([_Moved(*row) for row in rows])
    while part := list(islice(left, AT_ONCE)):
        yield part
