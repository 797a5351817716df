"""Makes the first administrator of a store, with a random password that must be changed at the first sign-in."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from crm_site.accounts.actions.first import create_first_admin
from crm_site.core import clock
from crm_site.core.commandline import SpeakingCommand
from crm_site.core.errors import RuleBroken


class Command(SpeakingCommand):
    """`manage.py first_admin --store YB1 --store-name 渝北一店 --name 段文 --username duanwen`."""

    help = "Make the first administrator of a store; the store is made too where it does not exist."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--store", required=True, help="code of the store")
        parser.add_argument("--store-name", default="", help="name of the store, where it is new")
        parser.add_argument("--name", required=True, help="the administrator's name")
        parser.add_argument("--username", required=True, help="the sign-in name")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            store, user, password = create_first_admin(
                store_code=options["store"],
                store_name=options["store_name"] or options["store"],
                name=options["name"],
                username=options["username"],
                today=clock.today(),
            )
        except RuleBroken as broken:
            raise CommandError(broken.message) from broken
        self.say(f"{store}: {user.username}")
        self.say(_("first password (shown once): %(password)s") % {"password": password})
