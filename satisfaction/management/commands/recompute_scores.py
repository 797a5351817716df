"""Proves that every stored score follows from its answers: `manage.py recompute_scores --check`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm_site.accounts.models import Store
from crm_site.core.commandline import SpeakingCommand
from satisfaction import scoring
from satisfaction.models import Response

SHOWN = 20
#: responses that are in memory at once, and after how many the command says how far it is
PORTION, TOLD_EVERY = 1_000, 20_000


class Command(SpeakingCommand):
    """Evaluates all responses anew and compares; nothing is written, for what was published must not move."""

    help = "Compare every stored score with a new computation from its answers; exit code 1 when one differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the promise to write nothing, and a store."""
        parser.add_argument("--check", action="store_true", help="required: says that nothing will be written")
        parser.add_argument("--store", default="", help="code of one store; all of them unless told")

    def handle(self, *args: Any, **options: Any) -> None:
        """Go through the responses by key and say what differs: index, validity, lows, answers, factors, employees."""
        if not options["check"]:
            raise CommandError(_("Only checking is offered: manage.py recompute_scores --check"))
        checked, count, wrong = 0, 0, []
        for response in scoring.loaded(_responses(options["store"])).iterator(chunk_size=PORTION):
            checked += 1
            names = scoring.differences(response)
            if names:
                count += 1
                wrong += [f"response {response.pk}: {', '.join(names)}"] if count <= SHOWN else []
            if checked % TOLD_EVERY == 0:
                self.say(_("%(checked)s recomputed, %(count)s differ") % {"checked": checked, "count": count})
        if count:
            differ = _("%(count)s of %(checked)s responses differ:") % {"checked": checked, "count": count}
            raise CommandError("\n".join([differ, *wrong]))
        self.say(_("%(checked)s responses recomputed, all equal.") % {"checked": checked})


def _responses(code: str) -> QuerySet[Response]:
    """The responses of one store, or of all."""
    rows = Response.objects.order_by("pk")
    if not code:
        return rows
    store = Store.objects.filter(code=code).first()
    if store is None:
        raise CommandError(_("There is no store with the code %(code)s.") % {"code": code})
    return rows.filter(store=store)
