"""One user's view of a report: the whole store, or for a head the employees of the own departments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from crm_site.accounts.models import Department, Posting, Role
from crm_site.reports import reading, rules
from crm_site.reports.models import MonthlyReport, ReportState

Row = dict[str, Any]


@dataclass(frozen=True)
class Lens:
    """A report as one user may see it; `departments` is None where it is the whole store."""

    report: MonthlyReport
    departments: tuple[str, ...] | None = None

    @cached_property
    def snapshot(self) -> rules.Snapshot:
        """The whole snapshot in the newest format's shape; rows are to be read through `rows`."""
        return reading.upgraded(self.report.snapshot)

    @property
    def is_whole(self) -> bool:
        """Whether every row may be seen."""
        return self.departments is None

    @property
    def is_draft(self) -> bool:
        """Whether it is still rebuilt."""
        return self.report.state == ReportState.DRAFT

    @property
    def department_words(self) -> list[str]:
        """The departments in words."""
        return [str(Department(code).label) for code in self.departments or ()]

    @property
    def rows(self) -> list[Row]:
        """The employees that may be seen, in the order of their numbers."""
        rows = self.snapshot["rows"]
        return rows if self.departments is None else [row for row in rows if row["department"] in self.departments]

    def of_series(self, series: str) -> list[Row]:
        """The employees of a series."""
        return [row for row in self.rows if row["series"] == series]

    def row(self, employee: int, series: str = "") -> Row | None:
        """An employee's line in a series (the first one unless told); None where none is in reach."""
        rows = (row for row in self.rows if row["employee"] == employee and series in {"", row["series"]})
        return next(rows, None)


def lens_of(report: MonthlyReport, user: Any, today: date) -> Lens:
    """How this user sees a report; a head sees the departments of the postings held today."""
    if user.role_in(report.store_id) != Role.HEAD:
        return Lens(report)
    posts = Posting.objects.current(today).filter(employee__user=user, employee__store_id=report.store_id)
    return Lens(report, tuple(sorted(set(posts.values_list("department", flat=True)))))
