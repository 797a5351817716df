"""A filled-in template of a list: titles, what is required, three example rows, choices, and how to fill it in."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from crm_site.accounts.models import Store
from crm_site.imports import layout as kinds
from crm_site.imports.layout import Field, Layout
from crm_site.imports.workbook import reference, words
from crm_site.imports.workbook.columns import kind_words, listed_titles, must_words
from crm_site.imports.workbook.ink import AUTHOR, put_text

NEEDED = PatternFill("solid", fgColor="FFDDE9F8")
OPTIONAL = PatternFill("solid", fgColor="FFEEF1F4")
GREY = Font(italic=True, color="FF6B7480")
WRAPPED = Alignment(wrap_text=True, vertical="top")
#: Rows that are prepared for typing: text stays text, choices are offered.
ROWS = 2_000
#: Excel takes a list of choices of so many characters at most.
LONGEST_LIST = 250
_FORMATS = {kinds.DATE: "yyyy-mm-dd", kinds.MOMENT: "yyyy-mm-dd hh:mm", kinds.MONEY: "#,##0.00", kinds.INT: "0",
            kinds.DECIMAL: "0.0#"}  # fmt: skip


def build(wanted: Layout, store: Store) -> bytes:
    """The template of a list for a store (whose own choices it offers), in the active language, as an .xlsx file."""
    wanted = wanted.at(store)
    fields = columns_of(wanted)
    book = Workbook()
    book.properties.creator = AUTHOR
    sheet = book.active
    assert sheet is not None
    sheet.title = str(wanted.label)[:31]
    _header(sheet, wanted, fields)
    for number, line in enumerate(reference.examples(fields, store), start=3):
        _example(sheet, number, fields, line)
    _prepare(sheet, fields)
    _explain(book.create_sheet(str(words.WORDS[words.HOW_TO])), wanted, fields)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def columns_of(wanted: Layout) -> list[Field]:
    """The fields that a file can have: some are only filled by the reading."""
    return [one for one in wanted.fields if one.aliases]


def _header(sheet: Any, wanted: Layout, fields: Sequence[Field]) -> None:
    """Titles with what they accept in a comment, and the line that says what is required."""
    _text(sheet.cell(1, 1), str(words.WORDS[words.EXAMPLE_TITLE]), GREY)
    for place, one in enumerate(fields, start=2):
        title = _text(sheet.cell(1, place), one.aliases[0], Font(bold=True))
        title.fill = NEEDED if one.required else OPTIONAL
        title.comment = Comment("\n".join(_hints(wanted, one)), AUTHOR, width=320, height=160)
        must = (
            pgettext("a line of a template", "Required")
            if one.required
            else pgettext("a line of a template", "Optional")
        )
        _text(sheet.cell(2, place), must, GREY)
    sheet.freeze_panes = "B3"


def _hints(wanted: Layout, one: Field) -> list[str]:
    """What a title's comment says."""
    lines = [f"{one.label}: {kind_words(one)}", must_words(wanted, one)]
    lines.append(
        _("Also understood: %(titles)s") % {"titles": listed_titles(one.aliases[1:])} if one.aliases[1:] else ""
    )
    known = reference.choices(one)
    lines.append(_("Choices: %(words)s") % {"words": listed_titles(known)} if known else "")
    return [line for line in lines if line]


def _example(sheet: Any, number: int, fields: Sequence[Field], line: Sequence[Any]) -> None:
    """One example row, which says of itself that it is one."""
    _text(sheet.cell(number, 1), str(words.WORDS[words.EXAMPLE]), GREY)
    for place, (one, value) in enumerate(zip(fields, line, strict=True), start=2):
        cell = sheet.cell(number, place)
        if isinstance(value, str):
            _text(cell, value, GREY)
        else:
            cell.value, cell.font = value, GREY
        cell.number_format = _FORMATS.get(one.kind, "@") if isinstance(value, date | int | float) else "@"


def _prepare(sheet: Any, fields: Sequence[Field]) -> None:
    """Widths, formats of the columns (long numbers stay text), choices to pick from; other words are let through."""
    sheet.column_dimensions["A"].width = 9
    for place, one in enumerate(fields, start=2):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = max(12, min(30, 2 * len(one.aliases[0]) + 4))
        sheet.column_dimensions[letter].number_format = _FORMATS.get(one.kind, "@")
        known = [word for word in reference.choices(one) if "," not in word and '"' not in word]
        if known and len(",".join(known)) <= LONGEST_LIST:
            offer = DataValidation("list", formula1=f'"{",".join(known)}"', allow_blank=True, showErrorMessage=False)
            offer.add(f"{letter}3:{letter}{ROWS}")
            sheet.add_data_validation(offer)


def _explain(sheet: Any, wanted: Layout, fields: Sequence[Field]) -> None:
    """How to fill it in, in every language of the house, and a line for each column."""
    for letter, width in zip("ABCDE", (20, 20, 24, 60, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    for language in ("zh-hans", "en"):
        with override(language):
            _line(sheet, [str(wanted.label)], Font(bold=True))
            for sentence in _sentences(wanted):
                _line(sheet, [sentence])
            _line(sheet, [])
            _line(sheet, [_("Column"), _("Field"), _("Required?"), _("Also understood"), _("Choices and form")],
                  Font(bold=True))  # fmt: skip
            for one in fields:
                form = ", ".join(filter(None, [kind_words(one), listed_titles(reference.choices(one))]))
                _line(
                    sheet,
                    [one.aliases[0], str(one.label), must_words(wanted, one), listed_titles(one.aliases[1:]), form],
                )
            _line(sheet, [])


def _sentences(wanted: Layout) -> list[str]:
    return [
        _(
            "Fill in from row 3 on. Write over the examples and delete the word in the first column, or leave them: "
            "rows marked as examples are not imported."
        ),
        _("Columns may be left out, moved or added. The titles above also have other spellings, listed below."),
        _("A file cannot do without: %(titles)s.") % {"titles": "; ".join(wanted.needed)},
        _("Numbers of orders, phones and VINs are text: the columns are formatted so, and no digit is lost."),
    ]


def _line(sheet: Any, texts: Sequence[str], font: Font | None = None) -> None:
    number = sheet.max_row + 1 if sheet.max_row > 1 or sheet["A1"].value else 1
    for place, text in enumerate(texts or [" "], start=1):
        _text(sheet.cell(number, place), text, font)
        sheet.cell(number, place).alignment = WRAPPED if len(texts) > 1 else Alignment(wrap_text=False)


def _text(cell: Any, text: str, font: Font | None = None) -> Any:
    put_text(cell, text) if text else None
    if font is not None:
        cell.font = font
    return cell
