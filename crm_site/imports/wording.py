"""An import in words: states, verdicts, why a file or a row is refused, and values as a reader expects them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from crm_site.core import clock, formats, phones, verdicts, vins
from crm_site.imports import layout as kinds
from crm_site.imports.layout import Field, Layout
from crm_site.imports.models import BatchState, Verdict

Words = str | Promise

STATES: dict[str, tuple[Words, str]] = {
    BatchState.READING: (gettext_lazy("being read"), "now"),
    BatchState.PREVIEW: (gettext_lazy("to be confirmed"), "warn"),
    BatchState.APPLYING: (gettext_lazy("being written"), "now"),
    BatchState.APPLIED: (gettext_lazy("imported"), "ok"),
    BatchState.REFUSED: (gettext_lazy("not accepted"), "bad"),
    BatchState.CANCELLED: (gettext_lazy("given up"), ""),
    BatchState.UNDOING: (gettext_lazy("being undone"), "now"),
    BatchState.UNDONE: (gettext_lazy("undone"), ""),
}

VERDICTS: dict[str, tuple[Words, Words]] = {
    Verdict.NEW: (pgettext_lazy("rows of an import", "New"), gettext_lazy("will be added")),
    Verdict.CHANGED: (pgettext_lazy("rows of an import", "Changed"), gettext_lazy("will be updated")),
    Verdict.UNCHANGED: (pgettext_lazy("rows of an import", "Unchanged"), gettext_lazy("will not be written")),
    Verdict.CONFLICT: (pgettext_lazy("rows of an import", "Conflict"), gettext_lazy("edited here; our value stays")),
    Verdict.ASK: (pgettext_lazy("rows of an import", "Question"), gettext_lazy("you say who or what is meant")),
    Verdict.PROBLEM: (pgettext_lazy("rows of an import", "Refused"), gettext_lazy("see the reasons below")),
    Verdict.SKIPPED: (pgettext_lazy("rows of an import", "Skipped"), gettext_lazy("sums, repetitions")),
}
#: what the figures mean once all is written
RESULTS: dict[str, Words] = {
    Verdict.NEW: gettext_lazy("were added"),
    Verdict.CHANGED: gettext_lazy("were updated"),
    Verdict.UNCHANGED: gettext_lazy("needed no writing"),
}
VERDICT_MARKS = {Verdict.NEW: ("plus", ""), Verdict.CHANGED: ("pencil", ""), Verdict.UNCHANGED: ("dash", ""),
                 Verdict.CONFLICT: ("exclamation-triangle", "warn"), Verdict.ASK: ("question-circle", "warn"),
                 Verdict.PROBLEM: ("exclamation-octagon", "bad"),
                 Verdict.SKIPPED: ("slash-circle", "")}  # fmt: skip

#: why a whole file is refused: what is wrong, what to do
REFUSALS: dict[str, tuple[Words, Words]] = {
    "empty_file": (
        gettext_lazy("The file has no content (0 bytes)."),
        gettext_lazy("Export it again, and check that it opens in a spreadsheet program."),
    ),
    "not_a_spreadsheet": (
        gettext_lazy("This is not a spreadsheet, whatever its name says."),
        gettext_lazy("Choose an .xlsx, .xls or .csv file. A picture or a PDF of a table cannot be read."),
    ),
    "archive": (
        gettext_lazy("This is a compressed archive, not a spreadsheet."),
        gettext_lazy("Unpack it and bring the spreadsheet that is inside."),
    ),
    "encrypted": (
        gettext_lazy("The workbook is protected by a password."),
        gettext_lazy("Open it, save it without a password, and bring it again."),
    ),
    "damaged": (
        gettext_lazy("The file is damaged or cut off."),
        gettext_lazy("Open it in a spreadsheet program and save it as a new .xlsx file, or export it again."),
    ),
    "unreadable": (
        gettext_lazy("The file could not be read."),
        gettext_lazy("Open it in a spreadsheet program and save it as a new .xlsx file."),
    ),
    "too_heavy": (
        gettext_lazy("Reading this file would take more memory or time than it may."),
        gettext_lazy("Copy the rows into a new workbook, or split it, for instance by month."),
    ),
    "too_wide": (
        gettext_lazy("The sheet has more than 500 columns."),
        gettext_lazy("Delete the columns that are not needed."),
    ),
    "too_long": (
        gettext_lazy("The sheet has more than 200,000 rows."),
        gettext_lazy("Split it, for instance by month."),
    ),
    "xml_spreadsheet": (
        gettext_lazy("This is an “XML Spreadsheet 2003”, which is not read."),
        gettext_lazy("Open it and save it as an .xlsx file."),
    ),
    "encoding": (
        gettext_lazy("The text of the file is in an encoding that cannot be told for certain."),
        gettext_lazy("Save it as .xlsx, or as CSV in UTF-8, so that no name is garbled."),
    ),
    "error_value": (
        gettext_lazy("A formula of the workbook gives an error that cannot be read, such as #SPILL! or #CALC!."),
        gettext_lazy("Mend that formula, or copy the cells and paste them as values, and save the workbook."),
    ),
    "only_hidden": (
        gettext_lazy("All sheets of the workbook are hidden."),
        gettext_lazy("Unhide the sheet that is meant and bring the file again."),
    ),
    "no_rows": (
        gettext_lazy("There is no row under the header."),
        gettext_lazy("Check the filter with which the file was exported."),
    ),
    "no_header": (
        gettext_lazy("No line of the file looks like the header of a list we know."),
        gettext_lazy("The columns must have titles. The upload page lists those that are needed."),
    ),
    "missing_columns": (
        gettext_lazy("Columns are missing that this list cannot do without."),
        gettext_lazy("Add them to the file, or choose another kind of list if this is not the one that was meant."),
    ),
}

#: why a row is refused, noted or skipped; formats of single values have theirs in core.verdicts
REASONS: dict[str, Words] = {
    "required": gettext_lazy("This value is missing, and the row cannot do without it."),
    "key_twice": gettext_lazy("The same record stands in row %(first)s with other values. Keep one of them."),
    "same_row": gettext_lazy("The same as row %(first)s."),
    "merged_into": gettext_lazy("A further line of the record in row %(first)s."),
    "row_hidden": gettext_lazy(
        "Hidden or filtered out in the file. Tick “take hidden rows” with the columns to have it."
    ),
    "example": gettext_lazy("An example row of a template."),
    "taken_before": gettext_lazy("Taken by import %(batch)s already."),
    "total": gettext_lazy("A sum or a count, not a record."),
    "header_again": gettext_lazy("The header again."),
    "text_long": gettext_lazy("Longer than %(limit)s characters; the end was cut off."),
    "text_kept_long": gettext_lazy("Longer than %(limit)s characters; kept whole all the same."),
    "text_too_long": gettext_lazy("This is too long."),
    "phone_several_split": gettext_lazy("Several numbers in one cell; each is kept."),
    "phone_tidied": gettext_lazy("Country code, blanks, dashes or notes were taken out of the number."),
    "phone_zeros": gettext_lazy("The number ends in six zeros; perhaps a spreadsheet has rounded it. Please check."),
    "vin_tidied": gettext_lazy("Written in capitals without blanks and dashes."),
    "vin_characters_at": gettext_lazy("Character %(place)s is the letter %(sign)s; a VIN has no I, O or Q."),
    "plate_tidied": gettext_lazy("Dots, blanks and dashes were taken out of the plate."),
    "name_tidied": gettext_lazy("Forms of address and blanks were taken out of the name."),
    "number_tidied": gettext_lazy("Signs and units were taken off the number."),
    "float_end": gettext_lazy("A trace of the spreadsheet's arithmetic behind the last digit was removed."),
    "money_rounded": gettext_lazy("Rounded to two decimals."),
    "fraction_cut": gettext_lazy("What stands behind the point was left off."),
    "date_text": gettext_lazy("Days written as text; each can be read only one way."),
    "date_serial": gettext_lazy("Serial numbers of the spreadsheet, read as the days that they stand for."),
    "date_swapped": gettext_lazy(
        "A spreadsheet may have swapped day and month here: it kept the other days of this column as text."
    ),
    "date_left_blank": gettext_lazy("Can be read two ways; left empty, as you said."),
    "apostrophe": gettext_lazy("A leading apostrophe was removed."),
    "odd_signs": gettext_lazy("Signs that nobody sees or blanks of another kind were removed."),
    "blanks": gettext_lazy("Superfluous blanks were removed."),
    "full_width": gettext_lazy("Full-width letters and digits became ordinary ones."),
    "decimal_end": gettext_lazy("“.0” was taken off; all digits are there."),
    "empty_word": gettext_lazy("This word stands for an empty cell and is taken as one."),
    "cell_error": gettext_lazy(
        "The formula in this cell failed. Mend it in the file, or write here what should stand there."
    ),
    "formula_empty": gettext_lazy(
        "A formula whose result the file does not hold. Open and save it in a spreadsheet program, or write the value."
    ),
    "digits_lost": gettext_lazy(
        "Digits are lost for good: the number was kept in scientific notation. Export the column as text again."
    ),
    "digits_zero": gettext_lazy(
        "Nothing but zeros behind the 15th digit: a spreadsheet has probably rounded it. Please check."
    ),
    "zeros_lost": gettext_lazy(
        "Shorter than the others of this column, which have %(width)s digits: leading zeros may be lost. Please check."
    ),
    "yesno_unknown": gettext_lazy("This is neither yes nor no."),
    "choice_unknown": gettext_lazy("This word is not known here. Use one of the usual ones, or have it added."),
    "choice_first": gettext_lazy("Several in one cell; the first that is known counts, the words are kept."),
    "employee_unknown": gettext_lazy("Nobody of this name or number is in the roster. The name is kept as text."),
    "employee_ambiguous": gettext_lazy(
        "Several people have this name. The name is kept as text; write the number to say who is meant."
    ),
    "left_before_hired": gettext_lazy("The last day lies before the first."),
    "same_name_on_roster": gettext_lazy(
        "Somebody of this name is on the roster as %(number)s. If that is the same person, write that number."
    ),
    "leaves_login": gettext_lazy("This person can still sign in. Close the account under People after the import."),
    "unreadable": gettext_lazy("This value cannot be read."),
    "conflict": gettext_lazy("Somebody has entered or changed this here; our value stays."),
    "date_future": gettext_lazy("This day lies in the future."),
    "ends_before_begin": gettext_lazy("This day lies before the one on which it began."),
    "who_unclear": gettext_lazy("A name alone does not say who is meant. Add a phone, a customer number or a VIN."),
    "same_phone_other_name": gettext_lazy(
        "Somebody of another name has this number. They are kept apart; check whether they are one."
    ),
    "who_is_meant": gettext_lazy("Somebody of another name has this number. Say who is meant."),
    "changed_meanwhile": gettext_lazy(
        "Since the preview this row would do something else. Nothing was written; look at it and decide again."
    ),
    "other_owner": gettext_lazy("The archive knows another owner of this car, who stays."),
    "former_owner": gettext_lazy("This car was sold on since. The former owner does not get it back by a list."),
    "other_complainant": gettext_lazy("The archive knows another owner of this car; the name is kept as text."),
    "plate_only": gettext_lazy("A car of this plate is known, but not that it is theirs; it is kept as text."),
    "order_other_car": gettext_lazy("This order is of another car; its number is kept as text."),
    "ticket_here": gettext_lazy("A complaint of this number was registered here; a list does not change it."),
    "no_owner": gettext_lazy("Nobody is known to own this car. The visit waits for a name and a number."),
    "other_store": gettext_lazy("This row is about another store. Bring the file there, or leave the row out."),
    "period_unclear": gettext_lazy("This is no period. Write 2026-05, 2026Q2, 2026H1 or 2026."),
    "period_of_day": gettext_lazy("A single day; taken as the month that it lies in."),
    "factor_overall": gettext_lazy("The score of the whole survey, not of a factor."),
    "scores_several": gettext_lazy("Scores stand in several columns. Keep the one that counts."),
    "score_off_scale": gettext_lazy("This lies outside the scale of 0 to %(scale)s."),
    "scale_unclear": gettext_lazy(
        "The scores of this survey may be out of 10, 100 or 1000. Say above which, or add a column “Scale”."
    ),
    "scale_told": gettext_lazy("The scale is not written; the other scores of this survey leave only one."),
    "rank_unclear": gettext_lazy("This is no rank that can be; it was left out. Write 3 or 3/15 as text."),
    "past_to_whom": gettext_lazy("Nothing says to whom this call was made. Add a phone, a VIN, a plate or a name."),
    "past_nobody": gettext_lazy("The archive knows nobody of this name and number; the call stays without a card."),
    "past_since_start": gettext_lazy("This call was made after the store began here; it may be on record twice."),
    "flag_unclear": gettext_lazy("This is neither yes, nor no, nor a day; it was left out."),
    "return_day_today": gettext_lazy("The day of the return is not written; it counts from today."),
    "order_lines": gettext_lazy(
        "%(lines)s lines of one order: items joined; amounts summed unless each line has the same."
    ),
}

#: the order of a date's numbers
ORDERS: dict[str, Words] = {
    "dmy": gettext_lazy("day/month/year"),
    "mdy": gettext_lazy("month/day/year"),
    "ymd": gettext_lazy("year/month/day"),
}
FORMATS: dict[str, Words] = {
    "workbook": gettext_lazy("workbook"),
    "csv": gettext_lazy("text (CSV)"),
    "html": gettext_lazy("a web page with a table"),
}

_VIN_END = 8
#: a text of more signs is cut off where it is only shown
LONGEST_SHOWN = 120

_LONG_NUMBER = re.compile(r"\d[\d\s-]{5,}\d")


def reason(finding: Mapping[str, Any]) -> str:
    """Why a finding was made, in the reader's language; what differs from row to row is "…" in a summary."""
    code = finding["code"]
    exactly = REASONS.get(f"{code}_at") if "place" in finding else None
    words = exactly or REASONS.get(code) or verdicts.MESSAGES.get(code) or REASONS["unreadable"]
    return str(words) % _Lenient(finding) if "%(" in str(words) else str(words)


