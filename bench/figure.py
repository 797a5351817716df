"""Prints a measured figure as one line that people and programs can read: `FIGURE name value unit goal verdict`."""

from decimal import Decimal


def figure(name: str, value: float | int | Decimal, unit: str, *, at_most: float | None = None) -> bool:
    """Print one figure and give whether it meets its goal (no goal: always).

    `name` is dotted and without blanks (`pages.home.median`), `unit` one word (ms, s, rows/s, MB, queries).
    """
    if " " in name or not name:
        raise ValueError(f"the name of a figure has no blanks: {name!r}")
    if not unit or " " in unit:
        raise ValueError(f"the unit of a figure is one word: {unit!r}")
    line, met = f"FIGURE {name} {plain(value)} {unit}", True
    if at_most is not None:
        met = value <= at_most
        line += f" <= {plain(at_most)} {'met' if met else 'MISSED'}"
    print(line, flush=True)
    return met


def plain(value: float | int | Decimal) -> str:
    """A number with at most three decimals, without exponent, grouping or trailing zeros."""
    text = f"{value:.3f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
