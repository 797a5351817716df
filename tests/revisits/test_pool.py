"""The pool: promises and absence, calls given to people, permissions, what nobody may make, shares of the day."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from complaints.models import State as ComplaintState
from crm_site.audit.models import Entry
from crm_site.core.errors import RuleBroken
from crm_site.notices.models import Notice
from crm_site.worktime.models import Absence
from revisits import actions, queries
from revisits.models import CallAttempt, CallResult, Joined, RuleVersion, State
from revisits.queries import pool, team
from tests.cast import make_person
from tests.factories import DAY, NOON, ComplaintFactory, DeliveryFactory, EmployeeFactory, VehicleFactory

pytestmark = pytest.mark.django_db

SOON = DAY + timedelta(days=2)


def take(person, role="specialist", now=NOON, today=DAY):
    return actions.claim_next(person.employee, role, now=now, today=today)


def waiting(person, role="specialist", now=NOON, today=DAY):
    return list(queries.waiting_for(person.employee, role, now=now, today=today))


def away(person, first=DAY, last=DAY):
    employee = person.employee
    return Absence.objects.create(store=employee.store, employee=employee, first=first, last=last, created_at=NOON)


def delivered(store, *, by=None, **values):
    """A delivery of a car, sold by somebody."""
    return DeliveryFactory(store=store, vehicle=VehicleFactory(store=store), sales_consultant=by, **values)


# ---- promises --------------------------------------------------------------------------------------------------------


def test_a_promise_of_somebody_away_returns_to_the_pool(task, store_a, specialist_a, specialist_a2):
    made = task(store_a, promised_at=NOON, promised_by=specialist_a.employee, not_before=NOON)
    assert waiting(specialist_a2) == []
    away(specialist_a)
    assert waiting(specialist_a2) == [made]


def test_a_promise_of_somebody_who_has_left_returns_to_the_pool(task, store_a, specialist_a, specialist_a2):
    made = task(store_a, promised_at=NOON, promised_by=specialist_a.employee, not_before=NOON)
    specialist_a.employee.left_on = DAY
    specialist_a.employee.save(update_fields=["left_on"])
    assert waiting(specialist_a2) == []
    assert waiting(specialist_a2, today=DAY + timedelta(days=1)) == [made]


def test_a_cancelled_absence_frees_no_promise(task, store_a, specialist_a, specialist_a2):
    task(store_a, promised_at=NOON, promised_by=specialist_a.employee, not_before=NOON)
    row = away(specialist_a)
    row.cancelled_at = NOON
    row.save(update_fields=["cancelled_at"])
    assert waiting(specialist_a2) == []


# ---- calls given to people -------------------------------------------------------------------------------------------


def test_a_given_call_waits_for_its_person(task, store_a, specialist_a, specialist_a2, manager_a):
    made = task(store_a, "DLV_M1", expires_on=SOON, assigned_to=specialist_a.employee)
    assert waiting(specialist_a2) == []
    assert waiting(manager_a, "manager") == []
    assert waiting(specialist_a) == [made]


@pytest.mark.parametrize(("expires_on", "is_free"), [(DAY, True), (SOON, False)])
def test_on_its_last_day_a_given_call_no_longer_waits_for_who_is_away(
    task, store_a, specialist_a, specialist_a2, expires_on, is_free
):
    task(store_a, "DLV_M1", expires_on=expires_on, assigned_to=specialist_a.employee)
    away(specialist_a)
    assert bool(waiting(specialist_a2)) is is_free


def test_a_call_of_the_manager_is_made_by_whom_it_is_given_to(task, store_a, specialist_a, manager_a):
    _change("DLV_M1", owner_role="manager")
    made = task(store_a, "DLV_M1")
    assert waiting(specialist_a) == []
    actions.assign([made.pk], to=specialist_a.employee, by=manager_a.employee, now=NOON)
    assert waiting(specialist_a) == [made]
    assert Notice.objects.get(user=specialist_a.user).params == {"count": 1}
    actions.unassign([made.pk], by=manager_a.employee, now=NOON)
    assert waiting(specialist_a) == []
    entries = Entry.objects.filter(subject_id=made.pk, subject_type="revisits.revisit").order_by("pk")
    assert list(entries.values_list("action", flat=True)) == ["revisit.assigned", "revisit.unassigned"]


def _change(code, **values) -> None:
    RuleVersion.objects.filter(rule__store=None, rule__code=code).update(**values)


def test_what_cannot_be_given_is_left_with_its_reason(task, store_a, specialist_a, specialist_a2, manager_a):
    plain = task(store_a, "DLV_M1")
    served = task(store_a, "DLV_D3", delivery=delivered(store_a, by=specialist_a.employee))
    ended = task(store_a, "DLV_M1", state=State.DONE, ended_at=NOON, ended_on=DAY)
    held = task(store_a, "DLV_M1", claimed_by=specialist_a2.employee, claimed_at=NOON, lease_until=NOON + actions.LEASE)
    ids = [row.pk for row in (plain, served, ended, held)]
    done = actions.assign(ids, to=specialist_a.employee, by=manager_a.employee, now=NOON)
    assert done.done == [plain]
    assert {one.revisit for one in done.refused} == {served, ended, held}
    assert all(one.reason for one in done.refused)


def test_calls_go_only_to_people_of_the_store(task, store_a, manager_a, specialist_b):
    made = task(store_a)
    with pytest.raises(RuleBroken):
        actions.assign([made.pk], to=specialist_b.employee, by=manager_a.employee, now=NOON)


def test_a_joined_call_is_never_taken_by_itself(task, store_a, specialist_a):
    head = task(store_a, "DLV_M1")
    task(store_a, "DLV_M1", head=head, joined_as=Joined.PURPOSE)
    assert waiting(specialist_a) == [head]


# ---- consultants who are away ----------------------------------------------------------------------------------------


def test_a_consultants_customers_go_to_the_frontline_while_he_is_away(task, store_a, frontline_a):
    colleague = make_person(store_a, "frontline", "同事")
    values = {"delivery": delivered(store_a, by=colleague.employee), "expires_on": SOON}
    made = task(store_a, "DLV_D1", **values)
    assert waiting(frontline_a, "frontline") == []
    away(colleague)
    assert waiting(frontline_a, "frontline") == [made]
    assert list(made.__class__.objects.visible_to(frontline_a.user)) == [made]


# ---- shares of the day -----------------------------------------------------------------------------------------------


def test_a_rule_behind_its_share_comes_before_satisfaction(task, store_a, specialist_a):
    RuleVersion.objects.update(capacity=RuleVersion.Capacity.ALWAYS)
    _change("DLV_M1", capacity=RuleVersion.Capacity.QUOTA, capacity_number=10)
    loss = task(store_a, "DLV_M1", expires_on=SOON)
    satisfaction = task(store_a, "DLV_D3", expires_on=SOON)
    assert waiting(specialist_a) == [satisfaction, loss]
    for _ in range(10):
        _dial(task(store_a, "DLV_D3", state=State.DONE, ended_at=NOON, ended_on=DAY), specialist_a)
    assert pool.behind(store_a.pk, DAY) == [loss.rule_id]
    assert waiting(specialist_a) == [loss, satisfaction]
    _dial(loss, specialist_a)
    assert pool.behind(store_a.pk, DAY) == []


def _dial(made, person) -> None:
    CallAttempt.objects.create(
        store=made.store, revisit=made, by=person.employee, started_at=NOON, ended_at=NOON, called_on=DAY,
        result=CallResult.objects.get(store=None, code="NO_ANSWER"), submission=uuid.uuid4(),
    )  # fmt: skip


# ---- nobody may ------------------------------------------------------------------------------------------------------


def test_what_everybody_at_the_desk_served_is_shown_to_the_manager(task, store_a, specialist_a, manager_a):
    made = task(store_a, "DLV_D3", delivery=delivered(store_a, by=specialist_a.employee))
    task(store_a, "DLV_D3", delivery=delivered(store_a, by=EmployeeFactory(store=store_a)))
    task(store_a, "DLV_M1", delivery=delivered(store_a, by=specialist_a.employee))
    assert list(team.nobody_may(store_a.pk, DAY)) == [made]
    assert waiting(manager_a, "manager")  # the manager helps out


def test_a_colleague_who_is_there_may_make_it(task, store_a, specialist_a, specialist_a2):
    task(store_a, "DLV_D3", delivery=delivered(store_a, by=specialist_a.employee))
    assert not team.nobody_may(store_a.pk, DAY)
    away(specialist_a2)
    assert team.nobody_may(store_a.pk, DAY)


def test_a_permission_lets_who_served_call_and_is_kept(task, store_a, specialist_a, manager_a):
    made = task(store_a, "DLV_D3", delivery=delivered(store_a, by=specialist_a.employee))
    assert waiting(specialist_a) == []
    text = "店里只有一位专员"
    actions.allow(made.pk, to=specialist_a.employee, reason=text, by=manager_a.employee, now=NOON)
    made.refresh_from_db()
    assert (made.assigned_to, made.override_by, made.override_reason) == (
        specialist_a.employee, manager_a.employee, text,
    )  # fmt: skip
    assert take(specialist_a) == made
    assert not team.nobody_may(store_a.pk, DAY)


def test_a_permission_ends_when_the_call_is_taken_back(task, store_a, specialist_a, manager_a):
    made = task(store_a, "DLV_D3", delivery=delivered(store_a, by=specialist_a.employee))
    actions.allow(made.pk, to=specialist_a.employee, reason="只有一位专员", by=manager_a.employee, now=NOON)
    actions.unassign([made.pk], by=manager_a.employee, now=NOON)
    made.refresh_from_db()
    assert (made.assigned_to, made.override_by, made.override_reason) == (None, None, "")
    assert waiting(specialist_a) == []


def test_nobody_can_allow_the_one_whom_the_complaint_is_about(task, store_a, specialist_a, manager_a):
    ticket = ComplaintFactory(store=store_a, state=ComplaintState.CONFIRMING, accused=specialist_a.employee)
    made = task(store_a, "CMP_CFM", complaint=ticket)
    with pytest.raises(RuleBroken) as refused:
        actions.allow(made.pk, to=specialist_a.employee, reason="没有别人", by=manager_a.employee, now=NOON)
    assert refused.value.code == "accused"
    made.assigned_to, made.override_by = specialist_a.employee, manager_a.employee
    made.save(update_fields=["assigned_to", "override_by"])
    assert waiting(specialist_a) == []  # even if it stood in the row


def test_a_permission_is_refused_where_somebody_else_may_call(task, store_a, specialist_a, specialist_a2, manager_a):
    made = task(store_a, "DLV_D3", delivery=delivered(store_a, by=specialist_a.employee))
    with pytest.raises(RuleBroken) as refused:
        actions.allow(made.pk, to=specialist_a.employee, reason="他最熟悉", by=manager_a.employee, now=NOON)
    assert refused.value.code == "eligible"
    assert "冉月" in refused.value.message


@pytest.mark.parametrize("reason", ["", "  ", "急"])
def test_a_permission_needs_its_reason(task, store_a, specialist_a, manager_a, reason):
    made = task(store_a, "DLV_D3", delivery=delivered(store_a, by=specialist_a.employee))
    with pytest.raises(RuleBroken) as refused:
        actions.allow(made.pk, to=specialist_a.employee, reason=reason, by=manager_a.employee, now=NOON)
    assert refused.value.field == "reason"


def test_a_director_makes_only_what_is_given_to_him(task, store_a, director_a, manager_a, specialist_a):
    made = task(store_a, "DLV_D3", delivery=delivered(store_a, by=specialist_a.employee))
    assert waiting(director_a, "director") == []
    actions.assign([made.pk], to=director_a.employee, by=manager_a.employee, now=NOON)
    assert waiting(director_a, "director") == [made]


# ---- the pages -------------------------------------------------------------------------------------------------------


def test_the_manager_gives_several_calls_at_once(task, store_a, specialist_a, manager_a, as_):
    _change("DLV_M1", owner_role="manager")
    made = [task(store_a, "DLV_M1", expires_on=SOON) for _ in range(3)]
    page = as_(manager_a).get(reverse("revisits:assign"))
    assert len(page.context["lines"]) == 3
    data = {"store": store_a.pk, "revisits": [row.pk for row in made], "to": specialist_a.employee.pk}
    answer = as_(manager_a).post(reverse("revisits:assign_many"), data, follow=True)
    assert "已把 3 个任务分配给" in answer.content.decode()
    assert {row.assigned_to for row in _fresh(made)} == {specialist_a.employee}
    as_(manager_a).post(reverse("revisits:assign_many"), data | {"take_back": "1"})
    assert {row.assigned_to for row in _fresh(made)} == {None}


def _fresh(rows):
    return type(rows[0]).objects.filter(pk__in=[row.pk for row in rows])


def test_the_page_of_barred_calls_offers_who_may_and_keeps_what_was_typed(task, store_a, specialist_a, manager_a, as_):
    made = task(store_a, "DLV_D3", delivery=delivered(store_a, by=specialist_a.employee))
    client = as_(manager_a)
    (line,) = client.get(reverse("revisits:nobody")).context["lines"]
    assert [one["id"] for one in line["free"]] == [manager_a.employee.pk]
    assert [one["id"] for one in line["served"]] == [specialist_a.employee.pk]
    data = {"to": specialist_a.employee.pk, "reason": "急"}
    answer = client.post(reverse("revisits:give", args=[made.pk]), data)
    assert answer.status_code == 422
    assert 'value="急"' in answer.content.decode()
    answer = client.post(reverse("revisits:give", args=[made.pk]), data | {"reason": "只有她一人在岗"})
    assert answer.status_code == 302
    made.refresh_from_db()
    assert made.override_by == manager_a.employee


@pytest.mark.parametrize("page", ["revisits:team", "revisits:assign", "revisits:nobody"])
def test_only_managers_manage_the_pool(as_, specialist_a, director_a, manager_a, page):
    codes = [as_(person).get(reverse(page)).status_code for person in (specialist_a, director_a, manager_a)]
    assert codes == [403, 403, 200]
