"""Alerts: which falls are kept, whom they are told to, once, and who takes note of them."""

from datetime import date

import pytest
from django.urls import reverse

from crm_site.core import clock
from crm_site.core.dates import Month
from crm_site.jobs.models import Job
from crm_site.jobs.runner import run
from crm_site.notices.models import Notice
from satisfaction import actions, steering
from satisfaction.models import Alert
from satisfaction.queries import alerts
from tests.factories import DAY, EmployeeFactory, PostingFactory
from tests.satisfaction.surveys import order_of, respond, short_answers

THIS, BEFORE = Month(2026, 9), Month(2026, 8)
NOW = clock.at(DAY, 9)
URL = reverse("satisfaction:alerts")


def fill(store, *, before, now, advisor=None, days=12, **marks):
    """As many responses in both months, all items at these marks; `marks` are those of the later month."""
    advisor = advisor or EmployeeFactory(store=store)
    PostingFactory(employee=advisor)
    for number in range(days):
        for month, mark, more in ((BEFORE, before, {}), (THIS, now, marks)):
            order = order_of(store, advisor)
            day = month.start.replace(day=1 + number)
            respond(store, answers=short_answers(mark, **more), day=day, order=order)
    return advisor


def found(store, month=THIS):
    return {(fall.subject, fall.code) for fall in alerts.falls(store.pk, "service", month)}


@pytest.mark.django_db
def test_a_store_that_falls_takes_its_departments_factors_items_and_people_along(store_a):
    advisor = fill(store_a, before=10, now=8)
    names = found(store_a)
    assert {("store", ""), ("department", "service"), ("item", "on_time"), ("employee", str(advisor.pk))} <= names
    assert any(subject == "factor" for subject, _code in names)


@pytest.mark.django_db
def test_one_item_that_falls_is_found_alone(store_a):
    fill(store_a, before=10, now=10, charges_transparent=7)
    assert {code for subject, code in found(store_a) if subject == "item"} == {"charges_transparent"}


@pytest.mark.django_db
@pytest.mark.parametrize(("before", "now", "days"), [(10, 5, 9), (8, 9, 12), (9, 9, 12)])
def test_few_answers_a_rise_and_a_standstill_raise_none(store_a, before, now, days):
    fill(store_a, before=before, now=now, days=days)
    assert not found(store_a)


@pytest.mark.parametrize(("day", "months"), [
    (date(2026, 9, 1), [BEFORE]),
    (date(2026, 9, 7), [BEFORE]),
    (date(2026, 9, 8), [BEFORE, THIS]),
    (date(2026, 9, 11), [THIS]),
])  # fmt: skip
def test_a_month_is_judged_from_its_second_week_on(day, months):
    assert steering.months_to_judge(day) == months


def look(store):
    """Run the job of the day."""
    steering.ask_for_alerts(DAY)
    run(Job.objects.get(kind=steering.FIND_ALERTS, store=store).pk)


def test_every_fall_is_kept_and_told_once(manager_a, head_a, store_a):
    fill(store_a, before=10, now=8)
    look(store_a)
    look(store_a)
    kept = Alert.objects.count()
    assert kept > 3
    actions.keep_alerts(store_a.pk, THIS, alerts.falls(store_a.pk, "service", THIS), at=NOW)
    assert Alert.objects.count() == kept
    told = dict(Notice.objects.filter(code="score.fell").values_list("user", "params__count"))
    service = Alert.objects.filter(department="service").count()
    assert told == {manager_a.user.pk: kept, head_a.user.pk: service}
    assert 0 < service < kept


def test_a_fall_that_comes_later_is_told_by_itself(manager_a, store_a):
    falls = alerts.falls
    fill(store_a, before=10, now=8)
    all_of_them = falls(store_a.pk, "service", THIS)
    actions.keep_alerts(store_a.pk, THIS, all_of_them[:1], at=NOW)
    actions.keep_alerts(store_a.pk, THIS, all_of_them, at=NOW)
    counts = Notice.objects.filter(code="score.fell").order_by("pk").values_list("params__count", flat=True)
    assert list(counts) == [1, len(all_of_them) - 1]


def test_a_head_sees_his_department_and_a_stranger_nothing(as_, manager_a, head_a, stranger_b, store_a):
    fill(store_a, before=10, now=8)
    look(store_a)
    for person, rows in (
        (manager_a, Alert.objects.all()),
        (head_a, Alert.objects.filter(department="service")),
        (stranger_b, Alert.objects.none()),
    ):
        page = as_(person).get(URL, {"month": str(THIS)})
        assert {line["alert"] for line in page.context["rows"]} == set(rows)


def test_every_alert_opens_a_list_of_as_many_answers(as_, manager_a, store_a):
    fill(store_a, before=10, now=8)
    look(store_a)
    client = as_(manager_a)
    for line in client.get(URL, {"month": str(THIS)}).context["rows"]:
        behind = client.get(line["url"])
        assert behind.status_code == 200, line["url"]
        assert behind.context["total"].number == line["alert"].now_n, line["url"]


def test_who_takes_note_is_kept_and_the_second_is_refused_kindly(as_, manager_a, head_a, store_a):
    fill(store_a, before=10, now=8)
    look(store_a)
    alert = Alert.objects.filter(department="service").first()
    url = reverse("satisfaction:alert_seen", args=[alert.pk])
    assert as_(head_a).post(url, {"note": "本周开会"}).status_code == 302
    again = as_(manager_a).post(url, {"note": "我来"}, follow=True)
    assert head_a.employee.name in again.content.decode()
    alert.refresh_from_db()
    assert (alert.seen_by, alert.note) == (head_a.employee, "本周开会")


def test_an_alert_proposes_its_measure(as_, manager_a, store_a):
    fill(store_a, before=10, now=10, charges_transparent=7)
    look(store_a)
    client = as_(manager_a)
    line = next(one for one in client.get(URL, {"month": str(THIS)}).context["rows"] if one["alert"].subject == "item")
    form = client.get(line["measure_url"]).context["form"]
    assert form.initial["measured_by"] == "item:charges_transparent"
    assert form.initial["department"] == "service"
