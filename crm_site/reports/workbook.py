"""A report as a workbook: everything comes from the snapshot, so the same report gives the same bytes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from crm_site.core import clock
from crm_site.core.xlsx import Column, Sheet, workbook_bytes
from crm_site.reports import board, boxes, reading, rules, wording
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
    sheets = [_people(lens, title), _tickets(lens), _categories(lens), _adjustments(lens)]
    if lens.is_whole:
        sheets.append(_handling(lens))
    return workbook_bytes([*sheets, _definitions(lens)], created=created, title=title)


# ---- per employee ---------------------------------------------------------------------------------------------------


def _people(lens: Lens, title: str) -> Sheet:
    columns = [
        Column(_("Employee series")), Column(_("Staff no."), width=10), Column(_("Name"), width=12), Column(_("Post")),
        Column(_("Post held"), width=16), Column(_("Left"), width=8), Column(_("Visits"), "int"),
        Column(_("Valid responses"), "int"), Column(_("Mean score"), "decimal"), Column(_("Interval from"), "decimal"),
        Column(_("Interval to"), "decimal"), Column(_("Very satisfied"), "percent"), Column(_("Low responses"), "int"),
        Column(_("Grievances"), "int"), Column(_("Direct"), "int"), Column(_("Joint"), "int"),
        Column(_("Per 100 visits"), "money", 12), *_share_columns(), Column(_("Mean handling, hours"), "decimal", 12),
        Column(_("Month before"), "int"), Column(_("Vs. month before"), "int"), Column(_("Tickets"), width=40),
    ]  # fmt: skip
    rows = [_values(lens, row) for series in rules.SERIES for row in lens.of_series(series)]
    return Sheet(_("Per employee"), columns, rows, notes=[title, *_notes(lens)])


def _share_columns() -> list[Column]:
    """Part and whole of every share, so that a spreadsheet can add them up."""
    pairs = [name for pair in wording.SHARES.values() for name in pair if name != "direct"]
    return [Column(str(wording.TICKETS[name]), "int", 12) for name in pairs]


def _values(lens: Lens, row: Row) -> list[Any]:
    mean, numbers = board.score(row), lens.snapshot["numbers"]
    low, high = row["interval"] if mean["value"] is not None else (None, None)
    return [
        wording.SERIES[row["series"]],
        row["number"],
        row["name"],
        wording.post_word(row["post"]),
        board.held(row),
        _("left") if row["left"] else "",
        row["visits"],
        len(row["responses"]),
        mean["value"],
        Decimal(low) if low else None,
        Decimal(high) if high else None,
        Decimal(row["very_satisfied"]) / row["overall"] if row["overall"] and mean["value"] is not None else None,
        len(row["low"]),
        len(row["grievances"]),
        len(row["direct"]),
        len(row["joint"]),
        Decimal(row["per_hundred"]) if row["per_hundred"] else None,
        *_shares(lens, row),
        Decimal(row["minutes"]) / 60 / reading.took_of(row) if reading.took_of(row) else None,
        row["before"],
        None if row["new"] else len(row["direct"]) - row["before"],
        ", ".join(numbers[str(pk)] for pk in row["direct"]),
    ]


def _shares(lens: Lens, row: Row) -> list[int | None]:
    """Part and whole of every share; empty where the report is of the first format, which had none."""
    is_old = lens.snapshot["format"] < rules.FORMAT
    names = [name for pair in wording.SHARES.values() for name in pair if name != "direct"]
    return [None if is_old else len(row[name]) for name in names]


def _notes(lens: Lens) -> list[str]:
    """State, sum and hash, as lines above the table."""
    report = lens.report
    state = _("Draft, figures still move") if lens.is_draft else _("Published and frozen")
    version = rules.version_of(report.snapshot)
    lines = [f"{state} · {report.store.name} · r{report.revision}" + (f" · {version}" if version else "")]
    lines.append(f"sha256 {report.sha256}")
    if not lens.is_whole:
        return [*lines, _("Only employees of: %(departments)s") % {"departments": ", ".join(lens.department_words)}]
    found = rules.sum_of(lens.snapshot)
    parts = [f"{_('Employees')} {found.employees}", *(f"{wording.LINES[line]} {n}" for line, n in found.lines.items())]
    company = _("By the company's count")
    return [*lines, f"{' + '.join(parts)} = {_('Store')} {found.total} = {company} {found.company}"]


# ---- tickets, categories --------------------------------------------------------------------------------------------


def _tickets(lens: Lens) -> Sheet:
    """Every complaint with where it stands: a row for each part, no customer in it."""
    columns = [
        Column(_("Ticket"), width=18), Column(_("Stands in"), width=24), Column(_("Employee series")),
        Column(_("Concerns"), width=18), Column(_("Category"), width=18),
    ]  # fmt: skip
    words = wording.category_words(lens.report.store_id)
    category = {pk: words.get(code, code) for code, pks in lens.snapshot["categories"].items() for pk in pks}
    numbers = lens.snapshot["numbers"]
    rows = [
        [numbers[str(pk)], row["name"], wording.SERIES[row["series"]], wording.TICKETS[name], category.get(pk, "")]
        for row in lens.rows
        for name in board.NUMBERS
        for pk in row[name]
    ]
    if lens.is_whole:
        rows += [
            [numbers[str(pk)], wording.LINES[line], "", wording.TICKETS["direct"], category.get(pk, "")]
            for line in rules.LINES
            for pk in lens.snapshot["lines"][line]
        ]
    return Sheet(_("Complaints"), columns, rows)


def _categories(lens: Lens) -> Sheet:
    """Complaints by top-level category: a row for each employee who has any, and the store."""
    found = boxes.categories(lens)
    columns = [Column(str(title), "int" if number else "text", 12) for number, title in enumerate(found["columns"])]
    rows = [
        [row["name"], *(len(row["categories"].get(code, ())) for code in found["codes"])]
        for row in lens.rows
        if row["direct"]
    ]
    if lens.is_whole:
        store = lens.snapshot["categories"]
        rows.append([_("Store"), *(len(store.get(code, ())) for code in found["codes"])])
    return Sheet(_("By category"), columns, rows, total_rows=int(lens.is_whole))


# ---- adjustments, handling, definitions -----------------------------------------------------------------------------


def _adjustments(lens: Lens) -> Sheet:
    """上月补记: of which published month, which ticket, from whom to whom; never part of the other sheets."""
    columns = [
        Column(_("Published month"), width=14), Column(_("Ticket"), width=18), Column(_("Concerns"), width=14),
        Column(_("From whom"), width=24), Column(_("To whom"), width=24), Column(_("Stands in"), width=24),
    ]  # fmt: skip
    made_up = [[*_adjusted(line), _("this report")] for line in boxes.adjusted(lens)]
    counted = [
        [*_adjusted(line), _("counted here now, adjusted in %(month)s") % {"month": line["place"]}]
        for line in boxes.absorbed(lens)
    ]
    notes = [_("Decided after those months were published; not in the numbers of the other sheets.")]
    return Sheet(_("Adjustments"), columns, made_up + counted, notes=notes)


def _adjusted(line: dict[str, Any]) -> list[Any]:
    about = line["number"] or _("Response %(pk)s") % {"pk": line["response"]}
    return [line["month"], about, line["about"], line["before"], line["after"]]


def _handling(lens: Lens) -> Sheet:
    """The store's shares, then 补偿 and 索赔 by liable department."""
    columns = [
        Column(_("Figure"), width=28), Column(_("Of"), width=28), Column(_("Count"), "int"), Column(_("Whole"), "int"),
        Column(_("Compensation"), "money"), Column(_("Claims"), "money"),
    ]  # fmt: skip
    rows: list[list[Any]] = [
        [line["label"], line["of"], line["part"]["number"], line["whole"]["number"], None, None]
        for line in boxes.handling(lens)
    ]
    rows += [
        [line["label"], _("Compensation and claims"), line["tickets"]["number"], None, line["compensation"],
         line["claim"]]
        for line in boxes.money(lens)
    ]  # fmt: skip
    return Sheet(_("Handling"), columns, rows)


def _definitions(lens: Lens) -> Sheet:
    """How every column is counted."""
    rows = [[one["label"], one["text"]] for one in boxes.definitions(lens)]
    return Sheet(_("Definitions"), [Column(_("Figure"), width=24), Column(_("How it is counted"), width=110)], rows)
