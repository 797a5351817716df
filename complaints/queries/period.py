"""The figures of a period: each is a list of tickets under a code, so that a number is the length of what it opens.

A scope's filters are: `user` (whose eyes), `now`, and `register`: by default the tickets registered here; "old" those
of old registers alone, "all" both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    Avg,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
)
from django.utils.translation import gettext_lazy as _

from complaints.models import (
    COST_MONEY,
    SEE_ALL,
    UNCOUNTED,
    Complaint,
    Confirmation,
    ConfirmResult,
    Kind,
    State,
    Validity,
    runs,
)
from complaints.queries.desk import Rows
from complaints.queries.matter import before, days_of_stores, has_predecessor, moved, on_the_matter
from crm_site.core import clock
from crm_site.core.figures import Figure, Scope
from satisfaction.rules import Rate, rate_of

OLD, BOTH = "old", "all"
#: 一次解决: so many days without a new complaint on the matter
STAYS_SOLVED = 30
SATISFIED = (ConfirmResult.VERY_SATISFIED, ConfirmResult.SATISFIED)
#: L2 and above, or of an old register that knows no levels
IS_COMPLAINT = Q(kind=Kind.COMPLAINT) & (Q(level=None) | Q(level__rank__gte=2))
IS_GRIEVANCE = Q(kind=Kind.GRIEVANCE) | Q(level__rank=1)


# ---- which tickets count --------------------------------------------------------------------------------------------


def valid(scope: Scope) -> Rows:
    """Valid complaints and grievances, not merged, that the scope's user may see; 催办 are no tickets (domain 6, 7)."""
    rows = Complaint.objects.visible_to(scope.get("user")).filter(store_id__in=scope.stores, validity=Validity.VALID)
    rows = rows.exclude(state=State.MERGED).exclude(kind=Kind.QUESTION)
    register = scope.get("register", "")
    if register == OLD:
        return rows.filter(historical=True)
    return rows if register == BOTH else rows.live()


def received(scope: Scope) -> Rows:
    """Received on the days of the period."""
    return valid(scope).received_on(scope.start, scope.last)


def closed(scope: Scope) -> Rows:
    """Closed on the days of the period."""
    return valid(scope).filter(state=State.CLOSED, closed_on__range=(scope.start, scope.last))


def _repeated(scope: Scope) -> Rows:
    """Received with a valid predecessor on the matter within the store's days of repeats before."""
    rows = received(scope).filter(repeat_of__isnull=False)
    return rows.filter(has_predecessor())


def _count_repeated(scope: Scope) -> int:
    """How many `_repeated`: each look for itself, so that an engine can answer it by one pass instead of row by row."""
    rows, total = received(scope).filter(repeat_of__isnull=False).order_by(), 0
    for days, those in days_of_stores():
        lately = (scope.start - timedelta(days=days + 1), scope.last)
        car, customer = (found.received_on(*lately).filter(store_id__in=scope.stores) for found in before(days))
        for known in (Q(Exists(car)), Q(Exists(customer), vehicle=None)):  # no ticket is in both
            total += rows.filter(those & known).count()
    return total


def _solved_once(scope: Scope) -> Rows:
    """Closed, never reopened, and nothing new on the matter in the 30 days after."""
    car, customer = _later(scope)
    return closed(scope).filter(~Exists(car), ~Exists(customer), reopened=0)


def _came_back(scope: Scope) -> Rows:
    car, customer = _later(scope)
    return closed(scope).filter(Q(reopened__gt=0) | Exists(car) | Exists(customer))


def _later(scope: Scope) -> list[Rows]:
    """The complaints on the matter of an outer ticket that came within 30 days after its closing.

    The days of receipt bound them once more, by what an index knows.
    """
    days = (scope.start - timedelta(days=1), scope.last + timedelta(days=STAYS_SOLVED + 1))
    after = {"received_at__gt": OuterRef("closed_at"), "received_at__lte": moved("closed_at", STAYS_SOLVED)}
    return [rows.received_on(*days).filter(store_id__in=scope.stores, **after) for rows in on_the_matter()]


# ---- limits ---------------------------------------------------------------------------------------------------------

#: limit -> (its column, the moment that meets it)
LIMITS = {
    "response": ("response_due_at", "responded_at"),
    "proposal": ("proposal_due_at", "proposed_at"),
    "closing": ("closing_due_at", "closed_at"),
}


def _due(limit: str) -> Any:
    """Tickets whose limit fell in the period and has passed; what a pause holds up is not due."""
    column, _met = LIMITS[limit]

    def rows(scope: Scope) -> Rows:
        start, end = clock.day_bounds(scope.start, scope.last)
        passed = {f"{column}__gte": start, f"{column}__lt": min(end, scope.get("now"))}
        return valid(scope).filter(runs(column), **passed)

    return rows


