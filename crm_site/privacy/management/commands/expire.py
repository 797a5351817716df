"""Removes what is kept for a while only, or with --dry-run says how much that would be."""

from argparse import ArgumentParser
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm_site.core import clock
from crm_site.core.commandline import SpeakingCommand
from crm_site.files import actions as files
from crm_site.privacy import expiry


class Command(SpeakingCommand):
    """`manage.py expire [--dry-run]`; the nightly job does the same."""

    help = "Remove uploads, staged rows, drafts, exports and journals whose time is over; safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The trial run."""
        parser.add_argument("--dry-run", action="store_true", help="only say how much would be removed")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say a line for each store and kind of which something is over, then the sum."""
        now, is_trial = clock.now(), options["dry_run"]
        act, total = expiry.due if is_trial else expiry.expire, 0
        titles = {kind.code: kind.title for kind in expiry.KINDS}
        for store in expiry.stores():
            for code, count in act(expiry.Term.of(store.pk, now)).items():
                total += self.line(f"{store.code} {store.short_name}", str(titles[code]), count)
        of_all = _("all stores")
        total += self.line(of_all, _("Sign-ins that are over"), _gone(expiry.over_sessions(now), is_trial))
        total += self.line(of_all, _("Old tries to sign in"), _gone(expiry.over_tries(now), is_trial))
        left = len(files.left_behind(now)) if is_trial else files.sweep(now)
        total += self.line(of_all, _("Files that no row names"), left)
        text = _("%(count)s would go; nothing was removed.") if is_trial else _("%(count)s removed.")
        self.say(text % {"count": total})

    def line(self, where: str, what: str, count: int) -> int:
        """Say how much of one kind there is, if any; gives the count back."""
        if count:
            self.say(f"{count:>8}  {where}  {what}")
        return count


def _gone(rows: QuerySet, is_trial: bool) -> int:
    """How many rows there are, removed unless it is a trial run."""
    count = rows.count()
    if not is_trial:
        rows.delete()
    return count
