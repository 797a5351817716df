"""Writes a backup of database and files into a folder: `manage.py backup --to /var/backups/huifang --keep 14`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm_site.core import clock
from crm_site.jobs.models import Beat
from crm_site.upkeep.backup import making, troubles


class Command(BaseCommand):
    """`manage.py backup [--to FOLDER] [--keep N] [--pipe COMMAND]`; people go on working meanwhile."""

    help = (
        "Write database and files into one file, from one moment, while people work. The environment with SECRET_KEY "
        "and the passwords of the servers are NOT in it: keep those apart, and safe."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to, how many stay, and what the archive goes through."""
        parser.add_argument("--to", type=Path, default=settings.VAR_DIR / "backups", help="folder (var/backups)")
        parser.add_argument("--keep", type=int, default=0, help="remove all but the newest N backups of that folder")
        parser.add_argument("--pipe", default="", help="command that encrypts, e.g. 'age -r age1…' or 'gpg -e -r ops'")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, note it for the job room, remove old ones, say what it holds."""
        if options["keep"] < 0:
            raise CommandError("--keep is the number of backups that stay, 1 or more.")
        now = clock.now()
        with troubles.told(options["to"]):
            made = making.make(options["to"].resolve(), now=now, pipe=options["pipe"])
        detail = {"name": made.path.name, "bytes": made.bytes, "rows": made.rows, "files": made.files}
        Beat.objects.update_or_create(
            name="backup", defaults={"at": now, "detail": detail | {"seconds": round(made.seconds, 1)}}
        )
        removed = making.thin_out(options["to"], options["keep"]) if options["keep"] else []
        size = f"{made.bytes / 1e6:.1f} MB"
        self.stdout.write(f"{made.path}: {made.rows} rows, {made.files} files, {size}, {made.seconds:.1f} s")
        self.stdout.write("Not in it: the environment with SECRET_KEY, and the servers' passwords. Keep them apart.")
        for old in removed:
            self.stdout.write(f"Removed {old.name}")
