"""The monthly lists that can fill a manufacturer's sheet: their fields and their rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy

from crm_site.core.figures import Scope
from crm_site.imports import layout as kinds
from crm_site.reports.export.calls import DELIVERIES, REPAIRS, calls
from crm_site.reports.export.fields import ExportField
from crm_site.reports.export.tickets import COMPLAINTS, tickets
from crm_site.reports.models import ExportLayout
from revisits.queries.coverage import SALES, SERVICE

Subject = ExportLayout.Subject

#: the running number, which no row knows by itself
NUMBER = "no"
FIELDS: dict[str, tuple[ExportField, ...]] = {
    Subject.REPAIRS: REPAIRS,
    Subject.DELIVERIES: DELIVERIES,
    Subject.COMPLAINTS: COMPLAINTS,
}
ROWS: dict[str, Callable[[Scope], list[Any]]] = {
    Subject.REPAIRS: calls(SERVICE),
    Subject.DELIVERIES: calls(SALES),
    Subject.COMPLAINTS: tickets,
}


def fields_of(subject: str) -> dict[str, ExportField]:
    """The fields of a list by their codes, the running number first."""
    number = ExportField(NUMBER, gettext_lazy("Running number"), ("序号", "No", "NO."), lambda row: None, kinds.INT)
    return {NUMBER: number} | {field.code: field for field in FIELDS[subject]}
