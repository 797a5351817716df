"""A complaint as people live it: taken down, worked through, reopened by the confirming call, closed by the next."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.steps import (
    Steps,
    a_night_passes,
    due_list_has,
    give_marks,
    take_next,
    the_list_is_made,
    walk,
)
from tests.browser.visitor import Visitor
from tests.stack import Stack

pytestmark = pytest.mark.browser

WORDS = "预约了九点，等到十二点才有人接车，问了三次都说快了"
SOLUTIONS: Steps = (
    ("propose", {"textarea[name=solution]": "当面致歉，退还本次工时费，下次上门取送车"}),
    ("tell", {"input[name=accepts][value=yes]": ""}),
    ("act", {"textarea[name=note]": "工时费已退回，取送车已登记"}),
)
UNTIL_SOLVED: Steps = (
    ("accept", {"select[name=handler]": "何志远"}),
    ("contact", {"textarea[name=note]": "已致电致歉，了解当天情况"}),
    (
        "investigate",
        {"select[name=cause_class]": "poor_service", "textarea[name=cause]": "预约没有排进工位表，接待没有说明"},
    ),
    ("confirm_liability", {"select[name=direct]": "朱莉"}),
    *SOLUTIONS,
    ("submit", {}),
)
ONCE_MORE: Steps = (("accept", {"select[name=handler]": "何志远"}), *SOLUTIONS, ("submit", {}))


def test_from_intake_to_closed_with_a_reopen_in_between(stack: Stack, visit):
    code = "from tests.browser import setting; setting.make(); setting.repaired_car()"
    stack.manage("shell", "--no-imports", "-c", code)
    specialist, head, manager = (visit(stack.url, login) for login in ("specialist", "head", "manager"))
    ticket = take_down(specialist)
    work_through(head, ticket, UNTIL_SOLVED, "90")
    confirm(stack, specialist, "dissatisfied", "92-confirmed-dissatisfied")
    page = head.go(ticket)
    expect(page.locator("main")).to_contain_text("重开")
    head.picture("93-complaint-reopened")
    work_through(head, ticket, ONCE_MORE, "94")
    confirm(stack, specialist, "satisfied", "95-confirmed-satisfied")
    main = manager.go(ticket).locator("main")
    expect(main).to_contain_text("已关闭")
    expect(main).to_contain_text("不满意")
    manager.picture("96-complaint-closed")


def take_down(specialist: Visitor) -> str:
    """The specialist finds the customer by plate and writes down what is said; gives the ticket's address."""
    page = specialist.go("/complaints/new/")
    page.fill("#typed", "A12345")
    page.locator("button[name=find]").click()
    if page.locator("button[name=take]").count():
        page.locator("button[name=take]").first.click()
    page.fill("textarea[name=words]", WORDS)
    page.fill("input[name=demand]", "给个说法")
    page.select_option("select[name=category]", "service.waiting")
    page.locator("input[name=source][value=phone]").check(force=True)
    job = page.locator("select[name=job] option[value^='order:']").first
    page.select_option("select[name=job]", job.get_attribute("value"))
    page.wait_for_load_state("networkidle")  # what saving will do is foreseen meanwhile
    specialist.picture("90-intake")
    page.locator("main button[type=submit].btn-primary").click()
    page.wait_for_load_state()
    link = page.locator("main a[href^='/complaints/']:not([href='/complaints/'])").first
    address = page.url.removeprefix(specialist.base)
    return address if not address.endswith("/texts/") else link.get_attribute("href") or ""


def work_through(head: Visitor, ticket: str, steps: Steps, picture: str) -> None:
    """The head takes the ticket from where it stands to the confirming call."""
    head.go(ticket)
    walk(head, steps, picture)
    expect(head.page.locator("main")).to_contain_text("待回访")


def confirm(stack: Stack, specialist: Visitor, result: str, picture: str) -> None:
    """The next day's confirming call, made by somebody who did not handle it, with what the customer says."""
    a_night_passes(stack)
    the_list_is_made(stack)
    due_list_has(stack, 1)
    page = take_next(specialist)
    give_marks(page, "7")
    page.locator(f"input[name=confirm_result][value={result}]").check(force=True)
    page.locator("input[name=result][value=SUCCESS]").check(force=True)
    specialist.picture(picture)
    page.locator("button[name=go][value=back]").click()
    page.wait_for_url("**/revisits/")
