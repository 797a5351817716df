"""An invitation, from the administrator's page to the first sign-in, in a real browser."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.long]

NEW = "kx7-vvm2-qpl9"


def test_an_invitation_is_handed_over_and_used(demo_stack, visit, browser):
    admin = visit(demo_stack.url, "admin1")
    page = admin.go("/people/?department=workshop")
    admin.go(page.locator("tbody tr", has_text="技师").first.locator("a").first.get_attribute("href"))
    page.locator("#id_username").fill("invited1")
    page.locator("form[action$='/sign-in/'] button[type=submit]").click()
    address = page.locator("#address").inner_text()
    page.locator("#find").fill("王")
    page.locator("#find").press("Enter")
    page.wait_for_url("**/customers/find/")
    assert page.locator("h1").inner_text() != "没有权限"

    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(address)
    for name in ("new_password1", "new_password2"):
        page.locator(f"[name={name}]").fill(NEW)
    page.locator("button.btn-primary").click()
    page.wait_for_url("**/sign-in/")
    assert page.locator(".hf-note--ok").count() == 1
    page.locator("#username").fill("invited1")
    page.locator("#password").fill(NEW)
    page.locator("button.btn-primary").click()
    page.wait_for_url(f"{demo_stack.url}/")
    context.close()
