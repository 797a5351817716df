"""Where tickets of published months stand today: who answers for them, or that they no longer count."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import F
from django.db.models.functions import Coalesce

from complaints.models import Complaint, Kind, State, Validity
from crm_site.accounts.models import Employee
from crm_site.reports import cases, rules
from crm_site.reports.periods import Period
from crm_site.reports.posts import Posts

_COLUMNS = (
    "pk", "number", "kind", "level__rank", "validity", "state", "historical", "received_on", "received_at",
    "closed_at", "reopened", "vehicle_id", "customer_id",
)  # fmt: skip


class Who(NamedTuple):
    """An employee in a series; or, with employee 0, the line of who is none."""

    employee: int
    place: str

    def as_json(self) -> dict[str, Any]:
        """As a snapshot holds it."""
        return {"employee": self.employee, "series": self.place} if self.employee else {"line": self.place}

    @classmethod
    def read(cls, written: dict[str, Any] | None) -> Who | None:
        """Back from a snapshot; None for “does not count”."""
        if written is None:
            return None
        return cls(written.get("employee", 0), written.get("series") or written.get("line") or "")


@dataclass(frozen=True)
class Standing:
    """A ticket as it stands today, seen from one month: `who` is None where it does not count there."""

    pk: int
    number: str
    counts_as: str = ""
    who: Who | None = None
    joint: dict[int, Who] = field(default_factory=dict)
    is_solved: bool = False


class Standings:
    """The tickets received in some months, and others that their reports name; read once."""

    def __init__(self, store_id: int, months: list[Period], named: set[int]) -> None:
        first, last = min(one.start for one in months), max(one.last for one in months)
        rows = Complaint.objects.filter(store_id=store_id)
        self.rows = {row["pk"]: row for row in _read(rows.received_on(first, last))}
        self.rows |= {row["pk"]: row for row in _read(rows.filter(pk__in=named - self.rows.keys()))}
        self.liable = cases.liabilities(self.rows)
        people = {who for named in self.liable.values() for _kind, _party, who, _post in named if who}
        self.posts = Posts(Employee.objects.filter(pk__in=people).prefetch_related("postings"))
        self.received: dict[tuple[str, int, int], list[Any]] = {}
        for matter, moment, pk in cases.every_matter(store_id, first, last + timedelta(days=rules.SOLVED_DAYS + 31)):
            self.received.setdefault(matter, []).append((moment, pk))

    def received_in(self, period: Period) -> set[int]:
        """The tickets whose day of receipt lies in a month."""
        return {pk for pk, row in self.rows.items() if period.holds(row["received_on"])}

    def of(self, pk: int, period: Period, *, was: str = "") -> Standing:
        """One ticket, seen from a month; what it was counted as there stays: a later level does not move it."""
        row, named = self.rows[pk], self.liable.get(pk, [])
        counts_as = (was or _kind(row)) if period.holds(row["received_on"]) and self._counts(row) else ""
        is_solved = self._counts(row) and self._is_solved(row)
        if not counts_as:
            return Standing(pk, row["number"], is_solved=is_solved)
        direct, line = cases.direct_of(named)
        if counts_as == "grievance":
            line = ""  # a grievance that is nobody's stands in no line
        place = Who(direct.employee, self._series(direct, row)) if direct else Who(0, line or rules.UNDECIDED)
        joint = {one.employee: Who(one.employee, self._series(one, row)) for one in cases.joint_of(named)}
        return Standing(pk, row["number"], counts_as, place, joint if counts_as == "complaint" else {}, is_solved)

    def _series(self, liable: cases.Liable, row: dict[str, Any]) -> str:
        return self.posts.series_liable(liable, row["received_on"])

    def _counts(self, row: dict[str, Any]) -> bool:
        stands = row["validity"] == Validity.VALID and row["state"] != State.MERGED and row["kind"] != Kind.QUESTION
        return stands and (not row["historical"] or bool(self.liable.get(row["pk"])))

    def _is_solved(self, row: dict[str, Any]) -> bool:
        closed, matter = row["closed_at"], cases.matter_of(row)
        if row["reopened"] or closed is None or row["state"] != State.CLOSED:
            return False
        until = closed + timedelta(days=rules.SOLVED_DAYS)
        others = self.received.get(matter, []) if matter else []
        return not any(closed < moment <= until and pk != row["pk"] for moment, pk in others)


def _kind(row: dict[str, Any]) -> str:
    """What a ticket counts as by its kind and level; '' while its level is open."""
    if row["kind"] == Kind.GRIEVANCE or row["level__rank"] == 1:
        return "grievance"
    return "complaint" if (row["level__rank"] or 0) > 1 else ""


def _read(rows: Any) -> list[dict[str, Any]]:
    return list(rows.values(*_COLUMNS, top=Coalesce(F("category__parent_id"), F("category_id"))))
