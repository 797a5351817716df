"""Lines over time: a score by month with its interval, outside figures beside it, targets dashed, events marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from crm_site.core.charts.canvas import DASHES, MARKS, TONES, Area, Canvas, Margins, fitting, text_width

Values = Sequence[float | None]
#: the mark of a figure that takes in the months before it, and that of an outside figure
ROLLING, OUTSIDE = "^", "D"
_GAP = float("nan")


@dataclass(frozen=True)
class Series:
    """One line: values by label (None is a gap), an optional interval, and which points are provisional (hollow).

    `rolling` points stand for more than their own month: an open triangle, joined to nothing. `points` draws diamonds
    without a line and `outside` joins them by a thin dotted one across gaps: figures that somebody else measured, now
    and then. Two series of a chart never share mark and dash.
    """

    label: str
    values: Values
    low: Values | None = None
    high: Values | None = None
    tone: str = ""
    points: bool = False
    hollow: frozenset[int] = frozenset()
    rolling: frozenset[int] = frozenset()
    outside: bool = False


@dataclass(frozen=True)
class Event:
    """Something that happened between or at the labels: a place on the axis, such as 3.5, and its words."""

    place: float
    label: str


@dataclass(frozen=True)
class Notes:
    """What the special marks are called, above the plot: only those that occur are named."""

    hollow: str = ""
    rolling: str = ""


def line_chart(labels: Sequence[str], series: Sequence[Series], **look: Any) -> bytes:
    """SVG of series over labels (months); takes what `draw_lines` takes, but no area."""
    return draw_lines(labels, series, **look).svg()


def draw_lines(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    theme: str = "light",
    narrow: bool = False,
    target: float | None = None,
    target_label: str = "",
    bounds: tuple[float, float] = (0, 100),
    places: int = 1,
    events: Sequence[Event] = (),
    notes: Notes | None = None,
    area: Area | None = None,
) -> Canvas:
    """Draw series over labels; each is named with its last value at the right end, as far as there is room.

    The y axis covers the values and the target with some air, within `bounds`; it does not begin at zero by itself.
    """
    longest = (area.width if area else 350 if narrow else 1217) * (0.36 if narrow else 0.24)
    ends = [fitting(_end_label(one, places), longest) for one in series]
    aim = fitting(_target_words(target, target_label), longest)
    key = _key(series, notes or Notes())
    top = 12 + 20 * bool(key) + 18 * bool(events)
    margins = Margins(36, max(map(text_width, [*ends, aim]), default=0) + 16, top, 26)
    height = area.height if area else (312 if narrow else 252) + top - 12
    canvas = Canvas(theme=theme, narrow=narrow, height=height, margins=margins, area=area)
    canvas.axes.set_ylim(*_limits(series, target, bounds))
    canvas.axes.set_xlim(-0.4, max(len(labels) - 0.6, 0.6))
    canvas.grid("y")
    _month_ticks(canvas, labels)
    names = _target(canvas, target, aim)
    for number, (one, words) in enumerate(zip(series, ends, strict=True)):
        _draw(canvas, one, number)
        last = _last_value(one.values)
        if last is not None:
            names.append((last, words, canvas.colour(_tone(one, number))))
    _events(canvas, events)
    _write_key(canvas, key, top)
    canvas.write_right(names)
    return canvas


# ---- one series -----------------------------------------------------------------------------------------------------


def _tone(one: Series, number: int) -> str:
    return one.tone or TONES[number % len(TONES)]


def _draw(canvas: Canvas, one: Series, number: int) -> None:
    """Band, line and marks of one series."""
    tone = _tone(one, number)
    _band(canvas, one, tone)
    if one.outside:
        there = [place for place, value in enumerate(one.values) if value is not None]
        found = [one.values[place] for place in there]
        canvas.axes.plot(there, found, color=canvas.colour(tone), linewidth=1.2, linestyle=(0, (1, 2)))
    elif not one.points:
        _line(canvas, one, tone, number)
    _marks(canvas, one, tone, number)


def _band(canvas: Canvas, one: Series, tone: str) -> None:
    """The interval: a soft ground with hairlines at its ends, so that it shows in print too."""
    if one.low is None or one.high is None:
        return
    low, high = (_numbers(side) for side in (one.low, one.high))
    places = range(len(one.values))
    canvas.axes.fill_between(places, low, high, color=canvas.colour(f"{tone}-soft"), linewidth=0)
    edge = canvas.colour("accent-line" if tone == "accent" else "line-strong")
    for side in (low, high):
        canvas.axes.plot(places, side, color=edge, linewidth=0.7)
    for place, (one_low, one_high) in enumerate(zip(low, high, strict=True)):
        canvas.axes.plot([place, place], [one_low, one_high], color=edge, linewidth=1)


def _line(canvas: Canvas, one: Series, tone: str, number: int) -> None:
    """The line; its last piece is dotted where the last point is provisional, and rolling points stand alone."""
    colour, last = canvas.colour(tone), _last(one.values)
    values = _numbers([None if place in one.rolling else value for place, value in enumerate(one.values)])
    places = range(len(values))
    solid = [_GAP if place in one.hollow and place == last else value for place, value in enumerate(values)]
    canvas.axes.plot(places, solid, color=colour, linewidth=2, linestyle=DASHES[number % len(DASHES)])
    if last in one.hollow and last:
        piece = [last - 1, last], values[last - 1 : last + 1]
        canvas.axes.plot(*piece, color=colour, linewidth=2, linestyle=(0, (2, 2)))


def _marks(canvas: Canvas, one: Series, tone: str, number: int) -> None:
    """A mark for each value: filled, hollow while provisional, an open triangle where it is rolling."""
    colour = canvas.colour(tone)
    for place, value in enumerate(one.values):
        if value is None:
            continue
        is_open = place in one.hollow or place in one.rolling
        shape = OUTSIDE if one.points or one.outside else MARKS[number % len(MARKS)]
        canvas.axes.plot(
            [place],
            [float(value)],
            ROLLING if place in one.rolling else shape,
            markersize=6 if one.points or one.outside or is_open else 5,
            markerfacecolor=canvas.colour("surface") if is_open else colour,
            markeredgecolor=colour,
            markeredgewidth=1.5 if is_open else 0,
        )


def _numbers(values: Values) -> list[float]:
    return [_GAP if value is None else float(value) for value in values]


# ---- words, target, events ------------------------------------------------------------------------------------------


def _key(series: Sequence[Series], notes: Notes) -> list[tuple[str, str]]:
    """(mark, words) of the special marks that occur."""
    found = []
    if notes.hollow and any(one.hollow for one in series):
        found.append(("o", notes.hollow))
    if notes.rolling and any(one.rolling for one in series):
        found.append((ROLLING, notes.rolling))
    return found


def _write_key(canvas: Canvas, key: Sequence[tuple[str, str]], top: float) -> None:
    """The special marks with their names, above the plot."""
    offset, y = 0.0, 1 + (top - 10) / canvas.plot_height
    for mark, words in key:
        canvas.axes.plot(
            [(offset + 5) / canvas.plot_width], [y], mark, markersize=6, color=canvas.colour("surface"),
            markeredgecolor=canvas.colour("ink-2"), markeredgewidth=1.3, transform=canvas.axes.transAxes,
            clip_on=False,
        )  # fmt: skip
        canvas.axes.text(
            (offset + 14) / canvas.plot_width, y, words, va="center", color=canvas.colour("ink-2"),
            transform=canvas.axes.transAxes,
        )  # fmt: skip
        offset += text_width(words) + 34


def _target(canvas: Canvas, target: float | None, words: str) -> list[tuple[float, str, str]]:
    """The dashed line to be reached, and its name."""
    if target is None:
        return []
    canvas.axes.axhline(float(target), color=canvas.colour("mute"), linewidth=1, linestyle=(0, (4, 3)))
    return [(float(target), words, canvas.colour("ink-2"))]


def _events(canvas: Canvas, events: Sequence[Event]) -> None:
    """A thin line down from each event's words; words that would run into the one before are left to the table."""
    transform, taken = canvas.axes.get_xaxis_transform(), -1e9
    start, end = canvas.axes.get_xlim()
    unit = (end - start) / canvas.plot_width
    for event in sorted(events, key=lambda one: one.place):
        canvas.axes.axvline(event.place, color=canvas.colour("pause"), linewidth=1.2, linestyle=(0, (3, 2)))
        words = fitting(event.label, canvas.plot_width / 3)
        wide = text_width(words) * unit
        left = min(max(event.place - wide / 2, start), end - wide)
        canvas.axes.plot(
            [event.place], [1], "v", markersize=7, color=canvas.colour("pause"), markeredgewidth=0,
            transform=transform, clip_on=False,
        )  # fmt: skip
        if left > taken:
            y = 1 + 12 / canvas.plot_height
            canvas.axes.text(left, y, words, va="center", color=canvas.colour("pause"), transform=transform)
            taken = left + wide + 6 * unit


