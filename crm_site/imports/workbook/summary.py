"""The sheet that sums a batch up, with a link to every marked cell, and the hidden sheet that names the batch."""

from typing import Any

from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink

from crm_site.imports.workbook.ink import FILLS, Ink, text_cell

#: More reasons than this are not listed one by one; the column of results still says them.
MOST_LINES = 20_000
#: A sheet may hold 65,530 links, and many make programs slow.
MOST_LINKS = 10_000
PROPERTY = "huifang-import"
STRONG = Font(bold=True)
LINK = Font(color="FF1F5FBF", underline="single")
HEAD = PatternFill("solid", fgColor="FFEEF1F4")


def finish(book: Workbook, ink: Ink) -> None:
    """Add the summary (shown when the workbook is opened) and the very hidden sheet that names the batch."""
    for worksheet in book.worksheets:
        worksheet.sheet_view.tabSelected = False
    plan = ink.plan
    summary = book.create_sheet(plan["summary"]["title"])
    _summary(summary, ink)
    book.active = len(book.sheetnames) - 1
    summary.sheet_view.tabSelected = True
    mark = book.create_sheet(plan["mark"])
    mark.append([plan["mark"]])
    mark.sheet_state = "veryHidden"
    if PROPERTY in book.custom_doc_props.names:
        del book.custom_doc_props[PROPERTY]
    book.custom_doc_props.append(StringProperty(name=PROPERTY, value=plan["mark"]))


def _summary(worksheet: Any, ink: Ink) -> None:
    """Figures, then a line for each reason with a link to its cell."""
    plan, words = ink.plan, ink.plan["summary"]
    for number, width in enumerate(words["widths"], start=1):
        worksheet.column_dimensions[get_column_letter(number)].width = width
    head = len(words["lines"]) + 1
    worksheet.freeze_panes = f"A{head + 1}"
    worksheet.auto_filter.ref = f"A{head}:{get_column_letter(len(words['head']))}{head + max(1, plan['problems'])}"
    for number, line in enumerate(words["lines"]):
        worksheet.append([text_cell(worksheet, text, STRONG if not number or not place else None)
                          for place, text in enumerate(line)])  # fmt: skip
    worksheet.append([text_cell(worksheet, text, STRONG, HEAD) for text in words["head"]])
    links = 0
    for sheet in plan["sheets"]:
        for mark in ink.marks(sheet):
            for problem in mark["p"]:
                if links >= MOST_LINES:
                    return
                links += 1
                _problem(worksheet, sheet, mark, problem, is_linked=links <= MOST_LINKS, row=head + links)


def _problem(worksheet: Any, sheet: dict, mark: dict, problem: list, *, is_linked: bool, row: int) -> None:
    """One line: sheet, row (linked to the cell), column, value, reason."""
    column, kind, title, value, reason = problem
    link = text_cell(worksheet, str(mark["r"]), LINK if is_linked else None)
    link._value, link.data_type = mark["r"], "n"
    if is_linked:
        name = sheet["title"].replace("'", "''")
        place = f"{get_column_letter(column or sheet['column'])}{mark['r']}"
        link._hyperlink = Hyperlink(ref=f"B{row}", location=f"'{name}'!{place}", display=str(mark["r"]))
    shown = text_cell(worksheet, value)
    shown.quotePrefix, shown.number_format, shown.fill = True, "@", FILLS[kind]
    texts = [text_cell(worksheet, sheet["title"]), link, text_cell(worksheet, title), shown]
    worksheet.append([*texts, text_cell(worksheet, reason)])
