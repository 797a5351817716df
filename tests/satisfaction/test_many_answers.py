"""What comparisons make of many answers, of none and of whole quarters; their queries do not grow."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.cast import keep
from tests.factories import DAY, EmployeeFactory
from tests.satisfaction.boards import DASHBOARD, DIMENSIONS, ITEMS, SEPTEMBER, advisor, by, rows_of, shown, survey
from tests.satisfaction.surveys import respond, short_answers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("september")]
#: the answers of the whole file are of store A; store B has none but those of a test
store_a, store_b, manager_a, stranger_b = keep("store_a", "store_b", "manager_a", "stranger_b")


@pytest.fixture(scope="module", autouse=True)
def weighty(store_a):
    """Forty answers in which waiting goes with the overall answer, and the shop's cleanliness does not."""
    for number in range(40):
        mood = 6 + number % 5
        respond(store_a, answers=short_answers(
            8, overall=mood, reception=mood, fixed_first_time=mood, on_time=10 - number % 3,
            clean_comfortable=9 - number % 2, charges_transparent=7 + number % 4,
        ))  # fmt: skip


def test_items_stand_in_four_fields_by_how_they_go_with_the_overall_answer(as_, manager_a):
    client = as_(manager_a)
    answer = shown(client, ITEMS)
    assert answer.context["quadrant"].method == "correlation"
    fields = {row["code"]: field["code"] for field in answer.context["fields"] for row in field["rows"]}
    assert fields["reception"] == fields["fixed_first_time"] == "first"
    assert fields["clean_comfortable"] in ("hold", "later")
    for field in answer.context["fields"]:
        for row in field["rows"]:
            assert client.get(row["shown"].href).context["total"].number == row["shown"].n
    assert reverse("satisfaction:measure_new") + "?question=reception" in answer.content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("url", [ITEMS, *(by(one) for one in DIMENSIONS)])
def test_pages_speak_both_languages(as_, manager_a, language, url):
    html = as_(manager_a, language).get(url, SEPTEMBER).content.decode()
    assert ("概览" if language == "zh-hans" else "Overview") in html


def test_a_rolling_quarter_is_added_up_and_held_against_the_quarter_before(as_, stranger_b, store_b):
    who = advisor(store_b)
    for day in (date(2026, 7, 20), date(2026, 8, 20), DAY):
        for _one in range(4):
            survey(store_b, who, 9, day=day)
    for _one in range(10):
        survey(store_b, who, 6, day=date(2026, 5, 20))
    client = as_(stranger_b)
    board = shown(client, DASHBOARD, span=3).context
    assert board["score"]["mean"].n == 12
    assert client.get(board["score"]["shown"].href).context["total"].number == 12
    row = rows_of(shown(client, by("employee"), span=3))["罗雪"]
    assert (row.member.now.n, row.member.before.n) == (12, 10)
    assert row.change.by > 0


def test_an_empty_month_says_so(as_, stranger_b):
    html = shown(as_(stranger_b), by("series")).content.decode()
    assert "没有相关答卷" in html


def test_queries_do_not_grow_with_members(as_, stranger_b, store_b):
    client = as_(stranger_b)

    def counts() -> dict[str, int]:
        found = {}
        for url in (DASHBOARD, ITEMS, *(by(one) for one in DIMENSIONS)):
            with CaptureQueriesContext(connection) as captured:
                shown(client, url)
            found[url] = len(captured)
        return found

    def add(first: int, last: int) -> None:
        for number in range(first, last):
            technician = EmployeeFactory(store=store_b)
            survey(store_b, advisor(store_b), 5, series=f"车系{number}", technician=technician)

    add(0, 10)  # ten in all, so that no whole needs three months
    counts()
    few = counts()
    add(10, 30)
    assert counts() == few
