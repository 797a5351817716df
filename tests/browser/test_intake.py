"""Intake by keyboard alone within a minute, three taps on a phone, and a slip of one page, in a real browser."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor
from tests.stack import Stack

pytestmark = pytest.mark.browser

WORDS, DEMAND = "空调洗完第二天还是有异味，跟没洗一样，没修好", "免费重做"
#: a customer of the specialist's store whose phone's last four digits are theirs alone
TAIL = """(lambda tails: next(tail for tail in tails if tails.count(tail) == 1))(
[number[-4:] for number in __import__('customers.models').models.Phone.objects.filter(
customer__store__code='{store}', customer__restricted=False).order_by('pk').values_list('number', flat=True)])"""


class Keys:
    """Presses keys on a page and counts them; the mouse is never used."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, *keys: str) -> None:
        """Single keys, such as Tab."""
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1

    def type(self, text: str) -> None:
        """A text, sign by sign."""
        self.page.keyboard.type(text)
        self.count += len(text)


def register(visitor: Visitor, tail: str, category: str = "31") -> Keys:
    """Register a complaint of a customer who is found by the last digits of the phone; 31 is a repair not fixed."""
    page = visitor.go("/complaints/new/")
    keys = Keys(page)
    with page.expect_navigation():
        keys.type(tail)
        keys.press("Enter")
    expect(page.locator("[name=words]")).to_be_focused()
    keys.type(WORDS)
    keys.press("Tab")
    keys.type(DEMAND)
    keys.press("Tab", "Tab")
    keys.type(category)
    expect(page.locator("[name=category] option:checked")).to_have_text(re.compile(f"^{category} "))
    expect(page.locator("#preview")).to_contain_text("L2")
    with page.expect_navigation():
        keys.press("Control+Enter")
    return keys


def tail_for(stack: Stack, login: str) -> str:
    """Four digits by which a user finds exactly one customer."""
    store = stack.ask(
        f"__import__('crm_site.accounts.models').accounts.models.Membership.objects.filter(user__username='{login}')"
        ".order_by('pk').first().store.code"
    )
    return stack.ask(TAIL.format(store=store).replace("\n", ""))


def test_a_complaint_is_registered_by_keyboard_in_less_than_a_minute(demo_stack: Stack, visit):
    tail = tail_for(demo_stack, "specialist1")
    specialist = visit(demo_stack.url, "specialist1")
    begin = time.monotonic()
    keys = register(specialist, tail)
    seconds = time.monotonic() - begin
    expect(specialist.page.locator("h1")).to_contain_text("已登记")
    expect(specialist.page.locator("#copy-acknowledge")).to_have_value(_containing("您反映的情况"))
    specialist.picture("intake-1-registered")
    written = len(WORDS) + len(DEMAND)
    print(f"{keys.count} keystrokes, {written} of them the customer's words, {seconds:.1f} s")
    assert keys.count - written <= 15
    assert seconds < 60


def test_three_taps_on_a_phone(demo_stack: Stack, visit):
    specialist = visit(demo_stack.url, "specialist1")
    register(specialist, tail_for(demo_stack, "specialist1"), category="21")
    ticket = specialist.page.url.removeprefix(demo_stack.url).removesuffix("texts/")
    head = visit(demo_stack.url, "head1", width=390)
    page = head.go(ticket)
    taps = 0

    def tap(selector: str) -> None:
        nonlocal taps
        page.click(selector)
        taps += 1

    tap(".hf-thumb a >> nth=0")
    head.picture("intake-2-thumb")
    tap("details[open] .hf-tap__go")
    expect(page.locator("details[open] summary")).to_contain_text("方案")
    tap("label:has-text('服务表现不佳')")
    page.fill("details[open] [name=solution]", DEMAND)
    tap("label:has-text('同意') >> nth=0")
    tap("details[open] .hf-tap__go")
    expect(page.locator("details[open] summary")).to_contain_text("处理完")
    page.select_option("details[open] [name=direct]", "department")
    taps += 2  # opening the list, choosing
    tap("details[open] .hf-tap__go")
    expect(page.locator(".hf-head__meta")).to_contain_text("待回访")
    print(f"{taps} taps and {len(DEMAND)} characters typed, from the ticket's page to the confirming call")
    assert taps <= 8


def test_the_slip_is_one_page_however_long_the_words(demo_stack: Stack, visit):
    pk = demo_stack.ask(
        "(lambda rows: (rows.update(words='刹车异响修了两次没修好，'*300, demand='免费重做并赔偿。'*60, "
        "cause='没有清洗到位，'*120, solution='免费拆检并重新清洗。'*300, review_note='没有复检，'*180, "
        "external_number='9'*40), rows.get().pk)[1])(__import__('complaints.models').models.Complaint.objects.filter("
        "pk=__import__('complaints.models').models.Complaint.objects.filter(state='closed').first().pk))"
    )
    for language in ("zh-hans", "en"):
        manager = visit(demo_stack.url, "manager1", language=language)
        page = manager.go(f"/complaints/{pk}/slip/")
        pdf = page.pdf(prefer_css_page_size=True)
        assert pdf.count(b"/Type /Page\n") == 1
    manager.picture("intake-3-slip")


def _containing(words: str) -> re.Pattern[str]:
    return re.compile(re.escape(words))
