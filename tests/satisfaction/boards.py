"""Answers about named people, and what a page of comparisons shows of them."""

from django.urls import reverse

from crm_site.accounts.models import Department, Post
from satisfaction.models import Response
from tests.factories import DAY, EmployeeFactory, PostingFactory
from tests.satisfaction.surveys import order_of, respond, short_answers

DASHBOARD, LIST, ITEMS, HEAT, MEASURES, NEW = (
    reverse(f"satisfaction:{name}") for name in ("dashboard", "responses", "items", "heat", "measures", "measure_new")
)
TREND = reverse("satisfaction:chart", args=["trend"])
SEPTEMBER = {"month": "2026-09", "kind": "service"}
DIMENSIONS = ("employee", "department", "series", "job_type")


def by(dimension: str) -> str:
    """The address of a comparison."""
    return reverse("satisfaction:breakdown", args=[dimension])


def advisor(store, name="罗雪", **more):
    """A service advisor."""
    employee = EmployeeFactory(store=store, name=name, **more)
    PostingFactory(employee=employee, department=Department.SERVICE, post=Post.SERVICE_ADVISOR)
    return employee


def survey(store, who, mark, *, series="远岚", job_type="general", day=DAY, technician=None) -> Response:
    """One answer of September about an advisor and a technician."""
    order = order_of(store, who, technician)
    order.vehicle.series, order.job_type = series, job_type
    order.vehicle.save(update_fields=["series"])
    order.save(update_fields=["job_type"])
    return respond(store, order=order, answers=short_answers(8, reception=mark, overall=max(mark, 1)), day=day)


def shown(client, url, **query):
    """A page of September."""
    answer = client.get(url, {**SEPTEMBER, **query})
    assert answer.status_code == 200
    return answer


def rows_of(answer) -> dict:
    """{label: row} of all tables of a comparison."""
    return {row.member.label: row for table in answer.context["groups"] for row in table["rows"]}


def page(client, url, **query) -> str:
    """The text of a page."""
    answer = client.get(url, query)
    assert answer.status_code == 200
    return answer.content.decode()
