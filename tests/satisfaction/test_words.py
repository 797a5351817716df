"""Customers' own words: who reads which, how they are searched, and that no number in them is shown."""

from datetime import date

import pytest
from django.urls import reverse

from satisfaction import actions
from satisfaction.views.said import Part, parts
from tests.factories import DAY, EmployeeFactory
from tests.satisfaction.surveys import given, order_of, respond, short_answers

URL = reverse("satisfaction:words")
MONTH = {"month": "2026-09", "kind": "service"}


def say(store, reason, *, code="reception", day=DAY, order=None):
    """A response with one low answer in these words."""
    answers = [one for one in short_answers(9) if one.question_code != code]
    return respond(store, answers=[*answers, given(code, 4, reason)], day=day, order=order)


def shown(page):
    return {line["response"].pk for line in page.context["rows"]}


def test_a_search_finds_every_answer_with_all_its_words(as_, manager_a, store_a):
    waited, rude = say(store_a, "前台等了很久没人理"), say(store_a, "前台态度不好")
    client = as_(manager_a)
    url = f"{URL}?month=2026-09&kind=service"
    assert shown(client.get(url)) == {waited.pk, rude.pk}
    assert shown(client.post(url, {"q": "前台"})) == {waited.pk, rude.pk}
    assert shown(client.post(url, {"q": "前台 态度"})) == {rude.pk}
    assert not shown(client.post(url, {"q": "价格"}))


def test_what_is_found_is_marked_and_the_words_stand_in_no_address(as_, manager_a, store_a):
    say(store_a, "前台等了很久")
    page = as_(manager_a).post(f"{URL}?month=2026-09&kind=service", {"q": "等了"}).content.decode()
    assert "<mark>等了</mark>" in page
    addresses = [piece.split('"')[0] for piece in page.split('href="')[1:]]
    assert not any("等了" in one or "%E7%AD%89" in one for one in addresses)


def test_a_head_reads_what_judges_his_department(as_, manager_a, head_a, stranger_b, store_a):
    service, workshop = say(store_a, "接待慢"), say(store_a, "没修好", code="fixed_first_time")
    assert shown(as_(manager_a).get(URL, MONTH)) == {service.pk, workshop.pk}
    assert shown(as_(head_a).get(URL, MONTH)) == {service.pk}
    assert not shown(as_(stranger_b).get(URL, MONTH))


def test_numbers_in_words_are_hidden(as_, manager_a, store_a):
    say(store_a, "打13812345678，车牌渝A12345，VIN LSVAA4180E2000001，座机023-68812345")
    page = as_(manager_a).get(URL, MONTH).content.decode()
    for number in ("13812345678", "渝A12345", "LSVAA4180E2000001", "68812345"):
        assert number not in page
    assert "138****5678" in page


@pytest.mark.parametrize(("query", "found"), [
    ({}, {"low", "free"}),
    ({"low": "1"}, {"low"}),
    ({"question": "reception"}, {"low"}),
    ({"question": "on_time"}, set()),
    ({"department": "service"}, {"low"}),
    ({"department": "workshop"}, set()),
    ({"month": "2026-08"}, set()),
    ({"month": "2026-08", "span": "3"}, set()),
    ({"month": "2026-10", "span": "3"}, {"low", "free"}),
])  # fmt: skip
def test_the_filters_of_the_scores_narrow_the_words(as_, manager_a, store_a, query, found):
    low = say(store_a, "接待慢")
    free = respond(store_a, answers=[*short_answers(9)])
    free.answers.filter(question__code="come_again").update(text="下次还来")
    keys = {"low": low.pk, "free": free.pk}
    assert shown(as_(manager_a).get(URL, MONTH | query)) == {keys[name] for name in found}


def test_what_was_proved_false_is_not_read(as_, manager_a, store_a):
    response = say(store_a, "接待慢")
    actions.exclude_response(response.pk, reason="虚假记录", by=manager_a.employee, at=response.answered_at)
    assert not shown(as_(manager_a).get(URL, MONTH))


def test_a_year_is_read_three_months_at_a_time(as_, manager_a, store_a):
    early, late = say(store_a, "早", day=date(2026, 5, 4)), say(store_a, "晚")
    page = as_(manager_a).get(URL, MONTH | {"span": "12"})
    assert shown(page) == {late.pk}
    assert "2026-07" in page.content.decode()
    assert early.pk


def test_a_search_is_paged_by_post(as_, manager_a, store_a, monkeypatch):
    monkeypatch.setattr("satisfaction.views.said.PAGE", 2)
    for number in range(3):
        say(store_a, f"等太久{number}")
    client, url = as_(manager_a), f"{URL}?month=2026-09&kind=service"
    first = client.post(url, {"q": "等太久"})
    second = client.post(url, {"q": "等太久", "page": first.context["page"].next})
    assert (len(shown(first)), len(shown(second))) == (2, 1)
    assert not shown(first) & shown(second)


def test_query_counts_do_not_grow(as_, manager_a, store_a, django_assert_max_num_queries):
    client, advisor = as_(manager_a), EmployeeFactory(store=store_a)
    for _each in range(3):
        say(store_a, "接待慢", order=order_of(store_a, advisor))
    with django_assert_max_num_queries(60) as few:
        client.get(URL, MONTH)
    for _each in range(12):
        say(store_a, "接待慢", order=order_of(store_a, advisor))
    with django_assert_max_num_queries(len(few)):
        client.get(URL, MONTH)


def test_terms_are_taken_as_they_are_written():
    assert parts("花了(10%)", ["(10%)"]) == [Part("花了", found=False), Part("(10%)", found=True)]
    assert parts("OK ok", ["ok"]) == [Part("OK", found=True), Part(" ", found=False), Part("ok", found=True)]
