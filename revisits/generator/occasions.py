"""Where occasions come from: for each anchor the facts that may need a call, and the days to come that may."""

from __future__ import annotations

from datetime import date

from revisits.generator.dates import CARS, yearly_sources
from revisits.generator.facts import ALL_ORDERS, EXCLUDED_JOB_TYPES, EXCLUDED_SALE_TYPES, FACTS
from revisits.generator.reading import Occasion, Source, candidates, read
from revisits.models import Anchor

__all__ = ["EXCLUDED_JOB_TYPES", "EXCLUDED_SALE_TYPES", "Occasion", "Source", "candidates", "read", "sources"]


def sources(anchor: str, first: date, last: date, *, rework_apart: bool) -> list[Source]:
    """The sources of an anchor for the anchor days first…last; several where a day comes round every year.

    `rework_apart` says that rework has a rule of its own.
    """
    if anchor == Anchor.ORDER and not rework_apart:
        return [ALL_ORDERS]
    found = FACTS.get(anchor) or CARS.get(anchor)
    return [found] if found else yearly_sources(anchor, first, last)
