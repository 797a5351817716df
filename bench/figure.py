"""Prints a measured figure as one line: `FIGURE name=apply ours=9.8 other=4.7 ratio=2.1 goal=3 unit=s better=lower`.

`other` is the peer's or the physical limit's figure on the same data in the same run; the goal then bounds the ratio
ours / other, and ours itself where there is no other. Parts that a figure does not have are left out.
"""

import re
from decimal import Decimal

Number = float | int | Decimal
LINE = re.compile(r"FIGURE (?:[a-z]+=[^ =]+ ?)+")


def figure(
    name: str,
    ours: Number,
    unit: str,
    *,
    other: Number | None = None,
    goal: Number | None = None,
    better: str = "lower",
) -> bool:
    """Print one figure and give whether it meets its goal (no goal: always).

    `name` has no blanks (pages-home-median), `unit` is one word (ms, s, rows/s, MB, queries), `better` is lower or
    higher. Raises ValueError for anything that would break the line, or another figure that is not above 0.
    """
    for word in (name, unit):
        if not word or re.search(r"[\s=]", word):
            raise ValueError(f"a figure's name and unit are words without blanks: {word!r}")
    if better not in {"lower", "higher"}:
        raise ValueError(f"better is lower or higher, not {better!r}")
    parts: dict[str, str] = {"name": name, "ours": plain(ours)}
    bounded = float(ours)
    if other is not None:
        if other <= 0:
            raise ValueError("a ratio needs another figure above 0")
        bounded = float(ours) / float(other)
        parts |= {"other": plain(other), "ratio": plain(bounded)}
    if goal is not None:
        parts["goal"] = plain(goal)
    print("FIGURE", *(f"{key}={value}" for key, value in {**parts, "unit": unit, "better": better}.items()), flush=True)
    return goal is None or _meets(bounded, float(goal), better)


def is_missed(line: str) -> bool:
    """Whether a printed figure misses its goal."""
    parts = dict(part.split("=", 1) for part in line.split()[1:])
    if "goal" not in parts:
        return False
    return not _meets(float(parts.get("ratio", parts["ours"])), float(parts["goal"]), parts["better"])


def _meets(bounded: float, goal: float, better: str) -> bool:
    return bounded <= goal if better == "lower" else bounded >= goal


def plain(value: Number) -> str:
    """A number with at most three decimals, without exponent, grouping or trailing zeros."""
    text = f"{value:.3f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
