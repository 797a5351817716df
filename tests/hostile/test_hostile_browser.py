"""T56 in Chromium: pages full of hostile texts open without a dialog, a script of theirs, or a word of the policy.

The pages come from Django's own client into the browser, request by request, so that the world can be taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route

from crm_site.accounts.models import Role
from tests.hostile import payloads, walking
from tests.hostile.world import World, standing

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

BASE = "http://testserver"
#: tells of each violation of the policy through the console; Chromium runs it before anything of the page
LISTEN = """document.addEventListener("securitypolicyviolation", (told) =>
    console.error("CSP " + told.violatedDirective + " " + told.blockedURI + " " + told.sample));"""
#: words of the console that tell of the policy
POLICY = ("CSP ", "Content Security Policy")
KEPT = {"content-type", "content-security-policy", "x-content-type-options", "content-disposition"}


class Window:
    """A browser's window onto the product; `heard` is everything that must not happen."""

    def __init__(self, browser: Browser) -> None:
        self.context = browser.new_context(base_url=BASE, locale="zh-CN", timezone_id="Asia/Shanghai")
        self.context.add_init_script(LISTEN)
        self.context.route("**/*", self._serve)
        self.page: Page = self.context.new_page()
        self.page.on("dialog", self._say)
        self.page.on("console", lambda told: self._note(told.text) if any(one in told.text for one in POLICY) else None)
        self.heard: list[str] = []
        self.client = None
        self._ready: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self._static: dict[str, tuple[int, dict[str, str], bytes]] = {}

    def open(self, url: str, answer: tuple[int, dict[str, str], bytes]) -> None:
        """Show an answer that is there already, with what it loads after itself."""
        self._ready[url] = answer
        self.page.goto(url, wait_until="load")
        if self.page.evaluate("window.__hit || 0"):
            self._note("a script ran")

    def _say(self, dialog: Dialog) -> None:
        self._note(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _note(self, what: str) -> None:
        self.heard.append(f"{self.page.url[:120]}: {what[:300]}")

    def _serve(self, route: Route) -> None:
        request = route.request
        if urlsplit(request.url).netloc != urlsplit(BASE).netloc:
            self._note(f"asks for {request.url}")
            route.abort()
            return
        address = request.url.removeprefix(BASE)
        status, headers, body = self._ready.pop(address, None) or self._static.get(address) or self._fetch(request)
        if address.startswith("/static/"):
            self._static[address] = (status, headers, body)
        route.fulfill(status=status, headers=headers, body=body)

    def _fetch(self, request) -> tuple[int, dict[str, str], bytes]:
        address = request.url.removeprefix(BASE)
        if self.client is None:
            return 404, {}, b""
        if request.method == "POST":
            kind = request.headers.get("content-type", "application/x-www-form-urlencoded")
            return packed(self.client.post(address, request.post_data_buffer or b"", content_type=kind))
        asks = {"HX-Request": "true"} if "hx-request" in request.headers else {}
        return packed(self.client.get(address, headers=asks, follow=True))


def packed(answer) -> tuple[int, dict[str, str], bytes]:
    """An answer as the browser takes it."""
    headers = {name: value for name, value in answer.items() if name.lower() in KEPT}
    return answer.status_code, headers, walking.body_of(answer)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """The hostile world, with other payloads in its places than the rules' stage has."""
    with django_db_blocker.unblock(), standing(turn=97) as made:
        yield made


@pytest.fixture
def window(browser: Browser) -> Iterator[Window]:
    """A window."""
    made = Window(browser)
    yield made
    made.context.close()


def test_the_window_would_hear_a_script_and_the_policy(window):
    bad = f'<!doctype html><img src=x onerror="{payloads.RUN}">'.encode()
    window.open("/bad/", (200, {"content-type": "text/html"}, bad))
    window.page.wait_for_function("window.__hit")
    assert any("dialog: hfx" in one for one in window.heard)
    window.heard.clear()
    window.open("/held/", (200, {"content-type": "text/html", "content-security-policy": "default-src 'self'"}, bad))
    window.page.wait_for_timeout(200)
    assert any("CSP " in one for one in window.heard)
    assert not any("dialog" in one for one in window.heard)


def test_no_page_runs_or_loads_what_somebody_wrote(window, world):
    opened: set[str] = set()
    for role in (Role.MANAGER, Role.ADMIN, Role.SPECIALIST):
        window.client = world.client(role)
        for url, answer in walking.walk(window.client, world.addresses, of_a_kind=1, of_a_name=1):
            name = walking.name_of(url)
            is_page = answer.get("Content-Type", "").startswith("text/html") and answer.status_code == 200
            if name in opened or not is_page:  # charts are loaded by the pages on which they stand
                continue
            opened.add(name)
            window.open(url, packed(answer))
    assert len(opened) > 120
    assert window.heard == [], "\n".join(window.heard)
