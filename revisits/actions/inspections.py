"""Drawing calls to inspect, keeping what an inspection found, and what follows from a false record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from crm_site.jobs import actions as jobs
from crm_site.jobs.models import Job
from revisits.models import CallAttempt, DeskSettings, Inspection, InspectionItem
from revisits.rules import inspection as rules
from revisits.rules.inspection import Mark
from satisfaction.actions import exclude_response

KIND = "revisits.inspections"
RANDOM, NEW_CALLER, BY_HAND, RECHECK = "random", "new_caller", "by_hand", "recheck"
#: what an inspector writes down; `marks` and `verdict` come apart
TEXTS = ("strengths", "weaknesses", "measure", "note")
WRITTEN = (*TEXTS, "responsible", "measure_due_on")


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


@transaction.atomic
def draw_week(store_id: int, monday: date, *, now: datetime) -> int:
    """Draw the completed calls of a week that are to be inspected; gives how many were added.

    A new caller's first scored calls are all drawn, of everybody else the share and minimum of DeskSettings. Drawing
    again while the week goes on adds what is missing and takes nothing back.
    """
    Store.objects.select_for_update(no_key=True).get(pk=store_id)
    settings = DeskSettings.objects.filter(store_id=store_id).first() or DeskSettings(store_id=store_id)
    wanted: dict[int, str] = {}
    for caller_id, calls in _completed(store_id, monday).items():
        first_ones = _first_scored(caller_id, settings.inspect_first)
        wanted |= dict.fromkeys((key for key in calls if key in first_ones), NEW_CALLER)
        others = [key for key in calls if key not in first_ones]
        number = rules.how_many(len(others), percent=settings.inspect_percent, at_least=settings.inspect_at_least)
        wanted |= dict.fromkeys(rules.draw(others, number, salt=f"{store_id}:{monday}"), RANDOM)
    return _add(wanted, now=now)


def draw_lately(store_id: int, today: date, *, now: datetime) -> int:
    """Draw the running week and the week before, whose last calls came after its last draw."""
    monday = monday_of(today)
    return sum(draw_week(store_id, week, now=now) for week in (monday - timedelta(weeks=1), monday))


def request_draw(store: Store, today: date) -> Job:
    """Ask for the nightly draw of a store; once a day, whoever asks."""
    return jobs.enqueue(KIND, f"{store.pk}:{today}", store=store, payload={"store": store.pk}, lane=KIND)


def _completed(store_id: int, monday: date) -> dict[int, list[int]]:
    """{caller: their completed calls of a week}."""
    week = (monday, monday + timedelta(days=6))
    rows = CallAttempt.objects.filter(store_id=store_id, called_on__range=week, result__saves_answers=True)
    found: dict[int, list[int]] = defaultdict(list)
    for key, caller_id in rows.order_by("pk").values_list("pk", "by_id"):
        found[caller_id].append(key)
    return found


def _first_scored(caller_id: int, number: int) -> set[int]:
    """A caller's first so many scored calls; by the index of callers and days, however long the history is."""
    rows = CallAttempt.objects.filter(by_id=caller_id, response__isnull=False)
    return set(rows.order_by("called_on", "started_at", "pk").values_list("pk", flat=True)[:number])


@transaction.atomic
def draw_by_hand(attempt_id: int, *, by: Employee, now: datetime) -> Inspection:
    """Put one call on the list by hand; one that is there already is given back as it is."""
    attempt = CallAttempt.objects.select_for_update(of=("self",)).select_related("result").get(pk=attempt_id)
    if not attempt.result.saves_answers:
        raise RuleBroken(_("Only completed calls are inspected."), code="not_completed")
    _refuse_own(attempt.by_id, by)
    if _add({attempt.pk: BY_HAND}, now=now):
        trail.record(by, "inspection.drawn", attempt, why=BY_HAND)
    return Inspection.objects.get(attempt=attempt)


@transaction.atomic
def draw_several(attempt_ids: Iterable[int], *, by: Employee, now: datetime) -> int:
    """Put completed calls of the person's store on the list, their own left out; gives how many were added."""
    rows = CallAttempt.objects.filter(pk__in=list(attempt_ids), store_id=by.store_id, result__saves_answers=True)
    keys = list(rows.exclude(by=by).filter(inspection=None).order_by("pk").values_list("pk", flat=True))
    made = _add(dict.fromkeys(keys, BY_HAND), now=now)
    if made:
        trail.record(by, "inspection.drawn", by.store, why=BY_HAND, calls=made)
    return made


