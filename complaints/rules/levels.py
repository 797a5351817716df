"""Which level a ticket deserves: by what the customer said, where we heard it, and how often (domain 6.2)."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import NamedTuple

RANKS = {"L1": 1, "L2": 2, "L3": 3, "L4": 4}
GRAVEST = "L4"
#: levels whose tickets need an improvement measure and a review note before they can be closed
REVIEWED = frozenset({"L3", "L4"})
#: earlier tickets on the matter in this many days count as repeats, unless a store has set another number
REPEAT_DAYS = 90
#: compensation above this many yuan needs a manager's approval, unless a store has set another limit
COMPENSATION_LIMIT = 500
#: a ticket from the authorities is L4 by itself
AUTHORITY = "12315"


class Phrases(NamedTuple):
    """The words of customers that decide about a level, each list as a store has it."""

    #: make it L4 by themselves: safety, injury, media, authorities, crowds
    grave: tuple[str, ...] = ()
    #: propose L3
    serious: tuple[str, ...] = ()
    #: single words that only ask "is this L4?"
    asks: tuple[str, ...] = ()


#: what every installation starts with
DEFAULT = Phrases(
    grave=(
        "自燃", "起火", "着火", "冒烟", "刹车失灵", "制动失灵", "方向失灵", "方向盘失灵", "转向失灵",
        "气囊误爆", "气囊未爆", "气囊没爆", "气囊没弹", "断轴", "电池起火",
        "受伤", "住院", "媒体", "记者", "曝光", "12315", "消协", "拉横幅", "聚众",
    ),
    serious=("退车", "退款", "索赔", "赔偿"),
    asks=("制动", "刹车", "转向", "气囊"),
)  # fmt: skip


class Repeats(NamedTuple):
    """Which ticket on the same matter proposes L3, and which raises to it."""

    propose: int = 2
    force: int = 3


USUAL_REPEATS = Repeats()


class Proposal(NamedTuple):
    """The level, why (a code), the words that ask for a look at L4, and a higher level that is only proposed."""

    code: str
    reason: str
    asks: tuple[str, ...] = ()
    #: a level to be accepted or declined by somebody, and why (a code); '' where there is none
    next_code: str = ""
    next_reason: str = ""
    #: the phrases found that decide about the level
    phrases: tuple[str, ...] = ()

    def adds_to(self, before: Proposal) -> bool:
        """Whether there is a ground that another proposal did not have: what was decided about that one stands."""
        grounds = (before.reason, before.next_reason) != (self.reason, self.next_reason)
        return grounds or bool(set(self.phrases) - set(before.phrases))


#: reasons that raise the level whatever the person at the desk chose
BINDING = frozenset({"grave_words", "authority", "third_time"})


def propose(
    words: str,
    *,
    grievance: bool = False,
    earlier: int = 0,
    source: str = "",
    phrases: Phrases = DEFAULT,
    repeats: Repeats = USUAL_REPEATS,
) -> Proposal:
    """The level for the customer's words, the source, and the number of earlier tickets on the same matter.

    A grave phrase and a ticket from the authorities raise to L4, the third ticket on the matter to L3. A claim is L3
    unless somebody chose less; the second ticket on the matter proposes L3 and changes nothing. Single words only ask.
    """
    text = plain(words)
    asks = _found(text, phrases.asks)
    grave = _found(text, phrases.grave)
    if grave:
        return Proposal("L4", "grave_words", asks, phrases=grave)
    if source == AUTHORITY:
        return Proposal("L4", "authority", asks)
    if earlier + 1 >= repeats.force:
        return Proposal("L3", "third_time", asks)
    claim = _found(text, phrases.serious)
    if claim and not grievance:
        return Proposal("L3", "claim", asks, phrases=claim)
    code, reason = ("L1", "grievance") if grievance else ("L2", "ordinary")
    if earlier + 1 >= repeats.propose:
        return Proposal(code, reason, asks, "L3", "second_time")
    return Proposal(code, reason, asks, *(("L3", "claim", claim) if claim else ()))


def left_open(proposal: Proposal, chosen: str) -> tuple[str, str]:
    """The level that is only proposed once a ticket has the chosen one, and why; empty where nothing is to decide."""
    code, reason = proposal.next_code, proposal.next_reason
    if proposal.reason == "claim":
        code, reason = proposal.code, proposal.reason
    return (code, reason) if code and is_lowering(code, chosen) else ("", "")


def higher(one: str, other: str) -> str:
    """The graver of two levels; an empty one counts as none."""
    return max(one, other, key=lambda code: RANKS.get(code, 0))


def binding(proposal: Proposal) -> bool:
    """Whether a proposal raises the level without asking: grave words, the authorities, the third ticket."""
    return proposal.reason in BINDING


def is_lowering(before: str, after: str) -> bool:
    """Whether a change of level goes down."""
    return RANKS[after] < RANKS[before]


def needs_approval(
    compensation: Decimal | None, *, handler_served: bool, limit: Decimal = Decimal(COMPENSATION_LIMIT)
) -> bool:
    """A manager approves money above the limit, and every solution of somebody who served the job."""
    return handler_served or (compensation is not None and compensation > limit)


def plain(words: str) -> str:
    """Without blanks, in half-width and small letters, so that 刹 车 失 灵 and １２３１５ are found."""
    return "".join(unicodedata.normalize("NFKC", words).casefold().split())


def _found(text: str, phrases: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(phrase for phrase in phrases if plain(phrase) in text)
