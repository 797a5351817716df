"""What is known of a telephone number: good, never tried, bad, a colleague's, or on several cards."""

from __future__ import annotations

from datetime import date

GOOD, UNTRIED, BAD, STAFF = "good", "untried", "bad", "staff"
#: a number on more cards than this is looked at: a family shares two or three, a dealer's own stands on dozens
MANY_CARDS = 3


def state(*, bad_since: date | None, good_on: date | None, is_staff: bool) -> str:
    """The state of a number: what a call found out weighs more than whose it is, that more than that it was reached.

    A colleague answers a colleague's number: to have reached somebody on it says nothing about the customer.
    """
    if bad_since is not None:
        return BAD
    if is_staff:
        return STAFF
    return GOOD if good_on is not None else UNTRIED


def is_shared(cards: int) -> bool:
    """Whether a number stands on so many cards that it cannot be one family's."""
    return cards > MANY_CARDS
