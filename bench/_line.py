"""One person's line to the web server: cookies, CSRF token, one kept connection; an answer even when it breaks."""

from __future__ import annotations

import http.client
import re
import select
import time
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass

#: the status of an answer that never came, or came in part
BROKEN = 0
TIMEOUT_SECONDS = 30.0
FORM = "application/x-www-form-urlencoded"
INPUT = re.compile(r"<input[^>]*>")
ALERT = re.compile(r'role="alert">(.*?)</(?:div|span|p)>', re.DOTALL)


@dataclass(frozen=True)
class Answer:
    """What came back: the status (BROKEN for nothing), the text, where it leads, how long it took and when it began."""

    status: int
    text: str
    led_to: str
    seconds: float
    began: float

    @property
    def is_failure(self) -> bool:
        """Whether nobody was told anything: the line broke, or the server failed."""
        return self.status == BROKEN or self.status >= 500

    @property
    def asks_to_sign_in(self) -> bool:
        """Whether the server does not know who we are."""
        return self.status == 302 and self.led_to.startswith("/sign-in/")


class Line:
    """A browser's connection without a browser; never raises for what the other side does."""

    def __init__(self, port: int, timeout: float = TIMEOUT_SECONDS) -> None:
        """Nothing is asked yet."""
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> Answer:
        """Look at a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, fields: Mapping[str, str] | None = None) -> Answer:
        """Send a form, with the token that the cookie holds."""
        return self._ask("POST", path, urllib.parse.urlencode(fields or {}))

    def hang_up(self) -> None:
        """Close the connection; the next question opens another."""
        self.connection.close()

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        self._leave_dead_connection()
        began, clock = time.time(), time.perf_counter()
        try:
            self.connection.request(method, path, body, self._headers(method))
            answer = self.connection.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            self.hang_up()
            return Answer(BROKEN, "", "", time.perf_counter() - clock, began)
        seconds = time.perf_counter() - clock
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(answer.status, text, answer.headers.get("Location", ""), seconds, began)

    def _headers(self, method: str) -> dict[str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method == "POST":
            headers |= {"Content-Type": FORM, "X-CSRFToken": self.cookies.get("csrftoken", "")}
            headers["Origin"] = f"http://127.0.0.1:{self.connection.port}"
        return headers

    def _leave_dead_connection(self) -> None:
        """Do not send into a connection that the server has closed meanwhile; browsers look before, too."""
        if self.connection.sock is not None and select.select([self.connection.sock], [], [], 0)[0]:
            self.hang_up()


def hidden_fields(page: str) -> dict[str, str]:
    """The names and values of a page's hidden fields."""
    tags = [tag for tag in INPUT.findall(page) if 'type="hidden"' in tag]
    return {name: value_of(tag) for tag in tags if (name := _attribute(tag, "name"))}


def alerts(page: str) -> list[str]:
    """What a page says is wrong, in its order, without marks; hidden alerts are left out."""
    found = (re.sub(r"<[^>]+>", " ", words) for words in ALERT.findall(page))
    return [" ".join(words.split()) for words in found]


def value_of(tag: str) -> str:
    """The value that an input shows; '' for none."""
    return _attribute(tag, "value")


def value_of_field(page: str, name: str) -> str:
    """The value that the first input of this name shows; '' when there is none."""
    return next((value_of(tag) for tag in INPUT.findall(page) if _attribute(tag, "name") == name), "")


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found[1] if found else ""
