"""Writes a version as a workbook in the reader's language, with its choices to pick from."""

from __future__ import annotations

import io
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from crm_site.core.xlsx import clean
from crm_site.imports.workbook.ink import AUTHOR, put_text
from satisfaction.models import QuestionnaireVersion
from satisfaction.queries.designs import design_of
from satisfaction.queries.trees import words_of
from satisfaction.rules import designs
from satisfaction.workbooks import terms

HEADER = PatternFill("solid", fgColor="FFEEF1F4")
LINE = Border(bottom=Side(style="thin", color="FFC6CDD6"))
STRONG = Font(bold=True)
#: rows in which choices are offered: more than a tree can have
PREPARED = 200
WIDTHS = {"row": 10, "factor": 18, "code": 24, "label_zh": 30, "label_en": 38, "weight": 9, "kind": 26,
          "attribution": 32, "is_required": 14}  # fmt: skip


def file_name(version: QuestionnaireVersion) -> str:
    """CSI-v2.xlsx."""
    return f"{version.questionnaire.code}-v{version.number}.xlsx"


def write(version: QuestionnaireVersion) -> bytes:
    """The workbook of a version: questions, scale and words, choices; text is typed text, never a formula."""
    book = Workbook()
    book.properties.creator = AUTHOR
    sheet = book.active
    assert sheet is not None
    sheet.title = str(terms.SHEETS["rows"])[:31]
    _questions(sheet, design_of(version))
    _settings(book.create_sheet(str(terms.SHEETS["settings"])[:31]), version)
    _choices(book, sheet)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _questions(sheet: Any, design: designs.Design) -> None:
    """A row for each factor, its questions under it, those without weight last."""
    _header(sheet, 1, terms.TITLES)
    number = 2
    for factor in design.factors:
        _line(sheet, number, [terms.ROWS[terms.FACTOR], factor.code, "", factor.label_zh, factor.label_en,
                              factor.weight], STRONG)  # fmt: skip
        number += 1
        for item in design.within(factor.code):
            _item(sheet, number, item)
            number += 1
    for item in design.within(""):
        _item(sheet, number, item)
        number += 1
    for place, name in enumerate(terms.TITLES, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = WIDTHS[name]
    sheet.freeze_panes = "A2"


def _item(sheet: Any, number: int, item: designs.ItemDesign) -> None:
    weight = item.weight if item.factor else None
    required = terms.YES_NO["yes" if item.is_required else "no"]
    _line(
        sheet, number,
        [terms.ROWS[terms.QUESTION], item.factor, item.code, item.label_zh, item.label_en, weight,
         terms.KINDS[item.kind], terms.ATTRIBUTIONS[item.attribution], required],
    )  # fmt: skip


def _settings(sheet: Any, version: QuestionnaireVersion) -> None:
    """The scale, the note, and the table of words."""
    _line(sheet, 1, [terms.SCALE, terms.SCALES[version.scale]])
    _line(sheet, 2, [terms.NOTE, version.note])
    _header(sheet, 4, terms.WORD_TITLES)
    for number, word in enumerate(words_of(version), start=5):
        _line(sheet, number, [word.label_zh, word.label_en, word.points])
    for letter, width in zip("ABC", (28, 34, 14), strict=True):
        sheet.column_dimensions[letter].width = width


def _choices(book: Workbook, sheet: Any) -> None:
    """What can be picked, on a sheet of its own, and the columns that offer it."""
    listed = book.create_sheet(str(terms.SHEETS["choices"])[:31])
    for place, (name, words) in enumerate(terms.CHOICES.items(), start=1):
        _cell(listed, 1, place, terms.TITLES[name], STRONG)
        for number, word in enumerate(words.values(), start=2):
            _cell(listed, number, place, word)
        letter = get_column_letter(place)
        listed.column_dimensions[letter].width = 34
        formula = f"{quote_sheetname(listed.title)}!${letter}$2:${letter}${len(words) + 1}"
        offer = DataValidation("list", formula1=formula, allow_blank=True)
        offer.error = _("Choose one of the words of the list.")
        column = get_column_letter(list(terms.TITLES).index(name) + 1)
        offer.add(f"{column}2:{column}{PREPARED}")
        sheet.add_data_validation(offer)


def _header(sheet: Any, number: int, titles: terms.Words) -> None:
    for place, title in enumerate(titles.values(), start=1):
        cell = _cell(sheet, number, place, title, STRONG)
        cell.fill, cell.border = HEADER, LINE
        cell.alignment = Alignment(vertical="center", wrap_text=True)


def _line(sheet: Any, number: int, values: list[Any], font: Font | None = None) -> None:
    for place, value in enumerate(values, start=1):
        _cell(sheet, number, place, value, font)


def _cell(sheet: Any, number: int, place: int, value: Any, font: Font | None = None) -> Any:
    """One cell: a number as a number, everything else as text."""
    cell = sheet.cell(number, place)
    if isinstance(value, int | float) or hasattr(value, "quantize"):
        cell.value, cell.number_format = value, "0.##"
    elif value is not None and str(value):
        put_text(cell, clean(str(value)))
    if font is not None:
        cell.font = font
    return cell