def _target_words(target: float | None, label: str) -> str:
    return "" if target is None else f"{label} {target:g}".strip()


def _end_label(one: Series, places: int) -> str:
    last = _last_value(one.values)
    return one.label if last is None else f"{one.label} {last:.{places}f}"


def _last_value(values: Values) -> float | None:
    place = _last(values)
    return None if place is None else values[place]


def _last(values: Values) -> int | None:
    """The place of the last value that is there."""
    return next((place for place in reversed(range(len(values))) if values[place] is not None), None)


def _limits(series: Sequence[Series], target: float | None, bounds: tuple[float, float]) -> tuple[float, float]:
    """Even numbers around everything drawn."""
    sides = [side for one in series for side in (one.values, one.low or (), one.high or ())]
    shown = [float(value) for side in sides for value in side if value is not None]
    if target is not None:
        shown.append(float(target))
    if not shown:
        return bounds
    low, high = floor((min(shown) - 1) / 2) * 2, ceil((max(shown) + 1) / 2) * 2
    return max(low, bounds[0]), min(high, bounds[1]) if high > bounds[0] else high


def _month_ticks(canvas: Canvas, labels: Sequence[str]) -> None:
    """Every label that fits: the last one always, then backwards in equal steps."""
    widest = max([text_width(label) for label in labels], default=0) + 12
    step = max(1, ceil(len(labels) * widest / canvas.plot_width))
    shown = list(range(len(labels) - 1, -1, -step))[::-1]
    canvas.name_ticks("x", shown, [labels[place] for place in shown])
    from matplotlib.ticker import MaxNLocator

    canvas.axes.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10]))
