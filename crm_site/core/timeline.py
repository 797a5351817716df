"""One thing on a customer's timeline, told the same way by every room."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

#: of what an event is; a timeline may show one of them alone
CALLS, WORKSHOP, COMPLAINTS, CHANGES = "revisits", "workshop", "complaints", "changes"


class Change(NamedTuple):
    """What a fact was and became, as the reader may see it."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Event:
    """What happened when; `kind` colours the icon ("", ok, warn, bad, now), `quote` is the customer's own words."""

    at: datetime
    icon: str
    title: str
    body: str = ""
    quote: str = ""
    url: str = ""
    kind: str = ""
    #: a fact known by its day only
    day_only: bool = False
    #: one of the constants above; '' stands on the whole timeline only
    tab: str = ""
    changes: tuple[Change, ...] = ()


def newest_first(events: list[Event]) -> list[Event]:
    """The events in the order in which a timeline shows them."""
    return sorted(events, key=lambda event: event.at, reverse=True)