def is_late(limit: str) -> Q:
    """Of those due: the limit was not met in time."""
    column, met = LIMITS[limit]
    return Q(**{met: None}) | Q(**{f"{met}__gt": F(column)})


def _late(limit: str) -> Any:
    due = _due(limit)
    return lambda scope: due(scope).filter(is_late(limit))


# ---- the confirming call, and money ---------------------------------------------------------------------------------


def _said(scope: Scope) -> QuerySet[Confirmation]:
    """The latest confirming call of the period of each ticket whose customer was reached."""
    start, end = clock.day_bounds(scope.start, scope.last)
    calls = Confirmation.objects.filter(store_id__in=scope.stores, at__gte=start, at__lt=end).order_by()
    calls = calls.exclude(result=ConfirmResult.UNREACHABLE)
    # a later call is of the second round at least: there are few of them, and saying so spares a look for each call
    later = calls.filter(round__gt=1).filter(complaint=OuterRef("complaint_id"), round__gt=OuterRef("round"))
    return calls.filter(~Exists(later))


def _confirmed(scope: Scope) -> Rows:
    return valid(scope).filter(pk__in=_said(scope).values("complaint_id"))


def _satisfied(scope: Scope) -> Rows:
    return valid(scope).filter(pk__in=_said(scope).filter(result__in=SATISFIED).values("complaint_id"))


def _dissatisfied(scope: Scope) -> Rows:
    return valid(scope).filter(pk__in=_said(scope).exclude(result__in=SATISFIED).values("complaint_id"))


def _count_confirmed(scope: Scope) -> tuple[int, int]:
    """How many `_confirmed` and how many `_dissatisfied`, in one look at the calls.

    Who sees whole stores has nearly all of their tickets counted: then the few that do not count are left out, rather
    than every ticket of the register looked for.
    """
    calls = _said(scope)
    if not scope.get("register") and set(scope.stores) <= set(scope.get("user").stores_with(SEE_ALL)):
        left_out = Complaint.objects.filter(UNCOUNTED, store_id__in=scope.stores, pk=OuterRef("complaint_id"))
        calls = calls.filter(~Exists(left_out.order_by()))
    else:
        calls = calls.filter(complaint__in=valid(scope).order_by())
    found = calls.aggregate(n=Count("*"), part=Count("pk", filter=~Q(result__in=SATISFIED)))
    return found["n"], found["part"]


def _paid(scope: Scope) -> Rows:
    return closed(scope).filter(COST_MONEY)


def _count(rows: QuerySet) -> int:
    return rows.order_by().count()


def handling_time(rows: QuerySet) -> tuple[int, timedelta | None]:
    """How many rows that are closed, and their mean time from receipt to closing; None where there is none."""
    spent = ExpressionWrapper(F("closed_at") - F("received_at"), output_field=DurationField())
    found = rows.order_by().aggregate(n=Count("*"), mean=Avg(spent))
    return found["n"], found["mean"]


def provisional_until(scope: Scope, today: date) -> date | None:
    """The day until which the one-time resolution of the period may still fall; None once it stands."""
    settled = scope.last + timedelta(days=STAYS_SOLVED)
    return settled if settled >= today else None


# ---- the definitions ------------------------------------------------------------------------------------------------


def _figure(code: str, label: Any, formula: Any, rows: Any) -> Figure:
    return Figure(code, label, formula, rows, _count)


