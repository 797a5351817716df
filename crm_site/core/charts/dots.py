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
    """A value that all lines are held against, and its name."""

    value: float
    label: str

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
    labels = [fitting(row.label, longest) for row in rows]
    left = max([text_width(label) for label in labels], default=0) + 14
    right = max([text_width(_figure(row, places)) for row in rows], default=0) + 14
    height = area.height if area else max(len(rows), 2) * _LINE + 48
    canvas = Canvas(theme=theme, narrow=narrow, height=height, margins=Margins(left, right, 22, 26), area=area)
    canvas.axes.set_ylim(max(len(rows), 2) - 0.5, -0.5)
    canvas.axes.set_xlim(*_limits(rows, [one for one in (mean, target) if one is not None], bounds))
    canvas.grid("x")
    for place, row in enumerate(rows):
        _draw(canvas, place, row, places)
    _aims(canvas, mean, mean_label, target, target_label, places)
    canvas.name_ticks("y", range(len(rows)), labels)
    return canvas


def _aims(
    canvas: Canvas, mean: float | None, mean_label: str, target: float | None, target_label: str, places: int
) -> None:
    """Mean and target through all lines; where their names would touch, they move to both sides."""
    found = []
    if mean is not None:
        found.append((Aim(float(mean), mean_label), "accent", (0, (3, 3))))
    if target is not None:
        found.append((Aim(float(target), target_label), "mute", (0, (1, 1.5))))
    start, end = canvas.axes.get_xlim()
    unit = canvas.plot_width / ((end - start) or 1)
    wide = [text_width(aim.words(places)) for aim, _tone, _dash in found]
    is_close = len(found) == 2 and abs(found[0][0].value - found[1][0].value) * unit < sum(wide) / 2 + 8
    lowest = min((aim.value for aim, _tone, _dash in found), default=0)
    for number, (aim, tone, dash) in enumerate(found):
        canvas.axes.axvline(aim.value, color=canvas.colour(tone), linewidth=1.2, linestyle=dash)
        at, place = (aim.value - start) * unit, "center"
        if is_close:
            place = "right" if aim.value == lowest and (number == 0 or found[0][0].value != lowest) else "left"
        at, place = _inside(at, place, wide[number], canvas.plot_width)
        colour = canvas.colour("accent" if tone == "accent" else "ink-2")
        canvas.axes.text(
            at / canvas.plot_width, 1 + 6 / canvas.plot_height, aim.words(places), ha=place, va="bottom", color=colour,
            transform=canvas.axes.transAxes,
        )  # fmt: skip


def _inside(at: float, place: str, wide: float, room: float) -> tuple[float, str]:
    """Where to write so that words of a width end neither left nor right of the plot."""
    if place == "center":
        return min(max(at, wide / 2), max(room - wide / 2, wide / 2)), place
    return (max(at - 2, wide), place) if place == "right" else (min(at + 2, max(room - wide, 0)), place)


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
