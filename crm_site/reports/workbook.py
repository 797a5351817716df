"""A report as a workbook: everything comes from the snapshot, so the same report gives the same bytes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from crm_site.core import clock
from crm_site.core.xlsx import Column, Sheet, workbook_bytes
from crm_site.reports import board, rules, wording
from crm_site.reports.lens import Lens, Row


def file_name(lens: Lens) -> str:
    """monthly-report-<store>-2026-08-r1.xlsx; plain letters, so that every system takes it."""
    report = lens.report
    return f"monthly-report-{report.store_id}-{report.month:%Y-%m}-r{report.revision}.xlsx"


def render(lens: Lens) -> bytes:
    """The workbook of what this user may see; its only date is that of publishing (of building, for a draft)."""
    report = lens.report
    created = report.published_at or report.built_at or clock.at(report.month)
    title = _("Monthly report per employee, %(month)s") % {"month": wording.month_name(report.month)}
    return workbook_bytes([_people(lens, title), _tickets(lens)], created=created, title=title)


def _people(lens: Lens, title: str) -> Sheet:
    columns = [
        Column(_("Employee series")), Column(_("Staff no."), width=10), Column(_("Name"), width=12), Column(_("Post")),
        Column(_("Left"), width=8), Column(_("Visits"), "int"), Column(_("Valid responses"), "int"),
        Column(_("Mean score"), "decimal"), Column(_("Very satisfied"), "percent"), Column(_("Low responses"), "int"),
        Column(_("Grievances"), "int"), Column(_("Direct"), "int"), Column(_("Joint"), "int"),
        Column(_("Per 100 visits"), "money", 12), Column(_("Mean handling, hours"), "decimal", 12),
        Column(_("Month before"), "int"), Column(_("Tickets"), width=40),
    ]  # fmt: skip
    rows = [_values(lens, row) for series in rules.SERIES for row in lens.of_series(series)]
    return Sheet(_("Per employee"), columns, rows, notes=[title, *_notes(lens)])


def _values(lens: Lens, row: Row) -> list[Any]:
    mean = board.score(row)
    numbers = lens.snapshot["numbers"]
    return [
        wording.SERIES[row["series"]],
        row["number"],
        row["name"],
        wording.post_word(row["post"]),
        _("left") if row["left"] else "",
        row["visits"],
        len(row["responses"]),
        mean["value"],
        Decimal(row["very_satisfied"]) / row["overall"] if row["overall"] and mean["value"] is not None else None,
        len(row["low"]),
        len(row["grievances"]),
        len(row["direct"]),
        len(row["joint"]),
        Decimal(row["per_hundred"]) if row["per_hundred"] else None,
        Decimal(row["minutes"]) / 60 / row["closed"] if row["closed"] else None,
        row["before"],
        ", ".join(numbers[str(pk)] for pk in row["direct"]),
    ]


def _notes(lens: Lens) -> list[str]:
    """State, sum and hash, as lines above the table."""
    report = lens.report
    state = _("Draft, figures still move") if lens.is_draft else _("Published and frozen")
    lines = [f"{state} · {report.store.name} · r{report.revision}", f"sha256 {report.sha256}"]
    if not lens.is_whole:
        return [*lines, _("Only employees of: %(departments)s") % {"departments": ", ".join(lens.department_words)}]
    found = rules.sum_of(lens.snapshot)
    parts = [f"{_('Employees')} {found.employees}", *(f"{wording.LINES[line]} {n}" for line, n in found.lines.items())]
    return [*lines, f"{' + '.join(parts)} = {_('Store')} {found.total}"]


def _tickets(lens: Lens) -> Sheet:
    """Every complaint with where it stands: a row for each part, no customer in it."""
    columns = [Column(_("Ticket"), width=18), Column(_("Stands in"), width=24), Column(_("Category"), width=18)]
    words = wording.category_words(lens.report.store_id)
    category = {pk: words.get(code, code) for code, pks in lens.snapshot["categories"].items() for pk in pks}
    numbers = lens.snapshot["numbers"]
    rows = [[numbers[str(pk)], row["name"], category.get(pk, "")] for row in lens.rows for pk in row["direct"]]
    if lens.is_whole:
        lines = lens.snapshot["lines"]
        rows += [
            [numbers[str(pk)], wording.LINES[line], category.get(pk, "")] for line in rules.LINES for pk in lines[line]
        ]
    return Sheet(_("Complaints"), columns, rows)