PERIOD: dict[str, Figure] = {
    one.code: one
    for one in (
        _figure(
            "received", _("Complaints and grievances"),
            _("Valid complaints and grievances received in the period; merged ones and questions left out."), received,
        ),
        _figure(
            "complaints", _("Complaints received"),
            _("Valid complaints L2–L4 received in the period; of old registers those of any level."),
            lambda scope: received(scope).filter(IS_COMPLAINT),
        ),
        _figure(
            "grievances", _("Grievances received"),
            _("Valid grievances and tickets at L1 received in the period."),
            lambda scope: received(scope).filter(IS_GRIEVANCE),
        ),
        _figure(
            "response_due", _("First response due"),
            _("Tickets whose limit for the first response fell in the period and has passed."), _due("response"),
        ),
        _figure(
            "response_late", _("First response late"),
            _("Of those due: first contact after the limit, or none yet."), _late("response"),
        ),
        _figure(
            "proposal_due", _("First proposal due"),
            _("Tickets whose limit for the first proposal fell in the period and has passed."), _due("proposal"),
        ),
        _figure(
            "proposal_late", _("First proposal late"),
            _("Of those due: the customer heard of a proposal after the limit, or not yet."), _late("proposal"),
        ),
        _figure(
            "closing_due", _("Closing due"),
            _("Tickets whose limit for closing fell in the period and has passed."), _due("closing"),
        ),
        _figure(
            "closing_late", _("Closing late"), _("Of those due: closed after the limit, or not yet."),
            _late("closing"),
        ),
        _figure("closed", _("Closed in the period"), _("Valid tickets closed in the period."), closed),
        _figure(
            "solved_once", _("Solved at once"),
            _("Closed in the period, never reopened, and no new complaint on the matter within 30 days."),
            _solved_once,
        ),
        _figure(
            "came_back", _("Came back"),
            _("Closed in the period, but reopened or followed by a new complaint on the matter within 30 days."),
            _came_back,
        ),
        _figure(
            "repeated", _("Renewed complaints"),
            _("Received in the period with a valid complaint on the matter within the store's days of repeats before."),
            _repeated,
        ),
        _figure(
            "confirmed", _("Confirmed with the customer"),
            _("Tickets whose customer was reached by a confirming call in the period."), _confirmed,
        ),
        _figure(
            "satisfied", _("Satisfied with the handling"),
            _("Of those confirmed: very satisfied or satisfied in the latest call of the period."), _satisfied,
        ),
        _figure(
            "dissatisfied", _("Not satisfied with the handling"),
            _("Of those confirmed: any other answer in the latest call of the period."), _dissatisfied,
        ),
        _figure(
            "paid", _("Cost money"),
            _("Closed in the period with a compensation or a claim."), _paid,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class RateOf:
    """A share of a figure's tickets, with what is counted of them as a figure of its own, too."""

    code: str
    label: Any
    formula: Any
    #: the figure that is the whole, and the one that is counted of it
    whole: str
    part: str
    #: whether the part is what went wrong, so that the rate is the rest of it
    is_miss: bool = True
    #: the part as a condition on the whole, so that one look counts both; else the figure of the other part is counted
    condition: Q | None = None
    rest: str = ""
    #: counts whole and part in one query
    count: Callable[[Scope], tuple[int, int]] | None = None
    #: counts the part faster than its list is found
    count_part: Callable[[Scope], int] | None = None

    def of(self, scope: Scope, whole: int | None = None) -> tuple[Rate, int]:
        """The rate with Wilson's interval, and how many the part has; `whole` where somebody has counted it already."""
        if self.count is not None:
            n, part = self.count(scope)
        elif self.condition is not None:
            rows = PERIOD[self.whole].rows(scope).order_by()
            found = rows.aggregate(n=Count("*"), part=Count("store_id", filter=self.condition))
            n, part = found["n"], found["part"]
        else:
            n = PERIOD[self.whole].of(scope) if whole is None else whole
            part = n - PERIOD[self.rest].of(scope) if self.rest else (self.count_part or PERIOD[self.part].of)(scope)
        return rate_of(n - part if self.is_miss else part, n), part


RATES: tuple[RateOf, ...] = (
    RateOf(
        "response", _("First response on time"), _("Responded within the limit / limits that fell in the period"),
        "response_due", "response_late", condition=is_late("response"),
    ),
    RateOf(
        "proposal", _("First proposal on time"), _("Proposed within the limit / limits that fell in the period"),
        "proposal_due", "proposal_late", condition=is_late("proposal"),
    ),
    RateOf(
        "closing", _("Closed on time"), _("Closed within the limit / limits that fell in the period"),
        "closing_due", "closing_late", condition=is_late("closing"),
    ),
    RateOf(
        "solved_once", _("Solved at the first go"),
        _("Closed in the period, not reopened and nothing new on the matter within 30 days / closed in the period"),
        "closed", "came_back", rest="solved_once",
    ),
    RateOf(
        "repeated", _("Renewed complaints"),
        _("Received with a valid predecessor within the store's days of repeats / received in the period"),
        "received", "repeated", is_miss=False, count_part=_count_repeated,
    ),
    RateOf(
        "satisfied", _("Satisfied with the handling"),
        _("Very satisfied or satisfied in the confirming call / reached by a confirming call in the period"),
        "confirmed", "dissatisfied", count=_count_confirmed,
    ),
)  # fmt: skip


def scope_of(user: Any, stores: list[int], start: date, end: date, *, now: datetime, register: str = "") -> Scope:
    """The scope of a period start ≤ day < end for a user; `register` as told above."""
    filters = {"user": user, "now": now, "register": register}
    return Scope(tuple(stores), start, end, filters)
