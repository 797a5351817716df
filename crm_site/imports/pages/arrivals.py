"""Which daily lists have come, for which store and day: what an administrator looks at in the morning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise

from crm_site.accounts.models import Store
from crm_site.core import clock
from crm_site.imports import layout, rules
from crm_site.imports.models import BatchState, ImportBatch, Verdict
from crm_site.worktime import calendars
from crm_site.worktime.rules import WorkCalendar

#: the lists that come every day
DAILY = ("deliveries", "repair_orders")
#: so many days are shown, the last of them yesterday
DAYS = 7
#: a list older than this says nothing of the days shown
LOOK_BACK = timedelta(days=60)

READ = ("store_id", "layout", "state", "counts", "uploaded_at", "reading")
HERE_IN = (BatchState.APPLIED, BatchState.PREVIEW)
HERE, MISSING, CLOSED = "here", "missing", "closed"


@dataclass(frozen=True)
class Line:
    """One list of one store: a state (here, missing, closed) for each of the days shown."""

    store: Store
    code: str
    label: str | Promise
    days: tuple[tuple[date, str], ...]

    @property
    def title(self) -> str:
        """Which list of which store it is."""
        return f"{self.store.short_name} {self.label}"

    @property
    def missing(self) -> list[date]:
        """The days of which nothing has come."""
        return [day for day, state in self.days if state == MISSING]


def days_shown(today: date) -> list[date]:
    """The days up to yesterday, oldest first."""
    return [today - timedelta(days=back) for back in range(DAYS, 0, -1)]


def lines(stores: Sequence[Store], today: date) -> list[Line]:
    """A line for each store and daily list, by a fixed number of queries.

    A day on which the store is closed, or not yet live, is never missing.
    """
    days = days_shown(today)
    spans = _spans([store.pk for store in stores], days[0])
    opening = calendars.store_calendars([store.pk for store in stores], days[0], days[-1])
    known = layout.layouts()
    found = []
    for store in stores:
        for code in (code for code in DAILY if code in known):
            states = [
                (day, _state(day, spans[store.pk, code], opens=_opens(store, opening[store.pk], day))) for day in days
            ]
            found.append(Line(store, code, known[code].label, tuple(states)))
    return found


def _opens(store: Store, calendar: WorkCalendar, day: date) -> bool:
    return day >= store.go_live_on and calendar.is_open_day(day)


def _state(day: date, spans: list[tuple[date, date]], *, opens: bool) -> str:
    if any(first <= day <= last for first, last in spans):
        return HERE
    return MISSING if opens else CLOSED


def _spans(store_ids: list[int], since: date) -> dict[tuple[int, str], list[tuple[date, date]]]:
    """The days that the imported lists of each store and kind speak for."""
    rows = ImportBatch.objects.filter(
        store_id__in=store_ids, layout__in=DAILY, state__in=HERE_IN, uploaded_at__gte=clock.at(since) - LOOK_BACK
    )
    spans = defaultdict(list)
    for store_id, code, state, counts, at, reading in rows.values_list(*READ).iterator():
        if state == BatchState.PREVIEW and not _is_known(counts):
            continue
        brought_on = clock.business_day(at)
        first, last = (date.fromisoformat(day) for day in reading.get("days") or [_eve(brought_on)] * 2)
        spans[store_id, code].append(rules.speaks_for(first, last, brought_on))
    return spans


def _is_known(counts: dict[str, int]) -> bool:
    """Whether a list repeats only what stands already: there is nothing to confirm, and its days have come."""
    waiting = (Verdict.NEW, Verdict.CHANGED, Verdict.CONFLICT, Verdict.ASK, Verdict.PROBLEM)
    return bool(counts.get(Verdict.UNCHANGED)) and not any(counts.get(verdict) for verdict in waiting)


def _eve(brought_on: date) -> str:
    """A list that does not say which days it covers is taken for that of the day before."""
    return (brought_on - timedelta(days=1)).isoformat()
