"""How a line of an old complaint register is read: what it says of the end, of the subject and of who is liable."""

from __future__ import annotations

CLOSED, RECORDED = "closed", "recorded"
COMPLAINT, GRIEVANCE = "complaint", "grievance"
#: a category that says nothing
OTHER = "other"
#: the level of a slight grievance, which asks for no result
SLIGHT = "L1"


def state_of(said: str | None, *, is_finished: bool) -> str:
    """Where a complaint of the register stands: closed where it says so, or gives a last day and does not deny it.

    Everything else is on record only: nobody takes it up here, so no clock is started for it.
    """
    if said:
        return said
    return CLOSED if is_finished else RECORDED


def kind_of(said: str | None, level: str | None) -> str:
    """Complaint or grievance: as the register says, else by its level; never reckoned from the words."""
    return said or (GRIEVANCE if level == SLIGHT else COMPLAINT)


def category_of(kind: str | None, part: str | None) -> str | None:
    """The category by the register's kind of problem and by the part of the car that it names.

    The part decides where the kind says nothing, and makes it finer where it lies below it: a noise (产品质量) of the
    brakes (底盘) is one of the chassis.
    """
    if part and (kind in (None, OTHER) or part.startswith(f"{kind}.")):
        return part
    return kind


def topic_of(part: str | None, kind: str | None) -> str | None:
    """The subject in the register's words: the part, then the problem; said once where both are the same."""
    words = list(dict.fromkeys(word for word in (part, kind) if word))
    return " · ".join(words) or None
