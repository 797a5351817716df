"""Whether a complaint was written down in time after the first of us heard it (受理及时)."""

from datetime import datetime, timedelta

WITHIN = timedelta(hours=1)


def late_by(received_at: datetime, now: datetime) -> timedelta | None:
    """How long after the allowed hour it is written down; None when it is in time."""
    gap = now - received_at - WITHIN
    return gap if gap > timedelta() else None
