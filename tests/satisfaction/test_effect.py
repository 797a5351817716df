"""Improvement measures judged: equal times before and after, intervals, one decision, one reminder."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from complaints.models import Category, Level, TicketSettings
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.notices.models import Notice
from satisfaction import actions, effect
from satisfaction import rules as scores
from satisfaction.models import ImprovementMeasure
from satisfaction.rules.effect import Counted, fewer, higher, per_hundred, poisson, windows
from satisfaction.tasks import remind_of_checks
from tests.cast import make_person
from tests.factories import DAY, NOON, ComplaintFactory, RepairOrderFactory, VehicleFactory

# --- the arithmetic ---


def test_both_times_are_equally_long():
    before, after = windows(date(2026, 6, 10), date(2026, 6, 20), date(2026, 7, 21))
    assert (before.first, before.last) == (date(2026, 5, 11), date(2026, 6, 9))
    assert (after.first, after.last) == (date(2026, 6, 21), date(2026, 7, 20))
    assert (before.last - before.first) == (after.last - after.first)


def test_there_is_nothing_to_compare_before_a_whole_day_has_passed():
    assert windows(date(2026, 6, 10), date(2026, 6, 20), date(2026, 6, 21)) is None


@pytest.mark.parametrize(
    ("n", "low", "high"),
    [(0, 0, 3.69), (1, 0.03, 5.57), (4, 1.09, 10.24), (10, 4.8, 18.39), (25, 16.18, 36.9), (100, 81.36, 121.63)],
)
def test_the_interval_of_a_count_is_close_to_the_exact_one(n, low, high):
    """The exact ones are Garwood's, from tables of the chi-squared distribution."""
    found = poisson(n)
    assert float(found[0]) == pytest.approx(low, abs=0.13)
    assert float(found[1]) == pytest.approx(high, abs=0.13)


def test_a_rate_is_for_every_hundred_visits():
    assert per_hundred(Counted(6, 300)).value == Decimal(2)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ((40, 400), (10, 400), "better"),
        ((10, 400), (40, 400), "worse"),
        ((10, 400), (9, 400), "same"),
        ((0, 400), (0, 400), "few"),
        # twice the visits, twice the cases
        ((20, 400), (40, 800), "same"),
        # too few visits for a rate: the bare counts of two equal times
        ((30, 10), (5, 0), "better"),
        ((3, 0), (1, 0), "same"),
    ],
)
def test_only_an_interval_without_no_change_is_a_change(before, after, verdict):
    assert fewer(Counted(*before), Counted(*after)) == verdict


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ((70, 40), (95, 40), "better"),
        ((95, 40), (70, 40), "worse"),
        ((80, 40), (81, 40), "same"),
        ((50, 5), (90, 40), "few"),
    ],
)
def test_a_score_is_compared_by_its_intervals(before, after, verdict):
    means = [scores.mean_of_values([Decimal(value)] * n) for value, n in (before, after)]
    assert higher(*means) == verdict


# --- the life of a measure ---


def begin(manager, responsible, **given) -> ImprovementMeasure:
    values = {"cause": "接待态度", "measure": "话术培训", "due_on": DAY + timedelta(days=7), "submission": uuid.uuid4()}
    return actions.create_measure(
        store_id=manager.store.pk, responsible=responsible.employee, by=manager.employee, at=NOON, today=DAY,
        **values | given,
    )  # fmt: skip


def finish(measure, by, days=30) -> ImprovementMeasure:
    return actions.finish_measure(measure.pk, state="done", by=by.employee, today=DAY, check_after_days=days)


def judge(measure, by, found="effective", today=DAY + timedelta(days=31)) -> ImprovementMeasure:
    return actions.check_measure(measure.pk, effect=found, note="", figures={"x": 1}, by=by.employee, today=today)


def test_what_is_done_is_checked_after_the_days_of_the_store(manager_a, head_a):
    TicketSettings.objects.create(store=manager_a.store, check_after_days=45)
    days = effect.check_after_days(manager_a.store.pk)
    assert finish(begin(manager_a, head_a), head_a, days).check_on == DAY + timedelta(days=45)


def test_a_judgement_keeps_the_figures(manager_a, head_a):
    row = judge(finish(begin(manager_a, head_a), head_a), manager_a)
    assert (row.effect, row.effect_figures, row.checked_by) == ("effective", {"x": 1}, manager_a.employee)


@pytest.mark.parametrize("case", ["open", "own", "twice", "nonsense"])
def test_a_judgement_is_refused(manager_a, head_a, case):
    row = begin(manager_a, manager_a if case == "own" else head_a)
    if case != "open":
        finish(row, head_a)
    if case == "twice":
        judge(row, manager_a)
    before = ImprovementMeasure.objects.values().get(pk=row.pk)
    with pytest.raises(RuleBroken):
        judge(row, manager_a, "nonsense" if case == "nonsense" else "without")
    assert ImprovementMeasure.objects.values().get(pk=row.pk) == before


