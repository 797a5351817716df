"""Dots with whiskers on one common axis: a score with its interval by employee, beside the store's mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from crm_site.core.charts.canvas import Canvas, Margins, text_width

_LINE = 26


@dataclass(frozen=True)
class Dot:
    """One line: a value with its interval; `note` stands at the right ('n = 42'). None draws the note alone."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""
    tone: str = ""


def dot_chart(
    rows: Sequence[Dot],
    *,
    theme: str = "light",
    narrow: bool = False,
    mean: float | None = None,
    mean_label: str = "",
    bounds: tuple[float, float] = (0, 100),
    places: int = 1,
) -> bytes:
    """SVG of one line a row, in the order given; the mean is dashed through all lines and named on top."""
    left = min(max([text_width(row.label) for row in rows], default=0) + 14, 110 if narrow else 260)
    right = max([text_width(_figure(row, places)) for row in rows], default=0) + 14
    canvas = Canvas(
        theme=theme, narrow=narrow, height=max(len(rows), 2) * _LINE + 48, margins=Margins(left, right, 22, 26)
    )
    canvas.axes.set_ylim(max(len(rows), 2) - 0.5, -0.5)
    canvas.axes.set_xlim(*_limits(rows, mean, bounds))
    canvas.grid("x")
    for place, row in enumerate(rows):
        _draw(canvas, place, row, places)
    if mean is not None:
        canvas.axes.axvline(float(mean), color=canvas.colour("accent"), linewidth=1, linestyle=(0, (3, 3)))
        words = f"{mean_label} {mean:.{places}f}".strip()
        canvas.write(float(mean), -0.5 - 6 / _LINE, words, ha="center", va="bottom", color=canvas.colour("accent"))
    canvas.axes.set_yticks(range(len(rows)), [row.label for row in rows])
    return canvas.svg()


def _draw(canvas: Canvas, place: int, row: Dot, places: int) -> None:
    """Whisker, dot and figure of one line."""
    if row.value is not None:
        if row.low is not None and row.high is not None:
            canvas.axes.plot(
                [float(row.low), float(row.high)], [place, place], color=canvas.colour("mute"), linewidth=2
            )
        colour = canvas.colour(row.tone or "ink")
        canvas.axes.plot([float(row.value)], [place], "o", markersize=7, color=colour, markeredgewidth=0)
    canvas.axes.text(
        1 + 8 / canvas.plot_width, place, _figure(row, places), va="center", color=canvas.colour("ink-2"),
        transform=canvas.axes.get_yaxis_transform(),
    )  # fmt: skip


def _figure(row: Dot, places: int) -> str:
    shown = "–" if row.value is None else f"{row.value:.{places}f}"
    return f"{shown}  {row.note}".strip()


def _limits(rows: Sequence[Dot], mean: float | None, bounds: tuple[float, float]) -> tuple[float, float]:
    """Round numbers around every whisker and the mean."""
    shown = [float(one) for row in rows for one in (row.value, row.low, row.high) if one is not None]
    if mean is not None:
        shown.append(float(mean))
    if not shown:
        return bounds
    low, high = floor((min(shown) - 1) / 5) * 5, ceil((max(shown) + 1) / 5) * 5
    return max(low, bounds[0]), min(high, bounds[1])
