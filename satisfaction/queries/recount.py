"""The sums of some stores in one month, counted anew from the raw answers by the engine.

Each query groups what it reads as finely as several sums need and the lines are added up here, so that the answers are
read few times. Where a response must first be made into one share (a department's or an employee's items in a factor),
the engine groups the groups again (`sql.added_up`): one statement, no row a response leaves it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, Max, OuterRef, Q, QuerySet, Sum, When

from crm_site.core import sql
from crm_site.core.dates import Month
from satisfaction.models import Answer, EmployeeScore, Factor, FactorScore, Question, Response
from satisfaction.queries.figures import WIDE, share_of_items, sums
from satisfaction.queries.raw import EXTRAS
from satisfaction.rules import DETRACTOR_TO, VERY_SATISFIED_FROM
from satisfaction.rules.sums import UNITS, WIDTH, Key, Place, Sums

Recounted = dict[Place, Sums]
Rows = Iterable[dict[str, Any]]
WHOLES = ("series", "job_type")
#: where every row belongs
AT = ("at_store",)


class Recount:
    """Counts some stores in one month."""

    def __init__(self, store_ids: Collection[int], month: Month) -> None:
        self.month = month.start
        self.days = {
            "store_id__in": store_ids, "called_on__range": (month.start, month.last), "is_valid": True,
            "excluded_at": None,
        }  # fmt: skip
        self.found: Recounted = {}
        self.version_of: dict[str, dict[int, int]] = {
            "factor": dict(Factor.objects.values_list("pk", "version_id")),
            "question": dict(Question.objects.values_list("pk", "version_id")),
        }
        self.extras = set(Question.objects.filter(kind__in=EXTRAS).values_list("pk", flat=True))

    def run(self) -> Recounted:
        """Everything, by store, month and version."""
        self._index()
        self._factors()
        self._answers()
        self._people()
        self._items_of_people()
        self._departments()
        self._shares("employee", "attributions__employee")
        return self.found

    # ---- whole responses ----

    def _index(self) -> None:
        rows = self._of(Response.objects.filter(score__isnull=False), "").values("version", *AT, *WHOLES)
        for row in rows.annotate(low=Count("pk", filter=Q(low_count__gt=0)), **sums("score")):
            self._whole(row["version"], row, "index", 0)

    def _factors(self) -> None:
        rows = self._of(FactorScore.objects.all()).values("factor", *AT, **_wholes())
        for row in rows.annotate(**sums("score")):
            self._whole(self.version_of["factor"][row["factor"]], row, "factor", row["factor"])

    def _answers(self) -> None:
        rows = self._of(_numbers()).values("question", *AT, "department", **_wholes()).annotate(**_of_answers())
        for row in rows:
            question, version = row["question"], self.version_of["question"][row["question"]]
            self._whole(version, row, "item", question)
            if question in self.extras:
                self._whole(version, row, "extra", question)
            if row["department"]:
                self._add(version, row, Key("department", "item", question, row["department"]))

    def _whole(self, version: int, row: dict[str, Any], subject: str, ref: int) -> None:
        self._add(version, row, Key("", subject, ref))
        for dimension in WHOLES:
            self._add(version, row, Key(dimension, subject, ref, row[dimension]))

    # ---- departments ----

    def _departments(self) -> None:
        self._shares("department", "department")
        own = _grouped(self._of(_numbers().exclude(department="")), member=F("department"))
        low = Max(Case(When(is_low=True, then=1), default=0, output_field=IntegerField()))
        rows = own.annotate(weights=Sum("weight", output_field=WIDE), low=low).filter(weights__gt=0)
        for row in _over_responses(rows, ("member",), "low"):
            self._add(row["version"], row, Key("department", "own", 0, row["member"]))
        members = {key.member for counted in self.found.values() for key in counted if key.dimension == "department"}
        for department in sorted(members):
            judged = _weighted().filter(department=department, response=OuterRef("response"))
            rows = self._of(_numbers().filter(Exists(judged), question__kind__in=EXTRAS)).values("question", *AT)
            for row in rows.annotate(**_of_answers()):
                version = self.version_of["question"][row["question"]]
                self._add(version, row, Key("department", "extra", row["question"], department))

    # ---- employees ----

    def _people(self) -> None:
        scored = self._of(EmployeeScore.objects.filter(score__isnull=False))
        rows = scored.values("employee", "part", *AT, version=F("response__version"))
        for row in rows.annotate(low=Count("pk", filter=Q(low_count__gt=0)), **sums("score")):
            self._add(row["version"], row, Key("employee", "own", 0, str(row["employee"]), row["part"]))
        beside = scored.filter(
            response__answers__question__kind__in=EXTRAS,
            response__answers__state=Answer.State.GIVEN,
            response__answers__normalised__isnull=False,
        ).values("employee", "part", *AT, question=F("response__answers__question"))
        for row in beside.annotate(**_of_answers("response__answers__")):
            self._of_person(row, "extra")

    def _items_of_people(self) -> None:
        judged = self._of(_numbers().filter(attributions__employee__isnull=False))
        rows = judged.values("question", *AT, employee=F("attributions__employee"))
        for row in rows.annotate(**_of_answers()):
            self._of_person(row, "item")

    def _of_person(self, row: dict[str, Any], subject: str) -> None:
        version = self.version_of["question"][row["question"]]
        self._add(version, row, Key("employee", subject, row["question"], str(row["employee"]), row.get("part", "")))

    # ---- shares of a response ----

    def _shares(self, dimension: str, path: str) -> None:
        """The share of a member's own items in each factor."""
        own = self._of(_weighted().filter(question__factor__isnull=False))
        own = own.exclude(department="") if dimension == "department" else own.filter(**{f"{path}__isnull": False})
        groups = _grouped(own, factor=F("question__factor"), member=F(path))
        for row in _over_responses(groups, ("factor", "member")):
            self._add(row["version"], row, Key(dimension, "factor", row["factor"], str(row["member"])))

    # ---- adding up ----

    def _of(self, rows: QuerySet[Any], path: str = "response__") -> QuerySet[Any, Any]:
        """The rows below the valid responses, with their store."""
        rows = rows.filter(**{f"{path}{name}": value for name, value in self.days.items()})
        return rows.annotate(at_store=F(f"{path}store")).order_by()

    def _add(self, version: int, row: dict[str, Any], key: Key) -> None:
        place = (row["at_store"], self.month, version)
        into = self.found.setdefault(place, {}).setdefault(key, [0] * WIDTH)
        numbers = (row["n"], _whole_number(row["total"], UNITS), _whole_number(row["squares"], UNITS * UNITS))
        counts = (row.get("top") or 0, row.get("bottom") or 0, row.get("low") or 0)
        for place_in, number in enumerate((*numbers, *counts)):
            into[place_in] += number


