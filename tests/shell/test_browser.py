"""The components in a real browser: strict policy, accessibility, every width, keyboard and menus."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.shell import gallery

pytestmark = pytest.mark.browser
WIDTHS = [360, 390, 768, 1024, 1280, 1440, 1920]


@pytest.mark.parametrize(("theme", "language"), [("light", "zh-hans"), ("dark", "en")])
def test_no_component_breaks_the_policy_or_what_axe_checks(page: Page, theme, language):
    complaints = gallery.serve(page, theme, language)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page).response
        assert found["passes"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []
    assert complaints == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_width_scrolls_sideways(page: Page, language):
    gallery.serve(page, "light", language)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_slash_goes_to_the_search_and_escape_leaves_it(page: Page):
    gallery.serve(page)
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    expect(page.locator("#find")).to_have_value("")
    page.keyboard.press("Escape")
    expect(page.locator("#find")).not_to_be_focused()


def test_slash_is_a_character_inside_a_field_and_while_composing(page: Page):
    gallery.serve(page)
    words = page.locator("textarea").first
    words.fill("")
    words.press("/")
    expect(words).to_have_value("/")
    words.blur()
    page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: '/', isComposing: true, bubbles: true}))")
    expect(page.locator("#find")).not_to_be_focused()


def test_one_menu_is_open_at_a_time_and_escape_closes_it(page: Page):
    gallery.serve(page)
    menus = page.locator("details.hf-drop")
    menus.nth(0).locator("summary").click()
    menus.nth(1).locator("summary").click()
    expect(page.locator("details.hf-drop[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("details.hf-drop[open]")).to_have_count(0)
    expect(menus.nth(1).locator("summary")).to_be_focused()


def test_a_low_answer_asks_for_its_reason_at_once_and_a_good_one_does_not(page: Page):
    gallery.serve(page)
    question = page.locator("[data-question=q11]")
    expect(question.locator(".hf-low")).to_be_visible()
    question.locator("input[value='9']").check(force=True)
    expect(question.locator(".hf-low")).to_be_hidden()


def test_a_toast_goes_when_told_to(page: Page):
    gallery.serve(page)
    page.locator("[data-close-toast]").click()
    expect(page.locator(".hf-toast")).to_have_count(0)


def test_the_sheet_of_keys_opens_by_its_key_and_closes_beside_it(page: Page):
    gallery.serve(page)
    sheet = page.locator("dialog.hf-sheet")
    page.keyboard.press("?")
    expect(sheet).to_be_visible()
    page.mouse.click(200, 400)
    expect(sheet).to_be_hidden()


def test_on_a_phone_the_navigation_opens_without_javascript_too(browser):
    for javascript in (True, False):
        context = browser.new_context(java_script_enabled=javascript, viewport={"width": 390, "height": 844})
        page = context.new_page()
        gallery.serve(page)
        expect(page.locator("#nav")).not_to_be_visible()
        page.locator(".hf-menu").click()
        expect(page.locator("#nav")).to_be_visible()
        context.close()
