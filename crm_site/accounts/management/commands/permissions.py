"""Prints docs/permissions.md: the policy table for people to read."""

from typing import Any

from django.core.management.base import BaseCommand

from crm_site.accounts import policy

ROLES = ("specialist", "frontline", "head", "manager", "admin", "director")

INTRO = """\
# Who may do what

Written by `manage.py permissions > docs/permissions.md` from `crm_site/accounts/policy.py`; a test keeps the two equal.

* A role holds in the store of its membership; a user of several stores has one role in each.
* A row of another store answers 404, a page that the role does not open 403. Both are logged as refusals.
* Within a capability rows may be narrower: a head sees the tickets of the departments they are posted to, the frontline
  only its own reports and its own calls.
* Every acting user is exactly one employee per store; conflicts of interest are decided on employees.

"""


def table() -> str:
    """The whole document as Markdown."""
    head = f"| capability | {' | '.join(ROLES)} |\n|---|{'---|' * len(ROLES)}\n"
    rows = "".join(
        f"| `{name}` | {' | '.join('✓' if role in roles else '' for role in ROLES)} |\n"
        for name, roles in policy.POLICY.items()
    )
    return INTRO + head + rows


class Command(BaseCommand):
    """Writes the table to standard output."""

    help = "Print docs/permissions.md from the policy table."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(table(), ending="")
