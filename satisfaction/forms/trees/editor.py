"""The editor of a draft as one form: read from a version, read from a browser, and back into a design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm_site.core.errors import RuleBroken
from satisfaction import design_words, rules
from satisfaction.forms.trees.rows import LAST_PLACE, FactorRow, Factors, ItemRow, Items, WordRow, Words
from satisfaction.models import QuestionnaireVersion
from satisfaction.queries.designs import design_of
from satisfaction.queries.trees import words_of
from satisfaction.rules import designs

#: the field of a row that a problem is about
FIELDS = {
    "code": "code", "code_twice": "code", "label": "label_zh", "weight": "weight", "factor": "factor", "kind": "kind",
    "extra_weight": "weight", "kind_twice": "kind",
}  # fmt: skip


class VersionForm(forms.Form):
    """What holds for the whole tree, and how many edits the draft had when it was opened."""

    scale = forms.ChoiceField(
        label=_("Scale of the scored items"), choices=QuestionnaireVersion.Scale.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("Why this version"), max_length=designs.LONGEST_NOTE, required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
    )  # fmt: skip
    edits = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class Editor:
    """The form of a draft: the version, its factors, its questions, its words; without data it shows the draft."""

    def __init__(self, version: QuestionnaireVersion, data: Any = None) -> None:
        self.version = version
        design = design_of(version)
        shown = {"scale": version.scale, "note": version.note, "edits": version.edits}
        self.form = VersionForm(data, initial=shown)
        self.factors = Factors(data, prefix="factors", initial=None if data else _factors(design))
        self.items = Items(data, prefix="items", initial=None if data else _items(design))
        self.words = Words(data, prefix="words", initial=None if data else _words(version))
        self._offer_factors()

    def _offer_factors(self) -> None:
        """Each question may belong to any factor of the page, the empty one at its end included."""
        choices = [(str(index), _name_of(form)) for index, form in enumerate(self.factors.forms)]
        for form in self.items.forms:
            cast(forms.ChoiceField, form.fields["factor"]).choices = [*choices, ("", _("Without weight"))]

    # ---- reading -----------------------------------------------------------------------------------------------------

    def is_valid(self) -> bool:
        """Whether it can be kept; says at every field what is wrong."""
        parts = (self.form, self.factors, self.items, self.words)
        wrong = [part for part in parts if not part.is_valid()]  # each says what is wrong, not only the first
        rows: dict[str, Sequence[forms.Form]] = {
            "factors": [row for _index, row in self._factor_rows()],
            "items": [row for _index, row in self._item_rows()],
        }
        problems = designs.problems(self.design())
        for problem in problems:
            self._tell(problem, rows)
        return not wrong and not problems

    def design(self) -> designs.Design:
        """The tree as it is typed; rows that cannot be read yet count with what could be read of them."""
        factors, items = self._factor_rows(), self._item_rows()
        codes = self._codes(factors, "factors")
        item_codes = self._codes(items, "items")
        by_row = {str(index): code for (index, _row), code in zip(factors, codes, strict=True)}
        return designs.Design(
            factors=tuple(
                designs.FactorDesign(code, row.weighs, _said(row, "label_zh"), _said(row, "label_en"))
                for (_index, row), code in zip(factors, codes, strict=True)
            ),
            items=tuple(
                designs.ItemDesign(
                    code, _said(row, "kind"), row.weighs, by_row.get(_said(row, "factor"), ""),
                    _said(row, "attribution"), bool(row.said.get("is_required")), _said(row, "label_zh"),
                    _said(row, "label_en"),
                )
                for (_index, row), code in zip(items, item_codes, strict=True)
            ),
            scale=_said_of(self.form, "scale") or self.version.scale,
            words=self._table(),
        )  # fmt: skip

    @property
    def note(self) -> str:
        return _said_of(self.form, "note")

    @property
    def shown(self) -> int:
        """How many edits the draft had when the editor was opened."""
        return self.form.cleaned_data["edits"]

    def _factor_rows(self) -> list[tuple[int, FactorRow]]:
        rows = [(index, form) for index, form in enumerate(self.factors.forms) if form.is_row]
        return sorted(rows, key=_place)

    def _item_rows(self) -> list[tuple[int, ItemRow]]:
        """The questions in the order of their factors, those without weight last; with a factor go its questions."""
        ranks = {str(index): rank for rank, (index, _row) in enumerate(self._factor_rows())}
        ranks[""] = len(ranks)
        rows = [
            (index, form)
            for index, form in enumerate(self.items.forms)
            if form.is_row and _said(form, "factor") in ranks
        ]
        return sorted(rows, key=lambda one: (ranks[_said(one[1], "factor")], *_place(one)))

    def _codes(self, rows: Sequence[tuple[int, FactorRow | ItemRow]], name: str) -> list[str]:
        """The code of each row; who types none gets one made from the English name."""
        taken = {_said(row, "code") for _index, row in rows}
        codes = []
        for _index, row in rows:
            code = _said(row, "code") or designs.code_from(_said(row, "label_en"), taken, name)
            taken.add(code)
            codes.append(code)
        return codes

    def _table(self) -> tuple[rules.Word, ...]:
        """The words as typed, worth falling from row to row; () where they are the trade's."""
        rows = [form for form in self.words.forms if form.is_row]
        table = tuple(
            rules.Word(
                len(rows) - place, row.cleaned_data.get("points") or rules.ZERO,
                row.cleaned_data.get("label_zh", ""), row.cleaned_data.get("label_en", ""),
            )
            for place, row in enumerate(rows)
        )  # fmt: skip
        return () if table == rules.TRADE_WORDS else table

    # ---- telling -----------------------------------------------------------------------------------------------------

    def refuse(self, refused: RuleBroken) -> None:
        """Show what an action refused over the form."""
        self.form.add_error(None, refused.message)

    def take_over(self, edits: int) -> None:
        """After the refusal of a stale draft: the next save is meant, having seen what the other one changed."""
        self.form.data = {**self.form.data, "edits": str(edits)}

    def _tell(self, problem: designs.Problem, rows: Mapping[str, Sequence[forms.Form]]) -> None:
        """Put a problem where it belongs: at its row, at the words, or over the form."""
        text = str(design_words.WORDS[problem.code])
        if not problem.rows:
            self.form.add_error(None, text)
            return
        form, field = rows[problem.rows][problem.index], FIELDS[problem.code]
        if field not in form.errors:
            form.add_error(field, text)

    # ---- showing -----------------------------------------------------------------------------------------------------

    def groups(self) -> list[dict[str, Any]]:
        """Every factor row with the question rows that stand in it, then those without weight (factor None)."""
        rows = sorted(enumerate(self.items.forms), key=lambda one: _typed_place(*one))
        placed = [(str(form["factor"].value() or ""), form) for _index, form in rows]
        groups = [
            {"index": str(index), "factor": form, "items": [row for place, row in placed if place == str(index)]}
            for index, form in enumerate(self.factors.forms)
        ]
        known = {group["index"] for group in groups}
        extras = [row for place, row in placed if place not in known]
        return [*groups, {"index": "", "factor": None, "items": extras}]


