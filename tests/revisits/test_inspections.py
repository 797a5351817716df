"""Inspections: which calls are drawn, what is kept of one, and what follows from a false record."""

import uuid
from datetime import timedelta

import pytest

from crm_site.core.errors import RuleBroken
from revisits.actions import inspections
from revisits.models import CallAttempt, DeskSettings, Inspection
from tests.revisits.calls import DAY, after, save, service_task

pytestmark = pytest.mark.django_db

MONDAY = inspections.monday_of(DAY)
FULL = {"opening": 15, "consent": 10, "complete": 25, "truthful": 25, "digging": 15, "closing": 10}


@pytest.fixture
def attempt(store_a, specialist_a) -> CallAttempt:
    """A completed scored call."""
    return save(service_task(store_a), specialist_a)


@pytest.fixture
def drawn(store_a, attempt) -> Inspection:
    """That call, drawn to be inspected."""
    inspections.draw_week(store_a.pk, MONDAY, now=after(60))
    return Inspection.objects.get()


def look(drawn, by, *, method="listen", verdict="genuine", points=FULL, shown=None, **written):
    return inspections.inspect(
        drawn.pk, method=method, verdict=verdict, points=points, written=written, shown=shown or drawn.version,
        by=by.employee, now=after(90),
    )  # fmt: skip


def copies(attempt, count: int, **changes) -> list[CallAttempt]:
    """More completed calls like this one, without answers."""
    found = []
    for _again in range(count):
        attempt.pk, attempt.response = None, None
        attempt.submission = uuid.uuid4()
        for name, value in changes.items():
            setattr(attempt, name, value)
        attempt.save(force_insert=True)
        found.append(CallAttempt.objects.get(pk=attempt.pk))
    return found


def test_the_first_scored_calls_of_a_new_caller_are_all_drawn(drawn, attempt):
    assert (drawn.attempt, drawn.caller, drawn.drawn_for, drawn.week) == (attempt, attempt.by, "new_caller", MONDAY)


def test_of_an_experienced_caller_three_a_week_are_drawn_and_never_twice(store_a, attempt):
    DeskSettings.objects.create(store=store_a, inspect_first=0)
    copies(attempt, 9)
    assert inspections.draw_week(store_a.pk, MONDAY, now=after(60)) == 3
    assert inspections.draw_week(store_a.pk, MONDAY, now=after(61)) == 0
    assert set(Inspection.objects.values_list("drawn_for", flat=True)) == {"random"}


def test_what_somebody_else_puts_on_the_list_meanwhile_is_no_failure(attempt, manager_a, monkeypatch):
    def meanwhile(day):
        Inspection.objects.create(
            store=attempt.store, attempt=attempt, caller=attempt.by, drawn_for="share", week=day, drawn_at=after(5)
        )
        return day

    monkeypatch.setattr(inspections, "monday_of", meanwhile)
    assert inspections.draw_several([attempt.pk], by=manager_a.employee, now=after(9)) == 0
    assert Inspection.objects.get().drawn_at == after(5)


def test_calls_of_another_week_or_without_an_answer_are_not_drawn(store_a, attempt):
    assert inspections.draw_week(store_a.pk, MONDAY - timedelta(days=7), now=after(60)) == 0


def test_a_whole_sheet_is_worth_its_points(drawn, manager_a):
    done = look(drawn, manager_a, points=FULL | {"digging": 5}, strengths="语气亲切")
    assert (str(done.score), done.verdict, done.strengths) == ("90.00", "genuine", "语气亲切")
    assert done.marks["digging"] == {"points": 5, "of": 15}


def test_a_check_call_counts_truth_and_completeness_only(drawn, manager_a):
    done = look(drawn, manager_a, method="call_back", verdict="faulty", points={"complete": 20, "truthful": 25})
    assert str(done.score) == "90.00"
    assert set(done.marks) == {"complete", "truthful"}


def test_who_is_not_reached_gets_no_score(drawn, manager_a):
    assert look(drawn, manager_a, method="call_back", verdict="not_reached").score is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"method": "guess"}, "method"),
        ({"verdict": "maybe"}, "verdict"),
        ({"points": FULL | {"opening": 16}}, "points"),
        ({"points": {"opening": 10}}, "points"),
        ({"shown": 9}, "stale"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(drawn, manager_a, changes, code):
    with pytest.raises(RuleBroken) as refused:
        look(drawn, manager_a, **changes)
    assert refused.value.code == code
    assert Inspection.objects.get().inspected_at is None


def test_nobody_inspects_their_own_calls(drawn, attempt, specialist_a):
    with pytest.raises(RuleBroken) as refused:
        look(drawn, specialist_a)
    assert refused.value.code == "own_call"
    with pytest.raises(RuleBroken):
        inspections.draw_by_hand(attempt.pk, by=specialist_a.employee, now=after(60))


def test_a_false_record_is_worth_nothing_and_its_answers_leave_the_scores(drawn, attempt, manager_a):
    done = look(drawn, manager_a, verdict="false", note="客户说没有接到电话")
    attempt.response.refresh_from_db()
    assert (done.score, attempt.response.excluded_at) == (0, after(90))


def test_after_a_false_record_the_callers_whole_month_is_checked(store_a, specialist_a, drawn, manager_a):
    other = save(service_task(store_a), specialist_a)
    look(drawn, manager_a, verdict="false")
    again = Inspection.objects.get(attempt=other)
    assert (again.drawn_for, again.inspected_at) == ("recheck", None)


def test_a_false_record_stays_one(drawn, manager_a):
    done = look(drawn, manager_a, verdict="false")
    with pytest.raises(RuleBroken) as refused:
        look(done, manager_a, verdict="genuine")
    assert refused.value.code == "final"


def test_a_call_is_put_on_the_list_by_hand_once(attempt, manager_a):
    first = inspections.draw_by_hand(attempt.pk, by=manager_a.employee, now=after(60))
    assert inspections.draw_by_hand(attempt.pk, by=manager_a.employee, now=after(61)) == first
    assert first.drawn_for == "by_hand"
