"""Which sums a scope asks for: what is added up, by which one dimension, and whose; None where no sum says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from crm_site.core.figures import Scope
from satisfaction.models import Dimension, Subject
from satisfaction.queries import raw
from satisfaction.queries.figures import departments_in

OWN = (Dimension.EMPLOYEE, Dimension.DEPARTMENT)
#: read like a dimension: every sum has its store
STORE = "store"


@dataclass(frozen=True)
class Axis:
    """The one dimension of a question ('' = none) and the members that are asked for (None = all)."""

    dimension: str
    members: Sequence[str] | None = None
    part: str | None = None

    @property
    def is_of_departments_together(self) -> bool:
        """Whether several departments are asked for, which may be parted again or not."""
        return self.dimension == Dimension.DEPARTMENT and self.members is not None and len(self.members) > 1


def axis_of(scope: Scope, dimension: str = "") -> Axis | None:
    """The axis of a scope when it is parted by a dimension; None where it has more than one or sums lack its filters.

    People of a department are all the people posted there, whatever they are judged by, as `raw` has it.
    """
    if (
        scope.get("basis")
        or scope.get("low")
        or not _is_of_months(scope)
        or (scope.get("question") and scope.get("factor"))
    ):
        return None
    asked = _asked(scope)
    if Dimension.DEPARTMENT in asked and Dimension.EMPLOYEE in (dimension, *asked):
        del asked[Dimension.DEPARTMENT]
    named = {*asked, *({dimension} - {"", STORE})}
    if len(named) > 1:
        return None
    one = next(iter(named), "")
    members = asked.get(one)
    if one == Dimension.EMPLOYEE and members is None:
        members = _posted(scope)
    return Axis(one, members, scope.get("part") if one == Dimension.EMPLOYEE else None)


def subject_of(scope: Scope, axis: Axis) -> str:
    """What a scope's score is made of."""
    if scope.get("question"):
        return Subject.ITEM
    if scope.get("factor"):
        return Subject.FACTOR
    return Subject.OWN if axis.dimension in OWN else Subject.INDEX


def _is_of_months(scope: Scope) -> bool:
    """Whether it is about whole calendar months."""
    return scope.start.day == 1 and scope.end.day == 1 and scope.start < scope.end - timedelta(days=1)


def _asked(scope: Scope) -> dict[str, Sequence[str] | None]:
    """The dimensions by which a scope is narrowed, and the members that remain."""
    found: dict[str, Sequence[str] | None] = {}
    if scope.get("employee"):
        found[Dimension.EMPLOYEE] = (str(scope.get("employee")),)
    departments = departments_in(scope)
    if departments is not None:
        found[Dimension.DEPARTMENT] = departments
    for dimension in (Dimension.SERIES, Dimension.JOB_TYPE):
        if scope.get(dimension) is not None:
            found[dimension] = (scope.get(dimension),)
    return found


def _posted(scope: Scope) -> list[str] | None:
    people = raw.people_in(scope)
    return None if people is None else [str(pk) for pk in people.values_list("pk", flat=True)]
