"""Proves that every stored score follows from its answers: `manage.py recompute_scores --check`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from satisfaction import scoring
from satisfaction.models import Response

SHOWN = 20


class Command(BaseCommand):
    """Evaluates all responses anew and compares; nothing is written, for what was published must not move."""

    help = "Compare every stored score with a new computation from its answers; fails when one differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="required: says that nothing will be written")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            raise CommandError("Only checking is offered: manage.py recompute_scores --check")
        checked, wrong = 0, []
        for response in scoring.loaded(Response.objects.order_by("pk")).iterator(chunk_size=1000):
            checked += 1
            names = scoring.differences(response)
            if names:
                wrong.append(f"response {response.pk}: {', '.join(names)}")
        if wrong:
            raise CommandError("\n".join([f"{len(wrong)} of {checked} responses differ", *wrong[:SHOWN]]))
        self.stdout.write(f"{checked} responses recomputed, all equal")
