"""A version is published, a customer answers it on a tablet, the low answer is decided, and the figure moves."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor
from tests.stack import Stack

pytestmark = pytest.mark.browser

DASHBOARD = "/satisfaction/?kind=service"
#: the tablet's own size
TABLET = 820


def index_n(visitor: Visitor) -> int:
    """How many responses the index of the month rests on."""
    return int(visitor.go(DASHBOARD).locator("[data-figure=index]").first.get_attribute("data-n") or 0)


def publish_the_draft(manager: Visitor) -> None:
    """The manager reads the differences and publishes the waiting draft."""
    page = manager.go("/satisfaction/questionnaires/")
    page.locator("tr", has_text="草稿").locator("a.cell").first.click()
    page.locator("a.btn-primary").click()
    page.wait_for_url("**/publish/")
    manager.picture("tablet-1-publish")
    page.locator("main button.btn-primary").click()
    page.wait_for_url(re.compile(r"/questionnaires/\d+/$"))
    expect(page.locator(".hf-head")).to_contain_text("在用")


def hand_over(specialist: Visitor) -> str:
    """The specialist gives the tablet to the customer of a visit; gives their name."""
    page = specialist.go("/satisfaction/face-to-face/")
    row = page.locator("tr", has=page.locator("a.btn[href*='/order/']")).first
    name = row.locator("b").first.inner_text()
    specialist.picture("tablet-2-choose")
    row.locator("a.btn").click()
    page.locator("label", has_text="简表").locator("input").check()
    page.locator("button.btn-primary").click()
    page.wait_for_url(re.compile(r"/face-to-face/[0-9a-f-]{36}/"))
    return name


def answer(customer: Visitor) -> None:
    """Low for the first question with a phrase tapped, high for all others, to the thanks."""
    page, number = customer.page, 0
    while page.locator("[data-sitting]").count():
        number += 1
        customer.picture(f"tablet-3-step-{number}")
        customer.resize(TABLET)
        customer.check_access(f"step {number}")
        for place, question in enumerate(page.locator("fieldset").all()):
            low = number == 1 and place == 0
            question.locator(f"input[value='{4 if low else 9}']").check(force=True)
            if low:
                question.locator("[type=checkbox]").first.check(force=True)
        page.locator(".hf-sit__foot .btn-primary").click()
        page.wait_for_load_state()
    expect(page.locator("h1")).to_have_text("感谢您的评价")


def nobody_is_signed_in(page: Page, base: str) -> None:
    """Whoever holds the device now gets the sign-in page and nothing of the house."""
    for path in ("/", "/customers/", "/satisfaction/face-to-face/"):
        page.goto(base + path)
        expect(page.locator("#password")).to_be_visible()


def decide(manager: Visitor, name: str) -> None:
    """The manager reads the customer's words and settles it."""
    page = manager.go("/satisfaction/decisions/")
    page.locator("main").get_by_text(name, exact=True).first.click()
    expect(page.locator("main")).to_contain_text("不够干净整洁")
    page.locator("[name=decision][value=settled]").check()
    page.locator("[name=reason]").fill("当场道歉，安排复检座椅清洁")
    page.locator("main button.btn-primary").click()
    page.wait_for_load_state()
    expect(page.locator(".hf-note--bad")).to_have_count(0)


def test_a_version_is_asked_on_a_tablet_and_the_figure_moves(demo_stack: Stack, visit):
    manager = visit(demo_stack.url, "manager1")
    before = index_n(manager)
    publish_the_draft(manager)
    device = visit(demo_stack.url, "specialist1", width=TABLET)
    name = hand_over(device)
    answer(device)
    nobody_is_signed_in(device.page, demo_stack.url)
    decide(manager, name)
    assert index_n(manager) == before + 1
    manager.page.locator("[data-figure=index]").first.click()
    expect(manager.page.locator("tbody tr")).to_have_count(before + 1)
    expect(manager.page.locator("tbody")).to_contain_text(name)
