"""`make bench` and `make bench-NAME`: runs measurements one after another and sums up their FIGURE lines.

A measurement is a module of this folder with a function `main()` that prints figures with `bench.figure.figure`.
Each runs in a process of its own, so that one cannot warm up the next.
"""

import subprocess
import sys
import time
from pathlib import Path

from bench.figure import is_missed

HERE = Path(__file__).resolve().parent
NOT_MEASUREMENTS = {"__init__", "figure", "run"}
#: an hour each and more: run by their names only
LONG = {"load", "scale", "soak"}


def measurements() -> list[str]:
    """Names of all measurements, in order."""
    names = {path.stem for path in HERE.glob("*.py")} - NOT_MEASUREMENTS
    return sorted(name for name in names if not name.startswith("_"))


def run(name: str) -> tuple[int, list[str]]:
    """Run one measurement, passing its output on; gives its exit code and its FIGURE lines."""
    print(f"===== {name} =====", flush=True)
    start = f"import importlib, sys; sys.exit(importlib.import_module('bench.{name}').main())"
    command = [sys.executable, "-c", start]
    figures = []
    with subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            if line.startswith("FIGURE "):
                figures.append(line.rstrip())
    return process.returncode, figures


def main(names: list[str]) -> int:
    """Run the named measurements (none named: all but the long ones); 1 when one failed or a figure missed its goal."""
    known = measurements()
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"No such measurement: {', '.join(unknown)}. There are: {', '.join(known) or 'none yet'}.")
        return 2
    started, failed, figures = time.monotonic(), [], []
    for name in names or [name for name in known if name not in LONG]:
        code, lines = run(name)
        figures += lines
        if code:
            failed.append(name)
    print(f"\n===== figures ({time.monotonic() - started:.0f} s) =====")
    print("\n".join(figures) or "none")
    if failed:
        print(f"FAILED: {', '.join(failed)}")
    missed = [line for line in figures if is_missed(line)]
    if missed:
        print("MISSED THEIR GOAL:", *missed, sep="\n")
    return 1 if failed or missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
