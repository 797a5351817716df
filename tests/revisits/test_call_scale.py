"""The call page asks a tree on the tree's own scale: five points, or words of the house."""

import re

import pytest

from revisits.models import Revisit
from satisfaction.models import Response
from tests.revisits.calls import WORDS, service_task
from tests.revisits.test_call_page import Desk, form
from tests.satisfaction.surveys import SHORT
from tests.satisfaction.trees import own_tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(store_a, specialist_a, as_):
    """A service call that asks the store's own five-point short form."""
    task = service_task(store_a, numbers=1)
    Revisit.objects.filter(pk=task.pk).update(questionnaire_version=own_tree(store_a, scale="five"))
    task.refresh_from_db()
    return Desk(task, specialist_a, as_(specialist_a))


def marked(mark: int = 5, **typed) -> dict[str, str]:
    """The form with five-point marks; the overall satisfaction stays on ten."""
    return form(mark=mark, answer_overall="9", answer_come_again="9", **typed)


def test_five_answers_are_offered_and_three_of_them_are_low(desk):
    page = desk.page().content.decode()
    for code in SHORT:
        answers = re.findall(rf'name="answer_{code}" value="(\w+)"( class="low")?', page)
        assert answers == [("1", ' class="low"'), ("2", ' class="low"'), ("3", ' class="low"'), ("4", ""), ("5", ""),
                           ("na", "")]  # fmt: skip
    assert len(re.findall('name="answer_overall"', page)) == 11
    assert 'data-worth="1:20 2:40 3:60 4:80 5:100"' in page


def test_the_marks_are_saved_as_shares_of_five(desk):
    assert desk.save(**marked()).status_code == 302
    response = Response.objects.get()
    assert (response.score, response.low_count, response.is_valid) == (100, 0, True)


def test_three_of_five_needs_the_customers_words_and_four_does_not(desk):
    refused = desk.save(**marked(answer_reception="3", decision="settled"))
    assert refused.status_code == 422
    assert "answer_reception" in refused.content.decode()
    assert not Response.objects.exists()
    saved = desk.save(
        **marked(answer_reception="3", reason_reception=WORDS, decision="settled", answer_on_time="4",
                 reason_on_time="said, but not low")
    )  # fmt: skip
    assert saved.status_code == 302
    answers = {one.question.code: one for one in Response.objects.get().answers.select_related("question")}
    assert (answers["reception"].is_low, answers["reception"].reason) == (True, WORDS)
    assert (answers["on_time"].is_low, answers["on_time"].reason, answers["on_time"].normalised) == (False, "", 80)


def test_a_mark_of_nine_is_no_answer_of_five_points(desk):
    assert desk.save(**marked(9)).status_code == 422
    assert not Response.objects.exists()
