"""Workbooks and CSV files that leave the house: typed, defused against formulas, equal bytes for equal input."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crm_site.core.clock import local
from crm_site.core.plots import Plot, add_plots

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_CONTENT_TYPE = "text/csv; charset=utf-8"

#: First characters that make spreadsheet programs calculate, and their full-width relatives.
_DANGEROUS = "=+-@\t\r\n＝＋－＠"
_FORMULA = re.compile(rf"^[\s\x00-\x1f\u00a0\u200b-\u200f\u3000\ufeff]*[{re.escape(_DANGEROUS)}]")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LONGEST_CELL = 32_767
#: all three parts of a page's header together may have 255 characters
_LONGEST_HEADER = 120
_SHEET_TITLE = re.compile(r"[\[\]:*?/\\]")
_FORMATS = {
    "int": "#,##0",
    "money": "#,##0.00",
    "decimal": "0.0",
    "decimal2": "0.00",
    "percent": "0.0%",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
}
_WIDTHS = {"int": 10, "money": 14, "decimal": 10, "percent": 10, "date": 12, "datetime": 17, "text": 16}


@dataclass(frozen=True)
class Column:
    """A column: header, kind (text, int, decimal, money, percent, date, datetime), width in characters."""

    title: str
    kind: str = "text"
    width: float | None = None


@dataclass(frozen=True)
class Typed:
    """A value of another kind than its column's."""

    value: Any
    kind: str


@dataclass(frozen=True)
class Sheet:
    """One sheet: lines above the table, a header row, rows of plain values, and how many last rows are sums.

    `plots` are charts of its columns; a sheet `for_paper` prints on A4 lying, as wide as the page, its header on each.
    A `watermark` stands above and below the rows, and on every page that is printed.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    notes: Sequence[str] = ()
    total_rows: int = 0
    plots: Sequence[Plot] = ()
    for_paper: bool = False
    watermark: str = ""


def clean(value: str) -> str:
    """Text without the characters that a workbook cannot hold, at most as long as a cell may be."""
    return _ILLEGAL.sub("", str(value).replace("\r\n", "\n"))[:_LONGEST_CELL]


def is_dangerous(value: str) -> bool:
    """Whether a spreadsheet program might take this text for a formula."""
    return _FORMULA.match(value) is not None


def defuse(value: Any) -> Any:
    """A value for CSV: dangerous text gets a leading apostrophe, numbers and plain signed numbers stay.

    Dangerous text that has apostrophes of its own gets one more, so that `undefuse` always gives the original.
    """
    if not isinstance(value, str):
        return value
    value = clean(value)
    return f"'{value}" if is_dangerous(value.lstrip("'")) and not _PLAIN_NUMBER.fullmatch(value) else value


def undefuse(value: str) -> str:
    """The original of a text that `defuse` wrote; other text unchanged."""
    return value[1:] if value.startswith("'") and is_dangerous(value.lstrip("'")) else value


def csv_bytes(columns: Sequence[Column | str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV file as UTF-8 with BOM (so that Excel reads Chinese) and CRLF line ends, every cell defused."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow([defuse(column.title if isinstance(column, Column) else column) for column in columns])
    for row in rows:
        writer.writerow([defuse(_csv_value(value)) for value in row])
    return "\ufeff".encode() + stream.getvalue().encode()


def workbook_bytes(sheets: Sequence[Sheet], *, created: datetime, title: str = "", description: str = "") -> bytes:
    """An xlsx file; `created` (aware) is its only date, so the same input gives the same bytes.

    Text is always typed text, never a formula. None is an empty cell. `description` stands in the file's properties.
    """
    from openpyxl import Workbook  # 0.3 s to import

    book = Workbook(write_only=True)
    book.properties.creator = "Huifang"
    book.properties.title = clean(title)
    book.properties.description = clean(description) or None
    book.properties.created = book.properties.modified = local(created).replace(tzinfo=None, microsecond=0)
    for sheet in sheets:
        _write_sheet(book.create_sheet(_SHEET_TITLE.sub(" ", clean(sheet.title))[:31] or "Sheet"), sheet)
    return _packed(book, created)


def _write_sheet(worksheet: Any, sheet: Sheet) -> None:
    """Widths, notes, frozen header and rows of one sheet."""
    from openpyxl.utils import get_column_letter

    for number, column in enumerate(sheet.columns, start=1):
        worksheet.column_dimensions[get_column_letter(number)].width = column.width or _WIDTHS[column.kind]
    notes = [sheet.watermark, *sheet.notes] if sheet.watermark else sheet.notes
    header_row = len(notes) + 1
    worksheet.freeze_panes = f"A{header_row + 1}"
    if sheet.for_paper:
        _set_up_paper(worksheet, header_row, sheet.watermark)
    for note in notes:
        worksheet.append([_cell(worksheet, note, "text")])
    worksheet.append([_header_cell(worksheet, column) for column in sheet.columns])
    rows = list(sheet.rows)
    for position, row in enumerate(rows):
        bold = position >= len(rows) - sheet.total_rows
        worksheet.append(
            [_cell(worksheet, value, column.kind, bold=bold) for value, column in zip(row, sheet.columns, strict=True)]
        )
    if rows and not sheet.total_rows:
        worksheet.auto_filter.ref = f"A{header_row}:{get_column_letter(len(sheet.columns))}{header_row + len(rows)}"
    if sheet.watermark:
        worksheet.append([_cell(worksheet, sheet.watermark, "text")])
    drawn = len(rows) - sheet.total_rows
    add_plots(worksheet, sheet.plots, header_row=header_row, rows=drawn, columns=len(sheet.columns))


def _set_up_paper(worksheet: Any, header_row: int, watermark: str) -> None:
    """A4 lying, one page wide and as many long as it takes, the header and the watermark on every page."""
    from openpyxl.worksheet.properties import PageSetupProperties

    worksheet.page_setup.orientation, worksheet.page_setup.paperSize = "landscape", 9
    worksheet.page_setup.fitToWidth, worksheet.page_setup.fitToHeight = 1, 0
    worksheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    worksheet.print_title_rows = f"{header_row}:{header_row}"
    worksheet.oddFooter.center.text = "&P / &N"
    if watermark:
        line = clean(watermark).replace("&", "&&")[:_LONGEST_HEADER]
        worksheet.oddHeader.center.text = worksheet.oddFooter.left.text = line


def _header_cell(worksheet: Any, column: Column) -> Any:
    """A header: strong on a soft ground, wrapped, numbers' headers to the right."""
    from openpyxl.styles import Alignment, Border, PatternFill, Side

    cell = _cell(worksheet, column.title, "text", bold=True)
    cell.fill = PatternFill("solid", fgColor="EEF1F4")
    cell.border = Border(bottom=Side(style="thin", color="C6CDD6"))
    side = "left" if column.kind == "text" else "right"
    cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=True)
    return cell


