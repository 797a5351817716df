"""Charts as SVG bytes for `<img>`: lines over time, bars by group, columns by day, Pareto, dots, shares.

Every function takes `theme` ('light' or 'dark') and `narrow` (a 350-unit picture for phones, not a shrunken wide one),
draws Chinese from the shipped font as outlines, labels directly instead of by a legend box, and gives the same bytes
for the same input. The numbers of a chart always stand beside it in a table.
"""

from crm_site.core.charts.bars import Group, bar_chart
from crm_site.core.charts.canvas import CONTENT_TYPE, THEMES, TONES
from crm_site.core.charts.columns import column_chart
from crm_site.core.charts.dots import Dot, dot_chart
from crm_site.core.charts.lines import Series, line_chart
from crm_site.core.charts.pareto import Bar, pareto_chart
from crm_site.core.charts.stacks import Part, Stack, stacked_chart

__all__ = [
    "CONTENT_TYPE",
    "THEMES",
    "TONES",
    "Bar",
    "Dot",
    "Group",
    "Part",
    "Series",
    "Stack",
    "bar_chart",
    "column_chart",
    "dot_chart",
    "line_chart",
    "pareto_chart",
    "stacked_chart",
]
