"""Where a booking may go from where it stands, and which visit fulfils it: plain tables."""

from __future__ import annotations

from datetime import date, timedelta

ASKED, CONFIRMED, CAME, MISSED, CANCELLED = "asked", "confirmed", "came", "missed", "cancelled"

#: state → where it may go by hand. Who was missed may still come; what was cancelled or done stays so.
NEXT: dict[str, frozenset[str]] = {
    ASKED: frozenset({CONFIRMED, CAME, MISSED, CANCELLED}),
    CONFIRMED: frozenset({CAME, MISSED, CANCELLED}),
    MISSED: frozenset({CAME}),
    CAME: frozenset(),
    CANCELLED: frozenset(),
}
#: the states in which a customer is expected
STANDING = (ASKED, CONFIRMED)

#: a visit so many days before the wanted day, or so many after it, is the visit that was booked
EARLY, LATE = 3, 7
#: how far ahead a visit may be booked
FURTHEST = 365


def may_go(state: str, to: str, wanted_on: date, today: date) -> bool:
    """Whether a booking may be put into another state today.

    Nobody is missed before their day is over, and a day that is over is not promised any more.
    """
    if (to == MISSED and today <= wanted_on) or (to == CONFIRMED and today > wanted_on):
        return False
    return to in NEXT[state]


def fulfils(checked_in_on: date, wanted_on: date) -> bool:
    """Whether a visit to the workshop is the one that was booked for a day."""
    return wanted_on - timedelta(days=EARLY) <= checked_in_on <= wanted_on + timedelta(days=LATE)


def is_bookable(wanted_on: date, today: date) -> bool:
    """Whether a visit may be booked for a day: today or later, within a year."""
    return today <= wanted_on <= today + timedelta(days=FURTHEST)
