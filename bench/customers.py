"""The archive at full size: 1,000,000 customers with 1.2 million cars on PostgreSQL, and 100,000 on SQLite.

Searches of every kind, the list with every filter, the card, bulk counts; whoever asks sees all three stores.
`CUSTOMERS=100000 make bench-customers` measures less. `BENCH_DATABASE=postgres://…` names a migrated database that is
filled once and kept between runs; SQLite is then left out.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from bench import _big

CUSTOMERS = int(os.environ.get("CUSTOMERS", "1000000"))
CUSTOMERS_SQLITE = min(CUSTOMERS, 100_000)


def main() -> int:
    """Measure on both engines, each in a process of its own; 1 when a goal is missed."""
    codes = [_run("postgresql", CUSTOMERS)]
    if not os.environ.get("BENCH_DATABASE"):
        codes.append(_run("sqlite", CUSTOMERS_SQLITE))
    return max(codes)


def _run(engine: str, customers: int) -> int:
    began = time.monotonic()
    command = [sys.executable, "-m", _big.__name__, engine, str(customers)]
    code = subprocess.run(command, check=False).returncode
    print(f"{engine} took {time.monotonic() - began:.0f} s", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
