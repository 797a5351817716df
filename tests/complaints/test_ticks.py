"""The ticks of the clock, and what complaints show on a customer's card."""

import pytest
from django.test import RequestFactory

from complaints import actions, panels, tasks
from complaints.deadline import DeadlineView
from complaints.models import ClockEntry, Complaint, Escalation, State
from crm_site.core import clock
from crm_site.notices.models import Notice
from tests.complaints.story import day, moment, open_ticket
from tests.factories import CustomerFactory


def told(code: str = "complaint.escalated") -> list[str]:
    """The names of those who were told, in the order of telling."""
    return list(Notice.objects.filter(code__startswith=code).order_by("pk").values_list("user__name", flat=True))


def tick_at(monkeypatch, hours: float) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment(hours))
    tasks.tick()
    tasks.tick()  # a second tick adds nothing


@pytest.mark.parametrize(
    ("level", "hours", "names"),
    [
        ("L2", 0.5, []),
        ("L2", 1.1, ["何志远"]),
        ("L2", 2.5, ["何志远", "温静"]),
        ("L2", 9, []),  # the store is closed: told in the morning
        ("L2", 22, ["何志远", "温静"]),
        ("L1", 20, []),
        ("L3", 0, ["温静"]),
        ("L4", 0, ["罗总", "温静"]),
    ],
)
def test_roles_are_told_once_when_a_limit_runs_out(story, director_a, monkeypatch, *, level, hours, names):
    kind = "grievance" if level == "L1" else "complaint"
    open_ticket(story.specialist, level_code=level, kind=kind)
    tick_at(monkeypatch, hours)
    assert told() == names


def test_a_head_of_another_department_is_not_told(story, monkeypatch):
    open_ticket(story.specialist, department="sales")
    tick_at(monkeypatch, 1.1)
    assert "何志远" not in told()


def test_nobody_is_told_of_a_paused_or_closed_ticket(story, monkeypatch):
    paused = story.ticket(State.ACCEPTED)
    given = {"waiting_for": "customer", "reason": "出差", "until": day(9)}
    actions.pause(paused.pk, **given, by=story.head.employee, now=moment(1))
    story.ticket(State.CLOSED)
    tick_at(monkeypatch, 48)
    assert told() == []


def test_a_pause_hides_no_promise_that_was_broken_before(story, monkeypatch):
    ticket = story.ticket(State.ACCEPTED)
    given = {"waiting_for": "customer", "reason": "出差", "until": day(9)}
    actions.pause(ticket.pk, **given, by=story.head.employee, now=moment(2.5))
    ticket.refresh_from_db()
    assert list(Complaint.objects.overdue(moment(2.6))) == [ticket]
    assert ticket.is_overdue(moment(2.6))
    assert ticket.due_at == ticket.response_due_at == moment(2)
    tick_at(monkeypatch, 2.6)
    assert "温静" in told()
    view = DeadlineView(ticket, moment(2.6))
    assert view.due()["overdue"]
    assert {one["name"]: one["kept"] for one in view.promises()} == {
        "response": False, "proposal": None, "closing": None
    }  # fmt: skip


def test_a_pause_that_is_over_is_resumed_by_the_tick(story, monkeypatch):
    ticket = story.ticket(State.ACCEPTED)
    given = {"waiting_for": "customer", "reason": "出差", "until": day(1)}
    actions.pause(ticket.pk, **given, by=story.head.employee, now=moment(1))
    tick_at(monkeypatch, 30)
    ticket.refresh_from_db()
    assert ticket.paused_at is not None
    tick_at(monkeypatch, 40)
    ticket.refresh_from_db()
    assert ticket.paused_at is None
    assert ticket.clock.filter(kind=ClockEntry.Kind.RESUME).count() == 1


def test_the_card_shows_open_tickets_and_the_timeline_all(story):
    customer = CustomerFactory(store=story.manager.store)
    open_one = open_ticket(story.specialist, customer=customer)
    closed = story.ticket(State.CLOSED, customer=customer)
    request = RequestFactory().get("/")
    request.user = story.manager.user
    panel = panels.for_customer(request, customer)[0]
    assert [row["ticket"] for row in panel.context["rows"]] == [open_one]
    titles = [event.title for event in panels.events(story.manager.user, customer)]
    assert len(titles) == 3
    assert sum(closed.number in title for title in titles) == 2


