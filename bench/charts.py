"""How many different charts a second one process draws, and how much memory a thousand of them leave behind."""

from __future__ import annotations

import time
import warnings

from bench.figure import figure
from tests.core import drawings

WARM, COUNT = 100, 1000
#: MiB that may come to stay over the thousand
GOAL_MIB = 6


def main() -> int:
    """Draw some to warm up, then a thousand; 1 when they leave too much behind. A missing glyph is an error."""
    warnings.simplefilter("error")
    for number in range(WARM):
        drawings.draw(number)
    before, started = drawings.resident_kib(), time.monotonic()
    for number in range(WARM, WARM + COUNT):
        drawings.draw(number)
    figure("charts-speed", COUNT / (time.monotonic() - started), "charts/s", better="higher")
    grown = max(drawings.resident_kib() - before, 0) / 1024
    return 0 if figure("charts-memory", grown, "MiB", goal=GOAL_MIB) else 1
