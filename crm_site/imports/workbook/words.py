"""What became of a row, in the words of the column of results, and those words understood again in either language."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext_lazy

from crm_site.core import text
from crm_site.imports.models import Verdict

IN, SAME, SKIPPED, WAITING = "in", "same", "skipped", "waiting"
REFUSED, CONFLICT, ASK = "refused", "conflict", "ask"
#: other words that are understood again
TITLE, SUMMARY, EXAMPLE_TITLE, EXAMPLE, HOW_TO = "title", "summary", "example_title", "example", "how_to"

WORDS: dict[str, Promise] = {
    IN: pgettext_lazy("result of a row", "Imported"),
    SAME: pgettext_lazy("result of a row", "Unchanged"),
    SKIPPED: pgettext_lazy("result of a row", "Skipped"),
    WAITING: pgettext_lazy("result of a row", "To be written"),
    REFUSED: pgettext_lazy("result of a row", "Not imported"),
    CONFLICT: pgettext_lazy("result of a row", "Not overwritten"),
    ASK: pgettext_lazy("result of a row", "To be answered"),
    TITLE: pgettext_lazy("a column of an error workbook", "Import result"),
    SUMMARY: pgettext_lazy("a sheet of an error workbook", "Summary of the import"),
    EXAMPLE_TITLE: pgettext_lazy("a column of a template", "Example row"),
    EXAMPLE: pgettext_lazy("a cell of a template", "Example"),
    HOW_TO: pgettext_lazy("a sheet of a template", "How to fill it in"),
}
RESULTS = (IN, SAME, SKIPPED, WAITING)
_BY_VERDICT = {
    Verdict.UNCHANGED: SAME,
    Verdict.SKIPPED: SKIPPED,
    Verdict.PROBLEM: REFUSED,
    Verdict.CONFLICT: CONFLICT,
    Verdict.ASK: ASK,
}


def result_of(verdict: str, *, is_applied: bool) -> str:
    """The result of a staged row."""
    return IN if is_applied else _BY_VERDICT.get(Verdict(verdict), WAITING)


def sentence(result: str, reasons: list[str]) -> str:
    """The result with its reasons, in the active language: "Not imported: …"."""
    word = str(WORDS[result])
    if not reasons:
        return word
    told = "\n".join(dict.fromkeys(reasons))
    pattern = _("%(result)s; please check: %(reasons)s") if result in (IN, WAITING) else _("%(result)s: %(reasons)s")
    return pattern % {"result": word, "reasons": told}


def read_result(cell: object) -> str:
    """The result that a cell of the column states; '' where it asks to be taken: with reasons to check, or empty."""
    said = text.tidy(cell)
    for result in RESULTS:
        if said in spellings(result) or (result == SKIPPED and said.startswith(tuple(spellings(SKIPPED)))):
            return result
    return ""


def says(word: str, cell: object) -> bool:
    """Whether a cell, a title or a sheet's name is one of our words, in any language."""
    return isinstance(cell, str) and text.tidy(cell) in spellings(word)


@lru_cache(maxsize=32)
def spellings(word: str) -> frozenset[str]:
    """A word in every language of the house."""
    found = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            found.add(str(WORDS[word]))
    return frozenset(found)


NOTE = gettext_lazy("Correct the coloured cells, save, and bring this file again: rows that are in are left out.")
