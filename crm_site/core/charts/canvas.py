"""The sheet that every chart is drawn on: size, colours of the tokens, font, and the way to SVG bytes."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from crm_site.core.charts import fonts

CONTENT_TYPE = "image/svg+xml"
WIDE, NARROW = 1217, 350
TEXT_SIZE = fonts.TEXT_SIZE

#: Colours by theme, equal to static/css/tokens.css (a picture cannot read the page's variables).
THEMES = {
    "light": {
        "ink": "#18202c", "ink-2": "#465062", "ink-3": "#5f6a7c", "line": "#e0e4e9", "line-strong": "#c6cdd6",
        "on-solid": "#ffffff", "surface": "#ffffff", "accent": "#1f55c4", "accent-soft": "#e9effb",
        "accent-line": "#a9c0ee", "ok": "#12877a", "ok-soft": "#e1f3ef", "warn": "#b47500", "warn-soft": "#fdf1d6",
        "bad": "#cf3a2f", "bad-soft": "#fcebe9", "pause": "#7d63c6", "pause-soft": "#efebfa", "mute": "#868f9d",
        "mute-soft": "#eef1f4",
    },
    "dark": {
        "ink": "#e7ebf1", "ink-2": "#b9c2cf", "ink-3": "#98a3b4", "line": "#2a3341", "line-strong": "#3d495a",
        "on-solid": "#0f141b", "surface": "#171d26", "accent": "#92b4ff", "accent-soft": "#1c2a47",
        "accent-line": "#3b5690", "ok": "#2fa593", "ok-soft": "#12302d", "warn": "#cf9423", "warn-soft": "#352a13",
        "bad": "#e86a5f", "bad-soft": "#3e1f1d", "pause": "#9a81e0", "pause-soft": "#2a2442", "mute": "#748194",
        "mute-soft": "#202834",
    },
}  # fmt: skip
#: Series colours in the order in which charts take them; each comes with a mark and a dash of its own, so that lines
#: are told apart without their colours.
TONES = ("accent", "ok", "warn", "pause", "mute", "bad")
MARKS = ("o", "s", "v", "P", "X", "p")
DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1.5, 2)), (0, (9, 3)), (0, (1, 1)))

_POINTS = re.compile(rb'(<svg [^>]*?)width="([\d.]+)pt" height="([\d.]+)pt"')
#: how the drawing library says for all lines what it means; said of the picture itself instead
_FOR_ALL = re.compile(rb"\s*<defs>\s*<style[^>]*>[^<]*</style>\s*</defs>")
_LINES = rb'<svg stroke-linejoin="round" stroke-linecap="butt" '
_STYLE = re.compile(rb' style="([^"]*)"')


@dataclass(frozen=True)
class Margins:
    """Free space around the plot, in units of the picture (one unit is one pixel at the drawn width)."""

    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Area:
    """A place on a larger page for a chart: distances from its left and upper edge, in units of the page."""

    figure: Any
    page: tuple[float, float]
    left: float
    top: float
    width: float
    height: float


class Canvas:
    """A figure with one plot area, by itself or in an area of a page."""

    def __init__(self, *, theme: str, narrow: bool, height: float, margins: Margins, area: Area | None = None) -> None:
        self.colours = THEMES[theme]
        area = area or _own_figure(NARROW if narrow else WIDE, height)
        self.figure, self.width, self.height, self.margins = area.figure, area.width, area.height, margins
        across, down = area.page
        self.axes = self.figure.add_axes(
            (
                (area.left + margins.left) / across,
                1 - (area.top + area.height - margins.bottom) / down,
                self.plot_width / across,
                self.plot_height / down,
            )
        )
        self._quiet_axes()

    @property
    def plot_width(self) -> float:
        """Width of the plot area in units."""
        return self.width - self.margins.left - self.margins.right

    @property
    def plot_height(self) -> float:
        """Height of the plot area in units."""
        return self.height - self.margins.top - self.margins.bottom

    def colour(self, tone: str) -> str:
        """The colour of a tone or token in this picture's theme."""
        return self.colours[tone]

    def on(self, tone: str) -> str:
        """The ink or the light text colour, whichever reads better on a tone."""
        ground = _luminance(self.colour(tone))
        choices = (self.colour("ink"), self.colour("on-solid"))
        return max(choices, key=lambda colour: _contrast(_luminance(colour), ground))

    def grid(self, axis: Literal["x", "y"]) -> None:
        """Hairlines behind the marks, across one axis."""
        self.axes.grid(axis=axis, color=self.colour("line"), linewidth=1)

    def name_ticks(self, axis: Literal["x", "y"], places: Sequence[float], labels: Sequence[str], **look: Any) -> None:
        """Names at places of an axis."""
        named = self.axes.set_xticks if axis == "x" else self.axes.set_yticks
        named(list(places), [fonts.drawable(label) for label in labels], **look)

    def write(self, x: float, y: float, words: str, **options: Any) -> None:
        """Text at a data point, in the quiet ink unless told otherwise."""
        self.axes.text(x, y, words, **{"color": self.colour("ink-2"), "fontsize": TEXT_SIZE, **options})

    def write_right(self, labels: Sequence[tuple[float, str, str]]) -> None:
        """Labels (data y, words, colour) right of the plot, moved apart where they would overlap."""
        low, high = self.axes.get_ylim()
        scale = self.plot_height / ((high - low) or 1)
        wanted = sorted((((y - low) * scale), words, colour) for y, words, colour in labels)
        for y, (_y, words, colour) in zip(spread([y for y, _w, _c in wanted], 16), wanted, strict=True):
            self.axes.text(
                1 + 8 / self.plot_width, y / self.plot_height, words, color=colour, fontsize=TEXT_SIZE,
                transform=self.axes.transAxes, va="center", ha="left",
            )  # fmt: skip

    def svg(self) -> bytes:
        """The picture; equal drawings give equal bytes."""
        make_drawable(self.figure)
        stream = io.BytesIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        self.figure.savefig(stream, format="svg", transparent=True, metadata=nothing)
        return without_styles(_POINTS.sub(rb'\1width="\2" height="\3"', stream.getvalue(), count=1))

    def _quiet_axes(self) -> None:
        self.axes.patch.set_alpha(0)
        self.axes.set_axisbelow(True)
        self.axes.tick_params(length=0, labelsize=TEXT_SIZE, labelcolor=self.colour("ink-2"), pad=6)
        for side, spine in self.axes.spines.items():
            spine.set_visible(side == "bottom")
            spine.set_color(self.colour("line-strong"))