def _add(wanted: Mapping[int, str], *, now: datetime) -> int:
    """Put those of these calls on the list that are not on it yet, nor put there by somebody else meanwhile."""
    attempts = CallAttempt.objects.filter(pk__in=wanted, inspection=None).order_by("pk")
    rows = [
        Inspection(
            store_id=attempt.store_id, attempt=attempt, caller_id=attempt.by_id, drawn_for=wanted[attempt.pk],
            week=monday_of(attempt.called_on), drawn_at=now,
        )
        for attempt in attempts
    ]  # fmt: skip
    Inspection.objects.bulk_create(rows, ignore_conflicts=True)
    return Inspection.objects.filter(attempt__in=wanted, drawn_at=now).count() if rows else 0


def _refuse_own(caller_id: int, by: Employee) -> None:
    if caller_id == by.pk:
        raise RuleBroken(_("Your own calls are inspected by somebody else."), code="own_call")


@transaction.atomic
def inspect(
    inspection_id: int,
    *,
    method: str,
    verdict: str,
    points: Mapping[str, int],
    written: Mapping[str, Any],
    shown: int,
    by: Employee,
    now: datetime,
) -> Inspection:
    """Keep what an inspection found; `points` by line of the sheet, `written` by WRITTEN, `shown` the version seen.

    A false record is worth 0, its response leaves the scores, and all scored calls of that caller in that month are
    put on the list (domain 4.6). Refuses one's own calls, a version that is not the present one, points outside a
    line's weight, and to take a false record back.
    """
    found = Inspection.objects.select_for_update(of=("self",)).select_related("attempt").get(pk=inspection_id)
    _refuse_own(found.caller_id, by)
    if found.version != shown:
        raise RuleBroken(_("Somebody saved this inspection meanwhile. Compare, and save again."), code="stale")
    if found.verdict == rules.FALSE:
        raise RuleBroken(_("A false record stays one: its answers have left the scores."), code="final")
    before = found.verdict
    marks = _marks(found.store_id, method, verdict, points)
    found.method, found.verdict = method, Inspection.Verdict(verdict)
    found.marks = {code: mark._asdict() for code, mark in marks.items()}
    found.score = rules.score(marks, verdict)
    for name in TEXTS:
        setattr(found, name, str(written.get(name, "")).strip())
    found.responsible, found.measure_due_on = written.get("responsible"), written.get("measure_due_on")
    found.inspector, found.inspected_at = by, now
    found.version += 1
    found.save(update_fields=["method", "verdict", "marks", "score", *WRITTEN, "inspector", "inspected_at", "version"])
    if verdict == rules.FALSE:
        _follow_false_record(found, by=by, now=now)
    trail.record(by, "inspection.done", found, verdict=(before, verdict), score=found.score)
    return found


def _marks(store_id: int, method: str, verdict: str, points: Mapping[str, int]) -> dict[str, Mark]:
    """The lines that the method judges with their points; refuses what is missing or too much."""
    if method not in Inspection.Method.values:
        raise RuleBroken(_("Choose how the call was inspected."), code="method", field="method")
    if verdict not in Inspection.Verdict.values:
        raise RuleBroken(_("Choose what the inspection found."), code="verdict", field="verdict")
    if verdict in (rules.FALSE, rules.NOT_REACHED):
        return {}
    sheet = {item.code: item for item in sheet_of(store_id)}
    marks = {}
    for code in rules.items_for(method, list(sheet)):
        given, item = points.get(code), sheet[code]
        if given is None or not 0 <= given <= item.weight:
            text = _("Give %(line)s between 0 and %(most)s points.")
            raise RuleBroken(text % {"line": item.label, "most": item.weight}, code="points", field=f"points_{code}")
        marks[code] = Mark(given, item.weight)
    return marks


def sheet_of(store_id: int) -> list[InspectionItem]:
    """The lines of the sheet as a store has them; its own row replaces the company's."""
    rows: Iterable[InspectionItem] = InspectionItem.objects.for_store(store_id).filter(is_active=True)
    by_code = {row.code: row for row in sorted(rows, key=lambda row: row.store_id or 0)}
    return sorted(by_code.values(), key=lambda row: row.position)


def _follow_false_record(found: Inspection, *, by: Employee, now: datetime) -> None:
    """The answers leave the scores, and the caller's month is checked again."""
    attempt = found.attempt
    response = attempt.response
    if response is not None and response.excluded_at is None:
        exclude_response(response.pk, reason=_("False record, found by inspection"), by=by, at=now)
    month = {"called_on__year": attempt.called_on.year, "called_on__month": attempt.called_on.month}
    others = CallAttempt.objects.filter(store_id=found.store_id, by_id=found.caller_id, response__isnull=False, **month)
    _add(dict.fromkeys(others.values_list("pk", flat=True), RECHECK), now=now)
