"""Who of a store may make which call: the barred, the eligible, the calls that nobody at the desk may make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import reduce
from operator import and_
from typing import NamedTuple

from django.db.models import BooleanField, Case, Count, Q, QuerySet, Value, When

from crm_site.accounts.models import Employee, Membership, Role
from revisits.models import CALLABLE_STATES, CallAttempt, Revisit
from revisits.queries import pool
from revisits.queries.conflict import accused_by, delicate, served_by

#: how many calls are given away in one go
MOST = 200


def barred(rows: Iterable[Revisit], by: Employee) -> QuerySet[Revisit]:
    """Those of the calls that a person may not make without a permission."""
    return Revisit.objects.filter(pk__in=[row.pk for row in rows]).filter(delicate(), served_by(by))


def eligible(revisit: Revisit, day: date, roles: Iterable[str] = (Role.SPECIALIST,)) -> list[Employee]:
    """Who of the store's people in these roles may make a call and is there on a day, by name."""
    away = pool.away(revisit.store_id, day).everybody
    people = list(pool.callers([revisit.store_id], day, roles).exclude(pk__in=away).order_by("name", "pk"))
    return [person for person in people if not barred([revisit], person).exists()]


def nobody_may(store_id: int, day: date) -> QuerySet[Revisit]:
    """The scored and confirming calls due by a day that nobody at the desk of a store may make.

    Whoever is away today does not help. A call that was given to somebody is settled. Two queries to build it.
    """
    away = pool.away(store_id, day).everybody
    desk = list(pool.callers([store_id], day).exclude(pk__in=away).order_by("pk"))
    rows = Revisit.objects.filter(store_id=store_id, state__in=CALLABLE_STATES, head=None, assigned_to=None)
    rows = rows.filter(delicate(), rule_version__owner_role=Role.SPECIALIST, due_on__lte=day)
    everybody = reduce(and_, (served_by(person) for person in desk), Q())
    return rows.filter(everybody) if desk else rows


class Standing(NamedTuple):
    """How a person stands to a call: free to make it, only with a permission, or never."""

    person: Employee
    role: str
    needs_permission: bool
    is_accused: bool


def standings(rows: Sequence[Revisit], people: Sequence[tuple[Employee, str]]) -> dict[int, list[Standing]]:
    """{call: how each of the people stands to it}, for calls of nobody_may; one query for all of them."""
    if not rows or not people:
        return {}
    marks: dict[str, Case] = {}
    for person, _role in people:
        marks[f"served_{person.pk}"] = _mark(served_by(person))
        marks[f"accused_{person.pk}"] = _mark(accused_by(person))
    found = Revisit.objects.filter(pk__in=[row.pk for row in rows]).annotate(**marks).values("pk", *marks)
    return {
        row["pk"]: [
            Standing(person, role, row[f"served_{person.pk}"], row[f"accused_{person.pk}"]) for person, role in people
        ]
        for row in found
    }


def _mark(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def people_with_roles(store_id: int, day: date, roles: Iterable[str]) -> list[tuple[Employee, str]]:
    """Who of a store has one of the roles and is there on a day, in the order of the roles, then by name; 3 queries."""
    order = list(roles)
    role_of = dict(Membership.objects.filter(store_id=store_id, role__in=order).values_list("user_id", "role"))
    people = pool.callers([store_id], day, order).exclude(pk__in=pool.away(store_id, day).everybody)
    found = [(person, role_of[person.user_id or 0]) for person in people.order_by("name", "pk")]
    return sorted(found, key=lambda one: order.index(one[1]))


#: who is asked when nobody at the desk may call: manager, then director; the desk itself with a permission
FALLBACK = (Role.MANAGER, Role.DIRECTOR, Role.SPECIALIST)


def given_counts(store_id: int) -> dict[int, int]:
    """{employee: how many open calls a manager has given to them}."""
    rows = Revisit.objects.filter(store_id=store_id, assigned_to__isnull=False).open().order_by()
    return dict(rows.values_list("assigned_to_id").annotate(count=Count("pk")))


def made_on(store_id: int, day: date) -> dict[int, tuple[int, int]]:
    """{employee: (dialled, reached)} of a store on a day."""
    rows = CallAttempt.objects.filter(store_id=store_id, called_on=day).order_by().values("by_id")
    counted = rows.annotate(dialled=Count("pk"), reached=Count("pk", filter=Q(result__reached=True)))
    return {row["by_id"]: (row["dialled"], row["reached"]) for row in counted}


def held(store_id: int, now: datetime) -> dict[int, int]:
    """{employee: how many calls they hold right now}."""
    rows = Revisit.objects.filter(store_id=store_id, claimed_by__isnull=False, lease_until__gte=now).order_by()
    return dict(rows.values_list("claimed_by_id").annotate(count=Count("pk")))
