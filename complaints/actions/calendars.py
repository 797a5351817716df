"""Keeps the calendar that a clock counts by: one row for each different one, however many tickets count by it."""

from __future__ import annotations

from datetime import datetime

from complaints.ledger import Present
from complaints.models import CalendarVersion
from complaints.rules import ledger


def keep(present: Present, now: datetime) -> CalendarVersion:
    """The kept version of a store's present calendars; made by the first who counts by them, then found."""
    return CalendarVersion.objects.get_or_create(
        store_id=present.store_id,
        sha256=present.sha256,
        defaults={"content": ledger.content(present.calendars), "created_at": now},
    )[0]
