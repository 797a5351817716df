"""How the designer's pages draw a tree and the differences of two: plain rows with words for every code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.core import formats
from crm_site.core.models import label_of
from satisfaction import design_words, rules
from satisfaction.models import Attribution, QuestionKind, QuestionnaireVersion
from satisfaction.queries import answer_words, scale_for
from satisfaction.queries.designs import design_of
from satisfaction.queries.trees import words_of
from satisfaction.rules import designs

ASPECTS: dict[str, str | Promise] = {
    "label": gettext_lazy("Wording"),
    "weight": gettext_lazy("Weight"),
    "factor": gettext_lazy("Factor"),
    "kind": gettext_lazy("Answered by"),
    "attribution": gettext_lazy("Judges"),
    "is_required": gettext_lazy("Needed to be valid"),
}
FATES: dict[str, str | Promise] = {
    "kept": gettext_lazy("the same"),
    "changed": gettext_lazy("changed"),
    "new": gettext_lazy("new"),
    "gone": gettext_lazy("left out"),
}


def kind_word(version: QuestionnaireVersion, kind: str) -> str:
    """How a question is answered in this version: marks 1–5, words, yes or no."""
    scale = scale_for(version, kind)
    if kind == QuestionKind.SCORE and scale is not None:
        return _("Score 1–%(end)d") % {"end": scale.end}
    return str(QuestionKind(kind).label)


def tree_rows(version: QuestionnaireVersion) -> dict[str, Any]:
    """The tree as a table: factors with their items and sums, questions without weight, the total."""
    design = design_of(version)
    off = {wrong.factor: wrong.found - wrong.wanted for wrong in designs.sums(design)}
    return {
        "factors": [
            {
                "factor": factor,
                "label": label_of(factor),
                "items": [_row(version, item) for item in design.within(factor.code)],
                "off": _signed(off.get(factor.code)),
            }
            for factor in design.factors
        ],
        "extras": [_row(version, item) for item in design.within("")],
        "total": design.total,
        "total_off": _signed(off.get("")) if version.questionnaire.is_scored else "",
    }


def _row(version: QuestionnaireVersion, item: designs.ItemDesign) -> dict[str, Any]:
    return {
        "item": item,
        "label": label_of(item),
        "kind": kind_word(version, item.kind),
        "judges": "" if item.attribution == Attribution.NONE else str(Attribution(item.attribution).label),
    }


def _signed(off: Any) -> str:
    """By how much a sum is off, with its sign; '' where it is right."""
    return formats.signed(off, 2) if off else ""


def preview(version: QuestionnaireVersion) -> list[dict[str, Any]]:
    """The questions as the specialist sees them, in the shape that the question components take."""
    design = design_of(version)
    sections = [(label_of(factor), design.within(factor.code)) for factor in design.factors]
    sections.append((_("Overall") if design.factors else "", design.within("")))
    number = 0
    drawn = []
    for title, items in sections:
        questions = []
        for item in items:
            number += 1
            questions.append(_question(version, item, number))
        if questions:
            drawn.append({"title": title, "questions": questions})
    return drawn


def _question(version: QuestionnaireVersion, item: designs.ItemDesign, number: int) -> dict[str, Any]:
    scale = scale_for(version, item.kind)
    return {
        "number": number,
        "text": label_of(item),
        "name": f"preview_{item.code}",
        "scale": scale,
        "words": answer_words(version, item.kind),
        "hint": _("needed for a valid sample") if item.is_required else "",
    }


def words_table(version: QuestionnaireVersion) -> list[dict[str, Any]]:
    """The words with what each is worth, and whether it is low."""
    return [
        {"label": label_of(one), "points": one.points, "is_low": one.points <= rules.LOW} for one in words_of(version)
    ]


# ---- differences -----------------------------------------------------------------------------------------------------


def differences(old: designs.Design, new: designs.Design, *, whole: bool = False) -> dict[str, Any]:
    """What differs, for the table of differences: groups of rows, scale, words, how many.

    Rows that are the same are left out unless the `whole` is wanted; a factor stays over its questions.
    """
    found = designs.compare(old, new)
    names = {one.code: label_of(one) for one in (*old.factors, *new.factors)}
    return {
        "count": found.count,
        "groups": [
            {
                "factor": _pair(group.factor, names) if group.factor else None,
                "items": [_pair(pair, names) for pair in group.items if whole or pair.fate != "kept"],
            }
            for group in found.groups
            if whole or group.differs
        ],
        "scale": tuple(map(design_words.scale_word, found.scale)) if found.scale else None,
        "words": (_table(old.words), _table(new.words)) if found.words_changed else None,
    }


def _pair(pair: designs.Pair, names: dict[str, str]) -> dict[str, Any]:
    """One factor or item: its name, both weights, its fate, and each aspect that changed as old → new."""
    return {
        "label": label_of(pair.shown),
        "code": pair.shown.code,
        "fate": pair.fate,
        "fate_word": FATES[pair.fate],
        "old_weight": _weight(pair.old),
        "new_weight": _weight(pair.new),
        "step": _step(pair),
        "changes": [
            {"aspect": ASPECTS[aspect], "old": _told(pair.old, aspect, names), "new": _told(pair.new, aspect, names)}
            for aspect in pair.changed
            if aspect != "weight"
        ],
    }


def _weight(row: Any) -> str:
    """A weight as it stands in a cell; – where there is no row or it has none."""
    return design_words.plain(row.weight) if row is not None and row.weight else "–"


def _step(pair: designs.Pair) -> str:
    """By how much a weight changed, with its sign; '' where it did not or one side is missing."""
    if pair.old is None or pair.new is None or pair.old.weight == pair.new.weight:
        return ""
    return formats.signed(pair.new.weight - pair.old.weight, 2)


def _told(row: Any, aspect: str, names: dict[str, str]) -> str:
    """One aspect of a row in words."""
    if aspect == "label":
        return f"{row.label_zh} / {row.label_en}"
    value = getattr(row, aspect)
    if aspect == "factor":
        return names.get(value, "") or _("without weight")
    if aspect == "kind":
        return str(QuestionKind(value).label)
    if aspect == "attribution":
        return str(Attribution(value).label)
    return _("Yes") if value else _("No")


def _table(words: Iterable[rules.Word]) -> str:
    """A table of words on one line."""
    return " · ".join(f"{label_of(one)} {design_words.plain(one.points)}" for one in words or rules.TRADE_WORDS)
