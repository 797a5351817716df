"""Two people at one ticket in two browsers: they see each other, and what both wrote comes back side by side."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.stack import Stack

pytestmark = pytest.mark.browser


def test_two_people_see_each_other_and_lose_nothing(demo_stack: Stack, visit):
    manager, specialist = (visit(demo_stack.url, login) for login in ("manager1", "specialist1"))
    link = manager.go("/complaints/").locator("td a[href^='/complaints/']").first
    ticket = link.get_attribute("href")
    page, other = manager.go(f"{ticket}edit/"), specialist.go(f"{ticket}edit/")
    page.fill("#id_edit_demand", "退还工时费")
    other.fill("#id_edit_demand", "免费重做并道歉")
    expect(page.locator("#presence")).to_contain_text("正在写：更正资料", timeout=15000)
    expect(other.locator("#presence")).to_contain_text("正在写：更正资料", timeout=15000)

    page.locator("#step-edit button[type=submit]").first.click()
    expect(page.locator(".hf-tl")).to_contain_text("退还工时费")
    other.locator("#step-edit button[type=submit]").first.click()
    clash = other.locator(".hf-clash")
    expect(clash).to_contain_text("退还工时费")
    expect(clash).to_contain_text("免费重做并道歉")
    expect(other.locator("#id_edit_demand")).to_have_value("免费重做并道歉")
    specialist.picture("97-two-people-one-field")
    other.locator("#id_edit_demand").fill("退还工时费，免费重做并道歉")
    other.locator("#step-edit button[type=submit]").first.click()
    expect(other.locator(".hf-tl")).to_contain_text("退还工时费，免费重做并道歉")
    specialist.complaints[:] = [one for one in specialist.complaints if not re.search(r"\b409\b", one)]

    page.goto("about:blank")
    expect(other.locator("#presence")).to_be_empty(timeout=15000)
