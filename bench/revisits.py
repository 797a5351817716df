"""The generator's night on a million cars and on SQLite, and the desk under load, on archives made for it.

`CARS=20000 make bench-revisits` measures a smaller night; the desk's archive shrinks alike.
"""

from __future__ import annotations

import os
import subprocess
import sys

CARS = int(os.environ.get("CARS", "1000000"))
CARS_SQLITE = min(CARS, 100_000)
PARTS = (
    ["bench._night", "postgresql", str(CARS)],
    ["bench._night", "sqlite", str(CARS_SQLITE)],
    ["bench._desk", str(min(1.0, CARS / 100_000))],
)


def main() -> int:
    """Measure part by part, each in a process of its own; 1 when a goal is missed."""
    codes = [subprocess.run([sys.executable, "-m", *part], check=False).returncode for part in PARTS]
    return int(any(codes))
