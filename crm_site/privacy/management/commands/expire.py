"""Removes what is kept for a while only, or with --dry-run says how much that would be."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from crm_site.core import clock
from crm_site.files import actions as files
from crm_site.privacy import expiry


class Command(BaseCommand):
    """`manage.py expire [--dry-run]`; the nightly job does the same."""

    help = "Remove uploads, staged rows, drafts, exports and journals whose time is over; safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The trial run."""
        parser.add_argument("--dry-run", action="store_true", help="only say how much would be removed")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a store and kind, then the sums."""
        now, act = clock.now(), expiry.due if options["dry_run"] else expiry.expire
        sums: dict[str, int] = {}
        for store in expiry.stores():
            for code, count in act(expiry.Term.of(store.pk, now)).items():
                sums[code] = sums.get(code, 0) + count
                self.stdout.write(f"{store.code} {code} {count}")
        for code, rows in (("sessions", expiry.over_sessions(now)), ("tries", expiry.over_tries(now))):
            sums[code] = rows.count()
            if not options["dry_run"]:
                rows.delete()
        sums["left_behind"] = len(files.left_behind(now)) if options["dry_run"] else files.sweep(now)
        self.stdout.write(" ".join(f"{code}={count}" for code, count in sums.items()))