class _Lenient(dict):
    """Parameters of which a missing one reads as an ellipsis."""

    def __missing__(self, key: str) -> str:
        return "…"


def place(sheet: str, row: int, *, several: bool) -> str:
    """Where something stands; the sheet is named where there are several."""
    where = _("row %(row)s") % {"row": formats.number(row)}
    return f"{sheet} {where}" if several and sheet else where


def shown(wanted: Layout, name: str, value: Any) -> str:
    """A clean value as a reader expects it; phones and VINs masked, an empty one is ''."""
    one = wanted.by_name.get(name)
    if value in (None, "", []) or one is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _SHOW.get(one.kind, _as_text)(one, value)


def as_written(one: Field | None, value: Any) -> str:
    """A cell as the file has it; the middle of phones is hidden, and all but the end of a VIN."""
    text = str(value)
    if one is not None and one.kind == kinds.VIN and len(text) > _VIN_END:
        return vins.mask(text.rstrip())
    if one is not None and one.kind == kinds.PHONE:
        return _LONG_NUMBER.sub(lambda match: phones.mask(re.sub(r"\D", "", match[0])), text)
    return text


def without_midnight(text: str) -> str:
    """A moment as text without the hour that nobody wrote: a day is read as its midnight."""
    return re.sub(r" 00:00(:00)?([+-]\d\d:\d\d)?$", "", text)


