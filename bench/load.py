"""The desk under load (T01, T02, T09, T10), each told beside what the database says: half an hour's work and more.

`make bench-load` takes about 50 minutes. MINUTES=2 shortens the two that take long, SCALE=0.1 shrinks the archives,
PAUSE=1 quickens the people; ONLY=people measures one part. Each part has processes and servers of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys

#: what a part may take beside its minutes before it is ended: filling, other rounds, comparing
SPARE_SECONDS = 1_500
#: name -> module with its arguments, and for how many minutes it runs unless told otherwise
PARTS: dict[str, tuple[list[str], float]] = {
    "claims": (["bench._desk", os.environ.get("SCALE") or "1"], 0),
    "claims-sqlite": (["bench._desk", os.environ.get("SCALE") or "1", "sqlite"], 0),
    "vanish": (["bench._vanishing", "50"], 0),
    "people": (["bench._day", "postgresql"], 30),
    "people-sqlite": (["bench._day", "sqlite"], 10),
}


def main() -> int:
    """Measure part by part; 1 when a goal is missed or a part does not end."""
    only = os.environ.get("ONLY")
    codes = [run(name, *part) for name, part in PARTS.items() if only in {None, "", name}]
    return int(any(codes) or not codes)


def run(name: str, part: list[str], minutes: float) -> int:
    """One part, ended when it takes far too long; gives its exit code."""
    print(f"--- {name} ---", flush=True)
    limit = 60 * float(os.environ.get("MINUTES") or minutes) + SPARE_SECONDS
    with subprocess.Popen([sys.executable, "-m", *part]) as process:
        try:
            return process.wait(limit)
        except subprocess.TimeoutExpired:
            print(f"{name} did not end within {limit:.0f} s and is ended", flush=True)
            process.terminate()  # its servers and processes end with it
            return 1


if __name__ == "__main__":
    sys.exit(main())
