"""Marks a database as a demo world, for good: an entry in the trail, which nobody can change or remove."""

from __future__ import annotations

from django.db import DatabaseError

from crm_site.accounts.models import Store
from crm_site.audit import trail
from crm_site.audit.models import Entry

ACTION = "demo.loaded"


def mark(store: Store) -> None:
    """Write the mark; it belongs to the transaction that loads the world."""
    trail.record(None, ACTION, store)


def is_demo_database() -> bool:
    """Whether this database once was filled with the demo world; False for one without tables or out of reach."""
    try:
        return Entry.objects.filter(subject_type=Store._meta.label_lower, action=ACTION).exists()
    except DatabaseError:
        return False
