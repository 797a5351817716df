"""An update while people work (T43): servers restarted one after the other, migrations killed at any moment.

`make bench-rolling` takes about ten minutes; CALLERS=20 people work while both web servers are restarted ROLLS=3 times,
and KILLS=6 migrations are killed on each engine. T43's worker in mid-import is measured by `make faults`.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench._faults.house import House, house, on_servers
from bench.figure import figure
from tests import environment, prepared
from tests.operate.rolling import STOP_SECONDS, Door
from tests.stack import ROOT, environment_on

CALLERS = int(os.environ.get("CALLERS") or 20)
ROLLS = int(os.environ.get("ROLLS") or 3)
KILLS = int(os.environ.get("KILLS") or 6)
#: how long the proxy in front waits for an answer (deploy/nginx), beside everything else that this machine does
PROXY_SECONDS = 70
SQLITE_SCHEMA = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2"


def main() -> int:
    """Measure both; 1 when a goal is missed."""
    with on_servers():
        with house(vehicles=2_000, calls=4_000, callers=CALLERS) as made:
            fine = rolled(made)
        fine = killed("postgresql", "rolling_killed") and fine
        fine = killed("sqlite", "") and fine
    return 0 if fine else 1


def rolled(made: House) -> bool:
    """People work while the web servers restart; gives whether nobody met an error and everything told is true."""
    door = Door(made.stack.env)
    made.stack.port = door.port
    made.stack.start_web = lambda: (door.start("a", workers=2), door.start("b", workers=2))  # type: ignore[method-assign]
    try:
        made.open(pause=0.3)
        for one in made.people:
            one.line.connection.timeout = PROXY_SECONDS
        with made.at_work():
            time.sleep(5)
            for _roll in range(ROLLS):
                door.roll(workers=2)
                time.sleep(3)
        heard, broken = sum(1 for _one in made.ledger.seconds()), made.ledger.broken()
        wrong = made.differences()
    finally:
        door.close()
    print(f"{heard} answers to {CALLERS} people; broken: {broken[:3]}; contradictions: {wrong[:3]}")
    fine = figure("rolling-failed-requests", len(broken), "requests", goal=0)
    fine = figure("rolling-contradictions", len(wrong), "rows", goal=0) and fine
    return figure("rolling-longest-stop", max(door.stops), "s", goal=STOP_SECONDS) and fine


def killed(engine: str, database: str) -> bool:
    """Kill `migrate` from nothing at random moments until it has been killed often, then let it end; compare."""
    dice = random.Random(engine)
    with tempfile.TemporaryDirectory() as folder:
        env = environment_on(Path(folder), database)
        if database:
            prepared.on_server(f"CREATE DATABASE {database}")
        for _kill in range(KILLS):
            process = subprocess.Popen([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=env)
            time.sleep(2 + dice.random() * 6)
            process.kill()
            process.wait()
        began = time.monotonic()
        ended = subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=env, check=False)
        differs = ended.returncode != 0 or schema(env, database) != whole(database)
        if database:
            prepared.on_server(f"DROP DATABASE {database} WITH (FORCE)")
    figure(f"killed-migration-{engine}-last-run", time.monotonic() - began, "s")
    return figure(f"killed-migration-{engine}-differences", int(differs), "schemas", goal=0)


def schema(env: dict[str, str], database: str) -> str:
    """Tables, keys, indexes and triggers as the engine writes them down."""
    if database:
        return _settled(database)
    return _rows(Path(env["HUIFANG_VAR"], prepared.SQLITE_NAME))


def whole(database: str) -> str:
    """The same of a database that was migrated without a disturbance."""
    return _settled(prepared.template()) if database else _rows(prepared.file())


def _settled(database: str) -> str:
    """A database's schema once it has been dumped and loaded: conditions are written otherwise from then on."""
    prepared.on_server("CREATE DATABASE rolling_settled")
    try:
        address = environment.database_url("rolling_settled")
        prepared.run_sql(address, _dumped(environment.database_url(database)).encode())
        return _without_chance(_dumped(address))
    finally:
        prepared.on_server("DROP DATABASE rolling_settled WITH (FORCE)")


def _dumped(address: str) -> str:
    from tests import servers

    command = [servers.postgres_program("pg_dump"), "--schema-only", "--no-owner", address]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _without_chance(text: str) -> str:
    """A dump without the token that pg_dump makes anew each time."""
    return "\n".join(line for line in text.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))


def _rows(path: Path) -> str:
    import sqlite3

    with sqlite3.connect(path) as line:
        return "\n".join(map(str, line.execute(SQLITE_SCHEMA)))


if __name__ == "__main__":
    sys.exit(main())
