"""Scores by department, series, job type and employee: every cell equals its figure, and so its list."""

from collections import Counter

import pytest
from django.db import transaction

from crm_site.accounts.models import Department, Post
from crm_site.core import clock
from crm_site.core.dates import month_of
from crm_site.core.figures import Scope
from satisfaction import queries, rules
from satisfaction.actions import folding
from satisfaction.models import Dimension
from tests.cast import keep
from tests.factories import DAY, EmployeeFactory, PostingFactory
from tests.satisfaction.surveys import order_of, respond, short_answers

pytestmark = pytest.mark.django_db
(store_a,) = keep("store_a")
MONTH = month_of(DAY)
DIMENSIONS = [Dimension.DEPARTMENT, Dimension.SERIES, Dimension.JOB_TYPE, Dimension.EMPLOYEE]
EXTRAS = ("very_satisfied", "nps", "loyalty", "execution")


@pytest.fixture(scope="module", params=["raw", "sums", "deltas"])
def source(request, store_a):
    """What the tables are read from: the raw answers, folded sums, or deltas that no worker has folded."""
    with transaction.atomic():
        if request.param != "raw":
            folding.rebuild([store_a.pk], now=clock.at(DAY, 8))
        yield request.param
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(store_a, source):
    """Twelve responses about orders of three series and two job types, two advisors and a technician."""
    advisors = [EmployeeFactory(store=store_a), EmployeeFactory(store=store_a)]
    technician = EmployeeFactory(store=store_a)
    PostingFactory(employee=technician, department=Department.WORKSHOP, post=Post.TECHNICIAN)
    for place in range(12):
        order = order_of(store_a, advisors[place % 2], technician if place % 4 else None)
        order.vehicle.series, order.job_type = ["Alpha", "Beta", ""][place % 3], ["general", "accident"][place % 2]
        order.vehicle.save(update_fields=["series"])
        order.save(update_fields=["job_type"])
        marks = {"reception": 4 + place % 7, "on_time": [9, None][place % 2], "fixed_first_time": [10, 5, 7][place % 3]}
        respond(store_a, order=order, answers=short_answers(7 + place % 4, overall=6 + place % 5, **marks))
    respond(store_a, answers=short_answers(3))
    if source == "sums":
        folding.fold(store_a.pk)
    return advisors, technician


def service(store, **filters) -> Scope:
    return Scope.of_month([store.pk], MONTH, kind="service", **filters)


def _of(scope: Scope, dimension: str, member: str) -> Scope:
    return scope.having(**{dimension: int(member) if dimension == Dimension.EMPLOYEE else member})


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("filters", [{}, {"departments": ("service", "workshop")}, {"series": "Alpha"}])
def test_every_member_equals_its_figure(world, store_a, dimension, filters):
    scope = service(store_a, **filters)
    scores = queries.by_member(scope, dimension)
    assert scores
    for member, mean in scores.items():
        assert mean == queries.INDEX.of(_of(scope, dimension, member)), member
    for found, name in (
        (queries.factors_by_member(scope, dimension), "factor"),
        (queries.items_by_member(scope, dimension), "question"),
    ):
        assert {member for _code, member in found} <= set(scores)
        for (code, member), mean in found.items():
            assert mean == queries.INDEX.of(_of(scope, dimension, member).having(**{name: code})), (code, member)
    for member, figures in queries.extras_by_member(scope, dimension).items():
        assert figures == {code: queries.FIGURES[code].of(_of(scope, dimension, member)) for code in EXTRAS}


#: filters under which a response says the share of some of its items
BOTH = ("service", "workshop")
SHARES = [
    {"departments": BOTH},
    {"departments": BOTH, "low": True},
    {"departments": ("workshop",), "series": "Beta"},
    {"departments": BOTH, "department": "service"},
    {"departments": ("service",), "factor": "process"},
    {"departments": BOTH, "basis": "occasion"},
    {"employee": True, "factor": "process"},
    {"employee": True, "factor": "process", "part": "service_advisor", "low": True},
]


