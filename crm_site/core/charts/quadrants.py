"""Four fields: importance across, performance up, one named point an item, names never on each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm_site.core.charts.canvas import TEXT_SIZE, Area, Canvas, Margins, fitting, text_width

_STEP = 7.0
_LINE = 17.0
_RADIUS = 6.0
_COLUMN = 168
#: field (left/right, lower/upper) -> tone and mark of its points, told by shape as well
FIELDS = {
    (False, False): ("mute", "s"),
    (True, False): ("bad", "v"),
    (False, True): ("pause", "D"),
    (True, True): ("ok", "o"),
}
Box = tuple[float, float, float, float]  # left, bottom, right, top, in units of the plot


@dataclass(frozen=True)
class Point:
    """One item: how much it matters and how well it is done, on any two scales."""

    label: str
    across: float
    up: float


@dataclass(frozen=True)
class Fields:
    """Where the fields part, their four names, and the names of the two axes."""

    across: float
    up: float
    lower_left: str
    lower_right: str
    upper_left: str
    upper_right: str
    across_label: str = ""
    up_label: str = ""


class _Key:
    """The numbered names below a narrow plot: in two columns where each finds room in half the width."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.columns = 2 if all(text_width(one) < _COLUMN - 8 for one in words) else 1
        self.lines = -(-len(words) // self.columns)

    def write(self, canvas: Canvas) -> None:
        """One below the other, then the second column."""
        for number, one in enumerate(self.words):
            column, line = divmod(number, self.lines)
            x, y = -36 + column * _COLUMN, -(46 + _LINE * (line + 0.5))
            canvas.axes.text(
                x / canvas.plot_width, y / canvas.plot_height, fitting(one, canvas.plot_width + 40), va="center",
                color=canvas.colour("ink-2"), transform=canvas.axes.transAxes,
            )  # fmt: skip


def quadrant_chart(points: Sequence[Point], fields: Fields, **look: Any) -> bytes:
    """SVG of points in four fields; takes what `draw_quadrants` takes, but no area."""
    return draw_quadrants(points, fields, **look).svg()


def draw_quadrants(
    points: Sequence[Point], fields: Fields, *, theme: str = "light", narrow: bool = False, area: Area | None = None
) -> Canvas:
    """Draw the points; wide ones carry their names, narrow ones numbers, which a list below the plot explains."""
    key = _Key([f"{number} {point.label}" for number, point in enumerate(points, 1)] if narrow else [])
    below = 46 + _LINE * key.lines + 8 * bool(key.lines)
    height = area.height if area else (300 + below if narrow else 470)
    canvas = Canvas(theme=theme, narrow=narrow, height=height, margins=Margins(44, 14, 24, below), area=area)
    canvas.axes.set_xlim(*_limits([point.across for point in points], fields.across))
    canvas.axes.set_ylim(*_limits([point.up for point in points], fields.up))
    _grounds(canvas, fields)
    names = [str(number) for number, _point in enumerate(points, 1)] if narrow else [point.label for point in points]
    taken = _field_names(canvas, fields)
    _points(canvas, points, fields)
    _place(canvas, points, [fitting(name, canvas.plot_width * 0.3) for name in names], taken)
    key.write(canvas)
    return canvas


def _limits(values: Sequence[float], parting: float) -> tuple[float, float]:
    """The same reach to both sides of the parting line would waste room: just some air around everything."""
    shown = [float(one) for one in (*values, parting)]
    air = (max(shown) - min(shown)) * 0.12 or 1
    return min(shown) - air, max(shown) + air


def _grounds(canvas: Canvas, fields: Fields) -> None:
    """The two parting lines, the ground of the field that asks for work, and the names of the axes."""
    axes = canvas.axes
    start, end = axes.get_xlim()
    low, high = axes.get_ylim()
    axes.fill_between([fields.across, end], low, fields.up, color=canvas.colour("bad-soft"), linewidth=0, zorder=0)
    line = {"color": canvas.colour("line-strong"), "linewidth": 1.2}
    axes.axvline(fields.across, **line)
    axes.axhline(fields.up, **line)
    axes.set_xlim(start, end)
    axes.set_ylim(low, high)
    ink = {"color": canvas.colour("ink-3"), "transform": axes.transAxes}
    axes.text(0.5, -34 / canvas.plot_height, fields.across_label, ha="center", va="center", **ink)
    axes.text(-36 / canvas.plot_width, 1 + 13 / canvas.plot_height, fields.up_label, va="center", **ink)


def _field_names(canvas: Canvas, fields: Fields) -> list[Box]:
    """The names of the fields in the plot's corners, and the room that they take."""
    boxes: list[Box] = []
    wide, high = canvas.plot_width, canvas.plot_height
    named = (
        (fields.lower_left, "left", "bottom"), (fields.lower_right, "right", "bottom"),
        (fields.upper_left, "left", "top"), (fields.upper_right, "right", "top"),
    )  # fmt: skip
    for name, side, end in named:
        words = fitting(name, wide / 2 - 16)
        x, y = (6 if side == "left" else wide - 6), (5 if end == "bottom" else high - 5)
        canvas.axes.text(
            x / wide, y / high, words, ha=side, va=end, color=canvas.colour("ink-3"), transform=canvas.axes.transAxes
        )
        left = x if side == "left" else x - text_width(words)
        bottom = y if end == "bottom" else y - _LINE
        boxes.append((left - 4, bottom, left + text_width(words) + 4, bottom + _LINE))
    return boxes


def _points(canvas: Canvas, points: Sequence[Point], fields: Fields) -> None:
    """A mark for each, its shape and colour by field."""
    for point in points:
        tone, mark = FIELDS[point.across >= fields.across, point.up >= fields.up]
        rim = canvas.colour("surface")
        canvas.axes.plot(
            [point.across], [point.up], mark, markersize=9, color=canvas.colour(tone), markeredgecolor=rim,
            markeredgewidth=0.8,
        )  # fmt: skip


# ---- names that do not touch ----------------------------------------------------------------------------------------


def _place(canvas: Canvas, points: Sequence[Point], names: Sequence[str], taken: list[Box]) -> None:
    """Write each name as near to its point as there is room; a hairline leads to one that stands away from it."""
    (start, end), (low, high) = canvas.axes.get_xlim(), canvas.axes.get_ylim()
    across, up = canvas.plot_width / (end - start), canvas.plot_height / (high - low)
    spots = [((point.across - start) * across, (point.up - low) * up) for point in points]
    taken = taken + [(x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS) for x, y in spots]
    crowded = sorted(range(len(spots)), key=lambda number: -_neighbours(spots, number))
    for number in crowded:
        box = _free_box(spots[number], text_width(names[number]), (canvas.plot_width, canvas.plot_height), taken)
        if box is None:
            continue  # no room on the whole plot: the table beside the picture names it
        taken.append(box)
        _write_name(canvas, names[number], spots[number], box)


def _neighbours(spots: Sequence[tuple[float, float]], number: int) -> int:
    x, y = spots[number]
    return sum(abs(x - other) < 120 and abs(y - down) < 60 for other, down in spots)


def _free_box(spot: tuple[float, float], wide: float, plot: tuple[float, float], taken: Sequence[Box]) -> Box | None:
    """The nearest place for a name of a width beside its point, inside the plot and on nothing else."""
    x, y = spot
    for dx, dy in _offsets(int(max(plot) / _STEP)):
        left = x + _RADIUS + 2 + dx if dx >= 0 else x - _RADIUS - 2 - wide + dx
        if dx == 0 and dy:
            left = x - wide / 2
        box = (left, y + dy - _LINE / 2, left + wide, y + dy + _LINE / 2)
        is_inside = box[0] >= 2 and box[1] >= 2 and box[2] <= plot[0] - 2 and box[3] <= plot[1] - 2
        if is_inside and not any(_touch(box, other) for other in taken):
            return box
    return None


def _offsets(reach: int) -> list[tuple[float, float]]:
    """Steps away from a point, nearest first, to the right before to the left."""
    found = _OFFSETS.get(reach)
    if found is None:
        steps = range(-reach, reach + 1)
        pairs = [(dx * _STEP, dy * _STEP) for dx in steps for dy in steps]
        found = _OFFSETS[reach] = sorted(pairs, key=lambda one: (one[0] ** 2 + (one[1] * 1.4) ** 2, one[0] < 0, one))
    return found


_OFFSETS: dict[int, list[tuple[float, float]]] = {}


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _write_name(canvas: Canvas, name: str, spot: tuple[float, float], box: Box) -> None:
    """The name in its box, with a hairline from its point where they stand apart."""
    wide, high = canvas.plot_width, canvas.plot_height
    near = (min(max(spot[0], box[0]), box[2]), min(max(spot[1], box[1]), box[3]))
    if abs(near[0] - spot[0]) + abs(near[1] - spot[1]) > _RADIUS + 8:
        canvas.axes.plot(
            [spot[0] / wide, near[0] / wide], [spot[1] / high, near[1] / high], color=canvas.colour("line-strong"),
            linewidth=0.8, transform=canvas.axes.transAxes, zorder=1,
        )  # fmt: skip
    canvas.axes.text(
        box[0] / wide, (box[1] + box[3]) / 2 / high, name, ha="left", va="center", fontsize=TEXT_SIZE,
        color=canvas.colour("ink"), transform=canvas.axes.transAxes,
    )  # fmt: skip
