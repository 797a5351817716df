"""A Pareto chart: what is most frequent first, and how much of all the first few make up together."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_site.core.charts.canvas import Canvas, Margins, fitting, text_width

_LINE = 27
#: the share that the vital few are said to make up
MOST = 0.8


@dataclass(frozen=True)
class Bar:
    """One line: its name, how many, and the running share of all (0…1) up to and with it."""

    label: str
    value: int
    running: float


def pareto_chart(bars: Sequence[Bar], *, theme: str = "light", narrow: bool = False) -> bytes:
    """SVG of lying bars in the order given, so that long names stay level; a line over them is the running share.

    Bars within the first 80 % stand out; the running share is written at the right end of every line.
    """
    left = min(max([text_width(bar.label) for bar in bars], default=0) + 14, 128 if narrow else 260)
    canvas = Canvas(
        theme=theme, narrow=narrow, height=max(len(bars), 2) * _LINE + 34, margins=Margins(left, 48, 26, 8)
    )  # fmt: skip
    longest = max([bar.value for bar in bars], default=0) or 1
    canvas.axes.set_xlim(0, longest * (1.3 if narrow else 1.14))  # room for the number behind the longest bar
    canvas.axes.set_ylim(max(len(bars), 2) - 0.5, -0.5)
    canvas.axes.spines["bottom"].set_visible(False)
    canvas.axes.set_xticks([])
    canvas.name_ticks("y", range(len(bars)), [fitting(bar.label, left - 14) for bar in bars])
    for place, bar in enumerate(bars):
        _draw(canvas, place, bar, before=bars[place - 1].running if place else 0.0)
    _running(canvas, bars)
    return canvas.svg()


def _draw(canvas: Canvas, place: int, bar: Bar, *, before: float) -> None:
    """The bar with its number, strong as long as the lines before it do not make up the most of all."""
    tone = "accent" if before < MOST else "accent-line"
    canvas.axes.barh([place], [bar.value], height=0.62, color=canvas.colour(tone), linewidth=0)
    offset = canvas.axes.get_xlim()[1] * 6 / canvas.plot_width
    canvas.write(bar.value + offset, place, f"{bar.value:,}", va="center", color=canvas.colour("ink"))
    canvas.axes.text(
        1 + 8 / canvas.plot_width, place, f"{bar.running:.0%}", va="center", color=canvas.colour("ink-2"),
        transform=canvas.axes.get_yaxis_transform(),
    )  # fmt: skip


def _running(canvas: Canvas, bars: Sequence[Bar]) -> None:
    """The running share as a line from 0 % at the left to 100 % at the right, and where 80 % lies."""
    transform = canvas.axes.get_yaxis_transform()
    colour = canvas.colour("warn")
    canvas.axes.plot(
        [bar.running for bar in bars], range(len(bars)), "o-", color=colour, linewidth=1.5, markersize=4,
        transform=transform, clip_on=False,
    )  # fmt: skip
    end = canvas.axes.get_xlim()[1]
    canvas.axes.axvline(MOST * end, color=canvas.colour("mute"), linewidth=1, linestyle=(0, (4, 3)))
    canvas.axes.text(
        MOST, 1 + 12 / canvas.plot_height, f"{MOST:.0%}", ha="center", va="center", color=canvas.colour("ink-2"),
        transform=canvas.axes.transAxes,
    )  # fmt: skip
