"""A thousand different pictures: every kind of chart with numbers, names and looks that follow from one number."""

from __future__ import annotations

import random
from pathlib import Path

from crm_site.core import charts

NAMES = (
    "罗雪", "段子涵", "秦小雨", "江雨薇", "覃牟冉", "曾喆", "㛃宁", "吉𠮷", "Nguyễn", "O'Brien", "车辆整洁",
    "按约定时间交车", "讲解透明", "等候服务",
)  # fmt: skip


def draw(number: int) -> bytes:
    """The picture of that number; no two of a thousand are alike."""
    dice = random.Random(number)
    look = {"theme": dice.choice(["light", "dark"]), "narrow": dice.random() < 0.5}
    kind = DRAWINGS[number % len(DRAWINGS)]
    return kind(dice, number, look)


def _values(dice: random.Random, count: int) -> list[float | None]:
    return [None if dice.random() < 0.1 else round(dice.uniform(70, 97), 1) for _ in range(count)]


def _lines(dice, number, look):
    values = _values(dice, 12)
    low, high = ([one and one + by for one in values] for by in (-2, 2))
    series = [
        charts.Series(f"内部 {number}", values, low, high, hollow=frozenset({11}), rolling=frozenset({3})),
        charts.Series("外部", _values(dice, 12), tone="warn", outside=True),
    ]
    events = [charts.Event(dice.uniform(0, 11), "措施：接待培训")]
    labels = [f"{month}月" for month in range(1, 13)]
    notes = charts.Notes("暂定", "近三个月")
    return charts.line_chart(labels, series, target=90, target_label="目标", events=events, notes=notes, **look)


def _dots_of(dice, number):
    stands = ["", "above", "below", "same", "few"]
    return [
        charts.Dot(dice.choice(NAMES), value, value and value - 3, value and value + 3, f"n = {number}",
                   stands=dice.choice(stands))
        for value in _values(dice, 8)
    ]  # fmt: skip


def _dots(dice, number, look):
    return charts.dot_chart(_dots_of(dice, number), mean=88, mean_label="店均", target=90, target_label="目标", **look)


def _scores(dice, number, look):
    return charts.score_chart(_dots_of(dice, number), target=90, target_label="目标", **look)


def _quadrant(dice, number, look):
    points = [charts.Point(dice.choice(NAMES), dice.uniform(2, 12), dice.uniform(70, 97)) for _ in range(18)]
    fields = charts.Fields(6, 85, "次要改进", "优先改进", "锦上添花", "保持优势", f"权重 {number}", "得分")
    return charts.quadrant_chart(points, fields, **look)


def _bars(dice, number, look):
    groups = [charts.Group(f"接待员 {number}", [(name, dice.randint(0, 9)) for name in NAMES])]
    return charts.bar_chart(groups, axis_label="次数", **look)


def _stacks(dice, number, look):
    parts = [charts.Part("成功", "ok"), charts.Part("免回访", "mute"), charts.Part("未到期", "accent")]
    rows = [charts.Stack(name, [dice.randint(1, 99) for _part in parts]) for name in NAMES[:5]]
    return charts.stacked_chart(parts, [*rows, charts.Stack("合计", [number, 1, 1])], **look)


DRAWINGS = (_lines, _dots, _scores, _quadrant, _bars, _stacks)


def resident_kib() -> int:
    """How much memory this process holds, in KiB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1])
