"""Lines over time: a score by month with its interval, single outside figures as points, a target dashed."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from crm_site.core.charts.canvas import TONES, Canvas, Margins, text_width

Values = Sequence[float | None]


@dataclass(frozen=True)
class Series:
    """One line: values by label (None is a gap), an optional interval, and which points are provisional (hollow).

    `points` draws diamonds without a line, for figures that come now and then.
    """

    label: str
    values: Values
    low: Values | None = None
    high: Values | None = None
    tone: str = ""
    points: bool = False
    hollow: frozenset[int] = frozenset()


def line_chart(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    theme: str = "light",
    narrow: bool = False,
    target: float | None = None,
    target_label: str = "",
    bounds: tuple[float, float] = (0, 100),
    places: int = 1,
) -> bytes:
    """SVG of series over labels (months); each is named with its last value at the right end.

    The y axis covers the values and the target with some air, within `bounds`; it does not begin at zero by itself.
    """
    ends = [_end_label(one, places) for one in series]
    widest = max([text_width(words) for words in [*ends, _target_words(target, target_label)]], default=0)
    canvas = Canvas(theme=theme, narrow=narrow, height=312 if narrow else 252, margins=Margins(36, widest + 16, 12, 26))
    canvas.axes.set_ylim(*_limits(series, target, bounds))
    canvas.axes.set_xlim(-0.4, max(len(labels) - 0.6, 0.6))
    canvas.grid("y")
    _month_ticks(canvas, labels)
    names = [*_target(canvas, target, target_label)]
    for number, (one, words) in enumerate(zip(series, ends, strict=True)):
        tone = one.tone or TONES[number % len(TONES)]
        _draw(canvas, one, tone)
        last = _last_value(one.values)
        if last is not None:
            names.append((last, words, canvas.colour(tone)))
    canvas.write_right(names)
    return canvas.svg()


def _draw(canvas: Canvas, one: Series, tone: str) -> None:
    """Band, line and marks of one series."""
    places = range(len(one.values))
    colour = canvas.colour(tone)
    values = [float("nan") if value is None else float(value) for value in one.values]
    if one.low is not None and one.high is not None:
        low, high = (
            [float("nan") if value is None else float(value) for value in side] for side in (one.low, one.high)
        )
        canvas.axes.fill_between(places, low, high, color=canvas.colour(f"{tone}-soft"), linewidth=0)
    if not one.points:
        last = _last(one.values)
        solid = [
            value if place not in one.hollow or place != last else float("nan") for place, value in enumerate(values)
        ]
        canvas.axes.plot(places, solid, color=colour, linewidth=2)
        if last in one.hollow and last:
            canvas.axes.plot(
                [last - 1, last], values[last - 1 : last + 1], color=colour, linewidth=2, linestyle=(0, (2, 2))
            )
    for place, value in enumerate(values):
        face = canvas.colour("surface") if place in one.hollow else colour
        marker, size = ("D", 6) if one.points else ("o", 5 + (place in one.hollow))
        canvas.axes.plot(
            [place],
            [value],
            marker,
            markersize=size,
            markerfacecolor=face,
            markeredgecolor=colour,
            markeredgewidth=1.5 if face != colour else 0,
        )


def _target(canvas: Canvas, target: float | None, label: str) -> list[tuple[float, str, str]]:
    """The dashed line to be reached, and its name."""
    if target is None:
        return []
    canvas.axes.axhline(float(target), color=canvas.colour("mute"), linewidth=1, linestyle=(0, (4, 3)))
    return [(float(target), _target_words(target, label), canvas.colour("ink-2"))]


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
    canvas.axes.set_xticks(shown, [labels[place] for place in shown])
    from matplotlib.ticker import MaxNLocator

    canvas.axes.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10]))