def without_styles(svg: bytes) -> bytes:
    """The same picture with attributes in place of styles: opened by itself, the policy of its answer takes none."""
    plain = _FOR_ALL.sub(b"", svg, count=1).replace(b"<svg ", _LINES, 1)
    return _STYLE.sub(lambda found: b"".join(map(_attribute, found[1].split(b";"))), plain)


def _attribute(declared: bytes) -> bytes:
    name, colon, value = declared.partition(b":")
    return b' %s="%s"' % (name.strip(), value.strip()) if colon else b""


def spread(positions: list[float], gap: float) -> list[float]:
    """Ascending positions moved as little as needed to stand at least `gap` apart, their middle kept."""
    placed: list[list[float]] = []  # [first position, number of labels] of each touching run
    for position in positions:
        placed.append([position, 1])
        while len(placed) > 1 and placed[-2][0] + placed[-2][1] * gap > placed[-1][0]:
            first, count = placed.pop()
            before = placed[-1]
            middle = (before[0] + gap * (before[1] - 1) / 2) * before[1] + (first + gap * (count - 1) / 2) * count
            before[1] += count
            before[0] = middle / before[1] - gap * (before[1] - 1) / 2
    return [first + gap * number for first, count in placed for number in range(int(count))]


def text_width(words: str) -> float:
    """About how wide text is drawn, in units: Chinese characters are square, others about half of that."""
    return sum(TEXT_SIZE if ord(sign) > 0x2E80 else TEXT_SIZE * 0.58 for sign in words)


def fitting(label: str, width: float) -> str:
    """The label, shortened with … where it is too long for its place."""
    if text_width(label) <= width:
        return label
    while label and text_width(f"{label}…") > width:
        label = label[:-1]
    return f"{label}…"


def make_drawable(figure: Any) -> None:
    """Replace every character on a figure that no shipped font has; the names of ticks are written anew at drawing."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_text(fonts.drawable(text.get_text()))


def _own_figure(width: float, height: float) -> Area:
    """A figure of just one chart, on a transparent ground."""
    fonts.prepare()
    from matplotlib.figure import Figure  # never pyplot: it keeps figures alive

    figure = Figure(figsize=(width / 72, height / 72), dpi=72)
    figure.patch.set_alpha(0)
    return Area(figure, (width, height), 0, 0, width, height)


def _luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2)."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
