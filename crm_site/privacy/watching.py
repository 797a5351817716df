"""Looks for what is unusual in the day's looks, and tells those who answer for the store."""

from __future__ import annotations

from datetime import date

from crm_site.accounts.models import Employee
from crm_site.privacy.queries import looks
from customers.actions import reveals
from customers.rules.looks import STRANGERS_TOLD_FROM, are_strangers_unusual


def watch(day: date) -> int:
    """Tell once a day of everybody who looked at many customers without a task; gives how many they are."""
    found = [employee for employee, strangers in looks.strangers_on(day).items() if are_strangers_unusual(strangers)]
    for employee in Employee.objects.filter(pk__in=found).order_by("pk"):
        reveals.tell_unusual("looks.strangers", employee, day, count=STRANGERS_TOLD_FROM)
    return len(found)
