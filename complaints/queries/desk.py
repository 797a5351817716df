"""What others ask of the tickets: who waits for a confirming call, what is open, and the figures with their rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, Kind, Liability, State
from complaints.models.tickets import AT_REST
from crm_site.core import clock
from crm_site.core.paging import Count, capped_count

Rows = QuerySet[Complaint]


def awaiting_confirmation(store_id: int) -> Rows:
    """The tickets that wait for their confirming call; the occasion is `complaint:<pk>:solved:<round>`."""
    return Complaint.objects.filter(store_id=store_id, state=State.CONFIRMING)


def anchor_key(complaint: Complaint) -> str:
    """The name of the occasion of the present confirming call."""
    return f"complaint:{complaint.pk}:solved:{complaint.round}"


def closed_on(store_id: int, first: date, last: date | None = None) -> Rows:
    """The tickets closed on the business days first…last (last defaults to first), questions left out."""
    start, end = clock.day_bounds(first, last)
    rows = Complaint.objects.filter(store_id=store_id, state=State.CLOSED, closed_at__gte=start, closed_at__lt=end)
    return rows.exclude(kind=Kind.QUESTION)


#: CMP_D30 reads these: closed so many days ago, to be asked whether it came back
closed_for_recheck = closed_on


def open_of_customer(customer_id: int) -> Rows:
    """The open tickets of one customer; the caller narrows by visible_to where a user looks."""
    return Complaint.objects.filter(customer_id=customer_id).open()


def lately_of_customer(customer_id: int, now: datetime, days: int) -> Rows:
    """The tickets of one customer that came in during the last `days` and are no longer open, newest first."""
    rows = Complaint.objects.filter(customer_id=customer_id, received_at__gte=now - timedelta(days=days))
    return rows.filter(state__in=AT_REST).order_by("-received_at", "-pk")


def open_about_vehicle(vehicle_id: int) -> Rows:
    """The open tickets about one car."""
    return Complaint.objects.filter(vehicle_id=vehicle_id).open()


@dataclass(frozen=True)
class Figure:
    """A number and exactly the rows behind it; tile, tab and list come from the same definition."""

    code: str
    label: Promise
    note: Promise
    pick: Callable[[Rows, Any, datetime], Rows]
    kind: str = ""
    icon: str = ""

    def rows(self, user: Any, now: datetime) -> Rows:
        """The tickets that the figure counts for this user, at this moment."""
        return self.pick(Complaint.objects.visible_to(user), user, now)


def _due_today(rows: Rows, user: Any, now: datetime) -> Rows:
    end = clock.day_bounds(clock.business_day(now))[1]
    return rows.open().running().filter(due_at__gte=now, due_at__lt=end)


def _closed_this_month(rows: Rows, user: Any, now: datetime) -> Rows:
    return rows.live().filter(state=State.CLOSED, closed_on__gte=clock.business_day(now).replace(day=1))


def _call_at_once(rows: Rows, user: Any, now: datetime) -> Rows:
    return rows.open().filter(priority_caller__isnull=False, priority_called_at=None)


#: shown only while they have rows, or are looked at
RARE = frozenset({"priority", "historical"})

FIGURES: dict[str, Figure] = {
    figure.code: figure
    for figure in (
        Figure("open", _("All open"), _("not closed, not merged"), lambda rows, user, now: rows.open()),
        Figure(
            "mine",
            _("Mine"),
            _("I handle them"),
            lambda rows, user, now: rows.open().filter(handler__user=user),
            "accent",
        ),
        Figure("overdue", _("Overdue"), _("a promise is broken"), lambda rows, user, now: rows.overdue(now), "bad"),
        Figure("today", _("Due today"), _("a promise ends today"), _due_today, "warn"),
        Figure(
            "unassigned",
            _("Unassigned"),
            _("nobody handles them yet"),
            lambda rows, user, now: rows.open().filter(handler=None),
        ),
        Figure(
            "confirming",
            _("To confirm"),
            _("await the confirming call"),
            lambda rows, user, now: rows.filter(state=State.CONFIRMING),
        ),
        Figure("priority", _("Call at once"), _("gold or A, again"), _call_at_once, "bad"),
        Figure("closed", _("Closed this month"), _("since the 1st of the calendar month"), _closed_this_month),
        Figure(
            "historical",
            _("Historical"),
            _("from old registers"),
            lambda rows, user, now: rows.filter(historical=True),
        ),
    )
}


def counts(user: Any, now: datetime) -> dict[str, Count]:
    """Every figure's number for this user, exact up to the cap of long lists."""
    return {code: capped_count(figure.rows(user, now)) for code, figure in FIGURES.items()}


def countable(rows: Rows) -> Rows:
    """The tickets that figures may count: of old registers only those with a recorded liability."""
    recorded = Liability.objects.filter(complaint=OuterRef("pk"), confirmed_at__isnull=False)
    return rows.filter(Q(historical=False) | Exists(recorded))


def counted(store_id: int, first: date, last: date) -> Rows:
    """Valid complaints (L2–L4) received on the days first…last: the rows behind 投诉次数 (domain 7)."""
    rows = Complaint.objects.filter(store_id=store_id, validity="valid").received_on(first, last)
    return countable(rows.exclude(state=State.MERGED).filter(level__rank__gte=2))
