"""Reads the tickets that a month counts: who answers for them, how they were handled, what is not judged yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from complaints import queries as complaints
from complaints.models import Complaint, Confirmation, ConfirmResult, Kind, Liability, State, Validity
from crm_site.core import clock
from crm_site.reports.periods import Period

IS_COMPLAINT = Q(kind=Kind.COMPLAINT, level__rank__gte=2)
IS_GRIEVANCE = Q(kind=Kind.GRIEVANCE) | Q(kind=Kind.COMPLAINT, level__rank=1)
CONTENT = (ConfirmResult.VERY_SATISFIED, ConfirmResult.SATISFIED)

_COLUMNS = (
    "pk", "number", "kind", "level__rank", "department", "state", "received_on", "received_at", "responded_at",
    "response_due_at", "closing_due_at", "closed_at", "closed_on", "paused_at", "reopened", "compensation",
    "claim_amount", "vehicle_id", "customer_id",
)  # fmt: skip


@dataclass(frozen=True)
class Liable:
    """An employee who answers for a ticket, and the post held when it happened ('' where it was not written down)."""

    employee: int
    post: str


@dataclass(frozen=True)
class Ticket:
    """A valid ticket as the report sees it; `direct` is the employee, `line` the party where it is none."""

    pk: int
    number: str
    is_complaint: bool
    category: str
    department: str
    received_on: date
    received_at: datetime
    closed_on: date | None
    closed_at: datetime | None
    responded_at: datetime | None
    response_due_at: datetime | None
    closing_due_at: datetime | None
    paused_at: datetime | None
    reopened: bool
    compensation: Decimal | None
    claim: Decimal | None
    #: what makes two tickets one matter: the car (else the customer) and the top-level category; None where unknown
    matter: tuple[str, int, int] | None
    direct: Liable | None
    line: str
    joint: tuple[Liable, ...]

    @property
    def minutes(self) -> int | None:
        """From receipt to closing; None while it is not closed."""
        return int((self.closed_at - self.received_at).total_seconds() // 60) if self.closed_at else None


def tickets(store_id: int, period: Period, since: date) -> list[Ticket]:
    """The tickets received from a day on until the period's last, and those closed or due in the period."""
    start, end = clock.day_bounds(period.start, period.last)
    touched = Q(received_on__range=(since, period.last)) | Q(closed_on__range=(period.start, period.last))
    touched |= Q(closing_due_at__gte=start, closing_due_at__lt=end)
    touched |= Q(pk__in=Confirmation.objects.filter(store_id=store_id, at__gte=start, at__lt=end).values("complaint"))
    rows = standing(store_id).filter(IS_COMPLAINT | IS_GRIEVANCE).filter(touched).order_by("pk")
    return _tickets(rows)


def received(store_id: int, first: date, last: date) -> list[Ticket]:
    """The valid complaints and grievances received on the days first…last, with who answers for them."""
    rows = standing(store_id).filter(IS_COMPLAINT | IS_GRIEVANCE).received_on(first, last)
    return _tickets(rows.order_by("pk"))


def standing(store_id: int) -> Any:
    """The tickets that may count: valid, not merged; of old registers only those with a recorded liability."""
    rows = Complaint.objects.filter(store_id=store_id, validity=Validity.VALID).exclude(state=State.MERGED)
    return complaints.countable(rows)


def total(store_id: int, first: date, last: date) -> QuerySet[Complaint]:
    """The rows behind the store's 投诉次数: valid complaints L2–L4, not merged, received on the days."""
    return complaints.counted(store_id, first, last).filter(kind=Kind.COMPLAINT).order_by()


def by_moment(store_id: int, period: Period) -> int:
    """公司口径: the store's complaints counted apart from `total`: by the moment of receipt, not its stored day."""
    start, end = clock.day_bounds(period.start, period.last)
    live = Q(historical=False) | Q(pk__in=Liability.objects.filter(confirmed_at__isnull=False).values("complaint"))
    rows = Complaint.objects.filter(live, store_id=store_id, received_at__gte=start, received_at__lt=end)
    return rows.filter(kind="complaint", validity="valid", level__rank__gt=1, merged_into=None).count()


def unjudged(store_id: int, first: date, last: date) -> QuerySet[Complaint]:
    """Complaints of the days that no figure counts yet: validity to be judged, or no level.

    Those of old registers are not waiting for anybody: without a level they are not counted.
    """
    rows = Complaint.objects.filter(store_id=store_id, kind=Kind.COMPLAINT).received_on(first, last)
    rows = rows.live().exclude(state=State.MERGED).exclude(validity=Validity.INVALID)
    return rows.filter(Q(validity=Validity.PENDING) | Q(level=None)).order_by("pk")


