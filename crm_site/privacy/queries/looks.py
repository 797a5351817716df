"""Reads of looks at hidden facts: whose task the customer was, and how much somebody looked at on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from complaints.models import Complaint
from crm_site.accounts import policy
from customers.models import Reveal
from customers.rules.looks import CALL
from revisits.models import CallAttempt, Revisit


def looks_for(user: Any) -> QuerySet[Reveal]:
    """The looks in the stores in which the user may read the log."""
    return Reveal.objects.visible_to(user).filter(store_id__in=policy.stores_allowing(user, "privacy.log"))


def with_tasks(rows: QuerySet[Reveal]) -> QuerySet[Reveal]:
    """Each look with `has_task`: it was of a claimed call, or the customer is in a call or ticket of that person."""
    theirs = OuterRef("employee_id")
    held = Q(claimed_by=theirs) | Q(assigned_to=theirs) | Q(promised_by=theirs)
    calls = Revisit.objects.filter(held, customer=OuterRef("customer_id"))
    made = CallAttempt.objects.filter(by=theirs, revisit__customer=OuterRef("customer_id"))
    tickets = Complaint.objects.filter(Q(handler=theirs) | Q(reported_by=theirs), customer=OuterRef("customer_id"))
    return rows.annotate(has_task=Q(counts=False) | Q(Exists(calls)) | Q(Exists(made)) | Q(Exists(tickets)))


def by_person_and_day(rows: QuerySet[Reveal]) -> QuerySet[Reveal, dict[str, Any]]:
    """How many looks, customers and calls of each person on each day, the latest day first."""
    found = rows.order_by().values("employee_id", "employee__name", "store__short_name", "day")
    return found.annotate(
        looks=Count("pk", filter=Q(counts=True)),
        calls=Count("pk", filter=Q(counts=False)),
        customers=Count("customer", distinct=True),
    ).order_by("-day", "-looks", "employee_id")


def strangers_on(day: date) -> dict[int, int]:
    """{employee: customers whom they looked at on a day and have no task with}."""
    rows = with_tasks(Reveal.objects.filter(day=day, counts=True)).filter(has_task=False)
    counted = rows.order_by().values("employee").annotate(customers=Count("customer", distinct=True))
    return dict(counted.values_list("employee", "customers"))


def uncalled_on(day: date) -> dict[int, int]:
    """{employee: customers whose calls they took on a day, seeing the numbers, and neither called nor hold now}."""
    theirs = OuterRef("employee_id")
    made = CallAttempt.objects.filter(by=theirs, revisit__customer=OuterRef("customer_id"), called_on=day)
    held = Revisit.objects.filter(claimed_by=theirs, customer=OuterRef("customer_id"))
    rows = Reveal.objects.filter(day=day, reason=CALL).exclude(Exists(made)).exclude(Exists(held))
    counted = rows.order_by().values("employee").annotate(customers=Count("customer", distinct=True))
    return dict(counted.values_list("employee", "customers"))
