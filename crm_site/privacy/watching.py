"""Looks for what is unusual in the day's looks, and tells those who answer for the store."""

from __future__ import annotations

from datetime import date

from crm_site.accounts.models import Employee
from crm_site.privacy.queries import looks
from customers import probing
from customers.actions import reveals
from customers.rules.looks import SEARCHES_A_DAY, STRANGERS_TOLD_FROM, UNCALLED_TOLD_FROM, are_strangers_unusual


def watch(day: date) -> int:
    """Tell once a day of everybody who looked at many customers without a task, took many calls and made none, or
    searched for very many numbers; gives how many they are."""
    strangers = [employee for employee, number in looks.strangers_on(day).items() if are_strangers_unusual(number)]
    uncalled = [employee for employee, number in looks.uncalled_on(day).items() if number >= UNCALLED_TOLD_FROM]
    _tell("looks.strangers", strangers, day, count=STRANGERS_TOLD_FROM)
    searched = _searched(day)
    _tell("looks.uncalled", uncalled, day, count=UNCALLED_TOLD_FROM)
    _tell("looks.searched", searched, day, count=SEARCHES_A_DAY)
    return len({*strangers, *uncalled, *searched})


def _searched(day: date) -> list[int]:
    """Those of today's employees who searched by parts of numbers more often than the search box goes along with."""
    people = dict(Employee.objects.employed_on(day).exclude(user=None).values_list("user_id", "pk"))
    return [people[user_id] for user_id in probing.many(people)]


def _tell(code: str, employees: list[int], day: date, *, count: int) -> None:
    for employee in Employee.objects.filter(pk__in=employees).order_by("pk"):
        reveals.tell_unusual(code, employee, day, count=count)
