"""Whom a complaint is about gets nowhere by page, URL, bulk or import: every door asks the same table."""

import pytest
from django.urls import reverse

from complaints.models import Complaint, State
from complaints.views.quick import DO as QUICK
from complaints.views.tickets import DO
from crm_site.accounts.models import Role
from crm_site.core import clock
from tests.cast import make_person
from tests.complaints.register import bare, look
from tests.complaints.story import day, moment, open_ticket
from tests.customers.intake import codes
from tests.fingerprint import unchanged

PARTS = ["accused", "liable", "accused in a merged one"]
#: everything that any form could ask for, so that only the person can be refused
SAID = {
    "note": "我来处理", "reason": "理由", "cause_class": "product", "cause": "原因", "solution": "方案",
    "accepts": "yes", "review_note": "检讨", "level_code": "L3", "waiting_for": "customer", "until": day(5).isoformat(),
    "validity": "invalid", "ground": "malicious", "direct": "nobody", "result": "satisfied", "is_grave": "no",
    "words": "改成没事", "external_number": "X1",
}  # fmt: skip


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: moment(30))


@pytest.fixture
def barred(story):
    return make_person(story.manager.store, Role.MANAGER, "涉事经理")


def about(story, person, how: str, state: str) -> Complaint:
    """A ticket in a state that is about somebody."""
    ticket = story.ticket(state)
    if how == "accused":
        Complaint.objects.filter(pk=ticket.pk).update(accused=person.employee)
    elif how == "liable":
        ticket.liabilities.filter(kind="direct").delete()
        ticket.liabilities.create(store=ticket.store, kind="direct", party="employee", employee=person.employee)
    else:
        merged = open_ticket(story.specialist, accused=person.employee)
        Complaint.objects.filter(pk=merged.pk).update(state=State.MERGED, merged_into=ticket)
    return ticket


@pytest.mark.parametrize(
    ("how", "state"),
    [("accused", state) for state in (State.REGISTERED, State.PROPOSED, State.CONFIRMING, State.CLOSED)]
    + [(how, State.INVESTIGATING) for how in PARTS[1:]],
)
def test_every_address_of_a_step_refuses_them_and_leaves_every_table_alone(as_, story, barred, how, state):
    ticket = about(story, barred, how, state)
    other = open_ticket(story.specialist)
    client = as_(barred)
    people = {"handler": story.head.employee.pk, "joint": "", "into": other.pk}
    with unchanged(f"{how} in {state}"):
        for action in set(DO) - {"chase"}:
            address = reverse("complaints:do", args=[ticket.pk, action])
            answer = client.post(address, SAID | people | {"version": ticket.version})
            assert answer.status_code in {403, 409, 422}, (action, answer.status_code)


@pytest.mark.parametrize("how", PARTS)
@pytest.mark.parametrize("step", sorted(QUICK))
def test_the_three_taps_are_no_way_round(as_, story, barred, how, step):
    ticket = about(story, barred, how, State.REGISTERED)
    client = as_(barred)
    with unchanged(f"{step} by {how}"):
        answer = client.post(
            reverse("complaints:quick_take", args=[ticket.pk, step]), SAID | {"version": ticket.version}
        )
    assert answer.status_code in {403, 409, 422}


@pytest.mark.parametrize("how", PARTS)
def test_their_page_offers_nothing_but_what_the_customer_said(as_, story, barred, how):
    ticket = about(story, barred, how, State.ACCEPTED)
    page = as_(barred).get(reverse("complaints:detail", args=[ticket.pk]))
    shown = page.context
    assert shown["next"] is None
    assert (shown["more"], shown["side"], shown["clock_panel"]) == ([], [], None)
    assert shown["chase"] is not None
    assert "btn-primary" not in page.content.decode()


@pytest.mark.parametrize("how", PARTS)
def test_bulk_leaves_their_own_matter_and_does_not_give_it_to_them(as_, story, barred, how):
    ticket = about(story, barred, how, State.ACCEPTED)
    for person, handler in ((barred, story.manager.employee), (story.manager, barred.employee)):
        data = {"tickets": [ticket.pk], "handler": handler.pk, "scope": "ticked"}
        client = as_(person)
        with unchanged(how):
            answer = client.post(reverse("complaints:assign"), data)
        assert [line["ticket"].pk for line in answer.context["left"]] == [ticket.pk]


@pytest.mark.parametrize("how", PARTS)
@pytest.mark.parametrize("action", ["accept", "reassign"])
def test_whoever_chooses_them_as_handler_is_told_why_not_and_who_can(as_, story, barred, how, action):
    ticket = about(story, barred, how, State.REGISTERED if action == "accept" else State.ACCEPTED)
    client = as_(story.manager, "en")
    said = {"version": ticket.version, "handler": barred.employee.pk, "level_code": "L2"}
    with unchanged(how):
        answer = client.post(reverse("complaints:do", args=[ticket.pk, action]), said)
    assert answer.status_code == 422
    assert story.head.employee.name in answer.context["failed"].errors["handler"][0]


def test_an_imported_line_takes_no_live_ticket_away(story, admin_a, barred):
    ticket = about(story, barred, "accused", State.ACCEPTED)
    before = Complaint.objects.filter(pk=ticket.pk).values().get()
    said = {"受理人": barred.employee.name, "责任人": story.head.employee.name, "是否闭环": "是"}
    batch = look(admin_a, bare(编号=ticket.number, **said))
    assert codes(batch) >= {"ticket_here"}
    assert Complaint.objects.filter(pk=ticket.pk).values().get() == before
