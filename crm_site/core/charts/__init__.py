"""Charts as SVG bytes for `<img>`: lines, bars, columns, Pareto, dots, shares, scores, four fields.

Every function takes `theme` ('light' or 'dark') and `narrow` (a 350-unit picture for phones, not a shrunken wide one),
draws Chinese from the shipped font as outlines, labels directly instead of by a legend box, and gives the same bytes
for the same input. Nothing is told by colour alone, and the numbers of a chart always stand beside it in a table.
The `draw_…` functions draw the same into an area of a printed page, see `paper`.
"""

from crm_site.core.charts.bars import Group, bar_chart
from crm_site.core.charts.canvas import CONTENT_TYPE, THEMES, TONES, Area
from crm_site.core.charts.columns import column_chart
from crm_site.core.charts.dots import Dot, dot_chart, draw_dots
from crm_site.core.charts.lines import Event, Notes, Series, draw_lines, line_chart
from crm_site.core.charts.pareto import Bar, pareto_chart
from crm_site.core.charts.quadrants import Fields, Point, draw_quadrants, quadrant_chart
from crm_site.core.charts.scores import draw_scores, score_chart
from crm_site.core.charts.stacks import Part, Stack, stacked_chart

__all__ = [
    "CONTENT_TYPE",
    "THEMES",
    "TONES",
    "Area",
    "Bar",
    "Dot",
    "Event",
    "Fields",
    "Group",
    "Notes",
    "Part",
    "Point",
    "Series",
    "Stack",
    "bar_chart",
    "column_chart",
    "dot_chart",
    "draw_dots",
    "draw_lines",
    "draw_quadrants",
    "draw_scores",
    "line_chart",
    "pareto_chart",
    "quadrant_chart",
    "score_chart",
    "stacked_chart",
]
