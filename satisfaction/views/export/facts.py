"""What a dashboard says, read once for a workbook or a printed page: by the same readers as the page itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from crm_site.accounts.models import Store
from crm_site.core import clock, formats
from satisfaction import queries, rules
from satisfaction.models import Dimension, ImprovementMeasure
from satisfaction.queries.targets import Book, targets_of
from satisfaction.views import board
from satisfaction.views.charts.compared import Compared, compared_of
from satisfaction.views.charts.factors import Factors, factors_of
from satisfaction.views.charts.fields import Quadrants, quadrants_of
from satisfaction.views.charts.trend import Trend, trend_of
from satisfaction.views.coverage import panels_of
from satisfaction.views.filters import department_words
from satisfaction.views.lens import Lens
from satisfaction.views.members import DIMENSIONS, dimensions_of
from satisfaction.views.waiting import is_too_much


@dataclass(frozen=True)
class ItemLine:
    """One item: its factor, weight, mean now and in the period before, target, and how many low answers."""

    factor: str
    code: str
    label: str
    weight: Decimal
    now: rules.Mean
    before: rules.Mean
    target: Decimal | None
    low: int


@dataclass(frozen=True)
class Extra:
    """A figure of unweighted answers: NPS, very satisfied, loyalty, execution."""

    code: str
    label: str
    value: rules.Mean | rules.Rate
    target: Decimal | None


@dataclass(frozen=True)
class Facts:
    """Everything that one view of satisfaction shows; no customer's name is in it."""

    lens: Lens
    #: (what, in words): stores, period, filters, versions, who, when
    about: list[tuple[str, str]]
    head: rules.Mean
    before: rules.Mean
    target: Decimal | None
    extras: list[Extra]
    trend: Trend
    factors: Factors
    items: list[ItemLine]
    fields: Quadrants
    #: dimension -> its groups
    groups: dict[str, list[Compared]]
    #: the steps or parts of coverage as the page shows them: {word, count, share}
    coverage: list[dict[str, Any]]
    low: int
    alerts: list[str]
    open_measures: int
    made_at: datetime

    @property
    def title(self) -> str:
        """What the view is about."""
        return f"{self.lens.title} {self.lens.period}"

    @property
    def narrowed(self) -> list[str]:
        """What narrows the view besides stores and months, in words."""
        return _narrowed(self.lens)

    @property
    def rows(self) -> int:
        """How many lines of figures it has."""
        members = sum(len(one.group.members) for groups in self.groups.values() for one in groups)
        return len(self.trend.months) + len(self.factors.lines) + len(self.items) + members


def facts_of(request: HttpRequest, lens: Lens, *, by: str, now: datetime) -> Facts:
    """Read a view; `by` is the name of who takes it away."""
    book = targets_of(lens.scope)
    items, tree = board.items_of(lens), queries.tree_of(lens.scope)
    falls = board.alerts(lens, tree, board.factors_of(lens), items)
    parted = [one for one in dimensions_of(lens) if not is_too_much(lens, one)]
    return Facts(
        lens=lens,
        about=_about(lens, by, now) + _left_out(lens, parted),
        head=board.mean_of(lens),
        before=queries.by_member(lens.before, Dimension.WHOLE).get("", board.NOTHING),
        target=board.target_of(lens, book),
        extras=_extras(lens, book),
        trend=trend_of(lens),
        factors=factors_of(lens),
        items=_items(lens, tree, items, book),
        fields=quadrants_of(lens.without("factor", "question")),
        groups={one: compared_of(lens, one, part=lens.scope.get("part", "")) for one in parted},
        coverage=_coverage(request, lens),
        low=queries.LOW.of(lens.scope),
        alerts=[f"{one['label']} ({one['note']})" for one in falls],
        open_measures=_open_measures(request, lens),
        made_at=now,
    )


def _open_measures(request: HttpRequest, lens: Lens) -> int:
    measures = ImprovementMeasure.objects.visible_to(request.user)
    return measures.filter(store_id__in=lens.scope.stores).open().count()


def _items(lens: Lens, tree: list[queries.TreeLine], items: board.Pair, book: Book) -> list[ItemLine]:
    """The items that were asked, in the tree's order."""
    low = queries.low_items(lens.scope)
    return [
        ItemLine(
            line.label, code, question.label, Decimal(question.weight), *items.of(code),
            book.value(f"question:{code}"), low.get(code, 0),
        )
        for line in tree
        for code, question in line.items.items()
        if code in items.now
    ]  # fmt: skip


def _extras(lens: Lens, book: Book) -> list[Extra]:
    """The figures of whole responses; none for a department or a person."""
    if not lens.is_whole:
        return []
    return [
        Extra(code, str(queries.FIGURES[code].label), found, book.value(code))
        for code, found in queries.extras(lens.scope).items()
        if found.n
    ]


def _coverage(request: HttpRequest, lens: Lens) -> list[dict[str, Any]]:
    """The rows of the panels that higher rooms show beside the score, as far as they are counts of a whole."""
    found = [row for panel in panels_of(request, lens) for row in panel.context.get("rows", [])]
    return [row for row in found if {"word", "count", "share"} <= row.keys()]


# ---- the scope in words ---------------------------------------------------------------------------------------------


def _about(lens: Lens, by: str, now: datetime) -> list[tuple[str, str]]:
    """What was asked for, and by whom and when."""
    names = Store.objects.filter(pk__in=lens.scope.stores).values_list("name", flat=True)
    first, last = lens.scope.start, lens.scope.last
    period = f"{lens.period} ({first:%Y-%m-%d} – {last:%Y-%m-%d})"
    if lens.is_running:
        period += f" · {_('provisional: new calls may still move it')}"
    basis = _("by month of delivery or hand-back") if lens.basis else _("by month of the call")
    return [
        (_("Stores"), _(", ").join(names)),
        (_("Period"), f"{period} · {basis}"),
        (_("Judged"), str(lens.title)),
        (_("Filters"), _(", ").join(_narrowed(lens)) or _("none")),
        (_("Questionnaires"), _(", ").join(_versions(lens)) or formats.EMPTY),
        (_("Made by"), by),
        (_("Made at"), clock.local(now).strftime("%Y-%m-%d %H:%M")),
    ]


def _left_out(lens: Lens, parted: list[str]) -> list[tuple[str, str]]:
    """Which comparisons are not in it, and why."""
    names = [str(DIMENSIONS[one]) for one in dimensions_of(lens) if one not in parted]
    if not names:
        return []
    text = _("%(names)s: too many answers for this combination of filters; take a filter away, or fewer months")
    return [(_("Comparisons left out"), text % {"names": _(", ").join(names)})]


def _narrowed(lens: Lens) -> list[str]:
    """What narrows the view besides stores and months, in words."""
    return [*department_words(lens), *(words for name, words in lens.words.items() if name != "store")]


def _versions(lens: Lens) -> list[str]:
    """The versions that the responses were asked with."""
    rows = queries.scored(lens.scope).order_by("version__questionnaire__code", "version__number")
    found = rows.values_list("version__questionnaire__code", "version__number").distinct()
    return [_("%(code)s version %(number)s") % {"code": code, "number": number} for code, number in found]
