"""Rate limits: nobody who works meets one; a script is told when to go on, in a page, a fragment and a header."""

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from crm_site.core.web import costs, limits
from crm_site.core.web.requests import route_of
from tests.access.routes import routes
from tests.access.table import OPEN

pytestmark = pytest.mark.django_db

#: the busiest minute that hands can make: twenty pages with all their pictures, a search on each, a key every 1/4 s
BUSY = {
    costs.SUGGESTIONS: 240, costs.SEARCHES: 20, costs.PICTURES: 20 * 12, costs.LOOKS: 20, costs.EXPORTS: 6,
    costs.UPLOADS: 6, costs.RECKONINGS: 10, costs.WRITES: 240 + 60, costs.OPEN: 10 * 60,
}  # fmt: skip


@pytest.fixture
def few(monkeypatch, limited):
    """Three searches a minute, so that a test need not ask ninety times; the minute stands still."""
    monkeypatch.setattr(costs, "OF_PAGE", {"customers:find": costs.Limit("searches", 3)})
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_020.0)


def find(client, **headers):
    return client.post(reverse("customers:find"), {"q": "王"}, headers=headers)


def test_the_table_names_pages_that_exist_each_once():
    named = [page for pages in costs.TABLE.values() for page in pages]
    assert len(named) == len(set(named))
    assert set(named) - {route.name for route in routes()} == set()
    assert set(costs.TABLE[costs.OPEN]) <= OPEN


@pytest.mark.parametrize("limit", [*costs.TABLE, costs.WRITES], ids=lambda limit: limit.name)
def test_the_busiest_minute_of_a_person_stays_under_every_limit(limit):
    assert BUSY[limit] <= 0.85 * limit.times


def test_one_too_many_is_429_with_the_seconds_to_wait(as_, specialist_a, few):
    client = as_(specialist_a)
    assert [find(client).status_code for _ in range(3)] == [200] * 3
    refused = find(client)
    assert refused.status_code == 429
    assert refused["Retry-After"] == "60"
    assert "操作过于频繁" in refused.content.decode()
    assert "60 秒后再试" in refused.content.decode()
    assert refused["X-Request-ID"] in refused.content.decode()


def test_a_part_of_a_page_is_told_among_the_toasts(as_, specialist_a, few):
    client = as_(specialist_a, "en")
    for _ in range(3):
        find(client)
    refused = find(client, **{"HX-Request": "true"})
    assert refused.status_code == 429
    assert (refused["HX-Retarget"], refused["HX-Reswap"]) == ("#toasts", "innerHTML")
    assert "<html" not in refused.content.decode()
    assert "Try again in 60 seconds" in refused.content.decode()


def test_the_next_minute_begins_anew(as_, specialist_a, few, monkeypatch):
    client = as_(specialist_a)
    for _ in range(4):
        refused = find(client)
    assert refused.status_code == 429
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_020.0 + 60)
    assert find(client).status_code == 200


def test_one_person_takes_nothing_from_another(as_, specialist_a, specialist_a2, few):
    greedy, other = as_(specialist_a), as_(specialist_a2)
    for _ in range(5):
        find(greedy)
    assert find(other).status_code == 200


def test_a_second_sign_in_brings_no_second_allowance(as_, specialist_a, few):
    for _ in range(3):
        find(as_(specialist_a))
    assert find(as_(specialist_a)).status_code == 429


def test_writes_are_bounded_whatever_they_are(as_, specialist_a, limited, monkeypatch):
    monkeypatch.setattr(costs, "WRITES", costs.Limit("writes", 2))
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_020.0)
    client = as_(specialist_a)
    answers = [client.post(reverse("accounts:theme"), {"theme": "dark"}).status_code for _ in range(3)]
    assert answers == [302, 302, 429]
    assert client.get(reverse("customers:list")).status_code == 200


def test_who_is_not_signed_in_is_counted_by_the_address_that_can_be_believed(limited, monkeypatch, settings):
    monkeypatch.setattr(costs, "OF_PAGE", {"satisfaction:sitting": costs.OPEN})
    monkeypatch.setattr(costs, "OPEN", costs.Limit("open", 2))
    monkeypatch.setattr(costs, "OF_PAGE", {"satisfaction:sitting": costs.OPEN})
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_020.0)
    page = "/satisfaction/face-to-face/00000000-0000-4000-8000-000000000000/"

    def ask(told: str) -> int:
        return Client().get(page, headers={"x-forwarded-for": told}).status_code

    assert [ask(f"10.0.0.{number}") for number in range(3)] == [410, 410, 429], "what a client writes is no address"
    settings.BEHIND_PROXY = True
    assert [ask(f"10.0.0.{number}, 192.0.2.7") for number in range(3)] == [410, 410, 429], "only the proxy's own entry"
    assert ask("10.0.0.1, 192.0.2.8") == 410


def test_the_log_says_once_who_met_which_limit(as_, specialist_a, few, caplog):
    client = as_(specialist_a)
    for _ in range(6):
        find(client)
    told = [record for record in caplog.records if "limit of searches" in record.getMessage()]
    assert len(told) == 1
    assert told[0].user == specialist_a.user.pk


@given(st.integers(min_value=0, max_value=10_000_000))
def test_the_wait_ends_with_the_window(now):
    wait = limits.WINDOW - now % limits.WINDOW
    assert 1 <= wait <= limits.WINDOW
    assert (now + wait) // limits.WINDOW == now // limits.WINDOW + 1


def test_a_request_of_no_page_is_counted_nowhere(rf):
    request = rf.post("/nowhere/")
    assert route_of(request) == "-"
    assert costs.OF_PAGE.get("-") is None
