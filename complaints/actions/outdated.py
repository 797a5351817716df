"""What happened to a ticket since a page of it was shown, and the words for whoever comes second."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from complaints import wording
from complaints.models import Complaint, Step
from complaints.rules.transitions import NEXT
from crm_site.accounts.models import Employee
from crm_site.core import formats
from crm_site.core.errors import RuleBroken

#: fields of forms that are kept under other names in a step's list of changed fields
_KEPT_AS = {
    "level_code": ("level",),
    "direct": ("liability",),
    "joint": ("liability",),
    "joint_2": ("liability",),
    "job": ("delivery", "repair_order"),
}


class Seen(int):
    """The version that a page showed, with the columns whose values have been compared one by one already."""

    compared: frozenset[str] = frozenset()

    @classmethod
    def of(cls, version: int, fields: Collection[str]) -> Seen:
        """The version, and the columns behind these fields of its form."""
        seen = cls(version)
        seen.compared = frozenset(column for name in fields for column in columns_of(name))
        return seen


def columns_of(field: str) -> tuple[str, ...]:
    """Under which names a step lists a field of a form as changed."""
    return _KEPT_AS.get(field, (field,))


@dataclass(frozen=True)
class Clash:
    """One field that both changed: what the page had shown, what stands now, and by which step."""

    shown: str | None
    stored: str
    step: Step | None


class Overlap(RuleBroken):
    """Somebody was faster: moved the ticket on, or changed the same fields; `clashes` is {field: Clash}.

    `kept` is what only somebody else changed: {field: the text that stands}.
    """

    def __init__(self, message: str, clashes: Mapping[str, Clash], kept: Mapping[str, str]) -> None:
        super().__init__(message, code="stale")
        self.clashes, self.kept = dict(clashes), dict(kept)


def missed(complaint: Complaint, version: int | None) -> list[Step]:
    """The steps since a version, the latest first; none where no version was sent.

    A version that no page can have shown is as good as none seen: every step was missed.
    """
    if version is None or version == complaint.version:
        return []
    seen = version if version < complaint.version else 0
    return list(complaint.steps.filter(sequence__gt=seen).select_related("by").order_by("-sequence"))


def moved(complaint: Complaint, steps: Sequence[Step], action: str, by: Employee | None) -> Step | None:
    """The missed step that moved the ticket on, where the action would move it too; else None.

    One's own earlier step to the very state that this one leads to is no news.
    """
    ends = NEXT[action].ends
    for step in steps:
        own = by is not None and step.by_id == by.pk and ends == {complaint.state}
        if ends and step.from_state != step.to_state and not own:
            return step
    return None


def check(
    complaint: Complaint, action: str, version: int | None, *, by: Employee | None, fields: Collection[str], day: date
) -> None:
    """Refuse an outdated page where somebody changed one of these columns, or where both move the ticket on.

    Columns that the page has compared by their values (Seen) do not count.
    """
    fields = set(fields) - getattr(version, "compared", frozenset())
    steps = missed(complaint, version)
    mover = moved(complaint, steps, action, by)
    changed = (step for step in steps if set(step.detail.get("fields", ())) & fields)
    step = mover or next(changed, None)
    if step is not None:
        raise RuleBroken(faster(step, by, day), code="stale")


def step_of(field: str, steps: Sequence[Step]) -> Step | None:
    """The latest missed step that changed a field of a form; the latest of all where none names it."""
    names = set(columns_of(field))
    return next((step for step in steps if names & set(step.detail.get("fields", ()))), steps[0] if steps else None)


def who(step: Step | None, by: Employee | None) -> str:
    """Whose step it was, towards whoever reads it."""
    if step is None or step.by is None:
        return _("The system")
    return _("You, in another window") if by is not None and step.by_id == by.pk else step.by.name


def faster(step: Step, by: Employee | None, day: date) -> str:
    """Who was faster with what, and that nothing typed is lost."""
    if by is not None and step.by_id == by.pk:
        text = _(
            "You saved “%(what)s” in another window, %(when)s. What you typed here is kept; compare and save again."
        )
    else:
        text = _("%(name)s was faster: “%(what)s”, %(when)s. What you typed is still here; compare and save again.")
    values = {"name": who(step, by), "what": wording.done(step.action), "when": formats.when(step.at, day)}
    return text % values
