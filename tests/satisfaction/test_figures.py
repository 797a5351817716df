"""The dashboard's figures: each equals a separate computation, each table cell equals its figure and its list."""

import statistics
from decimal import Decimal as D

import pytest

from crm_site.accounts.models import Department, Post
from crm_site.core.dates import month_of
from crm_site.core.figures import Scope
from satisfaction import queries, rules
from satisfaction.models import Answer, Response
from satisfaction.queries import raw
from tests.factories import DAY, EmployeeFactory, PostingFactory
from tests.satisfaction.surveys import delivery_of, given, order_of, respond, short_answers

pytestmark = pytest.mark.django_db
MONTH = month_of(DAY)
EXTRAS = ("very_satisfied", "nps", "loyalty", "execution")


def service(store, **filters) -> Scope:
    return Scope.of_month([store.pk], MONTH, kind="service", **filters)


@pytest.fixture
def world(store_a, store_b):
    """Twelve service responses of two advisors in September, two in August, one of another store, one not valid."""
    advisors = [EmployeeFactory(store=store_a), EmployeeFactory(store=store_a)]
    technician = EmployeeFactory(store=store_a)
    PostingFactory(employee=technician, department=Department.WORKSHOP, post=Post.TECHNICIAN)
    for advisor in advisors:
        PostingFactory(employee=advisor, department=Department.SERVICE, post=Post.SERVICE_ADVISOR)
    for place in range(12):
        respond(
            store_a,
            order=order_of(store_a, advisors[place % 2], technician),
            answers=short_answers(
                7 + place % 4, overall=6 + place % 5, reception=4 + place % 7, on_time=[9, None][place % 2]
            ),
        )
    for _place in range(2):
        respond(store_a, order=order_of(store_a, advisors[0]), day=DAY.replace(month=8))
    respond(store_b, answers=short_answers(1))
    respond(store_a, answers=[given("reception", 10)])
    return advisors, technician


def test_the_period_score_is_the_mean_of_the_valid_indexes(world, store_a):
    scores = list(Response.objects.valid().filter(store=store_a, called_on=DAY).values_list("score", flat=True))
    found = queries.INDEX.of(service(store_a))
    assert found.n == len(scores) == 12
    assert abs(found.value - D(statistics.fmean(scores))) < D("0.0001")


def test_no_response_is_no_score(store_a):
    assert queries.INDEX.of(service(store_a)) == rules.Mean(0, None)
    assert queries.NPS.of(service(store_a)).value is None
    assert queries.employees(service(store_a)) == []


def test_every_month_of_the_trend_equals_the_figure_of_that_month(world, store_a):
    scope = service(store_a)
    trend = queries.by_month(scope.during(MONTH.shift(-11), MONTH))
    assert trend == {month: queries.INDEX.of(scope.during(month)) for month in (MONTH.shift(-1), MONTH)}


def test_every_store_equals_its_own_figure(world, store_a, store_b):
    both = Scope.of_month([store_a.pk, store_b.pk], MONTH, kind="service")
    assert queries.by_store(both) == {store.pk: queries.INDEX.of(service(store)) for store in (store_a, store_b)}


def test_every_factor_and_item_equals_its_figure_and_has_its_own_n(world, store_a):
    scope = service(store_a)
    factors, items = queries.factors_by_month(scope), queries.items_by_month(scope)
    for code in ("environment", "process", "quality", "charges", "timeliness"):
        assert factors[code, MONTH] == queries.INDEX.of(scope.having(factor=code))
    for code in ("reception", "fixed_first_time", "on_time"):
        assert items[code, MONTH] == queries.INDEX.of(scope.having(question=code))
    assert (factors["process", MONTH].n, factors["timeliness", MONTH].n) == (12, 6)


@pytest.mark.parametrize("filters", [{}, {"low": True}, {"department": "workshop"}])
def test_every_factor_of_departments_equals_its_figure(world, store_a, filters):
    scope = service(store_a, departments=("service", "workshop"), **filters).during(MONTH.shift(-1), MONTH)
    found = raw.factors_by_month(scope)
    assert found
    for code in raw.factor_codes(scope):
        for month in (MONTH.shift(-1), MONTH):
            figure = queries.INDEX.of(scope.during(month).having(factor=code))
            assert found.get((code, month), rules.Mean(0, None)) == figure, (code, month)


def test_every_employee_equals_their_figure_and_their_own_answers(world, store_a):
    scope = service(store_a)
    for line in queries.employees(scope):
        listed = scope.having(employee=line.employee.pk, part=line.part)
        assert line.now == queries.INDEX.of(listed)
        assert line.low == queries.LOW.of(listed)
        assert line.very_satisfied == queries.VERY_SATISFIED.of(listed)
        assert abs(line.now.value - _by_hand(line.employee)) < D("0.0001")


def _by_hand(employee) -> D:
    """The mean over responses of the weighted mean of the employee's own answers."""
    own = Answer.objects.filter(
        attributions__employee=employee, normalised__isnull=False, response__called_on=DAY, response__is_valid=True
    )
    by_response: dict[int, list[Answer]] = {}
    for answer in own:
        by_response.setdefault(answer.response_id, []).append(answer)
    each = [
        sum(one.normalised * one.weight for one in answers) / sum(one.weight for one in answers)
        for answers in by_response.values()
    ]
    return sum(each) / len(each)


