"""How the tickets of a figure divide: by kind of trouble, cause, person, model, source, day, age and department.

Each dimension names its key once; the lines of a Pareto are groups of that key, and the list behind a line is narrowed
by the same expression, so that a line's number is the length of its list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, F, FilteredRelation, Q, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import Category, CauseClass, Liability, Source
from complaints.queries.desk import Rows
from crm_site.accounts.models import Department, Employee

#: the key of what is not known, not judged or not decided, in addresses and lines
NONE = "none"
UNDECIDED = "undecided"
#: what stands for the liable party in lines and addresses where it is no single employee
PARTIES = {
    Liability.Party.DEPARTMENT: gettext_lazy("Department"),
    Liability.Party.MANUFACTURER: gettext_lazy("Manufacturer"),
    Liability.Party.NOBODY: gettext_lazy("Nobody"),
    UNDECIDED: gettext_lazy("Liability undecided"),
}


@dataclass(frozen=True)
class Line:
    """One group: its key as it stands in addresses, its name, how many, and the running share of all."""

    key: str
    label: str
    n: int
    share: float = 0
    running: float = 0


@dataclass(frozen=True)
class Dimension:
    """By what tickets are divided: the expression of the key, and the names of keys."""

    code: str
    label: str | Promise
    key: Callable[[], Any]
    #: the words of keys, as one store has them or (None) the company
    names: Callable[[Sequence[str], int | None], dict[str, str]]
    prepare: Callable[[Rows], Rows] = lambda rows: rows

    def lines(self, rows: Rows, store_id: int | None = None) -> list[Line]:
        """The groups of the rows, the largest first and what is unknown last, with running shares.

        `store_id`: the one store that they are of, whose own names are used.
        """
        keyed = self.prepare(rows.order_by()).annotate(pareto=self.key()).values("pareto")
        found = {row["pareto"] or NONE: row["n"] for row in keyed.annotate(n=Count("*"))}
        names = self.names([key for key in found if key != NONE], store_id) | {NONE: _("not known")}
        unknown = {NONE, UNDECIDED}
        order = sorted(found.items(), key=lambda one: (one[0] in unknown, -one[1], one[0]))
        return with_shares([Line(key, str(names.get(key, key)), n) for key, n in order])

    def narrow(self, rows: Rows, key: str) -> Rows:
        """The rows of one group."""
        keyed = self.prepare(rows).annotate(**{f"key_{self.code}": self.key()})
        return keyed.filter(**{f"key_{self.code}": "" if key == NONE else key})


def with_shares(lines: Sequence[Line]) -> list[Line]:
    """The lines with their shares of the total, running from the first."""
    total, running, found = sum(line.n for line in lines), 0, []
    for line in lines:
        running += line.n
        found.append(Line(line.key, line.label, line.n, line.n / total, running / total))
    return found


# ---- the dimensions -------------------------------------------------------------------------------------------------


def _categories(codes: Sequence[str], store_id: int | None) -> dict[str, str]:
    return {code: row.label for code, row in _named(codes, store_id).items()}


def _details(codes: Sequence[str], store_id: int | None) -> dict[str, str]:
    """The names of categories with those of their parents."""
    rows = _named(codes, store_id).items()
    return {code: f"{row.parent.label} / {row.label}" if row.parent else row.label for code, row in rows}


def _named(codes: Sequence[str], store_id: int | None) -> dict[str, Category]:
    """The categories that give the names: the store's own, else the company's, else whichever store has the code."""
    found: dict[str, Category] = {}
    rank = {store_id: 2, None: 1 if store_id else 2}
    rows = Category.objects.filter(code__in=codes).select_related("parent").order_by("pk")
    for row in sorted(rows, key=lambda one: rank.get(one.store_id, 0)):
        found[row.code] = row
    return found


def _people(keys: Sequence[str], _store_id: int | None) -> dict[str, str]:
    people = Employee.objects.filter(pk__in=[key for key in keys if key.isdecimal()])
    named = {str(pk): name for pk, name in people.values_list("pk", "name")}
    return {key: str(word) for key, word in PARTIES.items()} | named


def _of(choices: Any) -> Callable[[Sequence[str], int | None], dict[str, str]]:
    return lambda _keys, _store_id: {key: str(word) for key, word in choices.choices}


def _with_direct(rows: Rows) -> Rows:
    confirmed = Q(liabilities__kind=Liability.Kind.DIRECT, liabilities__confirmed_at__isnull=False)
    return rows.annotate(direct=FilteredRelation("liabilities", condition=confirmed))


def _liable() -> Any:
    """The employee directly liable by key, else the party, else that it is undecided."""
    return Case(
        When(direct__employee__isnull=False, then=Cast("direct__employee_id", CharField())),
        When(direct__party__isnull=False, then=F("direct__party")),
        default=Value(UNDECIDED),
        output_field=CharField(),
    )


def _series() -> Any:
    """The series of the car, else as an old register names it; no code of ours, and no personal data either."""
    return Coalesce(NullIf("vehicle__series", Value("")), F("series"))


DIMENSIONS: dict[str, Dimension] = {
    one.code: one
    for one in (
        Dimension(
            "category", gettext_lazy("Category"),
            lambda: Coalesce("category__parent__code", "category__code", Value("")), _categories,
        ),
        Dimension(
            "detail", gettext_lazy("Category in detail"), lambda: Coalesce("category__code", Value("")), _details,
        ),
        Dimension("cause", gettext_lazy("Cause class"), lambda: F("cause_class"), _of(CauseClass)),
        Dimension("liable", gettext_lazy("Directly liable"), _liable, _people, _with_direct),
        Dimension("series", gettext_lazy("Model"), _series, lambda keys, _store_id: {key: key for key in keys}),
        Dimension("source", gettext_lazy("Source"), lambda: F("source"), _of(Source)),
    )
}  # fmt: skip


# ---- by age, day and department -------------------------------------------------------------------------------------

#: code -> (least, most) days since receipt; None = without end
AGES: dict[str, tuple[int, int | None]] = {
    "0-1": (0, 1),
    "2-3": (2, 3),
    "4-7": (4, 7),
    "8-30": (8, 30),
    "31": (31, None),
}


def of_age(rows: Rows, code: str, today: date) -> Rows:
    """The rows received so many days ago."""
    least, most = AGES[code]
    rows = rows.filter(received_on__lte=today - timedelta(days=least))
    return rows if most is None else rows.filter(received_on__gte=today - timedelta(days=most))


def by_age(rows: Rows, today: date) -> dict[tuple[str, str], int]:
    """{(level's code or none, age): n}; a ticket received "tomorrow" by a wrong clock counts as of today."""
    cases = [
        When(received_on__gte=today - timedelta(days=most), then=Value(code))
        for code, (_least, most) in AGES.items()
        if most is not None
    ]
    aged = rows.order_by().annotate(age=Case(*cases, default=Value("31"), output_field=CharField()))
    found = aged.values("age", code=Coalesce("level__code", Value(NONE))).annotate(n=Count("*"))
    return {(row["code"], row["age"]): row["n"] for row in found}


def by_day(rows: Rows, grievance: Q) -> dict[date, tuple[int, int]]:
    """{day of receipt: (complaints, grievances)}."""
    found = rows.order_by().values("received_on").annotate(n=Count("*"), small=Count("store_id", filter=grievance))
    return {row["received_on"]: (row["n"] - row["small"], row["small"]) for row in found}


@dataclass(frozen=True)
class Money:
    """What the tickets of a liable department cost: how many did, compensation and claims in yuan."""

    code: str
    label: str
    n: int
    compensation: Any
    claims: Any


def by_department(rows: Rows) -> list[Money]:
    """Compensation and claims by the department that answers for the tickets."""
    found = rows.order_by().values("department").annotate(
        n=Count("*"), compensation=Sum("compensation"), claims=Sum("claim_amount")
    )  # fmt: skip
    names = dict(Department.choices)
    return [
        Money(
            row["department"] or NONE,
            str(names.get(row["department"], _("not known"))),
            row["n"],
            row["compensation"] or 0,
            row["claims"] or 0,
        )
        for row in sorted(found, key=lambda row: (-row["n"], row["department"]))
    ]
