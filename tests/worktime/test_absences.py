"""Absences: entered by managers, never twice for a day, taken back without changing the past."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.worktime import actions
from crm_site.worktime.models import Absence
from tests.factories import DAY, NOON, EmployeeFactory

pytestmark = pytest.mark.django_db

LAST = DAY + timedelta(days=4)


def enter(person, by, first=DAY, last=LAST, **values):
    defaults = {"kind": "leave", "note": "", "now": NOON}
    return actions.enter_absence(person.employee.pk, first=first, last=last, by=by.employee, **(defaults | values))


def test_both_ends_are_days_away(specialist_a, manager_a):
    row = enter(specialist_a, manager_a)
    days = [DAY - timedelta(days=1), DAY, LAST, LAST + timedelta(days=1)]
    assert [Absence.objects.on(day).filter(pk=row.pk).exists() for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (LAST, DAY, "last"),
        (DAY, DAY + timedelta(days=actions.LONGEST_ABSENCE), "last"),
        (LAST, LAST + timedelta(days=3), "first"),  # overlaps by its first day
        (DAY - timedelta(days=3), DAY, "first"),
    ],
)
def test_what_cannot_be_is_refused(specialist_a, manager_a, first, last, field):
    enter(specialist_a, manager_a)
    with pytest.raises(RuleBroken) as refused:
        enter(specialist_a, manager_a, first, last)
    assert refused.value.field == field
    assert Absence.objects.count() == 1


def test_who_has_left_needs_no_absence(specialist_a, manager_a):
    specialist_a.employee.left_on = DAY - timedelta(days=1)
    specialist_a.employee.save(update_fields=["left_on"])
    with pytest.raises(RuleBroken):
        enter(specialist_a, manager_a)


@pytest.mark.parametrize(
    ("today", "is_cancelled", "last"),
    [
        (DAY - timedelta(days=1), True, LAST),
        (DAY, True, LAST),
        (DAY + timedelta(days=2), False, DAY + timedelta(days=1)),
    ],
)
def test_taken_back_the_days_that_are_past_stay(specialist_a, manager_a, today, is_cancelled, last):
    row = enter(specialist_a, manager_a)
    row = actions.cancel_absence(row.pk, by=manager_a.employee, now=NOON, today=today)
    assert (row.cancelled_at is not None, row.last) == (is_cancelled, last)


def test_one_that_is_over_stays(specialist_a, manager_a):
    row = enter(specialist_a, manager_a)
    with pytest.raises(RuleBroken):
        actions.cancel_absence(row.pk, by=manager_a.employee, now=NOON, today=LAST + timedelta(days=1))


def test_a_manager_enters_it_and_goes_on_to_the_calls(specialist_a, manager_a, as_):
    client, today = as_(manager_a), clock.today()
    data = {"employee": specialist_a.employee.pk, "kind": "ill", "first": today, "last": today, "note": ""}
    answer = client.post(reverse("worktime:absence_new"), data)
    row = Absence.objects.get()
    assert answer.url == reverse("revisits:leave", args=[row.pk])
    assert specialist_a.employee.name in client.get(reverse("worktime:absences")).content.decode()
    client.post(reverse("worktime:absence_cancel", args=[row.pk]))
    row.refresh_from_db()
    assert row.cancelled_at is not None


def test_only_people_of_ones_own_stores_can_be_chosen(manager_a, specialist_b, as_):
    today = clock.today()
    EmployeeFactory(store=manager_a.store, left_on=today - timedelta(days=1), name="离职者")
    page = as_(manager_a).get(reverse("worktime:absence_new"))
    chosen = list(page.context["form"].fields["employee"].queryset)
    assert chosen == [manager_a.employee]
    data = {"employee": specialist_b.employee.pk, "kind": "ill", "first": today, "last": today, "note": "x"}
    answer = as_(manager_a).post(reverse("worktime:absence_new"), data)
    assert answer.status_code == 200
    assert not Absence.objects.exists()


@pytest.mark.parametrize("name", ["specialist_a", "admin_a", "director_a"])
def test_only_managers_enter_absences(request, as_, name):
    assert as_(request.getfixturevalue(name)).get(reverse("worktime:absences")).status_code == 403
