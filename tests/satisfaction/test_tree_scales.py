"""A version's own scale and words decide what an answer is worth, what is low, and how it is shown."""

import uuid
from decimal import Decimal as D

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from crm_site.core.errors import RuleBroken
from satisfaction import rules
from satisfaction.models import Answer
from satisfaction.queries import answer_words, items_of, scale_for, words_of
from satisfaction.rules import Word
from satisfaction.views.sheet import raw_words
from tests.satisfaction.surveys import given, respond
from tests.satisfaction.trees import own_tree

FOUR = [
    {"value": 4, "points": "100", "label_zh": "很好", "label_en": "Great"},
    {"value": 3, "points": "75.5", "label_zh": "还行", "label_en": "Fine"},
    {"value": 2, "points": "60", "label_zh": "勉强", "label_en": "So-so"},
    {"value": 1, "points": "10", "label_zh": "很差", "label_en": "Awful"},
]
TABLE = tuple(Word(row["value"], D(row["points"]), row["label_zh"], row["label_en"]) for row in FOUR)


@pytest.mark.parametrize(("raw", "worth", "low"), [(1, 20, True), (3, 60, True), (4, 80, False), (5, 100, False)])
def test_five_points_are_worth_twenty_each_and_three_is_low(raw, worth, low):
    scale = rules.scale_of("score", "five")
    one = rules.judge(rules.Item("q", "score", scale=scale), given("q", raw, "嗯"))
    assert (one.normalised, one.is_low) == (D(worth), low)
    assert (raw <= scale.low_max) is low


@pytest.mark.parametrize("value", [0, 6, 10, D("2.5")])
def test_an_answer_off_the_five_point_scale_is_refused(value):
    item = rules.Item("q", "score", scale=rules.scale_of("score", "five"))
    assert rules.problem_of(item, rules.Given("q", rules.GIVEN, value, reason="嗯")) == "scale"


@pytest.mark.parametrize("kind", ["overall", "nps", "loyalty", "execution", "yes_no"])
def test_the_extras_keep_the_scale_of_their_kind(kind):
    assert rules.scale_of(kind, "five", TABLE) is rules.SCALES[kind]


def test_free_text_has_no_scale():
    assert rules.scale_of("text", "five", TABLE) is None


def test_a_table_of_words_decides_worth_and_threshold():
    scale = rules.scale_of("words", "ten", TABLE)
    assert (scale.start, scale.end, scale.low_max) == (1, 4, 2)
    assert [scale.points[raw] for raw in scale.raws] == [D(10), D(60), D("75.5"), D(100)]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (TABLE, ""),
        (rules.TRADE_WORDS, ""),
        (TABLE[:1], "count"),
        ([Word(value, D(value), "字", "word") for value in range(8, 0, -1)], "count"),
        ([*TABLE[:3], Word(1, D(10), " ", "Awful")], "label"),
        ([*TABLE[:3], Word(1, D(10), "很差", "x" * 21)], "label"),
        ([Word(4, D("100.5"), "很好", "Great"), *TABLE[1:]], "points"),
        ([*TABLE[:3], Word(1, D(-1), "很差", "Awful")], "points"),
        ([*TABLE[:3], Word(1, D(60), "很差", "Awful")], "order"),
        (TABLE[::-1], "order"),
        ([*TABLE[:3], Word(0, D(10), "很差", "Awful")], "order"),
    ],
)
def test_a_table_of_words_falls_from_word_to_word(rows, problem):
    assert rules.words_problem(rows) == problem


def test_a_five_point_response_is_scored_recomputed_and_shown_on_its_scale(store_a, manager_a, as_, capsys):
    version = own_tree(store_a, scale="five")
    marks = {"clean_comfortable": 5, "reception": 4, "fixed_first_time": 3, "charges_transparent": 5, "on_time": 5}
    answers = [given(code, mark, "第二天又响" if mark <= 3 else "") for code, mark in marks.items()]
    response = respond(store_a, answers=[*answers, given("overall", 9), given("come_again", 9)])
    weights = {item.code: item.weight for item in items_of(version)}
    expected = sum(weights[code] * mark * 20 for code, mark in marks.items()) / 100
    assert (response.version, response.score, response.low_count) == (version, expected, 1)
    call_command("recompute_scores", "--check")
    assert "1 responses recomputed, all equal" in capsys.readouterr().out
    page = as_(manager_a).get(reverse("satisfaction:response", args=[response.pk])).content.decode()
    assert "3 / 5" in page
    assert "9 / 10" in page  # the overall satisfaction is not of this scale


def test_a_mark_of_ten_is_refused_by_a_tree_of_five(store_a):
    own_tree(store_a, scale="five")
    with pytest.raises(RuleBroken) as refused:
        respond(store_a, answers=[given("reception", 9)])
    assert (refused.value.code, refused.value.field) == ("scale", "answer_reception")


def test_own_words_are_shown_with_their_names_in_the_readers_language(store_a):
    version = own_tree(store_a, "DLV_D1", words=FOUR)
    assert words_of(version) == TABLE
    assert scale_for(version, "words").low_max == 2
    answer = Answer(state="given", value=D(2))
    with translation.override("zh-hans"):
        assert answer_words(version, "words")[0] == (4, "很好")
        assert raw_words(version, "words", answer) == "勉强"
    with translation.override("en"):
        assert raw_words(version, "words", answer) == "So-so"


def test_without_a_table_the_trades_words_are_used(store_a):
    version = own_tree(store_a, "DLV_D1")
    with translation.override("zh-hans"):
        assert [word for _value, word in answer_words(version, "words")] == [
            "非常满意", "满意", "一般", "不满意", "非常不满意",
        ]  # fmt: skip


def test_one_submission_is_one_response_on_any_scale(store_a):
    own_tree(store_a, scale="five")
    submission = uuid.uuid4()
    first = respond(store_a, answers=[given("overall", 9)], submission=submission)
    assert respond(store_a, answers=[given("overall", 2)], submission=submission) == first
