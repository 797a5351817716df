"""Decides on what a test run stands, PostgreSQL and Redis or the embedded engines, before Django reads its settings."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests import servers

TEMPLATE = "huifang_template"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}

# What this run stands on, for the header and for marks that need real servers.
notes: list[str] = []
postgres: servers.Postgres | None = None
redis: servers.Redis | None = None


def enter() -> None:
    """Set the environment for Django, starting the servers unless this is an xdist worker, which shares its parent's.

    TEST_ON=sqlite asks for the embedded engines. Raises servers.ServerMissing under CI=true when a server is lacking.
    """
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "crm_site.settings",
        "HUIFANG_DEMO": "1",
        "SECRET_KEY": "only-for-tests-" * 4,
    }
    os.environ["LC_ALL"] = "C.UTF-8"  # commands answer in the shell's language, and the tests' shell is an English one
    # Playwright's loop runs in this thread, and Django would refuse the ORM beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    os.environ["HUIFANG_VAR"] = _own_folder()
    if WORKER:
        _share_redis()
        return
    os.environ |= {"DATABASE_URL": "", "REDIS_URL": ""}
    if os.environ.get("TEST_ON") == "sqlite":
        notes.append("SQLite and the embedded broker, as asked by TEST_ON")
        return
    lacking = "; ".join(servers.missing().values())
    if lacking and IN_CI:
        raise servers.ServerMissing(lacking)
    if lacking:
        notes.append(f"SQLite and the embedded broker; races are left out, because {lacking}")
        return
    _start_servers()


def leave() -> None:
    """Stop what was started; also done at exit, whichever comes first."""
    for server in (postgres, redis):
        if server is not None:
            server.stop()


def database_url(name: str) -> str:
    """DATABASE_URL of another database on the same private PostgreSQL."""
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"


def redis_url(number: int) -> str:
    """REDIS_URL of another numbered database on the same private Redis."""
    return f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{number}"


def redis_url_of_stacks() -> str:
    """REDIS_URL of this process's stacks: a numbered database from 20 on, no two xdist workers have the same."""
    return redis_url(20 + int(WORKER.removeprefix("gw") or 0))


def on_servers() -> bool:
    """Whether this run stands on PostgreSQL and Redis."""
    return bool(os.environ.get("REDIS_URL"))


def _start_servers() -> None:
    global postgres, redis
    postgres, redis = servers.Postgres(), servers.Redis()
    postgres.start()
    redis.start()
    os.environ |= {"DATABASE_URL": postgres.url("huifang"), "REDIS_URL": redis.url()}
    notes.append(f"private PostgreSQL on port {postgres.port}, private Redis on port {redis.port}")


def _share_redis() -> None:
    """Give every xdist worker a numbered Redis database of its own."""
    if on_servers():
        os.environ["REDIS_URL"] = redis_url(int(WORKER.removeprefix("gw")) + 1)


def _own_folder() -> str:
    """A state folder for this process alone, removed at its end."""
    servers.remove_leftovers("var")
    folder = tempfile.mkdtemp(prefix="huifang-var-")
    Path(folder, "owner").write_text(str(os.getpid()))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