def _cell(worksheet: Any, value: Any, kind: str, *, bold: bool = False) -> Any:
    """One typed cell."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    if isinstance(value, Typed):
        value, kind = value.value, value.kind
    cell = WriteOnlyCell(worksheet, value=None)
    if bold:
        cell.font = Font(bold=True)
    if value is None or value == "":
        return cell
    if isinstance(value, bool | int | float | Decimal | date):
        cell.value = local(value).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value
        cell.number_format = _FORMATS.get(kind, cell.number_format)
        return cell
    text = clean(value)
    cell.value = text
    cell.data_type = "s"  # openpyxl takes '=…' for a formula and '#N/A' for an error
    cell.number_format = "@"
    cell.quotePrefix = is_dangerous(text)
    return cell


def _packed(book: Any, created: datetime) -> bytes:
    """The workbook as a zip file whose members all carry the given date."""
    from openpyxl.writer.excel import ExcelWriter

    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED) as archive:
        ExcelWriter(book, archive).save()  # book.save() would stamp today's date
    stamp = max(local(created).timetuple()[:6], (1980, 1, 1, 0, 0, 0))
    packed = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            member = zipfile.ZipInfo(name, stamp)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            target.writestr(member, source.read(name))
    return packed.getvalue()


def _csv_value(value: Any) -> Any:
    """Dates as 2026-11-21, moments as 2026-11-21 14:05, yes/no as 1/0."""
    if isinstance(value, datetime):
        return (local(value) if value.tzinfo else value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, bool):
        return int(value)
    return "" if value is None else value
