"""An answer laid at the wrong door, from the employee's own page to the figures: found, objected to, decided, moved."""

import uuid
from datetime import date

import pytest
from django.urls import reverse

from crm_site.accounts.models import Role
from crm_site.core import clock
from crm_site.core.dates import Month
from crm_site.core.figures import Scope
from crm_site.notices.models import Notice
from crm_site.reports import actions
from crm_site.reports.models import Appeal
from satisfaction import queries
from tests.cast import make_person
from tests.factories import EmployeeFactory, PostingFactory
from tests.reports.month import MONTH
from tests.satisfaction.surveys import order_of, respond, short_answers

pytestmark = pytest.mark.django_db
SHOWN = clock.at(date(2026, 9, 2), 10)
MINE = reverse("reports:mine")


@pytest.fixture
def advisor(store_a):
    """A service advisor with a sign-in."""
    person = make_person(store_a, Role.FRONTLINE, "顾问甲")
    person.employee.postings.update(department="service", post="service_advisor")
    return person


@pytest.fixture
def colleague(store_a):
    employee = EmployeeFactory(store=store_a, name="顾问乙")
    PostingFactory(employee=employee)
    return employee


@pytest.fixture
def wrong(store_a, advisor):
    """The response that judges the wrong advisor, beside one that is rightly theirs."""
    respond(store_a, order=order_of(store_a, advisor.employee), day=date(2026, 8, 9), answers=short_answers(9))
    answers = short_answers(9, reception=4)
    return respond(store_a, order=order_of(store_a, advisor.employee), day=date(2026, 8, 10), answers=answers)


@pytest.fixture
def draft(store_a, wrong, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: SHOWN)
    return actions.build_draft(store_a, MONTH, None, now=SHOWN)


def score_of(store, employee):
    """n and mean of the people's table of August's dashboard, and the same from by_member; both must agree."""
    scope = Scope.of_month([store.pk], Month(2026, 8), kind="service")
    line = {one.employee.pk: one.now for one in queries.employees(scope)}.get(employee.pk)
    member = queries.by_member(scope, "employee").get(str(employee.pk))
    assert (line.n if line else 0) == (member.n if member else 0)
    return (line.n, round(line.value, 2)) if line else (0, None)


def test_an_employee_finds_the_answers_about_them_without_a_customer(as_, advisor, wrong, draft):
    page = as_(advisor).get(MINE)
    (month,) = page.context["months"]
    first, second = month["answers"]  # the low one leads
    assert (first["pk"], second["own"].low_count) == (wrong.pk, 0)
    assert [item["raw"] for item in first["items"] if item["is_low"]] == ["4 / 10"]
    assert wrong.repair_order.order_number in page.text
    assert wrong.customer.name not in page.text
    assert "等得太久" not in page.text


def test_objected_once_decided_and_every_figure_follows(as_, advisor, colleague, wrong, draft, manager_a, store_a):
    whole = queries.INDEX.of(Scope.of_month([store_a.pk], Month(2026, 8), kind="service"))
    before = score_of(store_a, advisor.employee)
    client = as_(advisor)
    line = client.get(MINE).context["months"][0]["answers"][0]
    sent = {"reason": "当天是乙接待的", "submission": str(uuid.uuid4())}
    assert client.get(line["appeal_url"]).context["items"]
    client.post(line["appeal_url"], sent)
    client.post(line["appeal_url"], {**sent, "submission": str(uuid.uuid4())})  # once
    appeal = Appeal.objects.get()
    assert score_of(store_a, advisor.employee) == before
    decision = {"verdict": "accepted", "liable": colleague.pk, "decision": "工单写错了人"}
    assert as_(manager_a).post(reverse("reports:decide", args=[appeal.pk]), decision).status_code == 302
    assert score_of(store_a, advisor.employee)[0] == before[0] - 1
    assert score_of(store_a, colleague)[0] == 1
    assert queries.INDEX.of(Scope.of_month([store_a.pk], Month(2026, 8), kind="service")) == whole
    assert Notice.objects.filter(user=advisor.user, code="appeal.accepted").count() == 1


def test_a_rejected_objection_moves_nothing_and_is_told(as_, advisor, wrong, draft, manager_a, store_a):
    client = as_(advisor)
    line = client.get(MINE).context["months"][0]["answers"][0]
    client.post(line["appeal_url"], {"reason": "不是我", "submission": str(uuid.uuid4())})
    before = score_of(store_a, advisor.employee)
    url = reverse("reports:decide", args=[Appeal.objects.get().pk])
    as_(manager_a).post(url, {"verdict": "rejected", "decision": "监控显示是您"})
    assert score_of(store_a, advisor.employee) == before
    assert Notice.objects.filter(user=advisor.user, code="appeal.rejected").count() == 1


def test_a_colleagues_answer_is_not_theirs_to_object_to(as_, advisor, colleague, wrong, draft, store_a):
    url = reverse("reports:object", args=[draft.pk])
    assert as_(advisor).get(url, {"employee": colleague.pk, "response": wrong.pk}).status_code == 404
