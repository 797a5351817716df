"""Rehearsals: what a run would make and skip, by the generator's own code, in a transaction that is rolled back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction

from crm_site.accounts.models import Store
from crm_site.core import clock
from revisits.generator.context import context_for
from revisits.generator.run import Nobody, carry_out
from revisits.models import Revisit, Skip
from revisits.rules.codes import State

#: states in which a task means work for the desk
TO_CALL = frozenset({State.DUE, State.IN_PROGRESS})


class Made(NamedTuple):
    """A task that a run would make."""

    rule: str
    anchor_key: str
    due_on: date
    state: str
    reason: str
    #: made together with another call: no dial of its own
    joined_as: str

    @property
    def is_dial(self) -> bool:
        """Whether somebody has to dial for it."""
        return self.state in TO_CALL and not self.joined_as


class Skipped(NamedTuple):
    """An occasion that a run would leave out."""

    rule: str
    anchor_key: str
    reason: str


@dataclass(frozen=True)
class Dry:
    """What a run would make and skip."""

    tasks: tuple[Made, ...]
    skips: tuple[Skipped, ...]

    @property
    def made(self) -> Counter[str]:
        """{rule: how many tasks}, whatever their state."""
        return Counter(task.rule for task in self.tasks)


class _Rehearsed(Exception):
    """Ends a rehearsal: everything that it has written is taken back."""


def dry_run(store_id: int, day: date, today: date | None = None, *, prepare: Callable[[], Any] | None = None) -> Dry:
    """What the run for a store and day would make and skip if it began now, or on the morning of a `today` ahead.

    `prepare` is done first: the change whose effect is asked for, such as a new version of a rule; what it raises is
    passed on. The run itself is carried out and rolled back, so its answer cannot differ from that of the real one;
    nothing stays written. Meanwhile the store's generator waits, so ask for it once rather than on every page.
    """
    today = today or day
    now = clock.now() if clock.today() >= today else clock.at(today, 0)
    found: list[Dry] = []
    try:
        with transaction.atomic():
            Store.objects.select_for_update(no_key=True).get(pk=store_id)  # nobody else makes tasks meanwhile
            before = _last(Revisit), _last(Skip)
            if prepare:
                prepare()
            carry_out(context_for(store_id, day, today, now=now), job=None, ledger=Nobody())
            found.append(Dry(_tasks(store_id, before[0]), _skips(store_id, before[1])))
            raise _Rehearsed
    except _Rehearsed:
        return found[0]


def _last(model: type[Revisit] | type[Skip]) -> int:
    return model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _tasks(store_id: int, last: int) -> tuple[Made, ...]:
    columns = ("rule__code", "anchor_key", "due_on", "state", "reason", "joined_as")
    rows = Revisit.objects.filter(store_id=store_id, pk__gt=last).order_by("pk")
    return tuple(Made(*row) for row in rows.values_list(*columns))


def _skips(store_id: int, last: int) -> tuple[Skipped, ...]:
    rows = Skip.objects.filter(store_id=store_id, pk__gt=last).order_by("pk")
    return tuple(Skipped(*row) for row in rows.values_list("rule__code", "anchor_key", "reason"))


def calls(tasks: Iterable[Made]) -> set[tuple[str, str]]:
    """(rule, occasion) of the tasks that mean work for the desk."""
    return {(task.rule, task.anchor_key) for task in tasks if task.state in TO_CALL}
