"""`make check`: runs every check that needs no server, two at a time; a line for each with its time."""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
APPS = ["crm_site", "customers", "revisits", "complaints", "satisfaction"]
TYPED = ("rules.py", "actions.py", "models.py", "rules/*.py", "actions/*.py", "models/*.py")


@dataclass(frozen=True)
class Check:
    """One step: what it says of itself, its command, and what it needs in its environment."""

    name: str
    command: Sequence[str]
    env: dict[str, str] = field(default_factory=dict)


def tool(name: str) -> str:
    """Path of a program of our environment."""
    return str(BIN / name)


def manage(*arguments: str) -> list[str]:
    """A manage.py command."""
    return [sys.executable, "manage.py", *arguments]


def typed_files() -> list[str]:
    """The modules that mypy reads: rules, actions and models of every room."""
    found = {path for app in APPS for pattern in TYPED for path in (ROOT / app).rglob(pattern)}
    return sorted(str(path.relative_to(ROOT)) for path in found)


def checks(state: str) -> list[Check]:
    """Every step; `state` is an empty folder for databases and keys that are thrown away."""
    key = secrets.token_urlsafe(60)
    demo = {"HUIFANG_DEMO": "1", "SECRET_KEY": key, "HUIFANG_VAR": state, "DATABASE_URL": "", "REDIS_URL": ""}
    production = {
        "HUIFANG_DEMO": "",
        "DEBUG": "",
        "SECRET_KEY": key,
        "ALLOWED_HOSTS": "crm.example.cn",
        "DATABASE_URL": "postgres://huifang@db.example.cn/huifang",
        "REDIS_URL": "redis://queue.example.cn/0",
        "HUIFANG_VAR": state,
    }
    return [
        Check("types (mypy)", [tool("mypy"), "--no-error-summary", *typed_files()], demo),
        Check("style (ruff)", [tool("ruff"), "check", "--quiet", ".", ".ci"]),
        Check("format (ruff)", [tool("ruff"), "format", "--quiet", "--check", ".", ".ci"]),
        Check("templates (djlint)", [tool("djlint"), "templates", "--lint", "--quiet"]),
        Check("layers (import-linter)", [tool("lint-imports"), "--no-logo"]),
        Check("settings (check --deploy)", manage("check", "--deploy", "--fail-level", "WARNING"), production),
        Check("migrations complete", manage("makemigrations", "--check", "--dry-run", "--verbosity", "1"), demo),
        Check("translations complete", manage("i18n", "check"), demo),
    ]


def run(check: Check) -> tuple[Check, int, str, float]:
    """Run one step; gives it back with exit code, output and seconds."""
    started = time.monotonic()
    env = os.environ | check.env
    done = subprocess.run(check.command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    return check, done.returncode, (done.stdout + done.stderr).strip(), time.monotonic() - started


def main() -> int:
    """Run all, print a line for each and the output of those that failed; 1 when any did."""
    started, failed = time.monotonic(), []
    with tempfile.TemporaryDirectory() as state, ThreadPoolExecutor(2) as pool:
        for future in as_completed([pool.submit(run, check) for check in checks(state)]):
            check, code, output, seconds = future.result()
            print(f"{'ok' if code == 0 else 'FAILED':6} {check.name:28} {seconds:6.1f} s", flush=True)
            if code != 0:
                failed.append((check.name, output))
    for name, output in failed:
        print(f"\n----- {name} -----\n{output}")
    print(f"\n{f'{len(failed)} failed' if failed else 'All checks passed'} in {time.monotonic() - started:.0f} s.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
