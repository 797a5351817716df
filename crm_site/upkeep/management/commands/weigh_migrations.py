"""`manage.py weigh_migrations`: says which waiting migrations are not safe while people work; deploy/update.sh asks."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from crm_site.core.commandline import SpeakingCommand
from crm_site.upkeep import weighing


class Command(SpeakingCommand):
    """Writes nothing; ends with an error when a step is unsafe and --accept was not given."""

    help = "Say which waiting migrations need a quiet minute."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accept", action="store_true", help="only say it: this is the quiet minute")

    def handle(self, *args: Any, **options: Any) -> None:
        migrations = weighing.waiting()
        found = list(weighing.worries(migrations))
        self.stdout.write(_("%(count)s migrations wait.") % {"count": len(migrations)})
        for worry in found:
            self.stdout.write(f"  {worry.migration}: {worry.step} — {worry.why}")
        if found and not options["accept"]:
            raise CommandError(_("Not safe while people work: choose a quiet minute and run it with --accept."))
