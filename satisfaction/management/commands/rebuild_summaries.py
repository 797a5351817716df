"""Builds the sums of satisfaction anew, or proves them: `manage.py rebuild_summaries [--check] [--store CODE]`."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connection
from django.utils.translation import gettext as _

from crm_site.accounts.models import Store
from crm_site.core import clock
from crm_site.core.commandline import SpeakingCommand
from satisfaction.actions import folding

SHOWN = 20


def _counted(store_ids: list[int]) -> int:
    counted = folding.rebuild(store_ids, now=clock.now())
    if counted is None:
        raise CommandError(_("Other workers have been at these stores for a minute; try again later."))
    return counted


def _in_a_thread(store_ids: list[int]) -> int:
    try:
        return _counted(store_ids)
    finally:
        connection.close()


class Command(SpeakingCommand):
    """Counts the raw answers of every store again while people go on working; `--check` only compares."""

    help = "Build the sums of the scores from the raw answers; with --check compare them and fail where one differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare only, write nothing")
        parser.add_argument("--store", metavar="CODE", help="only this store")
        parser.add_argument("--workers", type=int, default=1, choices=range(1, 9), help="how many connections count")

    def handle(self, *args: Any, **options: Any) -> None:
        stores = Store.objects.order_by("code")
        if options["store"]:
            stores = stores.filter(code=options["store"])
            if not stores:
                raise CommandError(_("There is no store with the code %(code)s.") % {"code": options["store"]})
        if options["check"]:
            return self._check(list(stores))
        counted = self._build([store.pk for store in stores], options["workers"])
        numbers = {"count": counted, "stores": len(stores)}
        self.say(_("Counted anew: %(count)s responses of %(stores)s stores.") % numbers)
        return None

    def _build(self, store_ids: list[int], workers: int) -> int:
        """The stores shared among connections that count at the same time, so that the engine uses several cores."""
        if workers == 1:
            return _counted(store_ids)
        shares = [share for number in range(workers) if (share := store_ids[number::workers])]
        with ThreadPoolExecutor(workers) as pool:
            return sum(pool.map(_in_a_thread, shares))

    def _check(self, stores: list[Store]) -> None:
        wrong = [f"{store.code} {line}" for store in stores for line in folding.differences(store.pk)]
        if wrong:
            differ = _("%(count)s sums differ from their answers:") % {"count": len(wrong)}
            raise CommandError("\n".join([differ, *wrong[:SHOWN]]))
        self.say(_("The sums of %(stores)s stores equal their answers.") % {"stores": len(stores)})
