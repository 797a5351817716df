"""What a backup asks of a database engine; chosen by the entry that DATABASE_URL makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, Protocol

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

#: the same on every engine
LIVING_FILES = "SELECT path FROM files_storedfile WHERE removed_at IS NULL"


class Facts(NamedTuple):
    """A table as the backup found it: how many rows, and the SHA-256 of all of them in the order of their keys."""

    rows: int
    sha256: str


class Engine(Protocol):
    """A database that can be written into a file, and made from one."""

    name: str
    #: the name of its part of the archive
    member: str

    def dump(self, target: Path, *, without: set[str]) -> tuple[dict[str, Facts], list[tuple[str, str]]]:
        """Write one moment of the database into a file, while others write; gives its tables and migrations then.

        Of the tables `without` only the definition is kept.
        """

    def living_files(self) -> set[str]:
        """The names of the uploaded files that rows speak of now, as committed."""

    def load(self, source: Path, *, replace: bool) -> None:
        """Make the database from such a file, with `replace` instead of what stands there.

        Raises CommandError if that fails: with the database as it was where the file cannot be read here at all, else
        with an empty one.
        """

    def facts(self, *, without: set[str]) -> dict[str, Facts]:
        """All tables as they are now."""

    def is_empty(self) -> bool:
        """Whether there is no table yet."""

    def in_use(self) -> int:
        """How many others are connected."""


def of(entry: dict[str, Any]) -> Engine:
    """The engine of a database entry of Django's settings."""
    from crm_site.upkeep.backup.postgres import Postgres
    from crm_site.upkeep.backup.sqlite import Sqlite

    known: dict[str, type[Postgres] | type[Sqlite]] = {
        "django.db.backends.postgresql": Postgres,
        "django.db.backends.sqlite3": Sqlite,
    }
    if entry["ENGINE"] not in known:
        raise CommandError(_("There is no backup for %(engine)s.") % {"engine": entry["ENGINE"]})
    return known[entry["ENGINE"]](entry)
