"""A customer is found, corrected, merged with a second card, taken apart again, and restricted, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.long]

SETTING = "from tests.browser import setting; setting.make(); setting.one_customer_twice()"
NAME, PLATE, ADDRESS = "欧阳致远", "渝A77K01", "龙山大道8号2栋"
CARD = re.compile(r"/customers/\d+/")
#: which card has which number
NUMBERS = (
    "list(__import__('customers.models').models.Phone.objects.order_by('pk').values_list('customer_id', 'number'))"
)


@pytest.fixture(scope="module")
def archive(stack: Stack) -> Stack:
    """The journey's store with one customer on two cards."""
    stack.manage("shell", "--no-imports", "-c", SETTING)
    return stack


def find(visitor: Visitor, typed: str) -> Page:
    """Write into the one box, and go where it leads."""
    page = visitor.go("/")
    page.fill("#find", typed)
    page.press("#find", "Enter")
    page.wait_for_load_state()
    return page


def open_the_card(visitor: Visitor) -> None:
    """By the name both cards are found; the plate leads to the one that has the car."""
    page = find(visitor, NAME)
    expect(page.locator("tbody tr")).to_have_count(2)
    visitor.picture("archive-1-found")
    page = find(visitor, PLATE)
    if not CARD.search(page.url):
        page.locator("tbody a.cell").first.click()
    page.wait_for_url(CARD)
    expect(page.locator("h1")).to_contain_text(NAME)
    visitor.picture("archive-2-card")


def correct_the_address(visitor: Visitor) -> None:
    """One step from the card; it holds at once and stands among the corrections."""
    page = visitor.page
    page.locator("#address a[href$='/correct/']").click()
    page.wait_for_url("**/correct/")
    page.fill("[name=address]", ADDRESS)
    visitor.picture("archive-3-correct")
    visitor.check_access("correct")
    page.locator("main button.btn-primary").click()
    page.wait_for_url(CARD)
    expect(page.locator("#address")).to_contain_text("已确认")


def merge(visitor: Visitor) -> None:
    """From the list of duplicates: compare, and make one card of two."""
    page = visitor.go("/privacy/duplicates/")
    visitor.picture("archive-4-duplicates")
    page.locator("tbody a[href*='/privacy/duplicates/cards/']").first.click()
    expect(page.locator("form#merge")).to_contain_text(NAME)
    visitor.picture("archive-5-compare")
    visitor.check_access("compare")
    page.locator("form#merge button.btn-primary").click()
    page.wait_for_load_state()
    expect(page.locator(".hf-note--bad")).to_have_count(0)
    page = find(visitor, NAME)
    expect(page.locator("h1")).to_contain_text(NAME)
    assert CARD.search(page.url), "one customer is left, so the box leads to the card"
    visitor.picture("archive-6-merged")


def take_apart(visitor: Visitor) -> None:
    """The merge has a way back, and every row stands as before."""
    page = visitor.go("/privacy/merges/")
    page.locator("tbody a.cell").first.click()
    visitor.picture("archive-7-merge")
    page.locator("form[action$='/undo/'] button").click()
    page.wait_for_load_state()
    expect(page.locator("#stayed")).to_be_visible()
    visitor.picture("archive-8-taken-apart")


def restrict(visitor: Visitor) -> None:
    """The customer asks that the data be used no more."""
    page = find(visitor, PLATE)
    if not CARD.search(page.url):
        page.locator("tbody a.cell").first.click()
        page.wait_for_url(CARD)
    page.locator("a[href$='/restrict/']").first.click()
    page.fill("[name=reason]", "客户 11 月 20 日来函要求限制处理")
    page.locator("main button.btn-primary").click()
    page.wait_for_url(CARD)
    expect(page.locator("main")).to_contain_text("限制")
    visitor.picture("archive-9-restricted")


def test_a_customer_is_found_corrected_merged_taken_apart_and_restricted(archive: Stack, visit):
    manager = visit(archive.url, "manager")
    before = archive.ask(NUMBERS)
    open_the_card(manager)
    correct_the_address(manager)
    merge(manager)
    assert archive.ask(NUMBERS) != before
    take_apart(manager)
    assert archive.ask(NUMBERS) == before
    restrict(manager)
    specialist = visit(archive.url, "specialist")
    page = find(specialist, PLATE)
    expect(page.locator("main")).not_to_contain_text(NAME)
    specialist.picture("archive-10-hidden")
