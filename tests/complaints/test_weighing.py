"""A level that is asked about or proposed: decided with a reason, once, and raised where the rules raise it."""

import pytest
from django.urls import reverse

from complaints import actions
from complaints.actions import weighing
from complaints.models import Category, Phrase, TicketSettings
from complaints.page import TicketPage
from crm_site.core.errors import RuleBroken
from tests.complaints.story import moment, open_ticket
from tests.factories import CustomerFactory


def asked(story, **given):
    return open_ticket(story.specialist, words="刹车有点软", **given)


def repeated(story, times: int) -> list:
    about = {
        "category": Category.objects.get(store=None, code="repair.not_fixed"),
        "customer": CustomerFactory(store=story.manager.store),
    }
    return [open_ticket(story.specialist, **about) for _ in range(times)]


def test_single_words_ask_until_somebody_answers(story):
    ticket = asked(story)
    assert (ticket.level.code, weighing.asks(ticket)) == ("L2", ["刹车"])
    given = {"is_grave": False, "reason": "脚感问题，已试车", "by": story.manager.employee, "now": moment(1)}
    ticket = actions.judge_words(ticket.pk, **given)
    assert (ticket.level.code, weighing.asks(ticket)) == ("L2", [])
    step = ticket.steps.latest("sequence")
    assert (step.action, step.note) == ("judge_words", "脚感问题，已试车")
    with pytest.raises(RuleBroken) as refused:
        actions.judge_words(ticket.pk, **given)
    assert refused.value.code == "answered"


def test_yes_raises_to_l4_and_the_clock_counts_so(story):
    ticket = actions.judge_words(
        asked(story).pk, is_grave=True, reason="制动距离变长", by=story.manager.employee, now=moment(0.1)
    )
    assert (ticket.level.code, ticket.response_due_at) == ("L4", moment(0.5))
    assert ticket.clock.latest("sequence").kind == "level"


@pytest.mark.parametrize("is_grave", [True, False])
def test_an_answer_needs_a_reason(story, is_grave):
    ticket = asked(story)
    with pytest.raises(RuleBroken) as refused:
        actions.judge_words(ticket.pk, is_grave=is_grave, reason=" ", by=story.manager.employee, now=moment(1))
    assert refused.value.field == "reason"
    ticket.refresh_from_db()
    assert (ticket.version, ticket.clock.count()) == (1, 1)


def test_whoever_makes_it_l4_has_answered(story):
    ticket = asked(story)
    actions.change_level(ticket.pk, level_code="L4", reason="安全", by=story.manager.employee, now=moment(1))
    ticket.refresh_from_db()
    assert weighing.asks(ticket) == []
    assert ticket.grave_answered_at == moment(1)


def test_the_second_ticket_proposes_and_the_third_raises(story):
    first, second, third = repeated(story, 3)
    assert [one.level.code for one in (first, second, third)] == ["L2", "L2", "L3"]
    assert [one.proposed_level for one in (first, second, third)] == ["", "L3", ""]
    assert third.repeat_of == second


def test_a_proposal_is_taken_over_or_declined_with_a_reason(story):
    _first, second = repeated(story, 2)
    by = story.manager.employee
    with pytest.raises(RuleBroken) as refused:
        actions.judge_level(second.pk, accepts=False, by=by, now=moment(1))
    assert refused.value.field == "reason"
    declined = actions.judge_level(second.pk, accepts=False, reason="另一部位", by=by, now=moment(1))
    assert (declined.level.code, declined.proposed_level) == ("L2", "")
    _one, other = repeated(story, 2)
    taken = actions.judge_level(other.pk, accepts=True, by=by, now=moment(1))
    assert (taken.level.code, taken.proposed_level, taken.response_due_at) == ("L3", "", moment(1))


def test_a_claim_is_proposed_where_the_desk_chose_less(story):
    assert open_ticket(story.specialist, words="要求退车").level.code == "L3"
    ticket = open_ticket(story.specialist, words="要求退车", level_code="L2")
    assert (ticket.level.code, ticket.proposed_level, ticket.proposed_because) == ("L2", "L3", "claim")


