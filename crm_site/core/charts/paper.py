"""One lying A4 page: words, rules, bars, tables and charts on one grid, given as PDF with the shipped font inside.

The grid is 1263 × 893 units from the upper left corner, in which charts are drawn as on screen (12-unit text); the
whole is shrunk to A4 at the end, so that 12 units are 8 points. Equal pages give equal bytes: no date, no random name.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from crm_site.core.charts import fonts
from crm_site.core.charts.canvas import THEMES, Area, make_drawable, text_width

CONTENT_TYPE = "application/pdf"
PAGE = (1263.0, 893.0)
#: A4 lying, in points
A4 = (841.89, 595.28)
EDGE = 30.0
Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Cell:
    """A column of a table: its head, width in units, and where its words stand."""

    head: str
    width: float
    align: Align = "left"


class Paper:
    """A page that is written on from above."""

    def __init__(self, title: str) -> None:
        fonts.prepare()
        from matplotlib.figure import Figure

        self.title = title
        self.colours = THEMES["light"]
        self.figure = Figure(figsize=(PAGE[0] / 72, PAGE[1] / 72), dpi=72)
        self.figure.patch.set_facecolor("white")

    def area(self, left: float, top: float, width: float, height: float) -> Area:
        """A place for a chart."""
        return Area(self.figure, PAGE, left, top, width, height)

    def write(
        self, x: float, y: float, words: str, *, size: float = 12, tone: str = "ink", align: Align = "left",
        width: float | None = None,
    ) -> None:  # fmt: skip
        """One line of words whose middle is y units from the top; shortened with … where a width is given."""
        shown = words if width is None else fitting_at(words, width, size)
        self.figure.text(
            x / PAGE[0], 1 - y / PAGE[1], shown, fontsize=size, color=self.colours[tone], ha=align, va="center_baseline"
        )

    def paragraph(self, x: float, y: float, words: str, *, width: float, lines: int, tone: str = "ink-2") -> float:
        """Words broken into at most so many lines of a width; gives where the next line would stand."""
        for line in broken(words, width, lines):
            self.write(x, y, line, tone=tone)
            y += 18
        return y

    def rule(self, left: float, y: float, right: float, *, tone: str = "line-strong", width: float = 1) -> None:
        """A line across."""
        from matplotlib.lines import Line2D

        ends = [left / PAGE[0], right / PAGE[0]], [1 - y / PAGE[1]] * 2
        self.figure.add_artist(
            Line2D(*ends, color=self.colours[tone], linewidth=width, transform=self.figure.transFigure)
        )

    def box(self, left: float, top: float, width: float, height: float, *, tone: str) -> None:
        """A filled rectangle."""
        from matplotlib.patches import Rectangle

        corner = (left / PAGE[0], 1 - (top + height) / PAGE[1])
        self.figure.add_artist(
            Rectangle(
                corner, width / PAGE[0], height / PAGE[1], facecolor=self.colours[tone], linewidth=0,
                transform=self.figure.transFigure,
            )
        )  # fmt: skip

    def head(self, left: float, y: float, right: float, words: str, note: str = "") -> None:
        """The head of a part: words on a hairline, a grey note at the right as far as there is room."""
        self.write(left, y, words, size=14)
        room = right - left - width_at(words, 14) - 16
        if note and room > 40:
            self.write(right, y, note, tone="ink-3", align="right", width=room)
        self.rule(left, y + 13, right, tone="line")

    def table(
        self, left: float, top: float, columns: Sequence[Cell], rows: Sequence[Sequence[str]], *, line: float = 20
    ) -> float:
        """A table with a grey head and hairlines; gives where it ends. A cell's words are cut to its width."""
        y = top + line / 2
        self._row(left, y, columns, [column.head for column in columns], "ink-3")
        for row in rows:
            self.rule(left, y + line / 2, left + sum(column.width for column in columns), tone="line", width=0.8)
            y += line
            self._row(left, y, columns, row, "ink")
        return y + line / 2

    def _row(self, left: float, y: float, columns: Sequence[Cell], words: Sequence[str], tone: str) -> None:
        for column, said in zip(columns, words, strict=True):
            room = column.width - 8
            at = {"left": left, "center": left + column.width / 2, "right": left + column.width - 8}[column.align]
            if said:
                self.write(at, y, said, tone=tone, align=column.align, width=room)
            left += column.width

    # ---- out --------------------------------------------------------------------------------------------------------

    def pdf(self) -> bytes:
        """The page; may be asked for once."""
        make_drawable(self.figure)
        _shrink(self.figure, A4[0] / PAGE[0])
        self.figure.set_size_inches(A4[0] / 72, A4[1] / 72)
        stream = io.BytesIO()
        said = {"Title": self.title, "Creator": "Huifang", "Producer": "Huifang", "CreationDate": None}
        self.figure.savefig(stream, format="pdf", facecolor="white", metadata=said)
        return stream.getvalue()


def width_at(words: str, size: float) -> float:
    """About how wide words are at a size."""
    return text_width(words) * size / fonts.TEXT_SIZE


def fitting_at(words: str, width: float, size: float = 12) -> str:
    """The words, shortened with … where they are too wide."""
    if width_at(words, size) <= width:
        return words
    while words and width_at(f"{words}…", size) > width:
        words = words[:-1]
    return f"{words.rstrip()}…"


def broken(words: str, width: float, lines: int) -> list[str]:
    """Words in lines of a width: at blanks, and between Chinese characters; what is too much ends with …."""
    found = [""]
    for piece in _pieces(words):
        if found[-1] and width_at(found[-1] + piece.rstrip(), 12) > width:
            found.append("")
        found[-1] += piece if found[-1] else piece.lstrip()
    if len(found) > lines:
        found = [*found[: lines - 1], "".join(found[lines - 1 :])]
    return [fitting_at(line.rstrip(), width) for line in found]


def _pieces(words: str) -> list[str]:
    """What a line may be broken between: a word with its blank, or one Chinese character with what must follow it."""
    found: list[str] = []
    for sign in words:
        is_glued = found and (sign in "，。；：、）”！？ " or (ord(sign) < 0x2E80 and ord(found[-1][-1]) < 0x2E80))
        if is_glued and not found[-1].endswith(" "):
            found[-1] += sign
        else:
            found.append(sign)
    return found


def _shrink(figure: Any, by: float) -> None:
    """Make everything that is measured in points smaller; places are shares of the page and follow by themselves."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.text import Text

    for axes in figure.axes:
        axes.tick_params(labelsize=fonts.TEXT_SIZE * by, pad=6 * by)
    for one in figure.findobj(Text):
        one.set_fontsize(one.get_fontsize() * by if not _is_tick(one, figure) else fonts.TEXT_SIZE * by)
    for one in figure.findobj(Line2D):
        one.set_linewidth(one.get_linewidth() * by)
        one.set_markersize(one.get_markersize() * by)
        one.set_markeredgewidth(one.get_markeredgewidth() * by)
    for one in figure.findobj(Patch):
        one.set_linewidth(one.get_linewidth() * by)


def _is_tick(text: Any, figure: Any) -> bool:
    """Whether a text is the name of a tick, whose size the axis has set already."""
    return any(text in (*axes.get_xticklabels(), *axes.get_yticklabels()) for axes in figure.axes)