def record(wanted: Layout, clean: Mapping[str, Any]) -> str:
    """The first filled required values of a row, to recognise it by."""
    names = [field.name for field in wanted.fields if field.required]
    return " · ".join(filter(None, (shown(wanted, name, clean.get(name)) for name in names[:2]))) or "–"


def field_label(wanted: Layout, name: str) -> Words:
    """A field's name for people; '' for a finding about the whole row."""
    one = wanted.by_name.get(name)
    return one.label if one else ""


def listed(words: Sequence[Words]) -> str:
    """Several words as one enumeration."""
    return _(", ").join(str(word) for word in words)


def to_write(rows: int, *, is_begun: bool = False) -> str:
    """The button that writes so many rows, or ends an import of which all are written."""
    if is_begun and not rows:
        return _("Finish this import")
    words = ngettext("Confirm and write %(rows)s row", "Confirm and write %(rows)s rows", rows)
    return words % {"rows": formats.number(rows)}


def _as_text(_one: Field, value: Any) -> str:
    written = str(value)
    return written if len(written) <= LONGEST_SHOWN else f"{written[: LONGEST_SHOWN - 1]}…"


def _phones(_one: Field, value: Any) -> str:
    numbers = value if isinstance(value, list) else [value]
    return " / ".join(phones.mask(str(number)) for number in numbers)


def _choice(one: Field, value: Any) -> str:
    """The first spelling that means the code."""
    return next((word for word, code in one.spellings.items() if code == value), str(value))


def _moment(_one: Field, value: Any) -> str:
    moment = value if isinstance(value, date) else datetime.fromisoformat(value)
    if not isinstance(moment, datetime):
        return str(moment)
    local = clock.local(moment)
    return f"{local:%Y-%m-%d %H:%M}" if local.time() != time() else f"{local:%Y-%m-%d}"


_SHOW = {
    kinds.PHONE: _phones,
    kinds.VIN: lambda _one, value: formats.masked_vin(value),
    kinds.MONEY: lambda _one, value: formats.number(value, 2),
    kinds.CHOICE: _choice,
    kinds.MOMENT: _moment,
}