def test_the_card_of_a_stranger_shows_nothing(story, stranger_b):
    customer = CustomerFactory(store=story.manager.store)
    open_ticket(story.specialist, customer=customer)
    request = RequestFactory().get("/")
    request.user = stranger_b.user
    assert panels.for_customer(request, customer) == []
    assert panels.events(stranger_b.user, customer) == []


# --- stages of a store, roles with nobody, daily updates ---


def codes() -> list[str]:
    return list(Notice.objects.order_by("pk").values_list("code", flat=True))


def test_a_stores_own_stages_replace_the_companys(story, monkeypatch):
    Escalation.objects.create(store=story.manager.store, level_code="L2", percent=25, role="manager")
    open_ticket(story.specialist)
    tick_at(monkeypatch, 0.6)
    assert told() == ["温静"]


def test_where_a_role_has_nobody_the_next_higher_one_is_told_and_told_why(story, monkeypatch):
    open_ticket(story.specialist, department="parts")
    tick_at(monkeypatch, 1.1)
    assert (told(), codes()) == (["温静"], ["complaint.escalated_for_head"])


def test_where_even_the_manager_is_missing_the_director_is_told(story, director_a, monkeypatch):
    open_ticket(story.specialist, department="parts")
    story.manager.user.memberships.all().delete()
    tick_at(monkeypatch, 1.1)
    assert told() == ["罗总"]


def test_a_pause_is_no_reason_to_tell_a_role_twice(story, monkeypatch):
    ticket = story.ticket(State.ACCEPTED)
    tick_at(monkeypatch, 1.1)
    given = {"waiting_for": "customer", "reason": "出差", "until": day(9)}
    actions.pause(ticket.pk, **given, by=story.head.employee, now=moment(1.2))
    actions.resume(ticket.pk, by=story.head.employee, now=moment(3))
    tick_at(monkeypatch, 3.5)
    assert told() == ["何志远"]


def test_what_was_paused_is_no_part_of_the_share(story, monkeypatch):
    ticket = story.ticket(State.ACCEPTED)
    given = {"waiting_for": "customer", "reason": "出差", "until": day(9)}
    actions.pause(ticket.pk, **given, by=story.head.employee, now=moment(0.6))
    actions.resume(ticket.pk, by=story.head.employee, now=moment(3))
    tick_at(monkeypatch, 3.2)  # 0.8 of 2 hours have counted
    assert told() == []
    tick_at(monkeypatch, 3.5)
    assert told() == ["何志远"]


def test_a_grave_ticket_without_progress_is_brought_to_mind_once_a_day(story, director_a, monkeypatch):
    ticket = story.ticket(State.ACCEPTED, level_code="L4")
    tick_at(monkeypatch, 20)
    assert told("complaint.update_missing") == []
    tick_at(monkeypatch, 25)
    assert sorted(told("complaint.update_missing")) == sorted(["何志远", "温静"])
    actions.note_contact(ticket.pk, note="已联系", by=story.head.employee, now=moment(26))
    tick_at(monkeypatch, 49)
    assert len(told("complaint.update_missing")) == 2
    tick_at(monkeypatch, 51)
    assert len(told("complaint.update_missing")) == 4


def test_nobody_is_reminded_of_an_update_at_night_or_of_what_is_solved(story, monkeypatch):
    story.ticket(State.ACCEPTED, level_code="L4")
    tick_at(monkeypatch, 36)  # midnight
    assert told("complaint.update_missing") == []


def test_what_is_told_at_once_is_told_once_a_round(story, director_a, monkeypatch):
    ticket = open_ticket(story.specialist, level_code="L4")
    tick_at(monkeypatch, 0)
    actions.note_contact(ticket.pk, note="已联系", by=story.manager.employee, now=moment(0.1))
    tick_at(monkeypatch, 0.2)
    assert told("complaint.escalated_at_once") == ["罗总", "温静"]
