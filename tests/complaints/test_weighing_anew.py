"""A correction raises or proposes only what it adds: what somebody has decided about the level stays decided."""

import pytest

from complaints import actions
from complaints.models import Category, Complaint
from tests.complaints.story import moment, open_ticket
from tests.factories import CustomerFactory, VehicleFactory

pytestmark = pytest.mark.django_db


def lowered(story, ticket: Complaint) -> Complaint:
    assert ticket.level.code in {"L3", "L4"}
    given = {"level_code": "L2", "reason": "核实后为一般问题", "by": story.manager.employee, "now": moment(1)}
    return actions.change_level(ticket.pk, **given)


def edit(story, ticket: Complaint, **facts) -> Complaint:
    return actions.edit(ticket.pk, reason="更正", by=story.manager.employee, now=moment(2), **facts)


def third(story) -> Complaint:
    about = {
        "category": Category.objects.get(store=None, code="repair.not_fixed"),
        "customer": CustomerFactory(store=story.manager.store),
    }
    return [open_ticket(story.specialist, **about) for _ in range(3)][-1]


RAISED = {
    "by words": lambda story: open_ticket(story.specialist, words="客户说要找记者，车子冒烟"),
    "by its source": lambda story: open_ticket(story.specialist, source="12315"),
    "as the third": third,
}
CORRECTIONS = {
    "car": lambda story: {"vehicle": VehicleFactory(store=story.manager.store)},
    "category": lambda _story: {"category": Category.objects.get(store=None, code="repair.rework")},
    "demand": lambda _story: {"demand": "请尽快联系"},
}


@pytest.mark.parametrize("fact", CORRECTIONS)
@pytest.mark.parametrize("how", RAISED)
def test_a_level_that_a_manager_lowered_stays(story, how, fact):
    ticket = lowered(story, RAISED[how](story))
    due, entries = ticket.closing_due_at, ticket.clock.count()
    ticket = edit(story, ticket, **CORRECTIONS[fact](story))
    assert (ticket.level.code, ticket.closing_due_at, ticket.clock.count()) == ("L2", due, entries)
    assert (ticket.proposed_level, ticket.grave_words) == ("", "")


def test_words_taken_away_bring_nothing_back(story):
    ticket = lowered(story, RAISED["by words"](story))
    assert edit(story, ticket, words="客户说要找记者").level.code == "L2"


@pytest.mark.parametrize("how", RAISED)
def test_grave_words_that_are_new_raise_it_again(story, how):
    ticket = lowered(story, RAISED[how](story))
    assert edit(story, ticket, words=f"{ticket.words}，现在起火了").level.code == "L4"


def test_a_proposal_that_was_declined_stays_so_until_there_is_another_ground(story):
    ticket = open_ticket(story.specialist, words="要求退款", level_code="L2")
    ticket = actions.judge_level(ticket.pk, accepts=False, reason="金额很小", by=story.manager.employee, now=moment(1))
    ticket = edit(story, ticket, vehicle=VehicleFactory(store=story.manager.store))
    assert (ticket.level.code, ticket.proposed_level) == ("L2", "")
    ticket = edit(story, ticket, demand="并要求赔偿误工费")
    assert (ticket.level.code, ticket.proposed_level, ticket.proposed_because) == ("L2", "L3", "claim")


def test_a_proposal_that_nobody_has_decided_about_stays_while_its_ground_does(story):
    ticket = open_ticket(story.specialist, words="要求退款", level_code="L2")
    ticket = edit(story, ticket, demand="请尽快联系")
    assert ticket.proposed_level == "L3"
    assert edit(story, ticket, words="等了很久").proposed_level == ""


def test_what_is_l4_already_is_not_asked_about(story):
    ticket = open_ticket(story.specialist, words="车子冒烟")
    ticket = edit(story, ticket, demand="还要检查刹车")
    assert (ticket.level.code, ticket.grave_words) == ("L4", "")
