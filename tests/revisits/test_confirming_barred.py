"""The confirming call of a complaint is made by nobody with a part in the matter, whichever way it might reach them."""

import uuid

import pytest

from complaints.models import Complaint, Liability
from complaints.models import State as TicketState
from crm_site.core.errors import RuleBroken
from revisits import actions
from revisits.models import Revisit
from tests.complaints.story import Story, open_ticket
from tests.factories import DAY, RepairOrderFactory
from tests.fingerprint import unchanged
from tests.revisits.calls import save
from tests.revisits.test_call_saving import confirming_task, later, marks

NOW = later(2)
PARTS = ["accused", "liable", "joint", "served", "handler", "accused in a merged one"]
#: who served or handled may be allowed to by a manager, where nobody else is there
MAY_BE_ALLOWED = {"served", "handler"}


@pytest.fixture
def story(head_a, manager_a, specialist_a):
    return Story(head_a, manager_a, specialist_a)


@pytest.fixture
def call(story):
    return confirming_task(story)


def involve(ticket: Complaint, how: str, employee) -> None:
    """Give somebody a part in the matter of a ticket."""
    rows = Complaint.objects.filter(pk=ticket.pk)
    if how in {"accused", "handler"}:
        rows.update(**{how: employee})
    elif how in {"liable", "joint"}:
        kind = "direct" if how == "liable" else "joint"
        ticket.liabilities.filter(kind=kind).delete()
        Liability.objects.create(complaint=ticket, store=ticket.store, kind=kind, party="employee", employee=employee)
    elif how == "served":
        rows.update(repair_order=RepairOrderFactory(vehicle=ticket.vehicle, service_advisor=employee))
    else:
        merged = open_ticket(Named(ticket.store, employee), accused=employee)
        Complaint.objects.filter(pk=merged.pk).update(state=TicketState.MERGED, merged_into=ticket)


class Named:
    """Somebody as `open_ticket` wants to have them."""

    def __init__(self, store, employee) -> None:
        self.store, self.employee = store, employee


@pytest.mark.parametrize("how", PARTS)
def test_it_reaches_nobody_with_a_part_in_the_matter(story, call, how):
    barred, manager = story.specialist.employee, story.manager.employee
    involve(call.complaint, how, barred)
    today = later(2).date()
    with unchanged(how):
        assert actions.claim_next(barred, "specialist", now=NOW, today=today) is None
        for rang in (False, True):
            with pytest.raises(RuleBroken) as refused:
                actions.claim(call.pk, barred, "specialist", now=NOW, today=today, called_us=rang)
            assert refused.value.code == "not_yours"
        given = actions.assign([call.pk], to=barred, by=manager, now=NOW)
        assert [one.revisit.pk for one in given.refused] == [call.pk]
        with pytest.raises(RuleBroken):
            save(call, story.specialist, answers=marks(9), confirm_result="satisfied", started_at=NOW, at=NOW)


@pytest.mark.parametrize("how", PARTS)
def test_it_is_not_handed_over_to_them(story, call, specialist_a2, how):
    barred, giver = story.specialist.employee, specialist_a2.employee
    involve(call.complaint, how, barred)
    Revisit.objects.filter(pk=call.pk).update(assigned_to=giver)
    with unchanged(how), pytest.raises(RuleBroken):
        actions.hand_over(
            giver, [barred], [call.pk], why="leave", by=story.manager.employee, now=NOW, submission=uuid.uuid4()
        )


@pytest.mark.parametrize("how", PARTS)
def test_a_permission_is_for_who_served_or_handled_only(story, call, how):
    barred = story.specialist.employee
    involve(call.complaint, how, barred)
    given = {"to": barred, "reason": "其他专员都在休假", "by": story.manager.employee, "now": NOW}
    if how not in MAY_BE_ALLOWED:
        with unchanged(how), pytest.raises(RuleBroken) as refused:
            actions.allow(call.pk, **given)
        assert refused.value.code == "accused"
        return
    actions.allow(call.pk, **given)
    call.refresh_from_db()
    save(call, story.specialist, answers=marks(9), confirm_result="satisfied", started_at=NOW, at=NOW)
    call.complaint.refresh_from_db()
    assert call.complaint.state == TicketState.CLOSED


@pytest.mark.parametrize("how", ["accused", "liable", "joint"])
def test_a_permission_ends_where_they_are_named_afterwards(story, call, how):
    barred = story.specialist.employee
    involve(call.complaint, "served", barred)
    allowed = {"to": barred, "reason": "其他专员都在休假", "by": story.manager.employee, "now": NOW}
    actions.allow(call.pk, **allowed)
    involve(call.complaint, how, barred)
    call.refresh_from_db()
    with unchanged(how), pytest.raises(RuleBroken):
        save(call, story.specialist, answers=marks(9), confirm_result="satisfied", started_at=NOW, at=NOW)


def test_whoever_has_no_part_makes_it(story, call, specialist_a2):
    involve(call.complaint, "accused", story.specialist.employee)
    assert actions.claim_next(specialist_a2.employee, "specialist", now=NOW, today=DAY) == call
