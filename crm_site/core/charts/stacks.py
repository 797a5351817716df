"""Lying stacked bars: how a total divides (coverage by month, results by rule), with the words inside or under."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_site.core.charts.canvas import TONES, Canvas, Margins, text_width

_LINE = 30


@dataclass(frozen=True)
class Part:
    """A kind of part, the same in every bar: its name and colour."""

    label: str
    tone: str = ""


@dataclass(frozen=True)
class Stack:
    """One bar: its name and one value for each part."""

    label: str
    values: Sequence[float]


def stacked_chart(
    parts: Sequence[Part], stacks: Sequence[Stack], *, theme: str = "light", narrow: bool = False
) -> bytes:
    """SVG of one bar a stack on a common axis; parts are named once on top in their colour, figures stand inside."""
    left = min(max([text_width(stack.label) for stack in stacks], default=0) + 14, 110 if narrow else 260)
    lines = _name_lines(parts, (350 if narrow else 1217) - left - 44)
    height = max(len(stacks), 1) * _LINE + 20 * len(lines) + 16
    canvas = Canvas(theme=theme, narrow=narrow, height=height, margins=Margins(left, 44, 20 * len(lines) + 6, 8))
    longest = max([sum(map(float, stack.values)) for stack in stacks], default=0) or 1
    canvas.axes.set_xlim(0, longest)
    canvas.axes.set_ylim(max(len(stacks), 1) - 0.5, -0.5)
    canvas.axes.spines["bottom"].set_visible(False)
    canvas.axes.set_xticks([])
    canvas.name_ticks("y", range(len(stacks)), [stack.label for stack in stacks])
    for place, stack in enumerate(stacks):
        _bar(canvas, place, stack, parts, longest)
    _names(canvas, lines)
    return canvas.svg()


def _bar(canvas: Canvas, place: int, stack: Stack, parts: Sequence[Part], longest: float) -> None:
    """The pieces of one bar, their figures where they fit, the total behind."""
    start = 0.0
    for number, (part, value) in enumerate(zip(parts, stack.values, strict=True)):
        size = float(value)
        canvas.axes.barh([place], [size], left=start, height=0.62, color=canvas.colour(_tone(part, number)))
        if size / longest * canvas.plot_width > text_width(f"{value:g}") + 8:
            canvas.write(
                start + size / 2, place, f"{value:g}", ha="center", va="center", color=canvas.on(_tone(part, number))
            )
        start += size
    canvas.write(start + longest * 6 / canvas.plot_width, place, f"{start:g}", va="center", color=canvas.colour("ink"))


def _name_lines(parts: Sequence[Part], width: float) -> list[list[tuple[float, str, str]]]:
    """The names of the parts as lines of (offset, words, tone), broken where the width ends."""
    lines: list[list[tuple[float, str, str]]] = [[]]
    offset = 0.0
    for number, part in enumerate(parts):
        needed = text_width(part.label) + 30
        if lines[-1] and offset + needed > width:
            lines.append([])
            offset = 0.0
        lines[-1].append((offset, part.label, _tone(part, number)))
        offset += needed
    return lines


def _names(canvas: Canvas, lines: list[list[tuple[float, str, str]]]) -> None:
    """A small square in the part's colour and its name, above the bars."""
    for number, line in enumerate(reversed(lines)):
        y = 1 + (10 + 20 * number) / canvas.plot_height
        for offset, words, tone in line:
            x = offset / canvas.plot_width
            canvas.axes.plot(
                [x + 4 / canvas.plot_width],
                [y],
                "s",
                markersize=8,
                markeredgewidth=0,
                color=canvas.colour(tone),
                transform=canvas.axes.transAxes,
                clip_on=False,
            )
            canvas.axes.text(
                x + 13 / canvas.plot_width,
                y,
                words,
                va="center",
                color=canvas.colour("ink-2"),
                transform=canvas.axes.transAxes,
            )


def _tone(part: Part, number: int) -> str:
    return part.tone or TONES[number % len(TONES)]
