"""Leave and leavers: what an absence touches, handing over to one, to several or to the pool, and undoing it."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.worktime.models import Absence
from revisits import actions
from revisits.models import HandOver, Revisit, State
from revisits.queries import leaving
from revisits.queries.leaving import Span
from tests.factories import DAY, NOON, DeliveryFactory, VehicleFactory

pytestmark = pytest.mark.django_db

WEEK = Span(DAY, DAY + timedelta(days=6))
LATER = DAY + timedelta(days=20)


@pytest.fixture
def theirs(task, store_a, specialist_a):
    """Calls that wait for a specialist: a promise of the week, one after it, a given call, one in her hands."""
    me = specialist_a.employee
    after = NOON + timedelta(days=10)
    return {
        "promised": task(store_a, promised_at=NOON, promised_by=me, not_before=NOON, expires_on=LATER),
        "later": task(store_a, promised_at=after, promised_by=me, not_before=after, expires_on=LATER),
        "given": task(store_a, "DLV_M1", assigned_to=me, expires_on=DAY + timedelta(days=3)),
        "patient": task(store_a, "DLV_M1", assigned_to=me, expires_on=LATER),
        "held": task(store_a, claimed_by=me, claimed_at=NOON, lease_until=NOON + actions.LEASE, expires_on=LATER),
    }


def give(theirs, names, giver, takers, by, **values):
    defaults = {"why": "leave", "now": NOON, "submission": uuid.uuid4()}
    ids = [theirs[name].pk for name in names]
    people = [person.employee for person in takers]
    return actions.hand_over(giver.employee, people, ids, by=by.employee, **(defaults | values))


def whose(theirs):
    rows = Revisit.objects.in_bulk([row.pk for row in theirs.values()])
    return {name: (rows[row.pk].promised_by, rows[row.pk].assigned_to) for name, row in theirs.items()}


def test_an_absence_touches_its_own_days_and_a_leaver_everything(theirs, specialist_a):
    def found(span):
        rows = set(leaving.touched(specialist_a.employee, span, now=NOON))
        return {name for name, row in theirs.items() if row in rows}

    assert found(WEEK) == {"promised", "given", "patient", "held"}
    assert found(Span(DAY)) == set(theirs)


def test_what_can_still_be_made_afterwards_can_wait(theirs, specialist_a):
    waits = {name for name, row in theirs.items() if leaving.can_wait(row, specialist_a.employee, WEEK)}
    assert "patient" in waits
    assert not waits & {"promised", "given"}


def test_to_a_colleague_promises_keep_their_time(theirs, specialist_a, specialist_a2, manager_a):
    done = give(theirs, ["promised", "given"], specialist_a, [specialist_a2], manager_a)
    assert done.moved == 2
    after = whose(theirs)
    assert after["promised"] == (specialist_a2.employee, None)
    assert after["given"] == (None, specialist_a2.employee)
    assert after["patient"] == (None, specialist_a.employee)
    theirs["promised"].refresh_from_db()
    assert theirs["promised"].promised_at == NOON


def test_to_the_pool_nobody_has_them(theirs, specialist_a, manager_a):
    give(theirs, ["promised", "given", "held"], specialist_a, [], manager_a)
    after = whose(theirs)
    assert after["promised"] == after["given"] == (None, None)
    theirs["held"].refresh_from_db()
    assert theirs["held"].claimed_by is None


def test_several_take_over_in_turn(theirs, specialist_a, specialist_a2, manager_a):
    done = give(theirs, ["promised", "later", "given", "patient"], specialist_a, [specialist_a2, manager_a], manager_a)
    assert [len(one.moved) for one in done.hand_overs] == [2, 2]
    assert HandOver.objects.count() == 2


def test_nobody_gets_a_call_that_they_may_not_make(task, store_a, theirs, specialist_a, specialist_a2, manager_a):
    fact = DeliveryFactory(
        store=store_a, vehicle=VehicleFactory(store=store_a), sales_consultant=specialist_a2.employee
    )
    theirs["served"] = task(store_a, "DLV_D3", delivery=fact, assigned_to=specialist_a.employee, expires_on=LATER)
    done = give(theirs, ["given", "served"], specialist_a, [specialist_a2], manager_a)
    assert [one.revisit for one in done.kept] == [theirs["served"]]
    assert whose(theirs)["served"] == (None, specialist_a.employee)
    done = give(theirs, ["served"], specialist_a, [specialist_a2, manager_a], manager_a)
    assert whose(theirs)["served"] == (None, manager_a.employee)


def test_the_same_submission_moves_nothing_twice(theirs, specialist_a, specialist_a2, manager_a):
    key = uuid.uuid4()
    for _ in range(2):
        done = give(theirs, ["given"], specialist_a, [specialist_a2], manager_a, submission=key)
        assert done.moved == 1
    assert HandOver.objects.count() == 1


@pytest.mark.parametrize("takers", ["self", "stranger"])
def test_the_giver_and_strangers_take_nothing(theirs, specialist_a, specialist_b, manager_a, takers):
    with pytest.raises(RuleBroken):
        give(theirs, ["given"], specialist_a, [{"self": specialist_a, "stranger": specialist_b}[takers]], manager_a)


def test_calls_of_others_are_passed_over(task, store_a, theirs, specialist_a, specialist_a2, manager_a):
    theirs["other"] = task(store_a, "DLV_M1", assigned_to=manager_a.employee)
    with pytest.raises(RuleBroken):
        give(theirs, ["other"], specialist_a, [specialist_a2], manager_a)
    assert whose(theirs)["other"] == (None, manager_a.employee)


# ---- taking it back --------------------------------------------------------------------------------------------------


def test_an_undo_gives_back_what_nobody_has_touched(theirs, specialist_a, specialist_a2, manager_a):
    before = whose(theirs)
    (made,) = give(
        theirs, ["promised", "later", "given", "patient"], specialist_a, [specialist_a2], manager_a
    ).hand_overs
    Revisit.objects.filter(pk=theirs["given"].pk).update(last_attempt_at=NOON + timedelta(minutes=5))
    Revisit.objects.filter(pk=theirs["later"].pk).update(promised_by=manager_a.employee)
    Revisit.objects.filter(pk=theirs["patient"].pk).update(state=State.DONE, ended_at=NOON, ended_on=DAY)
    done = actions.undo_hand_over(made.pk, by=manager_a.employee, now=NOON + timedelta(minutes=9))
    assert done.moved == 1
    assert {one.revisit for one in done.kept} == {theirs["later"], theirs["given"], theirs["patient"]}
    assert len({one.reason for one in done.kept}) == 3
    assert whose(theirs)["promised"] == before["promised"]


def test_undone_twice_changes_nothing(theirs, specialist_a, specialist_a2, manager_a):
    (made,) = give(theirs, ["given"], specialist_a, [specialist_a2], manager_a).hand_overs
    actions.undo_hand_over(made.pk, by=manager_a.employee, now=NOON)
    give(theirs, ["given"], specialist_a, [manager_a], manager_a)
    assert actions.undo_hand_over(made.pk, by=manager_a.employee, now=NOON).moved == 0
    assert whose(theirs)["given"] == (None, manager_a.employee)


def test_an_undo_of_what_has_wholly_moved_on_is_refused(theirs, specialist_a, specialist_a2, manager_a):
    (made,) = give(theirs, ["given"], specialist_a, [specialist_a2], manager_a).hand_overs
    Revisit.objects.filter(pk=theirs["given"].pk).update(state=State.DONE, ended_at=NOON, ended_on=DAY)
    with pytest.raises(RuleBroken):
        actions.undo_hand_over(made.pk, by=manager_a.employee, now=NOON)
    made.refresh_from_db()
    assert made.undone_at is None


# ---- the pages -------------------------------------------------------------------------------------------------------


@pytest.fixture
def absence(specialist_a):
    today = clock.today()
    return Absence.objects.create(
        store=specialist_a.store, employee=specialist_a.employee, first=today, last=today + timedelta(days=5),
        created_at=clock.now(),
    )  # fmt: skip


@pytest.fixture
def mine(task, specialist_a):
    """mine(n) -> n calls given to the specialist, due by the real clock."""
    today = clock.today()

    def make(count):
        days = {"due_on": today, "expires_on": today + timedelta(days=2), "anchor_on": today}
        return [task(specialist_a.store, "DLV_M1", assigned_to=specialist_a.employee, **days) for _ in range(count)]

    return make


def test_the_page_hands_over_and_takes_back(mine, absence, specialist_a2, manager_a, as_):
    rows = mine(2)
    client, address = as_(manager_a), reverse("revisits:leave", args=[absence.pk])
    form = client.get(address).context["form"]
    data = {
        "revisits": [row.pk for row in rows],
        "takers": [specialist_a2.employee.pk],
        "submission": form["submission"].value(),
    }
    answer = client.post(address, data, follow=True)
    assert "已移交 2 个任务" in answer.content.decode()
    made = HandOver.objects.get()
    answer = client.post(reverse("revisits:undo_hand_over", args=[made.pk]), follow=True)
    assert "已还回 2 个任务" in answer.content.decode()


def test_nothing_ticked_says_so_and_moves_nothing(mine, absence, manager_a, as_):
    mine(1)
    answer = as_(manager_a).post(reverse("revisits:leave", args=[absence.pk]), {"submission": uuid.uuid4()})
    assert answer.status_code == 422
    assert "请至少勾选一个任务" in answer.content.decode()
    assert not HandOver.objects.exists()


def test_the_preview_costs_the_same_for_three_and_thirty(mine, absence, manager_a, as_):
    client, address = as_(manager_a), reverse("revisits:leave", args=[absence.pk])

    def count():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    mine(3)
    few = count()
    mine(27)
    assert count() == few


def test_a_leaver_with_calls_stands_on_the_team_page(mine, specialist_a, manager_a, as_):
    mine(2)
    specialist_a.employee.left_on = clock.today()
    specialist_a.employee.save(update_fields=["left_on"])
    (row,) = as_(manager_a).get(reverse("revisits:team")).context["leavers"]
    assert (row["employee"], row["waiting"]) == (specialist_a.employee, 2)
    assert as_(manager_a).get(reverse("revisits:leaver", args=[specialist_a.employee.pk])).status_code == 200
