"""The items in four fields: importance across, performance up; the fields and points are those of the page of items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from crm_site.core.charts import Area, Fields, Point, draw_quadrants
from crm_site.core.charts.canvas import Canvas
from satisfaction.rules import quadrant as rules
from satisfaction.views.lens import Lens
from satisfaction.views.quadrant import FIELD_WORDS, quadrant_of, said


@dataclass(frozen=True)
class Quadrants:
    """The page's quadrant as a picture; None where too few items have enough answers."""

    found: rules.Quadrant | None

    @property
    def shown(self) -> tuple[Any, ...]:
        """What decides how the picture looks."""
        return self._points(), self._fields()

    def _points(self) -> list[Point]:
        rows = self.found.points if self.found else ()
        return [Point(one.label, float(one.importance), float(one.mean)) for one in rows]

    @property
    def axis(self) -> str:
        """How importance was found, as the axis says it."""
        by_weight = self.found is None or self.found.method == rules.WEIGHT
        return _("Importance (weight)") if by_weight else _("Importance (correlation with the overall answer)")

    def _fields(self) -> Fields:
        names = {field: str(words[0]) for field, words in FIELD_WORDS.items()}
        return Fields(
            float(self.found.importance) if self.found else 0,
            float(self.found.mean) if self.found else 0,
            lower_left=names[rules.LATER],
            lower_right=names[rules.FIRST],
            upper_left=names[rules.HOLD],
            upper_right=names[rules.STRENGTH],
            across_label=self.axis,
            up_label=_("Score"),
        )

    def draw(self, *, theme: str = "light", narrow: bool = False, area: Area | None = None) -> Canvas:
        """The picture."""
        return draw_quadrants(self._points(), self._fields(), theme=theme, narrow=narrow, area=area)

    @property
    def alt(self) -> str:
        """What the picture says: what to improve first, and what is strong, with their scores."""
        return said(self.found)


def quadrants_of(lens: Lens) -> Quadrants:
    """The quadrant of the period."""
    return Quadrants(quadrant_of(lens))
