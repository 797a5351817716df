"""How the facts of two cards become those of one: what may be chosen, and what is united so that no refusal is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

SURVIVOR, MERGED = "survivor", "merged"
#: prefix of a choice about a fact that has no column
PROFILE = "profile:"
#: how many characters a note holds
NOTE = 500


class Why(StrEnum):
    """Why taking a merge back left a row where it was."""

    #: it came to the survivor after the merge
    BORN = "born"
    #: somebody has changed it since
    EDITED = "edited"
    #: somebody has pointed it to a third row since
    ELSEWHERE = "elsewhere"
    #: it is not there any more
    GONE = "gone"
    #: another row has taken its place since
    TAKEN = "taken"


#: what may be taken from either card: choice -> the columns that go together; the first one says whether it is empty
CHOICES: dict[str, tuple[str, ...]] = {
    "number": ("number",),
    "name": ("name",),
    "customer_type": ("customer_type",),
    "salutation": ("salutation",),
    "sex": ("sex",),
    "birthday": ("birthday",),
    "address": ("address", "province", "city", "district", "address_confirmed_on", "address_bad_since"),
    "email": ("email",),
    "preferred_time": ("preferred_time",),
    "employer": ("employer",),
    "industry": ("industry",),
    "occupation": ("occupation",),
    "hobbies": ("hobbies",),
    "source": ("source",),
    "value_class": ("value_class", "value_stated", "value_since", "value_because", "value_share"),
    "potential": ("potential",),
    "keeper": ("keeper_id",),
}
#: columns that the night reckons anew: another value in them is nobody's edit
RECKONED = frozenset({
    "value_since", "value_because", "value_share", "loyalty_class", "loyalty_since", "loyalty_because", "lifecycle",
    "lifecycle_since", "lifecycle_because", "completeness",
})  # fmt: skip


def is_empty(value: Any) -> bool:
    """Whether a column says nothing."""
    return value is None or value == ""


def side_of(choice: str, chosen: Mapping[str, str], own: Any, other: Any) -> str:
    """From which card a fact is taken: as chosen, else the survivor's, and the other's where it has none."""
    wanted = chosen.get(choice)
    if wanted in (SURVIVOR, MERGED):
        return wanted
    return MERGED if is_empty(own) and not is_empty(other) else SURVIVOR


def stricter(one: bool | None, other: bool | None) -> bool | None:
    """The consent that holds for both: a refusal of either, else what either agreed to."""
    if one is False or other is False:
        return False
    return one if one is not None else other


def earlier(one: date | None, other: date | None) -> date | None:
    """The earlier of two days, of which either may be unknown."""
    return min((day for day in (one, other) if day is not None), default=None)


def later(one: date | None, other: date | None) -> date | None:
    """The later of two days, of which either may be unknown."""
    return max((day for day in (one, other) if day is not None), default=None)


def joined_note(one: str, other: str) -> str:
    """Both notes, each once, as far as they fit."""
    if not other or other in one:
        return one
    return f"{one}\n{other}".strip()[:NOTE]


def united(own: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The columns about which nobody is asked, as both cards together say them."""
    found: dict[str, Any] = {
        "marketing_consent": stricter(own["marketing_consent"], other["marketing_consent"]),
        "restricted": own["restricted"] or other["restricted"],
        "note": joined_note(own["note"], other["note"]),
        "source_values": {**other["source_values"], **own["source_values"]},
    }
    asked = earlier(own["check_phone_since"], other["check_phone_since"])
    told = own if asked == own["check_phone_since"] else other
    found |= {"check_phone_since": asked, "check_phone_reason": told["check_phone_reason"]}
    left = later(own["defection_told_on"], other["defection_told_on"])
    told = own if left == own["defection_told_on"] else other
    return found | {name: told[name] for name in ("defection_type", "defection_reason", "defection_told_on")}
