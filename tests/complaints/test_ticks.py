"""The ticks of the clock, and what complaints show on a customer's card."""

import pytest
from django.test import RequestFactory

from complaints import actions, panels, tasks
from complaints.models import ClockEntry, State
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
    assert told() == []


def test_nobody_is_told_of_a_paused_or_closed_ticket(story, monkeypatch):
    paused = story.ticket(State.ACCEPTED)
    given = {"waiting_for": "customer", "reason": "出差", "until": day(9)}
    actions.pause(paused.pk, **given, by=story.head.employee, now=moment(1))
    story.ticket(State.CLOSED)
    tick_at(monkeypatch, 48)
    assert told() == []


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