def confirmed(store_id: int, period: Period) -> dict[int, bool]:
    """{ticket: whether the customer was satisfied with the handling}: the last confirming call of the period."""
    start, end = clock.day_bounds(period.start, period.last)
    rows = Confirmation.objects.filter(store_id=store_id, at__gte=start, at__lt=end).order_by("complaint_id", "round")
    rows = rows.exclude(result=ConfirmResult.UNREACHABLE)
    return {ticket: result in CONTENT for ticket, result in rows.values_list("complaint_id", "result")}


def every_matter(store_id: int, first: date, last: date) -> list[tuple[tuple[str, int, int], datetime, int]]:
    """(matter, moment of receipt, ticket) of all complaints of the days but invalid ones, as repeats count."""
    rows = Complaint.objects.filter(store_id=store_id, kind=Kind.COMPLAINT).received_on(first, last)
    rows = rows.exclude(state=State.MERGED).exclude(validity=Validity.INVALID).order_by("received_at", "pk")
    columns: Iterable[Any] = rows.values("pk", "received_at", "vehicle_id", "customer_id", top=_TOP_ID)
    return [(matter, row["received_at"], row["pk"]) for row in columns if (matter := matter_of(row)) is not None]


def matter_of(row: dict[str, Any]) -> tuple[str, int, int] | None:
    """What a ticket is about, as far as repeats go: its car, else its customer, and its top-level category."""
    if row["top"] is None:
        return None
    if row["vehicle_id"]:
        return ("vehicle", row["vehicle_id"], row["top"])
    return ("customer", row["customer_id"], row["top"]) if row["customer_id"] else None


_TOP_ID = Coalesce(F("category__parent_id"), F("category_id"))


def _tickets(rows: QuerySet[Complaint]) -> list[Ticket]:
    code = Coalesce(F("category__parent__code"), F("category__code"))
    found: list[Any] = list(rows.values(*_COLUMNS, top=_TOP_ID, top_code=code))
    liable = liabilities(row["pk"] for row in found)
    return [_ticket(row, liable.get(row["pk"], [])) for row in found]


#: (direct or joint, party, employee, post)
Named = tuple[str, str, int | None, str]


def liabilities(pks: Iterable[int]) -> dict[int, list[Named]]:
    """{ticket: its confirmed liabilities}."""
    rows = Liability.objects.filter(complaint__in=list(pks), confirmed_at__isnull=False).order_by("pk")
    found: dict[int, list[Named]] = defaultdict(list)
    for ticket, *named in rows.values_list("complaint_id", "kind", "party", "employee_id", "post"):
        found[ticket].append(tuple(named))  # type: ignore[arg-type]
    return found


def direct_of(named: list[Named]) -> tuple[Liable | None, str]:
    """Who answers directly: the employee, or the line where it is none; (None, '') while nobody has confirmed."""
    for kind, party, employee, post in named:
        if kind == Liability.Kind.DIRECT:
            return (Liable(employee, post), "") if employee else (None, party)
    return None, ""


def joint_of(named: list[Named]) -> tuple[Liable, ...]:
    """Who answers jointly, by employee."""
    rows = [Liable(who, post) for kind, _party, who, post in named if kind == Liability.Kind.JOINT and who]
    return tuple(sorted(rows, key=lambda one: one.employee))


def _ticket(row: dict[str, Any], named: list[Named]) -> Ticket:
    is_closed = row["state"] == State.CLOSED
    direct, line = direct_of(named)
    return Ticket(
        pk=row["pk"],
        number=row["number"],
        is_complaint=row["kind"] == Kind.COMPLAINT and (row["level__rank"] or 0) > 1,
        category=row["top_code"] or "",
        department=row["department"],
        received_on=row["received_on"],
        received_at=row["received_at"],
        closed_on=row["closed_on"] if is_closed else None,
        closed_at=row["closed_at"] if is_closed else None,
        responded_at=row["responded_at"],
        response_due_at=row["response_due_at"],
        closing_due_at=row["closing_due_at"],
        paused_at=row["paused_at"],
        reopened=row["reopened"] > 0,
        compensation=row["compensation"],
        claim=row["claim_amount"],
        matter=matter_of(row),
        direct=direct,
        line=line,
        joint=joint_of(named),
    )
