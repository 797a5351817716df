"""Who else has a ticket open: seconds old, scoped like the ticket, and never written by reading a page."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from complaints.actions import presence
from complaints.models import Presence, State
from complaints.tasks import tick
from crm_site.accounts.models import Role
from crm_site.core import clock
from tests.cast import make_person
from tests.complaints.story import moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(story):
    return story.ticket(State.ACCEPTED)


def beat(client, ticket, **said):
    return client.post(reverse("complaints:presence", args=[ticket.pk]), said)


def test_each_sees_the_other_and_not_themselves(as_, story, ticket):
    head, manager = as_(story.head), as_(story.manager)
    assert "在看" not in beat(head, ticket).content.decode()
    assert "何志远也在看" in beat(manager, ticket).content.decode()
    assert "温静也在看" in beat(head, ticket).content.decode()
    assert "温静也在看" in head.get(reverse("complaints:detail", args=[ticket.pk])).content.decode()


def test_who_writes_is_named_with_what(as_, story, ticket):
    beat(as_(story.manager), ticket, writing="propose")
    told = beat(as_(story.head, language="en"), ticket).content.decode()
    assert "温静 is writing: Propose a solution" in told
    beat(as_(story.manager), ticket, writing="<b>x</b>")
    assert Presence.objects.get(employee=story.manager.employee).writing == ""


def test_many_are_counted(as_, story, ticket):
    for number in range(5):
        beat(as_(make_person(ticket.store, Role.SPECIALIST, f"专员{number}")), ticket)
    assert "专员0、专员1、专员2 等 5 人也在看" in beat(as_(story.head), ticket).content.decode()


def test_it_is_believed_for_thirty_seconds_and_erased_later(as_, story, ticket, monkeypatch):
    now = moment(1)
    monkeypatch.setattr(clock, "now", lambda: now)
    beat(as_(story.manager), ticket)
    for seconds, there in ((29, 1), (31, 0)):
        assert len(presence.others(ticket.pk, story.head.user, now + timedelta(seconds=seconds))) == there
    assert presence.forget(now + timedelta(minutes=9)) == 0
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=11))
    tick()
    assert not Presence.objects.exists()


def test_leaving_takes_the_row_away(as_, story, ticket):
    client = as_(story.manager)
    beat(client, ticket)
    assert beat(client, ticket, leave="1").status_code == 204
    assert not Presence.objects.exists()


def test_reading_the_page_writes_nothing(as_, story, ticket):
    as_(story.manager).get(reverse("complaints:detail", args=[ticket.pk]))
    assert not Presence.objects.exists()
    assert as_(story.manager).get(reverse("complaints:presence", args=[ticket.pk])).status_code == 405


def test_strangers_and_those_who_do_not_see_the_ticket_leave_no_trace(as_, ticket, stranger_b, frontline_a, admin_a):
    for person, status in ((stranger_b, 404), (frontline_a, 404), (admin_a, 403)):
        assert beat(as_(person), ticket).status_code == status
    assert not Presence.objects.exists()


def test_who_no_longer_sees_the_ticket_is_not_told_who_does(as_, story, ticket):
    head = as_(story.head)
    beat(head, ticket)
    ticket.handler, ticket.department = story.manager.employee, "sales"
    ticket.save(update_fields=["handler", "department"])
    assert beat(head, ticket).status_code == 404


def test_a_beat_costs_two_queries_beside_the_session(as_, story, ticket):
    client = as_(story.manager)
    for number in range(3):
        beat(as_(make_person(ticket.store, Role.SPECIALIST, f"专员{number}")), ticket)
    beat(client, ticket)
    with CaptureQueriesContext(connection) as spent:
        beat(client, ticket)
    own = [one["sql"] for one in spent if "presence" in one["sql"]]
    assert len(own) == 2
    others = [one["sql"] for one in spent if "presence" not in one["sql"]]
    assert all(any(word in one for word in ("session", '"accounts_user"', "membership")) for one in others), others
