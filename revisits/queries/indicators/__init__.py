"""The indicators of domain 4.5: each defined once; page, tooltip, workbook and list come from the same definition."""

from revisits.queries.indicators.archive import COMPLETE, NUMBERS
from revisits.queries.indicators.base import COUNT, LESS, MORE, RATE, Indicator
from revisits.queries.indicators.calls import (
    CALLED,
    CONNECTED,
    DUE,
    LATE,
    PROMPT,
    SUCCESS,
    SUCCESS_OF_CALLED,
    VALID,
)
from revisits.queries.indicators.deliveries import DELIVERED
from revisits.queries.indicators.people import PEOPLE, CallerLine, callers
from revisits.queries.indicators.returns import (
    BOOKED,
    FIRST_SERVICE,
    RENEWED,
    RETURNED,
    RETURNED_REACHED,
    RETURNED_UNREACHED,
)
from revisits.queries.indicators.stock import CHURNED, KEPT, RETAINED, cut_off
from revisits.queries.indicators.voices import ACCEPTED, UNHAPPY

#: in the order of the page
CALLING = (DELIVERED, DUE, CALLED, PROMPT, LATE, SUCCESS, SUCCESS_OF_CALLED, CONNECTED, VALID, NUMBERS, COMPLETE)
VOICES = (UNHAPPY, ACCEPTED)
RETURNS = (FIRST_SERVICE, BOOKED, RENEWED, RETURNED, RETURNED_REACHED, RETURNED_UNREACHED)
STOCK = (KEPT, CHURNED, RETAINED)
INDICATORS: dict[str, Indicator] = {one.code: one for one in (*CALLING, *VOICES, *RETURNS, *STOCK)}

__all__ = [
    "CALLING",
    "COUNT",
    "INDICATORS",
    "LESS",
    "MORE",
    "PEOPLE",
    "RATE",
    "RETURNS",
    "STOCK",
    "VOICES",
    "CallerLine",
    "Indicator",
    "callers",
    "cut_off",
]
