"""What somebody sees in Chromium when a part of a page is refused: a word among the toasts; what was typed stays."""

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Page, expect

from crm_site.core.web import costs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reference")]


def test_too_many_suggestions_are_told_once_and_the_search_goes_on(
    page: Page, live_server, as_, specialist_a, limited, monkeypatch
):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in this thread
    monkeypatch.setattr(costs, "OF_PAGE", {"customers:suggest": costs.Limit("suggestions", 1)})
    name = django_settings.SESSION_COOKIE_NAME
    session = as_(specialist_a).cookies[name].value
    page.context.add_cookies([{"name": name, "value": session, "url": live_server.url}])
    warnings: list[str] = []
    page.on("console", lambda said: warnings.append(said.text) if said.type == "warning" else None)
    page.goto(f"{live_server.url}/notices/")
    for typed in ("王", "王小", "王小明"):
        with page.expect_response("**/customers/suggest/"):
            page.fill("#find", typed)
    expect(page.locator("#toasts .hf-toast")).to_have_count(1)
    expect(page.locator("#toasts")).to_contain_text("操作过于频繁")
    expect(page.locator("#find")).to_have_value("王小明")
    assert warnings == [], "a browser that does not know what a header says"
