"""T08: a half-written note outlives a killed web server, an ended sign-in and a save that fails."""

from __future__ import annotations

from urllib.parse import quote_plus

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.visitor import PASSWORD, Visitor
from tests.stack import Stack

pytestmark = pytest.mark.browser

#: what may be lost at most is what was typed within 10 s; the page keeps sooner
KEPT_WITHIN = 10_000
BEFORE, AFTER = "客户下周三下午有空，", "希望直接约检查"


@pytest.fixture(scope="module")
def house(stack: Stack) -> Stack:
    """The store, its people, and a call for each test."""
    stack.manage(
        "shell", "--no-imports", "-c", "from tests.browser import setting; setting.make(); setting.due_calls(3)"
    )
    return stack


@pytest.fixture
def desk(house: Stack, visit) -> Visitor:
    """A specialist with the page of a call in front of her."""
    visitor = visit(house.url, "specialist")
    page = visitor.go("/revisits/")
    page.locator("button[form=take-next]").click()
    page.wait_for_url("**/call/")
    return visitor


def note(page: Page, words: str) -> None:
    """Write on behind what stands there; a page that is shown again has the caret before it."""
    page.locator("#id_note").press("Control+End")
    page.locator("#id_note").press_sequentially(words)


def note_and_keep(page: Page, words: str) -> None:
    """Write, and wait until a draft with all of it is kept."""
    draft = page.locator("#desk").get_attribute("data-draft") or ""
    whole = "note=" + quote_plus(page.locator("#id_note").input_value() + words)

    def has_all(answer: Response) -> bool:
        sent = (answer.request.post_data or "").split("&")
        return answer.url.endswith(draft) and answer.ok and whole in sent

    with page.expect_response(has_all, timeout=KEPT_WITHIN):
        note(page, words)
    expect(page.locator("#kept")).to_be_visible()
    expect(page.locator("#unkept")).to_be_hidden()


def test_t08_what_is_typed_outlives_a_killed_server(stack: Stack, desk: Visitor, repeat):
    page, words = desk.page, ""
    for _ in range(repeat):
        note_and_keep(page, BEFORE)
        stack.kill("web server")
        note(page, AFTER)
        words += BEFORE + AFTER
        expect(page.locator("#unkept")).to_be_visible(timeout=KEPT_WITHIN)
        stack.start_web()
        expect(page.locator("#unkept")).to_be_hidden(timeout=2 * KEPT_WITHIN)
        page.reload()
        expect(page.locator("#id_note")).to_have_value(words)
    desk.complaints.clear()  # the browser says that the server was gone


def test_t08_what_is_typed_outlives_an_ended_sign_in(stack: Stack, desk: Visitor):
    page = desk.page
    note_and_keep(page, BEFORE)
    everybody_out = "from crm_site.accounts.models import Session; Session.objects.all().delete()"
    stack.manage("shell", "--no-imports", "-c", everybody_out)
    note(page, AFTER)
    expect(page.locator("#signed-out")).to_be_visible(timeout=KEPT_WITHIN)
    with page.context.expect_page() as opened:
        page.locator("#signed-out a").click()
    other = opened.value
    other.fill("#username", "specialist")
    other.fill("#password", PASSWORD)
    other.locator("form button[type=submit]").first.click()
    other.wait_for_url(f"{desk.base}/")
    page.bring_to_front()
    expect(page.locator("#signed-out")).to_be_hidden(timeout=2 * KEPT_WITHIN)
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    page.locator("button[name=go][value=back]").click()
    page.wait_for_url("**/revisits/")
    said = "__import__('revisits.models').models.CallAttempt.objects.get().note"
    assert stack.ask(said) == BEFORE + AFTER
    desk.complaints.clear()  # the browser says that it was not signed in


def test_t08_what_is_typed_outlives_a_save_that_fails(stack: Stack, desk: Visitor, repeat):
    page, words = desk.page, ""
    for _ in range(repeat):
        note_and_keep(page, BEFORE)
        words += BEFORE
        address = page.url
        stack.kill("web server")
        page.locator("input[name=result][value=NO_ANSWER]").check(force=True)
        page.locator("button[name=go][value=back]").click()
        page.wait_for_timeout(500)
        stack.start_web()
        page.goto(address)
        expect(page.locator("#id_note")).to_have_value(words)
    desk.complaints.clear()  # the browser says that the server was gone
