"""The policy table: known roles only, and the document that people read says the same."""

from pathlib import Path

from crm_site.accounts import policy
from crm_site.accounts.management.commands.permissions import ROLES, table
from crm_site.accounts.models import Role

DOCUMENT = Path(__file__).parents[2] / "docs" / "permissions.md"


def test_every_role_of_the_table_exists():
    assert set().union(*policy.POLICY.values()) <= set(Role.values)
    assert set(ROLES) == set(Role.values)


def test_the_document_is_the_table():
    assert DOCUMENT.read_text() == table(), "run: manage.py permissions > docs/permissions.md"
