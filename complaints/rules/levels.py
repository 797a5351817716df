"""Which level a ticket deserves: by what the customer said, and by how often it has happened before (domain 6.2)."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import NamedTuple

RANKS = {"L1": 1, "L2": 2, "L3": 3, "L4": 4}
#: levels whose tickets need an improvement measure and a review note before they can be closed
REVIEWED = frozenset({"L3", "L4"})
#: earlier tickets on the matter in this many days count as repeats
REPEAT_DAYS = 90
#: compensation above this many yuan needs a manager's approval
COMPENSATION_LIMIT = 500

#: phrases that make it L4 by themselves: safety, injury, media, authorities, crowds
GRAVE = (
    "自燃", "起火", "着火", "冒烟", "刹车失灵", "制动失灵", "方向失灵", "方向盘失灵", "转向失灵",
    "气囊误爆", "气囊未爆", "气囊没爆", "气囊没弹", "断轴", "电池起火",
    "受伤", "住院", "媒体", "记者", "曝光", "12315", "消协", "拉横幅", "聚众",
)  # fmt: skip
#: single words that only ask "is this L4?"
ASKING = ("制动", "刹车", "转向", "气囊")
#: words that propose L3
SERIOUS = ("退车", "退款", "索赔", "赔偿")


class Proposal(NamedTuple):
    """The level proposed, why (a code), and the words that ask for a look at L4."""

    code: str
    reason: str
    asks: tuple[str, ...] = ()


def propose(words: str, *, grievance: bool = False, earlier: int = 0) -> Proposal:
    """The level for the customer's words and the number of earlier tickets on the same matter.

    A grave phrase raises to L4, the third ticket in 90 days to L3; single words only ask.
    """
    text = _plain(words)
    asks = tuple(word for word in ASKING if word in text)
    if any(phrase in text for phrase in GRAVE):
        return Proposal("L4", "grave_words", asks)
    if earlier >= 2:
        return Proposal("L3", "third_time", asks)
    if grievance:
        return Proposal("L1", "grievance", asks)
    if any(word in text for word in SERIOUS):
        return Proposal("L3", "claim", asks)
    return Proposal("L2", "ordinary", asks)


def higher(one: str, other: str) -> str:
    """The graver of two levels; an empty one counts as none."""
    return max(one, other, key=lambda code: RANKS.get(code, 0))


def binding(proposal: Proposal) -> bool:
    """Whether a proposal raises the level without asking: grave words, and the third ticket on the matter."""
    return proposal.reason in {"grave_words", "third_time"}


def is_lowering(before: str, after: str) -> bool:
    """Whether a change of level goes down."""
    return RANKS[after] < RANKS[before]


def needs_approval(compensation: Decimal | None, *, handler_served: bool) -> bool:
    """A manager approves money above the limit, and every solution of somebody who served the job."""
    return handler_served or (compensation is not None and compensation > COMPENSATION_LIMIT)


def _plain(words: str) -> str:
    """Without blanks and in half-width, so that 刹 车 失 灵 and １２３１５ are found."""
    return "".join(unicodedata.normalize("NFKC", words).split())
