"""Levels proposed by words and by repetition."""

from decimal import Decimal

import pytest

from complaints.rules import conflict, levels


@pytest.mark.parametrize(
    ("words", "grievance", "earlier", "level"),
    [
        ("等了两个小时", False, 0, "L2"),
        ("等了两个小时", True, 0, "L1"),
        ("高速上刹车失灵", True, 0, "L4"),
        ("刹 车 失 灵", False, 0, "L4"),
        ("我要打１２３１５", False, 0, "L4"),
        ("要求退车", False, 0, "L3"),
        ("制动有点软", False, 0, "L2"),
        ("还是没修好", False, 1, "L2"),
        ("还是没修好", False, 2, "L3"),
        ("起火了", False, 2, "L4"),
        ("要求退车", True, 0, "L1"),
    ],
)
def test_words_and_repetition_propose_a_level(words, grievance, earlier, level):
    assert levels.propose(words, grievance=grievance, earlier=earlier).code == level


@pytest.mark.parametrize(
    ("words", "chosen", "earlier", "left"),
    [
        ("还是没修好", "L2", 1, ("L3", "second_time")),
        ("还是没修好", "L3", 1, ("", "")),
        ("要求退车", "L3", 0, ("", "")),
        ("要求退车", "L2", 0, ("L3", "claim")),
        ("等了两个小时", "L1", 0, ("", "")),
    ],
)
def test_what_is_only_proposed_waits_for_somebody(words, chosen, earlier, left):
    assert levels.left_open(levels.propose(words, earlier=earlier), chosen) == left


def test_a_ticket_from_the_authorities_is_grave_by_itself():
    proposal = levels.propose("等了两个小时", source="12315")
    assert (proposal.code, levels.binding(proposal)) == ("L4", True)


def test_a_store_has_its_own_words_and_its_own_count():
    own = levels.Phrases(grave=("漏 油",), serious=("换车",), asks=("轮胎",))
    assert levels.propose("发动机漏油", phrases=own).code == "L4"
    assert levels.propose("起火", phrases=own).code == "L2"
    assert levels.propose("要求换车", phrases=own).code == "L3"
    repeats = levels.Repeats(3, 5)
    found = [levels.propose("没修好", earlier=earlier, repeats=repeats) for earlier in range(5)]
    assert [one.next_code for one in found] == ["", "", "L3", "L3", ""]
    assert [one.code for one in found] == ["L2", "L2", "L2", "L2", "L3"]


@pytest.mark.parametrize("word", levels.DEFAULT.asks)
def test_single_words_only_ask(word):
    proposal = levels.propose(f"{word}好像不太对")
    assert proposal.asks == (word,)
    assert not levels.binding(proposal)


@pytest.mark.parametrize(
    ("compensation", "served", "needed"),
    [(None, False, False), (Decimal(500), False, False), (Decimal("500.01"), False, True), (None, True, True)],
)
def test_money_above_the_limit_and_own_work_need_approval(compensation, served, needed):
    assert levels.needs_approval(compensation, handler_served=served) == needed


@pytest.mark.parametrize(
    ("accused", "liable", "served", "found", "blocked"),
    [
        ({7}, {7}, {7}, "accused", True),
        ((), {7}, {7}, "liable", True),
        ((), (), {7}, "served", False),
        ({8}, {9}, {10}, "", False),
    ],
)
def test_the_gravest_involvement_counts(accused, liable, served, found, blocked):
    result = conflict.Involved(accused=accused, liable=liable, served=served).of(7)
    assert (str(result), conflict.is_blocked(result)) == (found, blocked)
