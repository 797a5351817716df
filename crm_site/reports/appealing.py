"""Which lines of a list can be appealed against by whom, and what became of the appeals that were raised."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from crm_site.accounts.models import Employee
from crm_site.reports import parts
from crm_site.reports.models import Appeal, MonthlyReport, ReportState


def is_open(report: MonthlyReport, today: date) -> bool:
    """Whether a draft takes appeals on a day."""
    shown = report.shown_from is not None and report.shown_until is not None
    return (
        report.state == ReportState.DRAFT and shown and report.shown_from <= today <= report.shown_until  # type: ignore[operator]
    )


class Appealing:
    """The appeals about one employee, and whether this reader may raise one today."""

    def __init__(self, report: MonthlyReport, employee_id: int, by: Employee | None, today: date) -> None:
        self.report, self.employee_id = report, employee_id
        self.may = False
        if by is not None and is_open(report, today):
            employee = Employee.objects.filter(pk=employee_id, store_id=report.store_id).first()
            self.may = employee is not None and parts.may_appeal(report, employee, by, today)
        self.raised = {
            ("complaint", one.complaint_id) if one.complaint_id else ("response", one.response_id): one
            for one in Appeal.objects.filter(store_id=report.store_id, employee_id=employee_id)
        }

    def mark(self, lines: Iterable[dict[str, Any]], about: str) -> None:
        """Put `appeal` (the one that was raised) or `appeal_url` (where to raise one) into lines that have a `pk`."""
        for line in lines:
            line["appeal"] = self.raised.get((about, line["pk"]))
            if self.may and line["appeal"] is None:
                query = urlencode({"employee": self.employee_id, about: line["pk"]})
                line["appeal_url"] = f"{reverse('reports:object', args=[self.report.pk])}?{query}"
