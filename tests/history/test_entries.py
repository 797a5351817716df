"""The audit log: append-only, scoped to one's stores, in words."""

import re
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from crm_site.audit import trail
from crm_site.audit.models import Entry
from crm_site.history.sentences import SENTENCES

pytestmark = pytest.mark.django_db


def test_an_entry_can_be_neither_changed_nor_removed(manager_a):
    entry = trail.record(manager_a.employee, "employee.changed", manager_a.employee, fields=["phone"])
    for change in (
        lambda: Entry.objects.filter(pk=entry.pk).update(action="nothing"),
        lambda: connection.cursor().execute("DELETE FROM audit_entry"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert Entry.objects.get(pk=entry.pk).action == "employee.changed"


def test_the_log_shows_only_ones_own_stores(as_, manager_a, stranger_b):
    trail.record(manager_a.employee, "employee.posted", manager_a.employee, post="delivery_specialist")
    page = as_(manager_a).get("/history/").content.decode()
    assert manager_a.employee.name in page
    assert "delivery_specialist" in page
    assert "delivery_specialist" not in as_(stranger_b).get("/history/").content.decode()


def test_values_become_plain_json(manager_a):
    from datetime import date
    from decimal import Decimal

    entry = trail.record(
        None, "x.y", manager_a.employee, day=date(2026, 1, 2), score=Decimal("1.50"), pair=(1, None), row=manager_a.user
    )
    entry.refresh_from_db()
    assert entry.detail == {"day": "2026-01-02", "score": "1.50", "pair": [1, None], "row": manager_a.user.pk}
    assert (entry.actor_type, entry.actor_id) == ("system", None)


def recorded_actions() -> set[str]:
    """The action codes that the product's own code writes into the trail."""
    root = Path(__file__).parents[2]
    rooms = [root / "crm_site", *(root / app for app in ("customers", "satisfaction", "complaints", "revisits"))]
    sources = [path.read_text() for room in rooms for path in room.rglob("*.py")]
    call = re.compile(r'trail\.record\(\s*[^,()]+(?:\([^()]*\))?,\s*"([a-z_]+\.[a-z_]+)"')
    return {action for source in sources for action in call.findall(source)}


def test_every_action_of_the_trail_has_a_sentence():
    found = recorded_actions()
    assert len(found) > 40
    assert found - set(SENTENCES) == set()