def test_authorities_and_grave_words_raise_whatever_was_chosen(story):
    assert open_ticket(story.specialist, source="12315", level_code="L1").level.code == "L4"
    assert open_ticket(story.specialist, words="车子自燃了", level_code="L2").level.code == "L4"


def test_a_store_counts_repeats_by_its_own_numbers(story):
    TicketSettings.objects.create(store=story.manager.store, repeats_propose=3, repeats_raise=4)
    tickets = repeated(story, 4)
    assert [one.level.code for one in tickets] == ["L2", "L2", "L2", "L3"]
    assert [one.proposed_level for one in tickets] == ["", "", "L3", ""]


def test_a_store_may_switch_a_phrase_off(story, specialist_b):
    Phrase.objects.create(store=story.manager.store, text="曝光", effect="grave", is_active=False)
    assert open_ticket(story.specialist, words="我要曝光").level.code == "L2"
    assert open_ticket(specialist_b, words="我要曝光").level.code == "L4"


def test_web_posts_have_shorter_limits_only_where_switched_on(story):
    before = open_ticket(story.specialist, source="web")
    TicketSettings.objects.create(store=story.manager.store, web_limits=True)
    after = open_ticket(story.specialist, source="web")
    grave = open_ticket(story.specialist, source="web", level_code="L4")
    plain = open_ticket(story.specialist)
    assert (before.response_due_at, plain.response_due_at) == (moment(2), moment(2))
    assert (after.response_due_at, after.proposal_due_at) == (moment(1 / 6), moment(0.5))
    assert after.closing_due_at == moment(30)  # one open day, at closing time
    assert (grave.response_due_at, grave.closing_due_at) == (moment(1 / 6), moment(24))


def test_an_earlier_limit_from_outside_rules_until_it_is_answered(story):
    ticket = open_ticket(story.specialist, external_due_at=moment(1))
    assert ticket.due_at == moment(1)
    ticket.external_replied_at = moment(0.5)
    ticket.save(update_fields=["external_replied_at"])
    actions.accept(ticket.pk, handler=story.head.employee, by=story.manager.employee, now=moment(0.5))
    ticket.refresh_from_db()
    assert ticket.due_at == ticket.response_due_at


def test_a_limit_from_outside_runs_on_while_our_clock_stands(story):
    ticket = story.ticket("accepted", external_due_at=moment(30))
    given = {"waiting_for": "customer", "reason": "出差", "until": moment(240).date()}
    actions.pause(ticket.pk, **given, by=story.head.employee, now=moment(1))
    ticket.refresh_from_db()
    assert ticket.due_at == moment(30)
    overdue = type(ticket).objects.overdue
    assert [list(overdue(moment(hours))) for hours in (29, 31)] == [[], [ticket]]
    assert [ticket.is_overdue(moment(hours)) for hours in (29, 31)] == [False, True]


def test_the_page_asks_and_takes_the_answer(story, as_):
    ticket = asked(story)
    page = TicketPage(ticket, story.manager.user, moment(1)).context()
    assert [one["panel"].action for one in page["weighing"]] == ["judge_words"]
    url = reverse("complaints:do", args=[ticket.pk, "judge_words"])
    client = as_(story.manager)
    refused = client.post(url, {"version": 1, "is_grave": "no", "reason": ""})
    assert refused.status_code == 422
    assert client.post(url, {"version": 1, "is_grave": "no", "reason": "试车正常"}).status_code == 302
    ticket.refresh_from_db()
    assert TicketPage(ticket, story.manager.user, moment(1)).context()["weighing"] == []


def test_who_is_complained_about_decides_nothing_about_the_level(story):
    ticket = asked(story, accused=story.manager.employee)
    with pytest.raises(RuleBroken) as refused:
        actions.judge_words(ticket.pk, is_grave=False, reason="没事", by=story.manager.employee, now=moment(1))
    assert refused.value.code == "conflict"
