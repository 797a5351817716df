"""The factors of a period as bars on the whole scale, with their intervals and weights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from crm_site.core import formats
from crm_site.core.charts import Area, Dot, draw_scores
from crm_site.core.charts.canvas import Canvas
from satisfaction import queries, rules
from satisfaction.queries.targets import targets_of
from satisfaction.views import board
from satisfaction.views.charts.trend import as_float
from satisfaction.views.lens import Lens


@dataclass(frozen=True)
class FactorLine:
    """One factor: its weight in the newest version, its mean now and in the period before."""

    code: str
    label: str
    weight: Decimal
    now: rules.Mean
    before: rules.Mean
    target: Decimal | None


@dataclass(frozen=True)
class Factors:
    """The factors of a period in the tree's order."""

    lines: list[FactorLine]
    target: Decimal | None

    @property
    def shown(self) -> tuple[Any, ...]:
        """What decides how the picture looks."""
        return self._rows(), self.target, _("Target")

    def _rows(self) -> list[Dot]:
        return [
            Dot(
                f"{line.label} {formats.number(line.weight)}",
                as_float(line.now.shown),
                low=as_float(line.now.low if line.now.is_enough else None),
                high=as_float(line.now.high if line.now.is_enough else None),
                note=f"n = {line.now.n:,}{'*' if line.now.is_few else ''}",
            )
            for line in self.lines
        ]

    def draw(self, *, theme: str = "light", narrow: bool = False, area: Area | None = None) -> Canvas:
        """The picture."""
        target = as_float(self.target)
        return draw_scores(self._rows(), theme=theme, narrow=narrow, target=target, target_label=_("Target"), area=area)

    @property
    def alt(self) -> str:
        """What the picture says, in a sentence with the numbers that matter."""
        return factor_words((line.label, line.now) for line in self.lines)


def factor_words(means: Iterable[tuple[str, rules.Mean]]) -> str:
    """The factors with their scores in a sentence."""
    said = [f"{label} {formats.score(mean.shown)}" for label, mean in means if mean.n]
    if not said:
        return _("Factors: no responses.")
    return _("Factors of the period: %(list)s.") % {"list": _(", ").join(said)}


def factors_of(lens: Lens) -> Factors:
    """The factors of the months looked at, and of the months before them; only those that were asked."""
    found, book = board.factors_of(lens), targets_of(lens.scope)
    lines = [
        FactorLine(line.code, line.label, Decimal(line.weight), *found.of(line.code), book.value(f"factor:{line.code}"))
        for line in queries.tree_of(lens.scope)
        if line.code in found.now
    ]
    return Factors(lines, board.target_of(lens, book))