def _whole_number(value: Any, units: int) -> int:
    """A sum of four (eight) decimals in its units; SQLite adds up in floats, so it is rounded."""
    return round(Decimal(value) * units)


def _wholes() -> dict[str, Any]:
    return {name: F(f"response__{name}") for name in WHOLES}


def _numbers() -> QuerySet[Answer]:
    """Given answers with a number."""
    return Answer.objects.filter(state=Answer.State.GIVEN, normalised__isnull=False)


def _weighted() -> QuerySet[Answer]:
    return _numbers().filter(weight__gt=0)


def _of_answers(path: str = "") -> dict[str, Any]:
    """The sums of answers that a path leads to."""
    value = f"{path}value"
    return {
        **sums(f"{path}normalised"),
        "top": Count("pk", filter=Q(**{f"{value}__gte": VERY_SATISFIED_FROM})),
        "bottom": Count("pk", filter=Q(**{f"{value}__lte": DETRACTOR_TO})),
        "low": Count("pk", filter=Q(**{f"{path}is_low": True})),
    }


def _grouped(answers: QuerySet[Any, Any], **keys: Any) -> QuerySet[Any, Any]:
    """One row a response and member, with the share of the answers in it."""
    return answers.values("response", *AT, version=F("response__version"), **keys).annotate(share=share_of_items())


def _over_responses(groups: QuerySet[Any, Any], keys: tuple[str, ...], *more: str) -> Rows:
    """n, sum and sum of squares of `share` (and the sums of more) by store, version and keys."""
    return sql.added_up(groups, (*AT, "version", *keys), "share", *more)
