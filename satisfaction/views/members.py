"""Who or what a page of comparison compares: the members of one dimension with all that is shown of each.

Everything is read by a constant number of queries, however many members there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.accounts.models import Department, Store
from crm_site.core.figures import Scope
from customers.models import JobType
from satisfaction import queries, rules
from satisfaction.models import Dimension, Questionnaire
from satisfaction.queries import EmployeeLine
from satisfaction.queries.targets import Book
from satisfaction.rules.standing import ROLLING_MONTHS
from satisfaction.views.asked import PART_WORDS, UNKNOWN
from satisfaction.views.filters import departments_of
from satisfaction.views.lens import Lens

STORE = "store"
#: what may be compared -> its tab
DIMENSIONS: dict[str, str | Promise] = {
    Dimension.EMPLOYEE: gettext_lazy("People"),
    Dimension.DEPARTMENT: gettext_lazy("Departments"),
    Dimension.SERIES: gettext_lazy("Models"),
    Dimension.JOB_TYPE: gettext_lazy("Job types"),
    STORE: gettext_lazy("Stores"),
}
#: what the first column of a comparison is called
HEADS: dict[str, str | Promise] = {
    Dimension.EMPLOYEE: gettext_lazy("Employee"),
    Dimension.DEPARTMENT: gettext_lazy("Department"),
    Dimension.SERIES: gettext_lazy("Series"),
    Dimension.JOB_TYPE: gettext_lazy("Job type"),
    STORE: gettext_lazy("Store"),
}
NOTHING = rules.Mean(0, None)


@dataclass(frozen=True)
class Member:
    """One member: how it is named and addressed, its score now, before and over three months, what goes with it."""

    key: str
    label: str
    #: the filters that narrow a page to it
    filters: Mapping[str, Any]
    now: rules.Mean
    before: rules.Mean
    very_satisfied: rules.Rate
    low: int
    rolling: rules.Mean | None = None
    target: Decimal | None = None
    #: what stands under the name: the store, the last day of who has left
    note: str = ""
    has_left: bool = False


@dataclass(frozen=True)
class Group:
    """Members that are compared with each other: all, or the people of one part; `centre` is the mean of them."""

    code: str
    label: str
    members: tuple[Member, ...]
    centre: Decimal | None

    def ranks(self) -> dict[str, rules.Rank]:
        """The place of every member that has enough answers; none where it would be the only one."""
        found = rules.ranks({one.key: one.now for one in self.members})
        return found if len(found) > 1 else {}


def dimensions_of(lens: Lens) -> list[str]:
    """What can be compared in a kind, as far as the user sees: nothing that would have one member only by nature."""
    found: list[str] = [Dimension.EMPLOYEE, Dimension.SERIES]
    if len(departments_of(lens)) > 1:
        found.insert(1, Dimension.DEPARTMENT)
    if lens.kind == Questionnaire.Kind.SERVICE:
        found.append(Dimension.JOB_TYPE)
    if lens.kind == Questionnaire.Kind.CONFIRMATION:
        found = [Dimension.SERIES]
    return [*found, STORE] if len(lens.stores) > 1 else found


def groups_of(lens: Lens, dimension: str, book: Book, *, part: str = "") -> list[Group]:
    """The members of a dimension, best first and those with too few answers last; people by part."""
    if dimension == Dimension.EMPLOYEE:
        return _people(lens, book, part)
    members = _members(lens, dimension, book)
    if not members:
        return []
    centre = rules.centre_of(one.now for one in members)
    return [Group(dimension, str(DIMENSIONS[dimension]), tuple(members), centre)]


def rolling_scope(lens: Lens) -> Scope:
    """The three months up to the one looked at."""
    return lens.scope.during(lens.month.shift(1 - ROLLING_MONTHS), lens.month)


# ---- departments, series, job types, stores -------------------------------------------------------------------------


def _members(lens: Lens, dimension: str, book: Book) -> list[Member]:
    now, low = queries.scores_by_member(lens.scope, dimension)
    before, extras = queries.by_member(lens.before, dimension), queries.extras_by_member(lens.scope, dimension)
    needs = lens.span == 1 and any(not mean.is_enough for mean in now.values())
    rolling = queries.by_member(rolling_scope(lens), dimension) if needs else {}
    names = _names(dimension, now)
    members = [
        Member(
            key=key,
            label=names[key],
            filters={dimension: key or UNKNOWN},
            now=mean,
            before=before.get(key, NOTHING),
            very_satisfied=_very(extras.get(key, {})),
            low=low.get(key, 0),
            rolling=rolling.get(key),
            target=_target(lens, dimension, key, book),
        )
        for key, mean in now.items()
        if key in names
    ]
    return sorted(members, key=lambda one: (one.now.shown is None, -(one.now.shown or 0), one.label))


def _names(dimension: str, means: Mapping[str, rules.Mean]) -> dict[str, str]:
    """What each member is called."""
    if dimension == STORE:
        return {str(row.pk): row.short_name for row in Store.objects.filter(pk__in=[int(key) for key in means])}
    if dimension == Dimension.DEPARTMENT:
        return {key: str(Department(key).label) for key in means}
    if dimension == Dimension.JOB_TYPE:
        return {key: str(JobType(key).label) if key else _("Job type not known") for key in means}
    return {key: key or _("Series not known") for key in means}


def _very(found: Mapping[str, Any]) -> rules.Rate:
    rate = found.get(queries.VERY_SATISFIED.code)
    return rate if isinstance(rate, rules.Rate) else rules.rate_of(0, 0)


def _target(lens: Lens, dimension: str, key: str, book: Book) -> Decimal | None:
    """The target of the whole index, for what is judged by whole responses; a store has its own."""
    if not lens.is_whole or dimension == Dimension.DEPARTMENT:
        return None
    return book.value(queries.INDEX.code, store_id=int(key) if dimension == STORE else None)


# ---- people ---------------------------------------------------------------------------------------------------------


def _people(lens: Lens, book: Book, part: str) -> list[Group]:
    """One group for each part (advisors, technicians, consultants, …) with its own mean."""
    lines = queries.employees(lens.scope)
    needs = lens.span == 1 and any(not line.now.is_enough for line in lines)
    wider = queries.employees(rolling_scope(lens)) if needs else []
    rolling = {(line.employee.pk, line.part): line.now for line in wider}
    names = _store_names(lens)
    groups = []
    for code in [part] if part else PART_WORDS:
        own = [_person(lens, line, rolling, book, names) for line in lines if line.part == code]
        if own:
            groups.append(Group(code, str(PART_WORDS[code]), tuple(own), _centre(lines, code)))
    return groups


def _person(
    lens: Lens, line: EmployeeLine, rolling: Mapping[tuple[int, str], rules.Mean], book: Book, names: Mapping[int, str]
) -> Member:
    employee = line.employee
    left = employee.left_on is not None and employee.left_on < lens.today
    notes = [names.get(employee.store_id, ""), _("left on %(day)s") % {"day": employee.left_on} if left else ""]
    store = employee.store_id if len(lens.scope.stores) > 1 else None
    return Member(
        key=str(employee.pk),
        label=employee.name,
        filters={"employee": employee.pk, "part": line.part},
        now=line.now,
        before=line.before,
        very_satisfied=line.very_satisfied,
        low=line.low,
        rolling=rolling.get((employee.pk, line.part)),
        target=book.value(queries.INDEX.code, part=line.part, store_id=store),
        note=" · ".join(note for note in notes if note),
        has_left=left,
    )


def _centre(lines: list[EmployeeLine], part: str) -> Decimal | None:
    """The mean of all responses that judge somebody of this part; None where they are too few."""
    return rules.centre_of(line.now for line in lines if line.part == part)


def _store_names(lens: Lens) -> dict[int, str]:
    """What to call the stores of people, where they are of several."""
    if len(lens.scope.stores) < 2:
        return {}
    return dict(Store.objects.filter(pk__in=lens.scope.stores).values_list("pk", "short_name"))
