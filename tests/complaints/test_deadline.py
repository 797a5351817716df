"""The drawn deadline says what the ledger says: the blocks add up, and a stopped clock loses no time."""

import pytest

from complaints import actions, bar
from complaints.deadline import DeadlineView
from complaints.models import State
from tests.complaints.story import day, moment, open_ticket


def view(ticket, hours: float) -> DeadlineView:
    ticket.refresh_from_db()
    return DeadlineView(ticket, moment(hours))


@pytest.mark.parametrize(
    ("hours", "limit", "overdue", "gap"),
    [(0, "首次响应", False, "2 小时"), (1.5, "首次响应", False, "30 分"), (3, "首次响应", True, "1 小时")],
)
def test_what_is_left_is_said_in_store_hours(story, hours, limit, overdue, gap):
    due = view(open_ticket(story.specialist), hours).due()
    assert (due["limit"], due["overdue"], due["gap"]) == (limit, overdue, gap)


def test_over_night_only_store_hours_are_left(story):
    ticket = story.ticket(State.ACCEPTED)
    actions.note_contact(ticket.pk, note="已联系", by=story.head.employee, now=moment(1))
    assert view(ticket, 10).due()["gap"] == "9 小时 30 分"


def test_while_the_clock_stands_the_end_moves_on(story):
    ticket = story.ticket(State.PROPOSED)
    actions.note_contact(ticket.pk, note="已联系", by=story.head.employee, now=moment(1.6))
    given = {"waiting_for": "manufacturer", "reason": "等配件", "until": day(9)}
    actions.pause(ticket.pk, **given, by=story.head.employee, now=moment(5))
    before, after = view(ticket, 6), view(ticket, 60)
    assert not after.due()["overdue"]
    assert before.line("closing").left == after.line("closing").left
    actions.resume(ticket.pk, by=story.head.employee, now=moment(60))
    assert view(ticket, 60).due()["at"] == after.due()["at"]


def test_counted_paused_and_left_add_up(story):
    ticket = story.ticket(State.ACCEPTED)
    given = {"waiting_for": "customer", "reason": "出差", "until": day(9)}
    actions.pause(ticket.pk, **given, by=story.head.employee, now=moment(0.75))
    actions.resume(ticket.pk, by=story.head.employee, now=moment(1.25))
    line = view(ticket, 2).line("response")
    assert [str(part) for part in (line.used, line.paused, line.left)] == ["1:30:00", "0:30:00", "0:30:00"]


@pytest.mark.parametrize("hours", [0, 1, 7, 25, 24 * 40])
@pytest.mark.parametrize("level", ["L1", "L2", "L3", "L4"])
def test_blocks_lie_side_by_side_on_the_line(story, level, hours):
    line = view(open_ticket(story.specialist, level_code=level), hours).line("response")
    blocks = bar.blocks(line)
    ends = [round(block["x"] + block["width"], 1) for block in blocks]
    assert all(0 <= block["x"] <= 100 and block["width"] > 0 for block in blocks)
    assert all(end <= round(after["x"], 1) + 0.1 for end, after in zip(ends, blocks[1:], strict=False))
    assert ends[-1] <= 100


def test_the_words_of_the_bar_keep_their_distance(story):
    ticket = open_ticket(story.specialist)
    for hours in (0, 0.5, 1, 1.5, 2.5, 5, 30, 300):
        line = view(ticket, hours).line("response")
        words = [mark for mark in bar.marks(line, dict.fromkeys(("start", "now", "end"), "字")) if mark["word"] == "字"]
        spans = sorted(_span(mark) for mark in words)
        assert all(first[1] <= second[0] for first, second in zip(spans, spans[1:], strict=False)), hours


def _span(mark) -> tuple[float, float]:
    """Where a word lies on the narrowest screen: dates take 28 per cent of the line, the present moment 18."""
    width = 18 if mark["kind"] == "now" else 28
    begin = {"start": mark["x"], "middle": mark["x"] - width / 2, "end": mark["x"] - width}[mark["side"]]
    return begin, begin + width


def test_a_ticket_without_a_ledger_has_no_bar(story):
    ticket = open_ticket(story.specialist)
    ticket.clock.all().delete()
    assert view(ticket, 1).promises() == []
