"""Bars by group: employees across, a count up, as in the trade's training manual; lying on phones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm_site.core.charts.canvas import TONES, Canvas, Margins, text_width

_GAP = 1.2  # free places between two groups


@dataclass(frozen=True)
class Group:
    """Bars that belong together: (label, value) pairs under one name. A value of None has no bar and no figure."""

    label: str
    bars: Sequence[tuple[str, float | None]]
    tone: str = ""


def bar_chart(
    groups: Sequence[Group], *, theme: str = "light", narrow: bool = False, axis_label: str = "", places: int = 0
) -> bytes:
    """SVG of bars with their figures on them, zeros too; each group is named under (wide) or over (narrow) its bars."""
    groups = [group for group in groups if group.bars]
    if narrow:
        return _lying(groups, theme, places)
    return _standing(groups, theme, axis_label, places)


def _standing(groups: Sequence[Group], theme: str, axis_label: str, places: int) -> bytes:
    """The wide picture."""
    labels = [label for group in groups for label, _value in group.bars]
    slots = max(len(labels) + _GAP * max(len(groups) - 1, 0), 12)
    longest = max([text_width(label) for label in labels], default=0)
    turned = longest + 6 > (1217 - 42) / slots
    bottom = 52 + (longest * 0.75 if turned else 0)
    canvas = Canvas(theme=theme, narrow=False, height=222 + bottom, margins=Margins(34, 8, 30, bottom))
    top = _top(groups)
    canvas.axes.set_ylim(0, top)
    canvas.axes.set_xlim(-0.7, slots - 0.3)
    canvas.grid("y")
    _whole_ticks(canvas, "y")
    starts, ticks = 0.0, []
    for number, group in enumerate(groups):
        for place, (label, value) in enumerate(group.bars):
            ticks.append((starts + place, label))
            _bar(canvas, starts + place, value, tone=_tone(group, number), top=top, places=places)
        _group_name(canvas, group, starts, (bottom - 26) / canvas.plot_height)
        starts += len(group.bars) + _GAP
    turn: dict[str, Any] = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if turned else {}
    canvas.name_ticks("x", [place for place, _label in ticks], [label for _place, label in ticks], **turn)
    if axis_label:
        canvas.axes.text(
            -6 / canvas.plot_width,
            1 + 19 / canvas.plot_height,
            axis_label,
            ha="right",
            va="center",
            color=canvas.colour("ink-3"),
            transform=canvas.axes.transAxes,
        )
    return canvas.svg()


def _bar(canvas: Canvas, place: float, value: float | None, *, tone: str, top: float, places: int) -> None:
    """One standing bar with its figure; a zero is a grey 0 on the axis."""
    if value is None:
        return
    canvas.axes.bar([place], [float(value)], width=0.58, color=canvas.colour(tone))
    ink = canvas.colour("ink" if value else "ink-3")
    canvas.write(place, float(value) + top * 0.02, f"{value:.{places}f}", ha="center", va="bottom", color=ink)


def _group_name(canvas: Canvas, group: Group, start: float, below: float) -> None:
    """A rule under the names of a group, and the group's name under the rule."""
    transform = canvas.axes.get_xaxis_transform()
    ends = [start - 0.4, start + len(group.bars) - 0.6]
    middle = start + (len(group.bars) - 1) / 2
    canvas.axes.plot(
        ends, [-below, -below], color=canvas.colour("line-strong"), linewidth=1, clip_on=False, transform=transform
    )
    canvas.axes.text(
        middle,
        -below - 5 / canvas.plot_height,
        group.label,
        ha="center",
        va="top",
        color=canvas.colour("ink-2"),
        transform=transform,
    )


def _lying(groups: Sequence[Group], theme: str, places: int) -> bytes:
    """The narrow picture: one line a bar, group names as headings."""
    labels = [label for group in groups for label, _value in group.bars]
    left = min(max([text_width(label) for label in labels], default=0) + 12, 130)
    lines = len(labels) + 1.6 * len(groups)
    canvas = Canvas(theme=theme, narrow=True, height=max(lines, 2) * 22 + 12, margins=Margins(left, 36, 4, 8))
    canvas.axes.set_ylim(max(lines, 2), 0)
    canvas.axes.set_xlim(0, _top(groups))
    canvas.axes.spines["bottom"].set_visible(False)
    canvas.axes.set_xticks([])
    line, ticks = 0.0, []
    for number, group in enumerate(groups):
        canvas.write(0, line + 0.9, group.label, va="center")
        line += 1.6
        for label, value in group.bars:
            ticks.append((line + 0.4, label))
            _lying_bar(canvas, line + 0.4, value, _tone(group, number), places)
            line += 1
    canvas.name_ticks("y", [place for place, _label in ticks], [label for _place, label in ticks])
    return canvas.svg()


def _lying_bar(canvas: Canvas, place: float, value: float | None, tone: str, places: int) -> None:
    if value is None:
        return
    canvas.axes.barh([place], [float(value)], height=0.62, color=canvas.colour(tone))
    ink = canvas.colour("ink" if value else "ink-3")
    offset = canvas.axes.get_xlim()[1] * 5 / canvas.plot_width
    canvas.write(float(value) + offset, place, f"{value:.{places}f}", va="center", color=ink)


def _tone(group: Group, number: int) -> str:
    return group.tone or ("accent", "ok", "mute", "pause", "warn", "bad")[number % len(TONES)]


def _top(groups: Sequence[Group]) -> float:
    """The end of the value axis: one above the highest bar for small counts, some air for large ones."""
    highest = max([float(value) for group in groups for _label, value in group.bars if value is not None], default=0)
    return max(highest + 1, highest * 1.1, 3)


def _whole_ticks(canvas: Canvas, axis: str) -> None:
    from matplotlib.ticker import MaxNLocator

    getattr(canvas.axes, f"{axis}axis").set_major_locator(MaxNLocator(nbins=5, integer=True))
