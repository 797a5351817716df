"""How far an address can be trusted: known to be wrong, not confirmed for long, or fresh."""

from __future__ import annotations

from datetime import date

from crm_site.core.dates import add_months

NONE, FRESH, STALE, BAD = "none", "fresh", "stale", "bad"
#: an address that nobody has confirmed for so long is asked for again. Two years: an owner comes about twice a year
#: for maintenance, so it is asked at every fourth visit or so, and most moves are noticed before the next renewal.
STALE_MONTHS = 24


def fresh_from(today: date) -> date:
    """The first day on which a confirmation still counts."""
    return add_months(today, -STALE_MONTHS)


def state(*, has_address: bool, bad_since: date | None, confirmed_on: date | None, made_on: date, today: date) -> str:
    """The state of an address; one that was never confirmed is as old as its card."""
    if bad_since is not None:
        return BAD
    if not has_address:
        return NONE
    return FRESH if (confirmed_on or made_on) >= fresh_from(today) else STALE
