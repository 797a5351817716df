"""Why somebody may look at a masked fact, and from when on so many looks are unusual."""

from __future__ import annotations

#: reasons that are offered, in their order; OTHER needs words
DIAL, IDENTIFY, CORRECT, SEND, HANDLE, OTHER = "dial", "identify", "correct", "send", "handle", "other"
OFFERED = (DIAL, IDENTIFY, CORRECT, SEND, HANDLE, OTHER)
#: reasons that the work itself gives: a claimed call, a ticket in one's hands; outside the daily cap (domain 8)
CALL, TICKET = "call", "ticket"
OF_WORK = (CALL, TICKET)

#: customers with whom somebody has no task: from how many looks on one day the manager is told
STRANGERS_TOLD_FROM = 5

#: customers whose calls somebody took on one day, seeing their numbers, and did not call: from how many it is told
UNCALLED_TOLD_FROM = 20
#: searches by five and more digits of a telephone on one day: from then on only four narrow, so that nobody finds a
#: hidden number digit by digit, and the manager is told
SEARCHES_A_DAY = 400


def is_full(looked: int, a_day: int, *, seen_before: bool) -> bool:
    """Whether one more fact would pass the daily cap; what was seen today already may be seen again."""
    return not seen_before and looked >= a_day


def is_unusual(looked: int, told_from: int) -> bool:
    """Whether so many facts on one day are to be told; 0 tells of every look."""
    return looked >= max(told_from, 1)


def are_strangers_unusual(strangers: int) -> bool:
    """Whether looks at so many customers without a task are to be told."""
    return strangers >= STRANGERS_TOLD_FROM
