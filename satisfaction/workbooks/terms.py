"""The titles, choices and sheet names of a questionnaire's workbook, in both languages of the house."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from satisfaction.models import Attribution, QuestionKind, QuestionnaireVersion

LANGUAGES = ("zh-hans", "en")
Words = dict[str, str | Promise]

SHEETS: Words = {
    "rows": pgettext_lazy("a sheet", "Questions"),
    "settings": pgettext_lazy("a sheet", "Scale and words"),
    "choices": pgettext_lazy("a sheet", "Choices"),
}
#: the columns of the sheet of questions, in their order
TITLES: Words = {
    "row": pgettext_lazy("a column", "Row"),
    "factor": pgettext_lazy("a column", "Code of the factor"),
    "code": pgettext_lazy("a column", "Code of the question"),
    "label_zh": _("Name in Chinese"),
    "label_en": _("Name in English"),
    "weight": _("Weight"),
    "kind": _("Answered by"),
    "attribution": _("Judges"),
    "is_required": _("Needed to be valid"),
}
#: the columns of the table of words, under the settings
WORD_TITLES: Words = {
    "label_zh": _("Name in Chinese"),
    "label_en": _("Name in English"),
    "points": _("Worth of 100"),
}
SCALE = _("Scale of the scored items")
NOTE = _("Why this version")
FACTOR, QUESTION = "factor", "question"
ROWS: Words = {FACTOR: pgettext_lazy("a row", "Factor"), QUESTION: pgettext_lazy("a row", "Question")}
YES_NO: Words = {"yes": _("Yes"), "no": _("No")}
KINDS: Words = dict(QuestionKind.choices)
ATTRIBUTIONS: Words = dict(Attribution.choices)
SCALES: Words = dict(QuestionnaireVersion.Scale.choices)

#: column -> what can be picked in it
CHOICES: dict[str, Words] = {"row": ROWS, "kind": KINDS, "attribution": ATTRIBUTIONS, "is_required": YES_NO}


def spellings(words: Words) -> dict[str, str]:
    """{word in either language, and the code itself, in small letters: code}."""
    found = {code.casefold(): code for code in words}
    for language in LANGUAGES:
        with override(language):
            found |= {key(str(word)): code for code, word in words.items()}
    return found


def in_either(word: str | Promise) -> set[str]:
    """A title as it is written in either language."""
    found = set()
    for language in LANGUAGES:
        with override(language):
            found.add(key(str(word)))
    return found


def key(text: str) -> str:
    """The form in which two spellings of a title are equal."""
    return "".join(text.casefold().split())
