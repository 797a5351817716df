"""Reads the process environment into Django settings; knows both database engines and both brokers."""

import os
import sys
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from crm_site.core.i18n import gettext_noop

#: Databases stand on SSDs or in memory: at PostgreSQL's default of 4, which is that of a spinning disk, it reads whole
#: tables of all stores where the rows of one would be found by index. Compiling a query takes longer than
#: any page may. An `options` in DATABASE_URL replaces both.
POSTGRES_OPTIONS = "-c random_page_cost=1.1 -c jit=off"
#: Seconds that PostgreSQL lets a process of each kind take: for one statement, for waiting for somebody's lock, and
#: idle inside a transaction; 0 is for ever. A page is given up before its web process is (gunicorn: 60 s); a job may
#: count a million answers; what an administrator or a migration begins is never cut off.
TIMEOUTS = {"web": (20, 10, 60), "worker": (900, 60, 900), "command": (0, 0, 0)}


def flag(name: str) -> bool:
    """Whether an environment variable is switched on (1, true, yes, on)."""
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def process_kind(program: str) -> str:
    """What this process is: "web", "worker" (with the scheduler) or "command", by its program; HUIFANG_PROCESS says
    otherwise. Raises ImproperlyConfigured for another word there."""
    named = os.environ.get("HUIFANG_PROCESS", "")
    if named and named not in TIMEOUTS:
        raise ImproperlyConfigured(f"HUIFANG_PROCESS is one of {', '.join(TIMEOUTS)}, not {named}.")
    if named:
        return named
    parts = Path(program).parts[-2:]
    return "web" if "gunicorn" in parts else "worker" if "celery" in parts else "command"


def timeouts(kind: str) -> str:
    """PostgreSQL's options that bound a process of this kind; DB_STATEMENT_SECONDS replaces the first bound of pages.

    Not of the others: web, worker and commands read one file, and a migration that is cut off after 20 s helps nobody.
    """
    statement, lock, idle = TIMEOUTS[kind]
    if kind == "web":
        statement = int(os.environ.get("DB_STATEMENT_SECONDS") or statement)
    named = {"statement_timeout": statement, "lock_timeout": lock, "idle_in_transaction_session_timeout": idle}
    return " ".join(f"-c {name}={seconds}s" for name, seconds in named.items())


def database_from_url(url: str, var_dir: Path, *, kind: str = "") -> dict:
    """Turn DATABASE_URL into a Django database entry; empty means SQLite in `var_dir`.

    `kind`: of which process, whose time it bounds; this one's unless told.
    Raises ImproperlyConfigured for a scheme other than sqlite or postgres(ql), and for what is no address.
    """
    if not url:
        return _sqlite(str(var_dir / "huifang.sqlite3"))
    scheme = url.partition(":")[0]
    if scheme not in {"sqlite", "postgres", "postgresql"}:
        raise ImproperlyConfigured(
            gettext_noop("DATABASE_URL must begin with sqlite:// or postgres://, and stand without quotes.")
        )
    if scheme == "sqlite":
        path = unquote(urlsplit(url).path)
        return _sqlite(path.removeprefix("/") if path.startswith("//") else path)
    parts = _taken_apart(url)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        **_line(options, timeouts(kind or process_kind(sys.argv[0]))),
    }


def _taken_apart(url: str) -> SplitResult:
    """The parts of a server's address; refused where a sign in the password makes another address of it."""
    try:
        parts = urlsplit(url)
        is_whole = parts.port != 0 and not parts.fragment and "@" not in parts.path + parts.query
    except ValueError:  # the port is no number
        is_whole = False
    if not is_whole:
        raise ImproperlyConfigured(
            gettext_noop(
                "DATABASE_URL cannot be read. Signs in its password are written by their number: "
                "@ %40, : %3A, / %2F, # %23, ? %3F, % %25, a blank %20."
            )
        )
    return parts


def _line(options: dict[str, str], bounds: str) -> dict:
    """What a connection says as it begins; DB_POOLED: nothing, for the next transaction may be on another one.

    Behind a pool of transactions the role's own settings hold, and a cursor ends with its transaction.
    """
    if flag("DB_POOLED"):
        return {"OPTIONS": options, "DISABLE_SERVER_SIDE_CURSORS": True}
    return {"OPTIONS": {"options": f"{POSTGRES_OPTIONS} {bounds}"} | options}


def _sqlite(name: str) -> dict:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


def broker_settings(redis_url: str, var_dir: Path) -> dict:
    """Give Celery's broker settings: Redis where a URL is given, else a private folder on this machine."""
    # A page that has something sent asks once, and where nobody remembers which queue takes it, the only one does.
    once = {"max_retries": 0, "deadletter_queue": "celery"}
    if redis_url:
        return {
            "CELERY_BROKER_URL": redis_url,
            "CELERY_BROKER_TRANSPORT": "crm_site.core.broker:RedisTransport",
            "CELERY_BROKER_TRANSPORT_OPTIONS": {
                "socket_timeout": 1,
                "socket_connect_timeout": 1,
                "visibility_timeout": 3600,
                **once,
            },
        }
    folder = var_dir / "broker"
    for name in ("queue", "processed", "control"):
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "CELERY_BROKER_URL": "filesystem://localhost",
        "CELERY_BROKER_TRANSPORT": "crm_site.core.broker:FolderTransport",
        "CELERY_BROKER_TRANSPORT_OPTIONS": {
            "data_folder_in": str(folder / "queue"),
            "data_folder_out": str(folder / "queue"),
            "processed_folder": str(folder / "processed"),
            "control_folder": str(folder / "control"),
            "store_processed": False,
            "polling_interval": 0.2,
            **once,
        },
    }
