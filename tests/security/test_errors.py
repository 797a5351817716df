"""Pages of errors tell what to do and the request's number, and nothing of the inside; they need no database."""

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import ComplaintFactory

pytestmark = pytest.mark.django_db

SECRET = "relation accounts_user does not exist at /srv/huifang/crm.py"


@pytest.fixture
def failing(monkeypatch):
    """failing(error): the page of a complaint raises it."""

    def fail_with(error: Exception) -> None:
        def fail(*_args, **_kwargs):
            raise error

        monkeypatch.setattr("complaints.views.tickets.render", fail)

    return fail_with


def broken_page(client, store):
    client.raise_request_exception = False
    return client.get(reverse("complaints:detail", args=[ComplaintFactory(store=store).pk]))


@pytest.mark.parametrize("error", [OperationalError(SECRET), InterfaceError(SECRET)])
def test_while_the_database_is_away_the_page_says_so_and_when_to_try_again(error, as_, manager_a, failing):
    failing(error)
    answer = broken_page(as_(manager_a), manager_a.store)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "15"
    assert "数据库没有响应" in answer.content.decode()
    assert SECRET not in answer.content.decode()


@pytest.mark.parametrize("error", [ValueError(SECRET), ProgrammingError(SECRET), RuntimeError(SECRET)])
def test_a_mistake_of_ours_shows_its_number_and_nothing_else(error, as_, manager_a, failing, log):
    failing(error)
    answer = broken_page(as_(manager_a, "en"), manager_a.store)
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "This page failed" in page
    assert answer["X-Request-ID"] in page
    assert answer["X-Request-ID"] in log.getvalue(), "whoever is told the number finds the trace"
    for inside in (SECRET, type(error).__name__, "Traceback", "complaints/", manager_a.user.name):
        assert inside not in page


@pytest.mark.parametrize("status", [400, 403, 404, 405, 411, 413, 429, 500, 503])
@pytest.mark.parametrize("is_part", [False, True])
def test_no_page_of_an_error_asks_the_database(status, is_part, rf):
    from crm_site.core.web import errors

    request = rf.get("/", headers={"HX-Request": "true"} if is_part else {})
    with CaptureQueriesContext(connection) as asked:
        answer = errors.answer(request, status, retry_after=7)
    assert len(asked) == 0
    assert answer.status_code == status


def test_an_address_stands_in_no_page_of_an_error(as_, manager_a):
    for client in (as_(manager_a), Client()):
        answer = client.get("/customers/13812345678/王小明/", {"q": "渝A9K37T"})
        assert answer.status_code == 404
        for typed in ("13812345678", "王小明", "渝A9K37T"):
            assert typed not in answer.content.decode()


def test_an_empty_405_gets_words_and_keeps_what_is_allowed(as_, manager_a):
    answer = as_(manager_a).get(reverse("customers:suggest"))
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "不能这样打开" in answer.content.decode()


def test_a_refusal_that_gives_a_reason_shows_it_as_text():
    page = render_to_string("errors/403.html", {"exception": "<b>只有经理</b>"})
    assert "&lt;b&gt;只有经理" in page


def test_the_language_of_a_stranger_is_the_browsers():
    for language, word in (("en", "Nothing here"), ("zh-CN", "这里没有内容")):
        answer = Client(headers={"accept-language": language}).get("/nowhere/")
        assert word in answer.content.decode()
