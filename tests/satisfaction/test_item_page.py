"""The page of one item: its year, the measures about it with their dates, and the way to begin one."""

import uuid
from datetime import timedelta

from django.urls import reverse

from crm_site.core import clock
from satisfaction import actions
from tests.factories import DAY, EmployeeFactory
from tests.satisfaction.surveys import respond, short_answers

NOW = clock.at(DAY, 9)
QUERY = {"month": "2026-09", "kind": "service"}


def begin(store, by, code="on_time"):
    return actions.create_measure(
        store_id=store.pk, cause="交车总是晚", measure="每天两次看进度", responsible=EmployeeFactory(store=store),
        department="service", due_on=DAY + timedelta(days=9), submission=uuid.uuid4(), by=by.employee, at=NOW,
        today=DAY, metric="item", metric_code=code,
    )  # fmt: skip


def item(client, code="on_time", **query):
    return client.get(reverse("satisfaction:item", args=[code]), QUERY | query)


def test_an_item_shows_its_year_its_measures_and_what_was_said(as_, manager_a, store_a):
    for _each in range(3):
        respond(store_a, answers=short_answers(9, on_time=5))
    mine, other = begin(store_a, manager_a), begin(store_a, manager_a, "reception")
    page = item(as_(manager_a))
    assert page.context["measures"] == [mine]
    assert other.pk
    assert len(page.context["words"]) == 3
    (row,) = [row for row in page.context["rows"] if row["label"].startswith("2026-09")]
    assert [cell["text"] for cell in row["cells"]][-2:] == ["3", "09-16 开始"]


def test_the_measure_of_an_item_is_proposed_with_department_and_head(as_, manager_a, head_a, store_a):
    form = (
        as_(manager_a).get(reverse("satisfaction:measure_new"), {"metric": "item", "code": "reception"}).context["form"]
    )
    initial = form.initial
    assert initial["measured_by"] == "item:reception"
    assert (initial["department"], initial["responsible"]) == ("service", head_a.employee.pk)
    assert initial["due_on"] > clock.today()


def test_an_item_out_of_reach_is_not_there(as_, head_a, manager_a, store_a):
    assert item(as_(head_a), "fixed_first_time").status_code == 404
    assert item(as_(head_a), "reception").status_code == 200
    assert item(as_(manager_a), "nothing").status_code == 404


def test_the_figure_before_a_measure_opens_its_list(as_, manager_a, store_a):
    inside = [respond(store_a, answers=short_answers(9), day=DAY - timedelta(days=ago)).pk for ago in (1, 5)]
    respond(store_a, answers=short_answers(9), day=DAY - timedelta(days=6))
    measure = begin(store_a, manager_a)
    url = reverse("satisfaction:measure_rows", args=[measure.pk])
    client = as_(manager_a)
    first, last = DAY - timedelta(days=5), DAY - timedelta(days=1)
    page = client.get(url, {"first": first.isoformat(), "last": last.isoformat()})
    assert {row.pk for row in page.context["page"]} == set(inside)
    assert page.context["shown"].n == 2
    for wrong in ({}, {"first": "x", "last": "y"}, {"first": last.isoformat(), "last": first.isoformat()}):
        assert client.get(url, wrong).status_code == 404
