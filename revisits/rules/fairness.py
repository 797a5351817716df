"""Whether a caller's answers look like everybody else's: three checks of a month, each with a stated false-alarm rate.

A check compares one caller with all others of the store on the same form, by a test whose chance of an alarm about an
honest caller is known. With k callers each test is held to ALARM_RATE / k (Bonferroni), so that in a month in which
everybody is honest a check raises any alarm at all in at most ALARM_RATE of all months. An alarm proves nothing: it
says whose calls to inspect first.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

#: an alarm about anybody, where everybody is honest, in one month of a hundred for each check
ALARM_RATE = 0.01
#: with fewer valid answers on either side nothing is said
ENOUGH = 20

DRIFT, ALL_TENS, TOO_SHORT = "drift", "all_tens", "too_short"


class Finding(NamedTuple):
    """What one check says of one caller: the chance of such a figure if the caller were like the others."""

    check: str
    #: the caller's figure and the others': mean score, longest run of all tens, share of short calls
    own: float
    others: float
    chance: float
    alarm: bool


def drift(own: Sequence[float], others: Sequence[float], *, callers: int) -> Finding | None:
    """Whether scores are higher or lower than the others' (rank-sum test, ties corrected); None with too few."""
    if min(len(own), len(others)) < ENOUGH:
        return None
    chance = rank_sum_chance(own, others)
    return Finding(DRIFT, _mean(own), _mean(others), chance, chance < ALARM_RATE / callers)


def all_tens(own: Sequence[bool], others: Sequence[bool], *, callers: int) -> Finding | None:
    """Whether the longest unbroken run of responses with nothing but full marks is longer than chance makes it.

    `own` are the caller's responses in the order of the calls; the chance of one is taken from everybody's together,
    with one more of each kind so that it is never 0 or 1.
    """
    if min(len(own), len(others)) < ENOUGH:
        return None
    full = (sum(own) + sum(others) + 1) / (len(own) + len(others) + 2)
    run = longest_run(own)
    chance = run_chance(run, len(own), full)
    return Finding(ALL_TENS, run, longest_run(others), chance, chance < ALARM_RATE / callers)


def too_short(own: tuple[int, int], others: tuple[int, int], *, callers: int) -> Finding | None:
    """Whether more calls were too short than among the others (Fisher's exact test); arguments: (short, all)."""
    if min(own[1], others[1]) < ENOUGH:
        return None
    chance = more_chance(own, others)
    return Finding(TOO_SHORT, own[0] / own[1], others[0] / others[1], chance, chance < ALARM_RATE / callers)


def shortest(questions: int) -> int:
    """Seconds below which a completed call is too short: nobody greets, asks and hears so many answers in less."""
    return 15 + 4 * questions


def longest_run(row: Sequence[bool]) -> int:
    """The length of the longest stretch of True."""
    longest = current = 0
    for one in row:
        current = current + 1 if one else 0
        longest = max(longest, current)
    return longest


def run_chance(run: int, count: int, chance: float) -> float:
    """The chance that `count` independent trials hold a run of at least `run` successes."""
    if run <= 0:
        return 1.0
    # without[i]: chance that the first i trials hold no such run; a run ends first at i if a failure stands before it
    without = [1.0] * (count + 1)
    for place in range(run, count + 1):
        before = without[place - run - 1] * (1 - chance) if place > run else 1.0
        without[place] = without[place - 1] - before * chance**run
    return 1.0 - without[count]


def rank_sum_chance(own: Sequence[float], others: Sequence[float]) -> float:
    """The two-sided chance of such a difference of ranks (Mann–Whitney, normal approximation, ties corrected)."""
    ranks = _ranks([*own, *others])
    mine, theirs = len(own), len(others)
    everybody = mine + theirs
    excess = sum(ranks[value] for value in own) - mine * (everybody + 1) / 2
    ties = sum(many**3 - many for many in Counter([*own, *others]).values())
    spread = mine * theirs / 12 * (everybody + 1 - ties / (everybody * (everybody - 1)))
    if spread <= 0:
        return 1.0
    distance = max(0.0, abs(excess) - 0.5) / math.sqrt(spread)
    return math.erfc(distance / math.sqrt(2))


def more_chance(own: tuple[int, int], others: tuple[int, int]) -> float:
    """The chance of at least so many of ours among all that there are, if they fell on both sides by lot."""
    (mine, my_calls), (theirs, their_calls) = own, others
    hits, calls = mine + theirs, my_calls + their_calls
    ways = math.comb(calls, hits)
    most = min(hits, my_calls)
    return sum(math.comb(my_calls, k) * math.comb(their_calls, hits - k) for k in range(mine, most + 1)) / ways


def _ranks(values: Sequence[float]) -> Mapping[float, float]:
    """The mean rank of each value, counted from 1."""
    ranks, below = {}, 0
    for value, many in sorted(Counter(values).items()):
        ranks[value] = below + (many + 1) / 2
        below += many
    return ranks


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
