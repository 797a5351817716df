"""Every figure on every page of scores opens exactly the list that makes it, for every role that may see scores."""

from dataclasses import replace
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from django.db import connection, transaction

from crm_site.accounts.models import Department, Post, Role
from crm_site.core import clock
from satisfaction import actions, queries, rules
from satisfaction.models import Response
from satisfaction.queries import dictionary
from satisfaction.views.lens import Lens
from tests.cast import make_person
from tests.factories import DAY, EmployeeFactory, MembershipFactory, PostingFactory, StoreFactory
from tests.satisfaction import many
from tests.satisfaction.crawling import Walk
from tests.satisfaction.surveys import delivery_of, given, order_of, respond, short_answers

pytestmark = [pytest.mark.django_db, pytest.mark.long]
LAST_MONTH = DAY.replace(month=DAY.month - 1)
#: what everybody who sees scores must find by following links
SCORES = {"dashboard", "breakdown employee", "items", "heat", "dictionary"}
WHOLE = {"loyalty", "breakdown department", "breakdown series", "breakdown job_type"}
START = f"/satisfaction/?month={DAY:%Y-%m}"
SALES = (
    "manner",
    "expertise",
    "test_drive",
    "price_fair",
    "charges_clear",
    "controls",
    "maintenance",
    "problems_solved",
)


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker):
    """Two stores, three kinds, two months, two versions, small samples, exclusions, low and undecided answers.

    Made once; taken back at the end.
    """
    with django_db_blocker.unblock(), patch.object(clock, "today", lambda: DAY), transaction.atomic():
        stores = StoreFactory(code="A"), StoreFactory(code="B")
        manager = make_person(stores[0], Role.MANAGER, "温静")
        _answered(*stores, manager)
        connection.check_constraints()
        yield SimpleNamespace(stores=stores, manager=manager)
        transaction.set_rollback(True)


@pytest.fixture
def store_a(house):
    return house.stores[0]


@pytest.fixture
def store_b(house):
    return house.stores[1]


@pytest.fixture
def manager_a(house):
    return house.manager


def _answered(store_a, store_b, manager_a):
    advisors = [_posted(store_a, Department.SERVICE, Post.SERVICE_ADVISOR) for _one in range(2)]
    technician = _posted(store_a, Department.WORKSHOP, Post.TECHNICIAN)
    consultants = [_posted(store_a, Department.SALES, Post.SALES_CONSULTANT) for _one in range(2)]
    for place in range(24):
        _service(store_a, advisors[place % 2], technician, place, DAY if place < 13 else LAST_MONTH)
    five = many.version_of(
        "CSI_SHORT",
        weights={"environment": 15, "process": 25, "quality": 35, "charges": 5, "timeliness": 20},
    )
    for place in range(4):
        _service(store_a, advisors[0], technician, place, DAY)
    assert Response.objects.filter(version=five).count() == 4
    for place in range(11):
        _sales(store_a, consultants[place % 2], place)
    for place in range(11):
        _service(store_b, None, None, place, DAY)
    low = Response.objects.filter(low_count__gt=0, store=store_a).order_by("pk")
    Response.objects.filter(pk__in=[row.pk for row in low[:2]]).update(decision="pending")
    actions.exclude_response(low[3].pk, reason="抽检不实", by=manager_a.employee, at=clock.now())


def _posted(store, department, post):
    employee = EmployeeFactory(store=store)
    PostingFactory(employee=employee, department=department, post=post)
    return employee


def _service(store, advisor, technician, place, day):
    marks = {"reception": 4 + place % 7, "on_time": [9, None][place % 2]}
    answers = short_answers(7 + place % 4, overall=6 + place % 5, **marks)
    respond(store, order=order_of(store, advisor, technician), answers=answers, day=day)


def _sales(store, consultant, place):
    base = [given(code, 7 + place % 4) for code in SALES]
    extras = [given("overall", 7 + place % 4), given("recommend", place)]
    done = [given("music", place % 2), given("uniform", 1 if place % 3 else None), given("ceremony", 1)]
    respond(store, code="SSI", delivery=delivery_of(store, consultant, consultant), answers=[*base, *extras, *done])


@pytest.fixture
def director_of_both(director_a, store_b):
    MembershipFactory(user=director_a.user, store=store_b, role=Role.DIRECTOR)
    return director_a


@pytest.mark.parametrize(
    ("role", "pages", "least"),
    [
        ("manager_a", {*SCORES, *WHOLE, "external", "measures", "decisions", "words"}, 150),
        ("director_of_both", {*SCORES, *WHOLE, "external", "breakdown store"}, 150),
        ("head_a", {*SCORES, "decisions", "words"}, 40),
    ],
)
def test_every_figure_of_every_page_equals_the_list_it_opens(role, pages, least, house, request, as_):
    walk = Walk(as_(request.getfixturevalue(role))).from_(START)
    assert walk.wrong == []
    assert pages <= set(walk.seen)
    assert len(set(walk.figures)) >= least
    assert {figure.code for figure in walk.figures} <= set(dictionary.entries())


def _drops_its_filter(monkeypatch):
    listed = Lens.list_url
    monkeypatch.setattr(Lens, "list_url", lambda self, **asked: listed(self, **(asked | {"factor": "", "figure": ""})))


def _is_off_by_one(monkeypatch):
    counted = queries.extras
    monkeypatch.setattr(queries, "extras", lambda scope: counted(scope) | {"nps": _one_more(counted(scope)["nps"])})


def _one_more(mean: rules.Mean) -> rules.Mean:
    return replace(mean, n=mean.n + 1)


def _is_a_little_too_good(monkeypatch):
    read = queries.by_month
    better = lambda scope: {month: replace(mean, value=mean.value + 1) for month, mean in read(scope).items()}  # noqa: E731
    monkeypatch.setattr(queries, "by_month", better)


def _comes_from_another_list(monkeypatch):
    """The figure and the head of its list agree, but the rows that are listed are fewer."""
    rows = queries.LOW.rows
    fewer = replace(queries.LOW, rows=lambda scope: rows(scope).filter(low_count__gt=1), value=lambda _rows: 3)
    monkeypatch.setitem(queries.FIGURES, "low", fewer)
    monkeypatch.setattr(queries, "LOW", fewer)


@pytest.mark.parametrize("lie", [_drops_its_filter, _is_off_by_one, _is_a_little_too_good, _comes_from_another_list])
def test_the_crawler_finds_a_figure_that_lies(lie, manager_a, as_, monkeypatch):
    lie(monkeypatch)
    page = Walk(as_(manager_a), most=1, names=frozenset({"dashboard"})).from_(f"{START}&kind=sales")
    kept = Walk(as_(manager_a), most=1, names=frozenset({"dashboard"})).from_(START)
    assert page.wrong or kept.wrong


@pytest.mark.parametrize("role", ["specialist_a", "frontline_a", "admin_a"])
def test_who_may_not_see_scores_sees_no_page_of_them(role, house, request, as_):
    client = as_(request.getfixturevalue(role))
    for path in ("", "loyalty/", "items/", "heat/", "external/", "dictionary/", "responses/", "by/employee/"):
        assert client.get(f"/satisfaction/{path}").status_code == 403
