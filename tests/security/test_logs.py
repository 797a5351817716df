"""The log: one line a request with its id, no personal value wherever somebody puts it, and no line that was forged."""

import io
import json
import logging
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from gunicorn.config import Config

from crm_site.core import tracing
from crm_site.core.logging import JsonFormatter, PlainFormatter
from crm_site.core.web import server
from crm_site.jobs import runner, tasks
from tests.factories import ComplaintFactory
from tests.privacy.test_traces import CANARIES, NAME, PHONE, VIN, canaries_in
from tests.security.conftest import lines

pytestmark = pytest.mark.django_db


def request_lines(log) -> list[dict]:
    return [line for line in lines(log) if line["logger"] == "huifang.request"]


def test_a_request_leaves_one_line_with_page_person_end_and_time(as_, manager_a, log):
    ticket = ComplaintFactory(store=manager_a.store)
    answer = as_(manager_a).get(reverse("complaints:detail", args=[ticket.pk]) + "?from=list")
    (line,) = request_lines(log)
    assert line["request_id"] == answer["X-Request-ID"]
    assert (line["route"], line["method"], line["status"]) == ("complaints:detail", "GET", 200)
    assert line["user"] == manager_a.user.pk
    assert line["ms"] > 0
    assert "path" not in line
    assert "from=list" not in log.getvalue()


@pytest.mark.parametrize(
    ("method", "url", "route", "status"),
    [("get", "/nowhere/x/", "-", 404), ("get", "/sign-in/", "accounts:sign_in", 200), ("put", "/", "-", 405)],
)
def test_a_stranger_and_an_unknown_address_leave_a_line_too(method, url, route, status, log):
    getattr(Client(), method)(url)
    (line,) = request_lines(log)
    assert (line["route"], line["status"]) == (route, status)
    assert "user" not in line
    assert "/nowhere" not in log.getvalue()


def test_a_probe_fills_no_log(log):
    Client().get("/healthz")
    assert request_lines(log) == []


def test_every_line_of_a_request_has_its_id_and_the_next_one_another(as_, manager_a, log, monkeypatch):
    def talkative(*_args, **_kwargs):
        logging.getLogger("complaints.somewhere").warning("something odd")
        raise ValueError("inside")

    monkeypatch.setattr("complaints.views.tickets.render", talkative)
    client = as_(manager_a)
    client.raise_request_exception = False
    ticket = ComplaintFactory(store=manager_a.store)
    ids = [client.get(reverse("complaints:detail", args=[ticket.pk]))["X-Request-ID"] for _ in range(2)]
    assert len(set(ids)) == 2
    for request_id in ids:
        told = [line["logger"] for line in lines(log) if line.get("request_id") == request_id]
        assert {"complaints.somewhere", "django.request", "huifang.request"} <= set(told)
    assert all("request_id" in line for line in lines(log))
    logging.getLogger("somewhere").warning("outside")
    assert "request_id" not in lines(log)[-1]


def test_an_id_is_taken_from_our_own_proxy_only_and_only_if_it_is_plain(settings, client):
    told = "0123456789abcdef0123456789abcdef"
    assert client.get("/sign-in/", headers={"x-request-id": told})["X-Request-ID"] != told
    settings.BEHIND_PROXY = True
    assert client.get("/sign-in/", headers={"x-request-id": told})["X-Request-ID"] == told
    for bad in ("short", "x" * 20, "a" * 65, "ABCDEF0123456789", "0123456789abcdef\x0b", PHONE + "<script>", ""):
        given = client.get("/sign-in/", headers={"x-request-id": bad})["X-Request-ID"]
        assert re.fullmatch("[0-9a-f]{16}", given), bad


