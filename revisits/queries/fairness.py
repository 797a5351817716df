"""The scored calls of a month as the checks of fairness want them, and what each check says of each caller."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Count, Q

from revisits.models import CallAttempt, Channel
from revisits.rules import fairness
from revisits.rules.fairness import ALL_TENS, DRIFT, TOO_SHORT, Finding
from satisfaction.models import Answer

CHECKS = (DRIFT, ALL_TENS, TOO_SHORT)
#: only what was spoken has a length that says something
SPOKEN = (Channel.PHONE, Channel.INCOMING)
FULL_MARKS = 100.0


@dataclass(frozen=True)
class Sample:
    """One valid scored call."""

    pk: int
    store_id: int
    caller_id: int
    #: code of the questionnaire: scores of different forms are never compared
    form: str
    score: float
    seconds: float
    questions: int
    is_spoken: bool

    @property
    def is_full(self) -> bool:
        """Nothing but full marks."""
        return self.score == FULL_MARKS

    @property
    def is_short(self) -> bool:
        """Shorter than anybody can ask and hear so much."""
        return self.seconds < fairness.shortest(self.questions)


@dataclass(frozen=True)
class Checked:
    """What one check says of one caller; `finding` None where there are too few calls to say anything."""

    store_id: int
    caller_id: int
    check: str
    #: code of the questionnaire, '' for a check over all of them
    form: str
    n: int
    others_n: int
    #: how many comparisons of this check share its false-alarm rate
    comparisons: int
    finding: Finding | None
    #: the calls that the figure is made of: those to look at first
    calls: tuple[int, ...]


def samples(stores: Iterable[int], first: date, last: date) -> list[Sample]:
    """The valid scored calls of some days in the order in which they were made; one query."""
    rows = CallAttempt.objects.filter(
        store_id__in=list(stores), called_on__range=(first, last), response__is_valid=True,
        response__excluded_at=None, response__score__isnull=False,
    )  # fmt: skip
    given = Count("response__answers", filter=Q(response__answers__state=Answer.State.GIVEN))
    values = rows.annotate(questions=given).order_by("started_at", "pk").values_list(
        "pk", "store_id", "by_id", "response__version__questionnaire__code", "response__score", "started_at",
        "ended_at", "questions", "channel",
    )  # fmt: skip
    return [
        Sample(pk, store, by, form, float(score or 0), (ended - began).total_seconds(), questions, channel in SPOKEN)
        for pk, store, by, form, score, began, ended, questions, channel in values
    ]


def checked(calls: Sequence[Sample]) -> list[Checked]:
    """Every check of every caller, store by store; alarms first."""
    by_store: dict[int, list[Sample]] = defaultdict(list)
    for one in calls:
        by_store[one.store_id].append(one)
    found = [row for rows in by_store.values() for check in CHECKS for row in _check(check, rows)]
    return sorted(found, key=lambda row: (row.store_id, CHECKS.index(row.check), *_urgency(row)))


def _urgency(row: Checked) -> tuple[bool, float, int]:
    found = row.finding
    return (not (found and found.alarm), found.chance if found else 2.0, row.caller_id)


def _check(check: str, calls: Sequence[Sample]) -> list[Checked]:
    """One check of all callers of a store, on each form apart."""
    if check == TOO_SHORT:
        groups = [("", [one for one in calls if one.is_spoken])]
    else:
        ordered = sorted(calls, key=lambda one: one.form)
        groups = [(form, list(rows)) for form, rows in groupby(ordered, key=lambda one: one.form)]
    sides = [(form, caller, *_sides(rows, caller)) for form, rows in groups for caller in _callers(rows)]
    comparisons = sum(min(len(own), len(others)) >= fairness.ENOUGH for _form, _caller, own, others in sides)
    return [
        Checked(
            store_id=own[0].store_id, caller_id=caller, check=check, form=form, n=len(own), others_n=len(others),
            comparisons=comparisons, finding=_RUN[check](own, others, max(comparisons, 1)), calls=_calls(check, own),
        )
        for form, caller, own, others in sides
    ]  # fmt: skip


def _callers(rows: Sequence[Sample]) -> list[int]:
    return sorted({one.caller_id for one in rows})


def _sides(rows: Sequence[Sample], caller: int) -> tuple[list[Sample], list[Sample]]:
    return [one for one in rows if one.caller_id == caller], [one for one in rows if one.caller_id != caller]


Sides = Callable[[Sequence[Sample], Sequence[Sample], int], Finding | None]


def _drift(own: Sequence[Sample], others: Sequence[Sample], comparisons: int) -> Finding | None:
    return fairness.drift([one.score for one in own], [one.score for one in others], callers=comparisons)


def _all_tens(own: Sequence[Sample], others: Sequence[Sample], comparisons: int) -> Finding | None:
    return fairness.all_tens([one.is_full for one in own], [one.is_full for one in others], callers=comparisons)


def _too_short(own: Sequence[Sample], others: Sequence[Sample], comparisons: int) -> Finding | None:
    return fairness.too_short(_short_of(own), _short_of(others), callers=comparisons)


_RUN: dict[str, Sides] = {DRIFT: _drift, ALL_TENS: _all_tens, TOO_SHORT: _too_short}


def _short_of(rows: Sequence[Sample]) -> tuple[int, int]:
    return sum(one.is_short for one in rows), len(rows)


def _calls(check: str, own: Sequence[Sample]) -> tuple[int, ...]:
    """The calls behind a caller's figure: all of them, the longest run, the short ones."""
    if check == TOO_SHORT:
        return tuple(one.pk for one in own if one.is_short)
    return tuple(one.pk for one in (_longest(own) if check == ALL_TENS else own))


def _longest(own: Sequence[Sample]) -> list[Sample]:
    """The calls of the longest unbroken run of full marks; the first of equals."""
    runs = [list(rows) for is_full, rows in groupby(own, key=lambda one: one.is_full) if is_full]
    return max(runs, key=len, default=[])
