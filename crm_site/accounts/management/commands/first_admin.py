"""Makes the first administrator of a store, with a random password that must be changed at the first sign-in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from crm_site.accounts.actions.first import create_first_admin
from crm_site.core import clock
from crm_site.core.commandline import shell_language
from crm_site.core.errors import RuleBroken


class Command(BaseCommand):
    """`manage.py first_admin --store YB1 --store-name 渝北一店 --name 段文 --username duanwen`."""

    help = "Make the first administrator of a store; the store is made too where it does not exist."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--store", required=True, help="code of the store")
        parser.add_argument("--store-name", default="", help="name of the store, where it is new")
        parser.add_argument("--name", required=True, help="the administrator's name")
        parser.add_argument("--username", required=True, help="the sign-in name")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with translation.override(shell_language()):
                store, user, password = create_first_admin(
                    store_code=options["store"],
                    store_name=options["store_name"] or options["store"],
                    name=options["name"],
                    username=options["username"],
                    today=clock.today(),
                )
        except RuleBroken as broken:
            raise CommandError(broken.message) from broken
        self.stdout.write(f"{store}: {user.username}\nfirst password (shown once): {password}")
