"""Dots with whiskers on one common axis: a score with its interval by employee, model or store, beside the mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from crm_site.core.charts.canvas import Area, Canvas, Margins, fitting, text_width

_LINE = 26
#: how somebody stands to the mean -> mark of the dot: told by its shape as well
SHAPES = {"": "o", "same": "o", "above": "^", "below": "v", "few": "s"}
_OPEN = {"few"}


@dataclass(frozen=True)
class Dot:
    """One line: a value with its interval; `note` stands at the right ('n = 42'). None draws the note alone.

    `stands` says how it compares with the mean: above, below, same or few (see SHAPES).
    """

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""
    tone: str = ""
    stands: str = ""


@dataclass(frozen=True)
class Aim:
    """A value that all lines are held against, its name and its tone."""

    value: float
    label: str
    tone: str

    def words(self, places: int) -> str:
        """Name and value."""
        return f"{self.label} {self.value:.{places}f}".strip()


def dot_chart(rows: Sequence[Dot], **look: Any) -> bytes:
    """SVG of one line a row, in the order given; takes what `draw_dots` takes, but no area."""
    return draw_dots(rows, **look).svg()


def draw_dots(
    rows: Sequence[Dot],
    *,
    theme: str = "light",
    narrow: bool = False,
    mean: float | None = None,
    mean_label: str = "",
    target: float | None = None,
    target_label: str = "",
    bounds: tuple[float, float] = (0, 100),
    places: int = 1,
    area: Area | None = None,
) -> Canvas:
    """Draw one line a row; the mean is dashed, the target dotted through all lines, both are named on top."""
    longest = (area.width * 0.28 if area else 110 if narrow else 260) - 14
    found = ((mean, mean_label, "accent"), (target, target_label, "mute"))
    aims = [Aim(float(value), name, tone) for value, name, tone in found if value is not None]
    labels = [fitting(row.label, longest) for row in rows]
    left = max([text_width(label) for label in labels], default=0) + 14
    right = max([text_width(_figure(row, places)) for row in rows], default=0) + 14
    top = 22 + 16 * (len(aims) > 1)
    height = area.height if area else max(len(rows), 2) * _LINE + top + 26
    canvas = Canvas(theme=theme, narrow=narrow, height=height, margins=Margins(left, right, top, 26), area=area)
    canvas.axes.set_ylim(max(len(rows), 2) - 0.5, -0.5)
    canvas.axes.set_xlim(*_limits(rows, [aim.value for aim in aims], bounds))
    canvas.grid("x")
    for place, row in enumerate(rows):
        _draw(canvas, place, row, places)
    _aims(canvas, aims, places)
    canvas.name_ticks("y", range(len(rows)), labels)
    return canvas


def _aims(canvas: Canvas, aims: Sequence[Aim], places: int) -> None:
    """Each through all lines, its name above them; the second name stands above the first where they would touch."""
    start, end = canvas.axes.get_xlim()
    unit = canvas.plot_width / ((end - start) or 1)
    taken: tuple[float, float] | None = None
    for aim in aims:
        is_mean = aim.tone == "accent"
        dash = (0, (3, 3)) if is_mean else (0, (1, 2.5))
        canvas.axes.axvline(aim.value, color=canvas.colour(aim.tone), linewidth=1.3, linestyle=dash)
        wide = text_width(aim.words(places))
        middle = min(max((aim.value - start) * unit, wide / 2), max(canvas.plot_width - wide / 2, wide / 2))
        is_raised = taken is not None and abs(middle - taken[0]) < (wide + taken[1]) / 2 + 8
        canvas.axes.text(
            middle / canvas.plot_width, 1 + (22 if is_raised else 6) / canvas.plot_height, aim.words(places),
            ha="center", va="bottom", color=canvas.colour("accent" if is_mean else "ink-2"),
            transform=canvas.axes.transAxes,
        )  # fmt: skip
        taken = (middle, wide)


def _draw(canvas: Canvas, place: int, row: Dot, places: int) -> None:
    """Whisker, dot and figure of one line."""
    if row.value is not None:
        if row.low is not None and row.high is not None:
            ends = [float(row.low), float(row.high)]
            canvas.axes.plot(ends, [place, place], color=canvas.colour("mute"), linewidth=2)
            canvas.axes.plot(ends, [place, place], "|", color=canvas.colour("mute"), markersize=7, markeredgewidth=1.5)
        colour = canvas.colour(row.tone or "ink")
        is_open = row.stands in _OPEN
        canvas.axes.plot(
            [float(row.value)], [place], SHAPES[row.stands], markersize=7.5, markeredgecolor=colour,
            markerfacecolor=canvas.colour("surface") if is_open else colour, markeredgewidth=1.3 if is_open else 0,
        )  # fmt: skip
    canvas.axes.text(
        1 + 8 / canvas.plot_width, place, _figure(row, places), va="center", color=canvas.colour("ink-2"),
        transform=canvas.axes.get_yaxis_transform(),
    )  # fmt: skip


def _figure(row: Dot, places: int) -> str:
    shown = "–" if row.value is None else f"{row.value:.{places}f}"
    return f"{shown}  {row.note}".strip()


def _limits(rows: Sequence[Dot], aims: Sequence[float], bounds: tuple[float, float]) -> tuple[float, float]:
    """Round numbers around every whisker and what they are held against."""
    shown = [float(one) for row in rows for one in (row.value, row.low, row.high) if one is not None]
    shown += [float(one) for one in aims]
    if not shown:
        return bounds
    low, high = floor((min(shown) - 1) / 5) * 5, ceil((max(shown) + 1) / 5) * 5
    return max(low, bounds[0]), min(high, bounds[1])
