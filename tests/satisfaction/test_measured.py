"""What a measure is measured by: of one kind only, and for a head only what judges the department."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from crm_site.accounts.models import Role
from crm_site.core import clock
from satisfaction import actions, effect
from satisfaction.models import ImprovementMeasure, Questionnaire, QuestionnaireVersion, Response
from satisfaction.rules.effect import Window
from tests.factories import DAY, NOON, EmployeeFactory, MembershipFactory
from tests.satisfaction.surveys import delivery_of, given, order_of, respond, short_answers
from tests.satisfaction.trees import own_tree

pytestmark = pytest.mark.django_db
AFTER = DAY + timedelta(days=2)
DAYS = Window(DAY, AFTER)


@pytest.fixture(autouse=True)
def later(monkeypatch):
    monkeypatch.setattr(clock, "today", lambda: DAY + timedelta(days=5))


def measure(by, code: str, department: str, metric="factor"):
    row = actions.create_measure(
        store_id=by.store.pk, cause="等待", measure="加一名接待", responsible=by.employee, department=department,
        due_on=DAY, submission=uuid.uuid4(), by=by.employee, at=NOON, today=DAY, metric=metric, metric_code=code,
    )  # fmt: skip
    return actions.finish_measure(row.pk, state="done", by=by.employee, today=DAY)


def visits(store, count=10, **marks):
    for _each in range(count):
        order = order_of(store, EmployeeFactory(store=store), EmployeeFactory(store=store))
        respond(store, order=order, day=AFTER, answers=short_answers(9, **marks))


def sale(store):
    return respond(
        store, code="SSI", delivery=delivery_of(store), day=AFTER,
        answers=[given(code, 2, "不好") for code in ("signage", "showroom_tidy", "showroom_comfort", "display_cars")],
    )  # fmt: skip


@pytest.mark.parametrize(("department", "kind"), [("service", "service"), ("workshop", "service"), ("sales", "sales")])
def test_a_code_that_sales_and_service_both_ask_is_read_of_the_one_that_judges_the_department(
    manager_a, department, kind
):
    row = measure(manager_a, "environment", department)
    assert effect.kind_of(row) == kind


def test_sales_and_service_are_never_averaged(store_a, manager_a):
    visits(store_a)
    Response.objects.filter(pk=sale(store_a).pk).update(is_valid=True)
    rows = effect.rows_of(measure(manager_a, "environment", "service"), DAYS)
    assert {row.version.questionnaire.kind for row in rows} == {"service"}


def test_both_names_of_a_shared_code_are_offered(store_a):
    named = dict(dict(effect.choices([store_a.pk]))[str(effect.FACTOR.label)])
    assert named["factor:environment"].count(" / ") == 1


def page_of(client, row):
    answer = client.get(reverse("satisfaction:measure_rows", args=[row.pk]), {"first": DAY, "last": AFTER})
    return answer.context["shown"], answer.context["total"]


def test_a_head_reads_only_what_judges_the_department(as_, store_a, manager_a, head_a):
    visits(store_a, reception=7, fixed_first_time=2)
    row = measure(head_a, "fixed_first_time", "service", "item")  # an item that judges the workshop
    whole, total = page_of(as_(manager_a), row)
    assert (whole.n, float(whole.amount), total.number) == (10, 20, 10)
    own, listed = page_of(as_(head_a), row)
    assert (own.n, own.amount, listed.number) == (0, None, 0)
    live = as_(head_a).get(reverse("satisfaction:measure", args=[row.pk])).context["live"]
    assert live.after.n == 0


@pytest.mark.parametrize(("first", "last"), [("2026-01-01", "9999-12-31"), ("0001-01-01", "2026-01-01"), ("x", "y")])
def test_days_beyond_every_calendar_are_no_page(as_, manager_a, first, last):
    row = measure(manager_a, "environment", "service")
    address = reverse("satisfaction:measure_rows", args=[row.pk])
    assert as_(manager_a).get(address, {"first": first, "last": last}).status_code == 404


def test_the_open_measures_of_one_store_are_counted_and_listed_alone(as_, manager_a, store_a, store_b):
    MembershipFactory(user=manager_a.user, store=store_b, role=Role.MANAGER)
    for store in (store_a, store_b, store_b):
        somebody = EmployeeFactory(store=store)
        ImprovementMeasure.objects.create(
            store=store, cause="解释不清", measure="交车前复述", responsible=somebody, due_on=DAY, created_at=NOON,
            created_by=somebody, submission=uuid.uuid4(),
        )  # fmt: skip
    client, listing = as_(manager_a), reverse("satisfaction:measures")
    for store, count in ((store_a, 1), (store_b, 2)):
        seen = client.get(reverse("satisfaction:dashboard"), {"kind": "service", "store": store.pk})
        assert seen.context["open_measures"] == count
        listed = client.get(listing, {"store": store.pk})
        assert (len(listed.context["page"]), listed.context["tabs"][0]["count"]) == (count, count)
    assert client.get(listing, {"store": 0}).status_code == 404


def test_what_another_store_asks_is_neither_offered_nor_decides(as_, manager_a, store_b):
    """A questionnaire of its own in another store asks, as a sale's, what here is asked of a visit."""
    version = own_tree(store_b, publish=False)
    version.questions.filter(code="reception").update(label_zh="别店的接待")
    version.factors.filter(code="process").update(label_zh="别店的过程")
    Questionnaire.objects.filter(pk=version.questionnaire_id).update(kind="sales")
    QuestionnaireVersion.objects.filter(pk=version.pk).update(state="published", published_at=clock.at(AFTER))
    form = as_(manager_a).get(reverse("satisfaction:measure_new"), {"question": "reception"}).content.decode()
    assert "别店的" not in form
    assert effect.kind_of(measure(manager_a, "process", "", metric="factor")) == "service"