def test_low_answers_are_counted_once_a_response_and_by_item(world, store_a):
    scope = service(store_a)
    low = Response.objects.valid().filter(store=store_a, called_on=DAY, answers__is_low=True).distinct()
    assert queries.LOW.of(scope) == low.count()
    assert queries.low_items(scope)["reception"] == queries.LOW.of(scope.having(question="reception"))


def test_very_satisfied_nps_and_execution_equal_separate_counts(store_a):
    items = (
        "manner",
        "expertise",
        "test_drive",
        "price_fair",
        "charges_clear",
        "controls",
        "maintenance",
        "problems_solved",
    )
    base = [given(code, 9) for code in items]
    for recommend, music in ((10, 1), (9, 1), (8, 0), (6, 1), (0, None)):
        extras = [given("overall", max(recommend, 7)), given("recommend", recommend), given("music", music)]
        respond(store_a, code="SSI", delivery=delivery_of(store_a), answers=[*base, *extras])
    sales = Scope.of_month([store_a.pk], MONTH, kind="sales")
    assert queries.NPS.of(sales).value == D(100) * (2 - 2) / 5
    assert (queries.VERY_SATISFIED.of(sales).hits, queries.VERY_SATISFIED.of(sales).n) == (2, 5)
    assert (queries.EXECUTION.of(sales).hits, queries.EXECUTION.of(sales).n) == (3, 4)
    assert queries.EXECUTION.rows(sales).count() == 4
    assert queries.LOYALTY.of(sales).n == 0
    assert queries.extras(sales) == {code: queries.FIGURES[code].of(sales) for code in EXTRAS}


@pytest.mark.parametrize("basis", [None, queries.OCCASION])
def test_the_figures_of_unweighted_questions_equal_each_alone(world, store_a, store_b, basis):
    for stores in ([store_a.pk], [store_a.pk, store_b.pk]):
        asked = Scope.of_month(stores, MONTH, kind="service").having(basis=basis).during(MONTH.shift(-1), MONTH)
        found = queries.extras(asked)
        assert found == {code: queries.FIGURES[code].of(asked) for code in EXTRAS}
        assert found["very_satisfied"].n >= 12
    assert queries.extras(asked.during(MONTH.shift(-5)))["very_satisfied"].n == 0


def test_a_department_sees_only_what_judges_it(world, store_a):
    advisors, technician = world
    workshop = service(store_a, departments=("workshop",))
    values = Answer.objects.filter(
        question__code="fixed_first_time", response__called_on=DAY, response__is_valid=True, response__store=store_a
    ).values_list("normalised", flat=True)
    assert abs(queries.INDEX.of(workshop).value - sum(values) / len(values)) < D("0.0001")
    assert [line.employee for line in queries.employees(workshop)] == [technician]
    assert [code for factor in queries.tree_of(workshop) for code in factor.items] == ["fixed_first_time"]
    assert {code for factor in queries.tree_of(workshop, every=True) for code in factor.items} == {
        "diagnosis", "fixed_first_time", "technician_manner"
    }  # fmt: skip
    assert set(queries.items_by_month(workshop)) == {("fixed_first_time", MONTH)}


def test_a_response_may_also_be_counted_in_the_month_of_its_visit(store_a):
    order = order_of(store_a, EmployeeFactory(store=store_a))
    type(order).objects.filter(pk=order.pk).update(released_on=DAY.replace(month=8, day=31))
    order.refresh_from_db()
    respond(store_a, order=order)
    by_call, by_visit = service(store_a), service(store_a, basis=queries.OCCASION)
    august = MONTH.shift(-1)
    assert (queries.INDEX.of(by_call).n, queries.INDEX.of(by_visit).n) == (1, 0)
    assert queries.INDEX.of(by_visit.during(august)).n == 1
    assert list(queries.by_month(by_visit.during(august, MONTH))) == [august]
    assert len(queries.employees(by_visit.during(august))) == 1
    assert ("process", august) in queries.factors_by_month(by_visit.during(august))


def test_an_excluded_response_leaves_every_figure(world, store_a):
    before = queries.INDEX.of(service(store_a)).n
    Response.objects.filter(pk=Response.objects.valid().filter(store=store_a, called_on=DAY).first().pk).update(
        excluded_at="2026-09-17T00:00Z", excluded_reason="抽检"
    )
    after = service(store_a)
    assert queries.INDEX.of(after).n == before - 1
    assert sum(line.now.n for line in queries.employees(after) if line.part == "service_advisor") == before - 1
    assert queries.factors_by_month(after)["process", MONTH].n == before - 1


def test_the_tree_lists_full_and_short_items_under_their_factor(store_a):
    tree = {line.code: line for line in queries.tree_of(service(store_a))}
    assert list(tree) == ["environment", "process", "quality", "charges", "timeliness"]
    assert list(tree["environment"].items) == ["clean", "lounge", "clean_comfortable"]
    assert list(tree["quality"].items) == ["diagnosis", "fixed_first_time", "technician_manner"]


def test_the_number_of_queries_does_not_grow(world, store_a, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        queries.employees(service(store_a))
    with django_assert_max_num_queries(4):
        queries.tree_of(service(store_a))