def test_what_somebody_puts_into_headers_cookies_and_addresses_is_not_written_down(as_, manager_a, log):
    everything = " ".join(CANARIES).encode().decode("latin-1")
    client = as_(manager_a)
    client.raise_request_exception = False
    client.cookies["lead"] = PHONE
    headers = {
        "user-agent": everything,
        "referer": f"http://x/{everything}",
        "x-forwarded-for": PHONE,
        "hx-target": VIN,
    }
    for url in ("/", f"/customers/?q={NAME}", f"/{NAME}/{PHONE}/{VIN}/", f"/complaints/settings/categories/{NAME}/"):
        client.get(url, headers=headers)
    client.post("/sign-in/", {"username": PHONE, "password": NAME}, headers=headers)
    client.post(f"/customers/find/?{PHONE}", {"q": NAME}, headers={**headers, "origin": f"http://{PHONE}.example"})
    client.get("/", headers={"host": f"{PHONE}.example"})
    Client(enforce_csrf_checks=True).post(f"/complaints/settings/categories/{NAME}/add/", {"x": VIN}, headers=headers)
    assert len(request_lines(log)) == 8
    assert canaries_in(log.getvalue()) == []


def test_the_page_stands_where_django_names_the_address(as_, manager_a, log, monkeypatch):
    def fail(*_args, **_kwargs):
        raise ValueError("inside")

    monkeypatch.setattr("complaints.views.settings.render", fail)
    client = as_(manager_a)
    client.raise_request_exception = False
    client.get(reverse("complaints:settings"))
    (line,) = [line for line in lines(log) if line["logger"] == "django.request"]
    assert line["message"] == "Internal Server Error: complaints:settings"
    assert "ValueError" in line["trace"]


@pytest.mark.parametrize("breaker", ["\n", "\r\n", "\u2028", "\x85", "\x0b", "\x1e", '"}\n{"level":"INFO","user":1'])
def test_no_text_forges_a_line(breaker, client, log):
    forged = f"x{breaker}FORGED"
    client.generic("GET", "/sign-in/", PATH_INFO=f"/{forged}/".encode().decode("latin-1"))
    logging.getLogger("django.security.DisallowedHost").error("Invalid HTTP_HOST header: %r", forged)
    logging.getLogger("somewhere").error("said %s", forged, extra={"route": forged})
    for line in log.getvalue().split("\n"):
        if line:
            assert json.loads(line)["level"] in ("INFO", "WARNING", "ERROR")
            assert "user" not in json.loads(line)
    assert len(log.getvalue().splitlines()) == len(lines(log))


def test_lines_of_a_job_carry_its_key(log, monkeypatch):
    def talk(job_id, **_kwargs):
        logging.getLogger("crm_site.jobs.runner").warning("at work")
        return "done"

    monkeypatch.setattr(runner, "run", talk)
    tasks.look_at(4711)
    assert [line["job_id"] for line in lines(log) if line["message"] == "at work"] == [4711]
    assert tracing.facts() == {}


def test_the_demo_says_the_number_that_its_pages_show():
    record = logging.LogRecord("x", logging.ERROR, "", 1, "broke", (), None)
    with tracing.request("abc123"):
        assert PlainFormatter().format(record).endswith("broke request_id=abc123")


def served(path: str, status: str = "200 OK", query: str = "", **headers: str) -> list[dict]:
    """The lines that the web server writes about an answer."""
    config = Config()
    config.set("accesslog", "-")
    for name in ("gunicorn.access", "gunicorn.error"):
        logging.getLogger(name).handlers.clear()
    log, stream = server.ServerLog(config), io.StringIO()
    for handler in log.access_log.handlers:
        handler.setStream(stream)
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "RAW_URI": f"{path}?{query}",
        **headers,
    }
    response = SimpleNamespace(status=status, headers=[("X-Request-ID", "feed0123")], sent=1)
    log.access(response, SimpleNamespace(headers=[]), environ, timedelta(milliseconds=12))
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_the_servers_line_has_the_requests_id_and_no_query():
    (line,) = served("/customers/12/", query=f"q={PHONE}", HTTP_USER_AGENT=PHONE, HTTP_REFERER=NAME)
    assert (line["path"], line["status"], line["request_id"], line["ms"]) == ("/customers/12/", 200, "feed0123", 12.0)
    assert canaries_in(json.dumps(line, ensure_ascii=False)) == []


def test_the_servers_line_keeps_no_address_of_nobody_and_cannot_be_forged():
    (line,) = served(f"/{NAME}/{PHONE}/", "404 Not Found")
    assert line["path"] == "-"
    (line,) = served(f"/a\n{{}}\u2028FORGED/{PHONE}")
    assert PHONE not in line["path"]
    assert isinstance(logging.getLogger("gunicorn.error").handlers[0].formatter, JsonFormatter)
