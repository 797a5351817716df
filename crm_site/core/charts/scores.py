"""Scores as lying bars from 0 to 100: factors with their intervals, banded by sign as well as by colour."""

from collections.abc import Sequence
from typing import Any

from crm_site.core.charts.canvas import Area, Canvas, Margins, fitting, text_width
from crm_site.core.charts.dots import Dot

_LINE = 30
#: from here on a score is good, from there on fair; below that it carries a sign
GOOD, FAIR = 90.0, 80.0
LOW_SIGN = "▼"


def score_chart(rows: Sequence[Dot], **look: Any) -> bytes:
    """SVG of one bar a row, in the order given; takes what `draw_scores` takes, but no area."""
    return draw_scores(rows, **look).svg()


def draw_scores(
    rows: Sequence[Dot],
    *,
    theme: str = "light",
    narrow: bool = False,
    target: float | None = None,
    target_label: str = "",
    places: int = 1,
    area: Area | None = None,
) -> Canvas:
    """Draw bars on a whole scale with the interval over their end; a score below 80 carries ▼, the target is dashed."""
    longest = (area.width * 0.3 if area else 110 if narrow else 260) - 14
    labels = [fitting(row.label, longest) for row in rows]
    left = max([text_width(label) for label in labels], default=0) + 14
    right = max([text_width(_figure(row, places)) for row in rows], default=0) + 14
    height = area.height if area else max(len(rows), 2) * _LINE + 48
    canvas = Canvas(theme=theme, narrow=narrow, height=height, margins=Margins(left, right, 22, 26), area=area)
    canvas.axes.set_ylim(max(len(rows), 2) - 0.5, -0.5)
    canvas.axes.set_xlim(0, 100)
    canvas.axes.set_xticks([0, 20, 40, 60, 80, 100])
    canvas.grid("x")
    for place, row in enumerate(rows):
        _draw(canvas, place, row, places)
    if target is not None:
        canvas.axes.axvline(float(target), color=canvas.colour("ink-3"), linewidth=1.2, linestyle=(0, (4, 3)))
        words = f"{target_label} {target:g}".strip()
        canvas.write(float(target), -0.5, words, ha="right" if target > 60 else "center", va="bottom")
    canvas.name_ticks("y", range(len(rows)), labels)
    return canvas


def _draw(canvas: Canvas, place: int, row: Dot, places: int) -> None:
    """Bar, whisker and figure of one line."""
    if row.value is not None:
        tone = row.tone or ("ok" if row.value >= GOOD else "warn" if row.value >= FAIR else "bad")
        canvas.axes.barh([place], [float(row.value)], height=0.56, color=canvas.colour(tone), linewidth=0)
        if row.low is not None and row.high is not None:
            ends = [float(row.low), float(row.high)]
            for colour, width in (("surface", 4.5), ("ink", 1.8)):  # a light rim, so that it shows on the bar
                canvas.axes.plot(ends, [place, place], color=canvas.colour(colour), linewidth=width)
            canvas.axes.plot(ends, [place, place], "|", color=canvas.colour("ink"), markersize=8, markeredgewidth=1.8)
    canvas.axes.text(
        1 + 8 / canvas.plot_width, place, _figure(row, places), va="center", color=canvas.colour("ink-2"),
        transform=canvas.axes.get_yaxis_transform(),
    )  # fmt: skip


def _figure(row: Dot, places: int) -> str:
    if row.value is None:
        return f"–  {row.note}".strip()
    sign = f"{LOW_SIGN} " if row.value < FAIR else ""
    return f"{sign}{row.value:.{places}f}  {row.note}".strip()
