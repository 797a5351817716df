"""Asks the house without a test client's overhead, and tells what was written meanwhile: thousands of times a run."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

from django.core.handlers.base import BaseHandler
from django.db import connection
from django.http import HttpResponse, QueryDict
from django.test import Client, RequestFactory
from django.urls import URLResolver
from django.utils import translation

from crm_site.accounts.models import Session
from tests.privacy.planted import texts_in

#: what a refused request may write: sessions, login throttling, the log of refusals
FREE = (Session._meta.db_table, "django_session", "axes_", "audit_refusal")
_WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM|TRUNCATE(?: TABLE)?|MERGE INTO)\s+"?(\w+)', re.IGNORECASE)
_FACTORY = RequestFactory(headers={"accept-language": "zh-hans"})


class Noting(QueryDict):
    """A query that notes the names that a view asks it for."""

    def __init__(self, *given: Any, **more: Any) -> None:
        self.asked: set[str] = set()
        super().__init__(*given, **more)

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)

    def _getlist(self, key: str, default: Any = None, force_list: bool = False) -> Any:
        self.asked.add(key)
        return super()._getlist(key, default, force_list)


class Answer(NamedTuple):
    """What came back, and every statement that wrote something other than what is free: (table, statement, values)."""

    status: int
    headers: Any
    texts: list[str]
    writes: list[tuple[str, str, Any]]
    #: the names for which the view asked the query
    asked: set[str]

    @property
    def changed(self) -> list[str]:
        """The tables that were written to."""
        return sorted({table for table, _statement, _values in self.writes})

    @property
    def said(self) -> str:
        """All that the answer says, be it a page, a fragment, a workbook or an archive."""
        return "\n".join(self.texts)


class House:
    """The whole of the product as a server calls it: every middleware, no network.

    Error pages are answered without their page: they are most of the answers, and have tests of their own.
    """

    def __init__(self) -> None:
        self._handler = BaseHandler()
        self._handler.load_middleware()

    def ask(
        self, cookie: str, method: str, url: str, data: Any = None, *, csrf: bool | str = False, secure: bool = False,
        **headers: str,
    ) -> Answer:  # fmt: skip
        """One request with a session's cookie ('' = not signed in).

        With `csrf` the token is asked for as in life; a text is the secret that the browser's cookie holds.
        """
        request = _request(method, url, data, headers, secure)
        if cookie:
            request.COOKIES["sessionid"] = cookie
        if isinstance(csrf, str):
            request.COOKIES["csrftoken"] = csrf
        request._dont_enforce_csrf_checks = not csrf
        request.GET = noting = Noting(request.META["QUERY_STRING"])
        with seen_writes() as writes, patch.object(URLResolver, "resolve_error_handler", _plain):
            answer = self._handler.get_response(request)
            texts = texts_in(answer)
        for let_go in answer._resource_closers:  # close() would end the connection to the database as well
            let_go()
        translation.activate("zh-hans")
        return Answer(answer.status_code, answer.headers, texts, writes, noting.asked)


def _plain(_resolver: URLResolver, code: int) -> Any:
    """An error page without its page."""
    return lambda request, exception=None: HttpResponse(status=code)


def _request(method: str, url: str, data: Any, headers: dict[str, str], secure: bool) -> Any:
    if method in ("get", "head", "post"):
        return getattr(_FACTORY, method)(url, data, headers=headers, secure=secure)
    return _FACTORY.generic(method.upper(), url, headers=headers, secure=secure)


@contextmanager
def seen_writes() -> Iterator[list[tuple[str, str, Any]]]:
    """Every statement within that changed rows of what is not free: (table, statement, values)."""
    writes: list[tuple[str, str, Any]] = []

    def look(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        found = _WRITES.match(sql)
        if found and not found[1].startswith(FREE) and context["cursor"].rowcount != 0:
            writes.append((found[1], sql, _plain_values(params or ())))
        return result

    with connection.execute_wrapper(look):
        yield writes


def _plain_values(value: Any) -> Any:
    """Values of a statement that can be compared: what wraps JSON is opened."""
    if isinstance(value, list | tuple):
        return [_plain_values(one) for one in value]
    return getattr(value, "adapted", value)


def sign_in(user: Any) -> str:
    """The cookie of a new session of a user; '' for nobody."""
    if user is None:
        return ""
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies["sessionid"].value
