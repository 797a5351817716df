"""Standing stacked columns over time: how many of each kind came on each day, named once on top."""

from collections.abc import Sequence
from math import ceil

from crm_site.core.charts.canvas import TONES, Canvas, Margins, text_width
from crm_site.core.charts.stacks import Part


def column_chart(
    labels: Sequence[str],
    parts: Sequence[Part],
    values: Sequence[Sequence[int]],
    *,
    theme: str = "light",
    narrow: bool = False,
) -> bytes:
    """SVG of one column a label, its parts on each other; `values` holds one row a label, one number a part."""
    canvas = Canvas(theme=theme, narrow=narrow, height=240 if narrow else 252, margins=Margins(34, 10, 30, 26))
    highest = max([sum(row) for row in values], default=0)
    canvas.axes.set_ylim(0, max(highest * 1.12, 3))
    canvas.axes.set_xlim(-0.7, max(len(labels) - 0.3, 1))
    canvas.grid("y")
    floor = [0.0] * len(labels)
    for number, part in enumerate(parts):
        heights = [float(row[number]) for row in values]
        tone = part.tone or TONES[number % len(TONES)]
        canvas.axes.bar(range(len(labels)), heights, bottom=floor, width=0.68, color=canvas.colour(tone), linewidth=0)
        floor = [low + high for low, high in zip(floor, heights, strict=True)]
    _figures(canvas, floor)
    _ticks(canvas, labels)
    _names(canvas, parts)
    return canvas.svg()


def _figures(canvas: Canvas, totals: Sequence[float]) -> None:
    """The totals on the columns, where there is room for all of them."""
    widest = max([text_width(f"{total:.0f}") for total in totals], default=0)
    if not totals or widest + 2 > canvas.plot_width / len(totals):
        return
    for place, total in enumerate(totals):
        if total:
            canvas.write(place, total, f"{total:.0f}", ha="center", va="bottom", color=canvas.colour("ink"))


def _ticks(canvas: Canvas, labels: Sequence[str]) -> None:
    """Every label that fits, from the first in equal steps; whole numbers up the side."""
    from matplotlib.ticker import MaxNLocator

    widest = max([text_width(label) for label in labels], default=0) + 10
    step = max(1, ceil(len(labels) * widest / canvas.plot_width))
    shown = range(0, len(labels), step)
    canvas.name_ticks("x", list(shown), [labels[place] for place in shown])
    canvas.axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))


def _names(canvas: Canvas, parts: Sequence[Part]) -> None:
    """A small square in the part's colour and its name, above the columns."""
    offset, y = 0.0, 1 + 16 / canvas.plot_height
    for number, part in enumerate(parts):
        tone = part.tone or TONES[number % len(TONES)]
        canvas.axes.plot(
            [(offset + 4) / canvas.plot_width], [y], "s", markersize=8, markeredgewidth=0, color=canvas.colour(tone),
            transform=canvas.axes.transAxes, clip_on=False,
        )  # fmt: skip
        canvas.axes.text(
            (offset + 13) / canvas.plot_width, y, part.label, va="center", color=canvas.colour("ink-2"),
            transform=canvas.axes.transAxes,
        )  # fmt: skip
        offset += text_width(part.label) + 34
