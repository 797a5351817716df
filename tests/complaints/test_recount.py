"""A changed calendar or limit: which open tickets would move, and only the ticked ones do, once."""

import pytest
from django.urls import reverse

from complaints import actions, ledger, recount
from complaints.actions.recounting import recount_tickets
from complaints.models import ClockEntry, Level
from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.worktime.models import CalendarDay
from tests.complaints.story import day, moment, open_ticket

URL = reverse("complaints:recount")


def close_tomorrow(store) -> None:
    CalendarDay.objects.create(store=store, day=day(1), kind="closed", covers="both", name_zh="停电")


def apply(story, *tickets, seen=None, hours=1):
    store = story.manager.store
    return recount_tickets(
        store.pk, [one.pk for one in tickets], reason="停电一天", seen=seen or recount.mark(store.pk),
        by=story.manager.employee, now=moment(hours),
    )  # fmt: skip


def stored(ticket) -> tuple:
    ticket.refresh_from_db()
    return ticket.response_due_at, ticket.proposal_due_at, ticket.closing_due_at


def test_a_closed_day_moves_what_counts_in_opening_hours(story):
    ours, natural = open_ticket(story.specialist), open_ticket(story.specialist, level_code="L3")
    assert recount.moves(ours.store_id, moment(1)) == []
    close_tomorrow(ours.store)
    found = recount.moves(ours.store_id, moment(1))
    assert [(move.complaint, move.because) for move in found] == [(ours, ("calendar",))]
    assert [name for name, _before, _after in found[0].changes] == ["proposal", "closing"]
    assert stored(natural) == ledger.fold(natural)


def test_shorter_limits_move_and_say_so(story):
    ticket = open_ticket(story.specialist)
    Level.objects.filter(code="L2").update(response_minutes=60)
    [move] = recount.moves(ticket.store_id, moment(0.1))
    assert (move.because, move.changes) == (("limits",), [("response", moment(2), moment(1))])


def test_only_ticked_tickets_move_and_their_ledgers_say_so(story):
    one, other = open_ticket(story.specialist), open_ticket(story.specialist)
    close_tomorrow(one.store)
    before = stored(other)
    assert [moved.pk for moved in apply(story, one)] == [one.pk]
    last = one.clock.latest("sequence")
    assert (last.kind, last.reason, last.noted_at) == (ClockEntry.Kind.RECOUNT, "停电一天", moment(1))
    assert stored(one) == ledger.fold(one)
    assert stored(one)[1] == moment(54)
    assert stored(other) == before
    assert [move.complaint for move in recount.moves(one.store_id, moment(2))] == [other]
    assert Entry.objects.filter(action="complaints.recounted").count() == 1


def test_a_second_click_moves_nothing_more(story):
    ticket = open_ticket(story.specialist)
    close_tomorrow(ticket.store)
    apply(story, ticket)
    assert apply(story, ticket) == []
    assert ticket.clock.count() == 2
    assert Entry.objects.filter(action="complaints.recounted").count() == 1


def test_closed_tickets_and_those_of_other_stores_never_move(story, specialist_b):
    closed, foreign = story.ticket("closed"), open_ticket(specialist_b)
    close_tomorrow(closed.store)
    close_tomorrow(foreign.store)
    assert apply(story, closed, foreign) == []
    assert recount.moves(closed.store_id, moment(30)) == []
    assert [ticket.clock.filter(kind="recount").count() for ticket in (closed, foreign)] == [0, 0]


def test_a_calendar_that_changed_again_is_looked_at_first(story):
    ticket = open_ticket(story.specialist)
    close_tomorrow(ticket.store)
    seen = recount.mark(ticket.store_id)
    CalendarDay.objects.filter(store=ticket.store).update(day=day(2))
    with pytest.raises(RuleBroken, match="又有变动|changed again"):
        apply(story, ticket, seen=seen)
    assert ticket.clock.count() == 1


def test_after_a_recount_the_ticket_stays_recounted(story):
    ticket = story.ticket("accepted")
    close_tomorrow(ticket.store)
    apply(story, ticket)
    moved = stored(ticket)
    CalendarDay.objects.filter(store=ticket.store).delete()
    actions.note_contact(ticket.pk, note="已联系", by=story.head.employee, now=moment(2))
    assert stored(ticket) == moved == ledger.fold(ticket)


def test_the_page_shows_from_and_to_and_applies_what_is_ticked(story, as_, monkeypatch):
    one, other = open_ticket(story.specialist), open_ticket(story.specialist)
    close_tomorrow(one.store)
    monkeypatch.setattr(clock, "now", lambda: moment(1))
    page = as_(story.manager).get(URL)
    assert page.context["total"] == 2
    text = page.content.decode()
    assert "18:00" in text
    assert one.number in text
    sent = {"ticket": [one.pk], "reason": "停电", "seen": page.context["seen"]}
    assert as_(story.manager).post(URL, sent).status_code == 302
    assert [move.complaint for move in recount.moves(one.store_id, moment(1))] == [other]


def test_what_is_refused_comes_back_with_its_reason(story, as_):
    ticket = open_ticket(story.specialist)
    close_tomorrow(ticket.store)
    seen = recount.mark(ticket.store_id)
    page = as_(story.manager).post(URL, {"reason": "停电", "seen": seen})
    assert page.status_code == 422
    assert "停电" in page.content.decode()
    page = as_(story.manager).post(URL, {"ticket": [ticket.pk], "reason": "停电", "seen": "old"})
    assert page.status_code == 409
    assert ticket.clock.count() == 1


def test_looking_costs_the_same_for_three_and_for_thirty(story, django_assert_max_num_queries):
    for _ in range(30):
        open_ticket(story.specialist)
    close_tomorrow(story.manager.store)
    with django_assert_max_num_queries(10):
        assert len(recount.moves(story.manager.store.pk, moment(1))) == 30


def test_who_is_complained_about_moves_nothing_of_it(story):
    ticket = open_ticket(story.specialist, accused=story.manager.employee)
    close_tomorrow(ticket.store)
    with pytest.raises(RuleBroken) as refused:
        apply(story, ticket)
    assert refused.value.code == "conflict"
    assert ticket.clock.count() == 1
