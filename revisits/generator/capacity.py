"""What a desk can dial on a day against what waits; and the draw of what is left out where that is too much."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce

from crm_site.accounts.models import Employee, Membership, Role
from crm_site.core import clock, dates
from crm_site.worktime.models import Absence
from crm_site.worktime.rules import DeskCalendar
from revisits.generator.context import Context, StoreRule
from revisits.models import CALLABLE_STATES, DeskSettings, Revisit, RuleVersion, State
from revisits.rules import capacity
from revisits.rules.capacity import Caller, DeskTerms, InDraw
from revisits.rules.codes import Reason
from satisfaction.models import Response


def capacities(store_id: int, days: Sequence[date], calendar: DeskCalendar, desk: DeskSettings) -> dict[date, int]:
    """{day: how many calls the specialists of a store can make}; 0 on closed desk days. Two queries.

    Counts who is employed that day, may sign in as a specialist of the store, and is not away.
    """
    terms = DeskTerms(desk.dials_a_day, desk.new_dials_a_day, desk.new_days)
    people = list(_callers(store_id, min(days)))
    absences = Absence.objects.filter(store_id=store_id).touching(min(days), max(days))
    away = list(absences.values_list("employee_id", "first", "last"))
    found = {}
    for day in days:
        absent = {employee_id for employee_id, first, last in away if first <= day <= last}
        there = (person for person in people if person["pk"] not in absent and _is_employed(person, day))
        callers = (Caller(person["hired_on"], person["caller_settings__dials_a_day"]) for person in there)
        found[day] = sum(capacity.dials(one, terms, day) for one in callers) if calendar.is_desk_day(day) else 0
    return found


def _callers(store_id: int, first: date) -> Iterable[Any]:
    """The specialists of a store who have not left before a day."""
    desk = Membership.objects.filter(store_id=store_id, role=Role.SPECIALIST)
    rows = Employee.objects.filter(store_id=store_id, user__is_active=True, user_id__in=desk.values("user_id"))
    rows = rows.filter(Q(left_on=None) | Q(left_on__gte=first)).order_by("pk")
    return rows.values("pk", "hired_on", "left_on", "caller_settings__dials_a_day")


def _is_employed(person: dict[str, Any], day: date) -> bool:
    hired, left = person["hired_on"], person["left_on"]
    return (hired is None or hired <= day) and (left is None or left >= day)


def waiting(store_id: int, day: date) -> QuerySet[Revisit]:
    """The dials that the specialists of a store have before them on a day: due, and not put off beyond it."""
    end_of_day = clock.day_bounds(day, day)[1]
    rows = Revisit.objects.filter(store_id=store_id, head=None, rule_version__owner_role=Role.SPECIALIST)
    return rows.callable_at(end_of_day, day)


def is_short(context: Context) -> bool:
    """Whether more calls wait on the next desk day than the desk can make.

    In a store where nobody signs in to call, others call for it: there nothing is short.
    """
    day = context.calendar.shift_later(context.today)
    possible = capacities(context.store.pk, [day], context.calendar, context.desk)[day]
    return 0 < possible < waiting(context.store.pk, day).count()


# ---- the draw --------------------------------------------------------------------------------------------------------


def draw(context: Context) -> int:
    """Excuse what is not drawn of the rules that are drawn, if the desk is short; gives how many (免回访·未抽中).

    A function of what stands in the tables and of the hash of the occasions: whoever runs it, and how often, on the
    same tasks, it leaves the same ones. More tasks take none back that was left out. Calls that were begun, promised
    or given to somebody, and progress calls, stay.
    """
    rules = [rule for rule in context.rules if _terms(rule, context.today)]
    if not rules or not is_short(context):
        return 0
    return sum(_draw_rule(context, rule) for rule in rules)


def _terms(rule: StoreRule, day: date) -> RuleVersion | None:
    """The version of a drawn rule that is in force; None for all other rules."""
    held = [version for version in rule.versions if version.effective_from <= day]
    return held[-1] if held and held[-1].is_on and held[-1].capacity == RuleVersion.Capacity.DRAW else None


def _draw_rule(context: Context, rule: StoreRule) -> int:
    terms = _terms(rule, context.today)
    number = terms.capacity_number if terms else 0
    rows = Revisit.objects.filter(store=context.store, rule_id__in=rule.ids, head=None, due_on__lte=context.today)
    rows = rows.filter(state__in=CALLABLE_STATES, reason="")
    answers = _answers(context, rule)
    wanted = {employee_id: max(number - count, 0) for employee_id, count in answers.items()}
    kept = list(capacity.drawn(_in_draw(context, rows), wanted, number))
    left_out = rows.filter(_untouched(context)).exclude(pk__in=kept)
    end = {
        "state": State.EXCUSED, "reason": Reason.NOT_DRAWN.value, "ended_at": context.now, "ended_on": context.today,
        "claimed_by": None, "claimed_at": None, "lease_until": None, "version": F("version") + 1,
    }  # fmt: skip
    followers = Revisit.objects.filter(head__in=left_out.order_by().values("pk"), state__in=CALLABLE_STATES)
    return followers.update(**end) + left_out.update(**end)


def _untouched(context: Context) -> Q:
    """Nobody has tried, promised, been given or taken the call."""
    free = Q(claimed_by=None) | Q(lease_until__lt=context.now)
    return free & Q(state=State.DUE, first_attempt_on=None, promised_at=None, assigned_to=None)


def _in_draw(context: Context, rows: QuerySet[Revisit]) -> Iterator[InDraw]:
    """The calls that wait, with who served the customer."""
    served = Coalesce("repair_order__service_advisor_id", "delivery__sales_consultant_id")
    columns = (
        "pk", "anchor_key", "served", "state", "first_attempt_on", "promised_at", "assigned_to_id", "lease_until",
    )  # fmt: skip
    lines = rows.annotate(served=served).order_by("pk").values_list(*columns)
    for pk, key, employee_id, state, tried_on, promised_at, assigned_to, lease_until in lines:
        held = lease_until is not None and lease_until >= context.now
        yield InDraw(pk, key, employee_id, bool(state != State.DUE or tried_on or promised_at or assigned_to or held))


def _answers(context: Context, rule: StoreRule) -> dict[Hashable, int]:
    """{who served: valid answers of this month that the rule has brought}."""
    first = dates.month_of(context.today).start
    rows = Response.objects.filter(store=context.store, called_on__gte=first, is_valid=True, excluded_at=None)
    rows = rows.filter(attempt__revisit__rule_id__in=rule.ids)
    served = Coalesce("repair_order__service_advisor_id", "delivery__sales_consultant_id")
    return dict(rows.order_by().annotate(served=served).values_list("served").annotate(count=Count("pk")))
