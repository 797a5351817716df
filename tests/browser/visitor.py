"""Somebody in front of a browser: signs in, opens pages, keeps pictures, and hears every complaint of the browser."""

from __future__ import annotations

import os
import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests import look

PICTURES = Path(__file__).resolve().parent.parent.parent / "build" / "pictures"
#: for people to look at; to take them all is a tenth of the stage's time
ARE_KEPT = os.environ.get("PICTURES") == "1"
PASSWORD = "huifang-demo"
#: waits until every picture that is shown is there, two seconds at most (a lazy one far below may never come)
PICTURES_THERE = """() => Promise.race([
    new Promise(done => setTimeout(done, 2000)),
    Promise.all([...document.images].filter(one => !one.complete && one.offsetParent).map(
        one => new Promise(done => one.addEventListener("load", done, {once: true})))),
])"""
#: waits until no place waits for its part any more
PARTS_THERE = """() => !document.querySelector("[hx-trigger=load]")"""
GRAVE = {"serious", "critical"}


class Visitor:
    """One signed-in person; `complaints` collects what the browser did not like, page by page."""

    def __init__(
        self, browser: Browser, base: str, login: str, *, language: str = "zh-hans", width: int = 1440
    ) -> None:
        """Sign in by the form, as everybody does."""
        self.base, self.width = base, width
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        self.context.add_cookies([{"name": "django_language", "value": language, "url": base}])
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        look.listen(self.page, self.complaints)
        self.page.goto(base)
        self.page.fill("#username", login)
        self.page.fill("#password", PASSWORD)
        self.page.locator("main button[type=submit], form button[type=submit]").first.click()
        self.page.wait_for_url(f"{base}/")

    def go(self, path: str) -> Page:
        """Open a page of the house with what it loads after itself; anything but 200 is a complaint."""
        answer = self.page.goto(self.base + path, wait_until="load")
        if answer is None or answer.status != 200:
            self.complaints.append(f"{path}: {answer.status if answer else 'no answer'}")
        self.page.wait_for_function(PARTS_THERE)
        return self.page

    def picture(self, name: str) -> None:
        """Look for sideways scrolling at a desk's and at a phone's width; with PICTURES=1 keep a picture of both."""
        for width in (1440, 390):
            self.resize(width)
            self.check_width(name)
            if ARE_KEPT:
                PICTURES.mkdir(parents=True, exist_ok=True)
                self.page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)
        self.resize(self.width)

    def resize(self, width: int) -> None:
        """Change the window's width, and wait for the pictures of that width."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.evaluate(PICTURES_THERE)

    def check_width(self, name: str) -> None:
        """Note a page that is wider than the window."""
        self.page.wait_for_load_state("load")  # not in the moment between two pages
        beyond = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if beyond > 0:
            self.complaints.append(f"{name}: wider than the window by {beyond} px")

    def check_access(self, name: str) -> None:
        """Note what axe calls serious or critical."""
        for found in Axe().run(self.page).response["violations"]:
            if found["impact"] in GRAVE:
                where = re.sub(r"\s+", " ", found["nodes"][0]["html"])[:160]
                self.complaints.append(f"{name}: axe {found['id']} ({found['impact']}) {where}")

    def leave(self) -> None:
        """Close the browser's window."""
        self.context.close()