@pytest.mark.parametrize("dimension", ["", "store", *DIMENSIONS[:3]])
@pytest.mark.parametrize("filters", SHARES)
def test_shares_of_many_responses_are_those_of_each(world, store_a, dimension, filters):
    scope = _sharing(world, store_a, filters)

    def narrow(member: str) -> Scope:
        return _of(scope, dimension, member) if dimension in DIMENSIONS else scope

    means, lows = queries.by_member(scope, dimension), queries.low_by_member(scope, dimension)
    at_once = queries.scores_by_member(scope, dimension)
    assert at_once[0] == means
    assert Counter(at_once[1]) == Counter(lows), "none counted is zero"
    assert any(lows.values())
    assert means == {member: queries.INDEX.of(narrow(member)) for member in means}
    assert lows == {member: queries.LOW.of(narrow(member)) if member in means else 0 for member in lows}


@pytest.mark.parametrize("filters", SHARES)
def test_shares_by_month_and_store_are_those_of_each_response(world, store_a, filters):
    scope = _sharing(world, store_a, filters)
    assert queries.by_month(scope) == {MONTH: queries.INDEX.of(scope)}
    assert queries.by_store(scope) == {store_a.pk: queries.INDEX.of(scope)}
    assert queries.extras(scope) == {code: queries.FIGURES[code].of(scope) for code in EXTRAS}


def _sharing(world, store, filters) -> Scope:
    """The scope of some filters, in which an employee is the first advisor."""
    return service(store, **(filters | ({"employee": world[0][0].pk} if "employee" in filters else {})))


def test_members_are_named_by_their_codes(world, store_a):
    advisors, technician = world
    scope = service(store_a)
    assert set(queries.by_member(scope, "series")) == {"Alpha", "Beta", ""}
    assert set(queries.by_member(scope, "job_type")) == {"general", "accident", ""}
    assert set(queries.by_member(scope, "department")) == {"service", "workshop"}
    assert set(queries.by_member(scope, "employee")) == {str(one.pk) for one in (*advisors, technician)}


def test_the_whole_is_the_sum_of_its_series(world, store_a):
    scope = service(store_a)
    assert sum(mean.n for mean in queries.by_member(scope, "series").values()) == queries.INDEX.of(scope).n


def test_a_department_is_judged_by_its_own_items_alone(world, store_a):
    scope = service(store_a)
    codes = {code for code, member in queries.items_by_member(scope, "department") if member == "workshop"}
    assert codes == {"fixed_first_time"}
    workshop = queries.by_member(scope, "department")["workshop"]
    assert workshop == queries.items_by_member(scope, "department")["fixed_first_time", "workshop"]


def test_a_head_chooses_among_his_departments_only(world, store_a):
    scope = service(store_a, departments=("workshop",), department="service")
    assert queries.INDEX.of(scope) == rules.Mean(0, None)
    assert set(queries.by_member(service(store_a, departments=("workshop",)), "department")) == {"workshop"}


def test_versions_can_be_looked_at_one_by_one(world, store_a):
    scope = service(store_a)
    version = queries.current_version("CSI_SHORT", store_a.pk)
    assert queries.INDEX.of(scope.having(version=version.pk)) == queries.INDEX.of(scope)
    assert queries.INDEX.of(scope.having(version=queries.current_version("CSI", store_a.pk).pk)).n == 0


def test_a_new_car_or_job_type_changes_no_past_figure(world, store_a):
    from customers.models import RepairOrder, Vehicle

    scope = service(store_a)
    before = queries.by_member(scope, "series"), queries.by_member(scope, "job_type")
    Vehicle.objects.update(series="Gamma")
    RepairOrder.objects.update(job_type="warranty")
    assert (queries.by_member(scope, "series"), queries.by_member(scope, "job_type")) == before


@pytest.mark.parametrize("dimension", ["", "store", *DIMENSIONS])
def test_where_nothing_was_said_there_is_nothing(world, store_a, dimension):
    nothing = service(store_a, series="Omega")
    assert queries.by_member(nothing, dimension) == {}
    assert queries.items_by_member(nothing, dimension) == {}
    assert not any(queries.low_by_member(nothing, dimension).values())
    assert queries.extras(nothing)["very_satisfied"].n == 0
    assert queries.by_month(nothing) == {}


@pytest.mark.parametrize("dimension", ["", "store", *DIMENSIONS])
def test_low_answers_are_counted_alike(world, store_a, dimension):
    scope = service(store_a)
    found = queries.low_by_member(scope, dimension)
    narrow = {"": lambda _member: scope, "store": lambda member: scope}
    for member, low in found.items():
        assert low == queries.LOW.of(narrow.get(dimension, lambda one: _of(scope, dimension, one))(member)), member
    assert any(found.values())