def test_what_is_not_clear_yet_is_asked_again(manager_a, head_a):
    row = judge(finish(begin(manager_a, head_a), head_a), manager_a, "unclear")
    assert row.check_on == DAY + timedelta(days=61)
    assert judge(row, manager_a, "without", DAY + timedelta(days=61)).effect == "without"


def test_managers_are_reminded_once(manager_a, head_a, director_a, monkeypatch):
    finish(begin(manager_a, head_a), head_a)
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=29))
    remind_of_checks()
    assert Notice.objects.count() == 0
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=30))
    for _ in range(3):
        remind_of_checks()
    assert [(one.user, one.code) for one in Notice.objects.all()] == [(manager_a.user, "measure.check")]


def test_a_director_is_reminded_of_what_the_manager_answers_for(manager_a, director_a, monkeypatch):
    finish(begin(manager_a, manager_a), manager_a)
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=30))
    remind_of_checks()
    assert [one.user for one in Notice.objects.all()] == [director_a.user]


# --- before and after of complaints ---


@pytest.fixture
def trained(manager_a, head_a):
    """A measure against complaints about service: eight in the time before, one in the time after."""
    level = Level.objects.get(store=None, code="L2")
    category = Category.objects.get(store=None, code="service.attitude")
    given = {"store": manager_a.store, "level": level, "category": category}
    for days in [*range(-29, -1, 4), -1, 5, -200, 40]:
        later = timedelta(days=days)
        ComplaintFactory(received_at=NOON + later, received_on=DAY + later, **given)
    return finish(begin(manager_a, head_a, metric="complaints", metric_code="service"), head_a)


def test_complaints_are_compared_by_count_where_visits_are_few(trained):
    found = effect.compare(trained, DAY + timedelta(days=31))
    assert (found.before.n, found.after.n, found.unit, found.verdict) == (8, 1, "count", "better")


def test_complaints_are_compared_by_visits_where_there_are_enough(trained, manager_a):
    for _ in range(40):
        for days in (-10, 10):
            car = VehicleFactory(store=manager_a.store)
            RepairOrderFactory(vehicle=car, checked_in_on=DAY + timedelta(days=days))
    found = effect.compare(trained, DAY + timedelta(days=31))
    assert (found.unit, found.before.value, found.after.value) == ("per_100", "20.00", "2.50")


def test_another_stores_category_does_not_decide_what_the_visits_are(trained, manager_a, store_b):
    Category.objects.create(store=store_b, code="service", label_zh="销售", label_en="Sales", department="sales")
    for _ in range(40):
        for days in (-10, 10):
            car = VehicleFactory(store=manager_a.store)
            RepairOrderFactory(vehicle=car, checked_in_on=DAY + timedelta(days=days))
    assert effect.compare(trained, DAY + timedelta(days=31)).unit == "per_100"


def test_the_numbers_of_a_measure_open_their_lists(as_, trained, manager_a, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=31))
    client = as_(manager_a)
    live = client.get(reverse("satisfaction:measure", args=[trained.pk])).context["live"]
    for side in (live.before, live.after):
        assert len(client.get(side.url).context["rows"]) == side.n


def test_the_page_takes_the_judgement_of_somebody_else_alone(as_, trained, manager_a, head_a, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=31))
    url = reverse("satisfaction:measure_check", args=[trained.pk])
    assert as_(head_a).post(url, {"effect": "effective"}).status_code == 403
    assert as_(manager_a).post(url, {}).status_code == 422
    assert as_(manager_a).post(url, {"effect": "effective"}).status_code == 302
    trained.refresh_from_db()
    assert (trained.effect_figures["before"]["n"], trained.effect_figures["verdict"]) == (8, "better")
    director = make_person(manager_a.store, "director", "罗总二")
    page = as_(director).get(reverse("satisfaction:measure", args=[trained.pk]))
    assert page.context["form"] is None
    assert page.context["kept"]["after"]["n"] == 1


def test_a_measure_of_a_pareto_line_names_its_metric(as_, manager_a, head_a):
    client = as_(manager_a)
    url = reverse("satisfaction:measure_new")
    form = client.get(url, {"metric": "complaints", "code": "service"}).context["form"]
    assert form.initial["measured_by"] == "complaints:service"
    values = {
        "cause": "等待久", "measure": "加预约", "responsible": head_a.employee.pk, "department": "service",
        "due_on": (clock.today() + timedelta(days=9)).isoformat(), "measured_by": "complaints:service",
        "submission": str(uuid.uuid4()),
    }  # fmt: skip
    assert client.post(url, values).status_code == 302
    row = ImprovementMeasure.objects.get()
    assert (row.metric, row.metric_code) == ("complaints", "service")