# ---- what a draft shows ----------------------------------------------------------------------------------------------


def _factors(design: designs.Design) -> list[dict[str, Any]]:
    """The factors, and an empty one for another."""
    rows = [
        {"place": place, "code": one.code, "label_zh": one.label_zh, "label_en": one.label_en,
         "weight": design_words.plain(one.weight)}
        for place, one in enumerate(design.factors, start=1)
    ]  # fmt: skip
    return [*rows, {}]


def _items(design: designs.Design) -> list[dict[str, Any]]:
    """The questions of each factor with an empty one for another; so too of the empty factor, and without weight."""
    groups = [(str(index), design.within(factor.code)) for index, factor in enumerate(design.factors)]
    groups += [(str(len(design.factors)), []), ("", design.within(""))]
    return [
        {"factor": index, **shown}
        for index, items in groups
        for shown in [*(_item(place, one) for place, one in enumerate(items, start=1)), _spare(index)]
    ]


def _item(place: int, one: designs.ItemDesign) -> dict[str, Any]:
    return {
        "place": place, "code": one.code, "label_zh": one.label_zh, "label_en": one.label_en, "kind": one.kind,
        "weight": design_words.plain(one.weight) if one.factor else "", "attribution": one.attribution,
        "is_required": one.is_required,
    }  # fmt: skip


def _spare(index: str) -> dict[str, Any]:
    """An empty row for one more question; without weight one seldom asks for a mark."""
    return {"kind": "score" if index else "execution", "attribution": "none"}


def _words(version: QuestionnaireVersion) -> list[dict[str, Any]]:
    """The words with their worth, and empty rows up to the most."""
    rows: list[dict[str, Any]] = [
        {"label_zh": one.label_zh, "label_en": one.label_en, "points": design_words.plain(one.points)}
        for one in words_of(version)
    ]
    return rows + [{} for _row in range(rules.MOST_WORDS - len(rows))]


def _place(row: tuple[int, FactorRow | ItemRow]) -> tuple[int, int]:
    """The order of rows; of two at one place the later was moved up to it (or the earlier down), so it goes first."""
    index, form = row
    return (form.order, -index) if form.order < LAST_PLACE else (form.order, index)


def _typed_place(index: int, form: ItemRow) -> tuple[int, int]:
    """The same for a row that is only shown: what stands in its place, be it right or wrong; empty rows come last."""
    typed = str(form["place"].value() or "")
    place = int(typed) if typed.isdecimal() and len(typed) < 4 else LAST_PLACE
    return (place, -index) if place < LAST_PLACE else (place, index)


def _name_of(form: FactorRow) -> Any:
    """What a factor is called in the choice of factors, in the active language."""
    zh, en = form["label_zh"].value(), form["label_en"].value()
    first, second = (en, zh) if (get_language() or "").startswith("en") else (zh, en)
    return first or second or _("New factor")


def _said(form: FactorRow | ItemRow | WordRow, name: str) -> str:
    return _said_of(form, name)


def _said_of(form: forms.Form, name: str) -> str:
    """A text that could be read, '' otherwise."""
    said: Mapping[str, Any] = getattr(form, "cleaned_data", {})
    return str(said.get(name) or "").strip()
