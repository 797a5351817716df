"""Conflict of interest: who may not decide about a complaint because it is about them (domain 1.3, 6.2)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Conflict(StrEnum):
    """How somebody is involved in the matter, the gravest first."""

    NONE = ""
    ACCUSED = "accused"
    LIABLE = "liable"
    JOINT = "joint"
    SERVED = "served"


#: these neither handle nor decide; the others who are involved may handle, with a second approval
BLOCKED = frozenset({Conflict.ACCUSED, Conflict.LIABLE})
#: who handles a complaint does none of these to it: two people stand behind every end
NOT_BY_HANDLER = frozenset({"approve", "confirm", "close", "close_unreachable", "rang_back"})
#: what judges one's own work: not by the jointly liable either
NOT_BY_JOINT = NOT_BY_HANDLER | {"confirm_liability", "judge_validity", "appeal"}
#: a second approval and the customer's word are not taken by who served the job
NOT_BY_SERVED = frozenset({"approve", "confirm", "rang_back"})
#: nor by whoever took one of these steps, though the ticket has changed hands since: it needs a second person. Of
#: several solutions only who made the present one stands for it
NOT_AFTER: dict[str, tuple[str, ...]] = {
    "approve": ("propose",),
    "confirm": ("submit",),
    "rang_back": ("submit",),
    "close": ("submit", "propose"),
    "close_unreachable": ("submit", "propose"),
}


@dataclass(frozen=True)
class Involved:
    """The employees who have a part in a matter, by their keys."""

    accused: Collection[int] = ()
    liable: Collection[int] = ()
    joint: Collection[int] = ()
    served: Collection[int] = ()

    @property
    def blocked(self) -> set[int]:
        """Those whom the complaint is about."""
        return {*self.accused, *self.liable}

    def of(self, employee_id: int) -> Conflict:
        """The gravest involvement of an employee."""
        if employee_id in self.accused:
            return Conflict.ACCUSED
        if employee_id in self.liable:
            return Conflict.LIABLE
        if employee_id in self.joint:
            return Conflict.JOINT
        return Conflict.SERVED if employee_id in self.served else Conflict.NONE

    def barred_from(self, action: str, handler_id: int | None) -> set[int]:
        """Everybody who may not take an action because of their part in the matter."""
        barred = self.blocked
        if action in NOT_BY_JOINT:
            barred |= set(self.joint)
        if action in NOT_BY_SERVED:
            barred |= set(self.served)
        if action in NOT_BY_HANDLER and handler_id is not None:
            barred.add(handler_id)
        return barred


def is_blocked(conflict: Conflict) -> bool:
    """Whether this involvement bars from everything but writing down what the customer said."""
    return conflict in BLOCKED


def needs_second_approval(conflict: Conflict) -> bool:
    """Whether a handler so involved needs somebody else's yes to every solution."""
    return conflict in {Conflict.JOINT, Conflict.SERVED}
