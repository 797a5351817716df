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
    ],
)
def test_words_and_repetition_propose_a_level(words, grievance, earlier, level):
    assert levels.propose(words, grievance=grievance, earlier=earlier).code == level


@pytest.mark.parametrize("word", levels.ASKING)
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
        (7, {7}, {7}, "accused", True),
        (None, {7}, {7}, "liable", True),
        (None, set(), {7}, "served", False),
        (8, {9}, {10}, "", False),
    ],
)
def test_the_gravest_involvement_counts(accused, liable, served, found, blocked):
    result = conflict.of(7, accused_id=accused, liable_ids=liable, served_ids=served)
    assert (str(result), conflict.is_blocked(result)) == (found, blocked)
