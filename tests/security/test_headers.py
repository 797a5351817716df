"""T62: every kind of answer carries the headers of safety, and none that is personal may be kept by anybody."""

import re

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client, override_settings
from django.urls import reverse

from crm_site.core.web import costs, policy
from crm_site.files import actions as files
from crm_site.files.models import StoredFile
from tests.factories import NOON, ComplaintFactory
from tests.satisfaction.surveys import respond

pytestmark = pytest.mark.django_db

FRAGMENT = {"HX-Request": "true"}


def fail(*_args, **_kwargs):
    raise ValueError("inside")


def lose_the_database(*_args, **_kwargs):
    raise OperationalError("server closed the connection")


def a_file(person) -> StoredFile:
    values = {"store": person.store, "owner": person.employee, "capability": "imports.run", "now": NOON}
    return files.keep(b"a,b", "list.csv", purpose=StoredFile.Purpose.IMPORT, **values)


def asked(kind: str, client: Client, person, monkeypatch):
    """The answer of one kind."""
    ticket = ComplaintFactory(store=person.store)
    page = reverse("complaints:detail", args=[ticket.pk])
    if kind in ("500", "503"):
        monkeypatch.setattr("complaints.views.tickets.render", fail if kind == "500" else lose_the_database)
        client.raise_request_exception = False
    if kind in ("chart", "304"):
        respond(person.store)
        chart = reverse("satisfaction:chart", args=["trend"])
        answer = client.get(chart)
        return answer if kind == "chart" else client.get(chart, headers={"if-none-match": answer["ETag"]})
    if kind == "file":
        return client.post(reverse("files:download", args=[a_file(person).pk]))
    if kind == "429":
        monkeypatch.setattr(costs, "OF_PAGE", {"complaints:detail": costs.Limit("none", 0)})
        with override_settings(RATE_LIMITS=True):
            return client.get(page)
    if kind == "csrf":
        return Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "x"})
    return {
        "page": lambda: client.get("/"),
        "500": lambda: client.get(page),
        "503": lambda: client.get(page),
        "fragment": lambda: client.post(reverse("customers:suggest"), {"q": "王"}, headers=FRAGMENT),
        "redirect": lambda: client.post(reverse("accounts:language"), {"language": "en"}),
        "sent away": lambda: Client().get("/customers/"),
        "sent away in part": lambda: Client().get("/customers/", headers=FRAGMENT),
        "open": lambda: Client().get("/sign-in/"),
        "410": lambda: Client().get("/satisfaction/face-to-face/00000000-0000-4000-8000-000000000000/"),
        "400": lambda: client.get("/customers/?type=%00"),
        "403": lambda: client.get(reverse("imports:list")),
        "404": lambda: client.get("/customers/999999999/"),
        "no page": lambda: client.get("/nowhere/"),
        "405": lambda: client.get(reverse("customers:suggest")),
        "TRACE": lambda: client.trace("/"),
        "PUT": lambda: client.put(page),
        "413": lambda: client.post(page, b"", content_type="text/plain", CONTENT_LENGTH="99999999"),
        "422": lambda: Client().post("/sign-in/", {"username": "x", "password": "y"}),
        "workbook": lambda: client.post(reverse("complaints:learn_workbook")),
        "health": lambda: Client().get("/healthz"),
    }[kind]()


KINDS = {
    "page": 200, "fragment": 200, "redirect": 302, "sent away": 302, "sent away in part": 401, "open": 200, "410": 410,
    "400": 400, "403": 403, "csrf": 403, "404": 404, "no page": 404, "405": 405, "TRACE": 405, "PUT": 405, "413": 413,
    "422": 422, "429": 429, "500": 500, "503": 503, "chart": 200, "304": 304, "file": 200, "workbook": 200,
    "health": 200,
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_answer_carries_the_headers(kind, as_, manager_a, specialist_a, monkeypatch):
    person = specialist_a if kind == "403" else manager_a
    answer = asked(kind, as_(person), person, monkeypatch)
    assert answer.status_code == KINDS[kind]
    for name, value in policy.HEADERS.items():
        assert answer[name] == value, name
    assert "no-store" in answer["Cache-Control"]
    assert "public" not in answer["Cache-Control"]
    assert re.fullmatch(r"[0-9a-f]{16}", answer["X-Request-ID"])
    assert not {"Server", "X-Powered-By"} & set(answer.headers)
    if kind in ("file", "workbook"):
        assert answer["Content-Security-Policy"] == policy.FILE_POLICY
        return
    told = directives(answer["Content-Security-Policy"])
    assert told["default-src"] == told["object-src"] == told["base-uri"] == told["frame-ancestors"] == ["'none'"]
    assert told["style-src"] == told["connect-src"] == told["form-action"] == ["'self'"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "report" not in answer["Content-Security-Policy"]
    assert "*" not in answer["Content-Security-Policy"]


def directives(policy_text: str) -> dict[str, list[str]]:
    """The directives of a policy."""
    return {name: values for name, *values in (part.split() for part in policy_text.split(";"))}


def test_a_nonce_is_of_one_answer_and_stands_only_where_a_page_asks_for_it(rf):
    from csp.middleware import CSPMiddleware
    from django.http import HttpResponse

    def script(request):
        return HttpResponse(str(request.csp_nonce) if "with" in request.path else "")

    seen = [CSPMiddleware(script)(rf.get(path)) for path in ("/with/", "/with/", "/less/")]
    first, second, without = (directives(one["Content-Security-Policy"])["script-src"] for one in seen)
    assert first == ["'self'", f"'nonce-{seen[0].content.decode()}'"]
    assert first != second
    assert without == ["'self'"]


def test_what_everybody_may_have_may_be_kept_and_is_guarded_too(client):
    answer = client.get("/static/css/tokens.css")
    assert answer.status_code == 200
    assert "public" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" in answer


def test_the_methods_that_no_page_knows_change_nothing_and_show_nothing(as_, manager_a):
    client = as_(manager_a)
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "X" * 40):
        answer = client.generic(method, "/", b"secret-header-echo")
        assert answer.status_code == 405, method
        assert answer["Allow"] == "GET, HEAD, POST"
        assert b"secret-header-echo" not in answer.content


def test_the_cookies_of_the_demo_are_plain_so_that_http_works(client):
    assert settings.SESSION_COOKIE_NAME == "sessionid"
    answer = client.get("/sign-in/")
    assert all(not name.startswith("__Host-") for name in answer.cookies)
