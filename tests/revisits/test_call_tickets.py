"""What a low answer becomes: its category, the gravest of several, the customer's words; and the script's variables."""

from decimal import Decimal

import pytest

from complaints.defaults import CATEGORIES
from revisits.rules.tickets import OTHER, LowAnswer, category_code, gravest, words_of
from revisits.variables import Piece, pieces
from satisfaction.defaults.trees import TREES
from satisfaction.rules import SCALES

KNOWN = {row[0] for row in CATEGORIES}
#: they judge the whole, not one matter
GENERAL = {"overall", "usage", "car_fine"}


def low_questions():
    for tree in TREES:
        if tree.kind == "confirmation":
            continue
        weighted = [(item[0], tree.kind) for factor in tree.factors for item in factor.items]
        extras = [(code, tree.kind) for code, kind, *_ in tree.extras if kind in SCALES and SCALES[kind].can_be_low]
        yield from weighted + extras


@pytest.mark.parametrize(("code", "kind"), sorted(set(low_questions())))
def test_every_question_that_can_be_low_has_a_category_that_exists(code, kind):
    found = category_code(code, kind)
    assert found in KNOWN
    assert (found == OTHER) == (code in GENERAL)


def low(code: str, worth: int, weight: int, words: str = "") -> LowAnswer:
    return LowAnswer(code, Decimal(worth), Decimal(weight), words)


def test_the_ticket_is_about_the_lowest_answer_and_among_equals_the_heaviest():
    assert gravest([low("a", 60, 35), low("b", 40, 5), low("c", 40, 25)]).code == "c"
    assert gravest([]) is None


def test_words_are_kept_once_gravest_first():
    assert (
        words_of([low("a", 60, 35, "等太久"), low("b", 20, 5, "没修好"), low("c", 60, 5, "等太久 ")])
        == "没修好\n等太久"
    )


def test_a_script_marks_what_was_filled_in_and_shows_what_nobody_knows():
    assert pieces("您好，{customer}，{odd}。", {"customer": "周晓岚"}) == [
        Piece("您好，", False),
        Piece("周晓岚", True),
        Piece("，", False),
        Piece("{odd}", False),
        Piece("。", False),
    ]
