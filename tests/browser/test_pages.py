"""Every main page of every role, in both languages, at a desk and on a phone: quiet, in width, and accessible."""

import pytest

from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.long]

#: login -> the pages of its daily work; the last part of a detail page's address is looked up
PAGES = {
    "specialist1": [
        "/", "/revisits/", "/customers/", "card", "/complaints/", "/customers/care/", "/customers/bookings/to-ask/",
        "/customers/care/addresses/", "call",
    ],
    "frontline1": ["/", "/revisits/", "/complaints/", "/customers/bookings/to-ask/"],
    "head1": ["/", "/complaints/", "ticket", "/satisfaction/", "/reports/", "report", "/satisfaction/measures/"],
    "manager1": [
        "/revisits/all/", "/revisits/not-called/", "/revisits/rules/", "/satisfaction/responses/", "/complaints/new/",
        "/worktime/", "/worktime/calendar/", "/history/", "/notices/", "/jobs/", "/satisfaction/questionnaires/",
        "/customers/care/", "/customers/care/quality/", "/customers/care/quality/cards/",
        "/customers/care/corrections/", "/customers/care/numbers/", "/customers/care/numbers/staff/",
    ],
    "director1": ["/", "/customers/", "/complaints/", "/satisfaction/", "/reports/"],
    "admin1": [
        "/", "/imports/", "batch", "/imports/new/", "/people/", "/people/new/", "/customers/new/",
        "/revisits/rules/SVC_D3/", "/revisits/rules/results/", "/revisits/rules/results/NO_ANSWER/",
        "/revisits/rules/scripts/", "/revisits/rules/scripts/SVC_SAT/", "/revisits/rules/scripts/SVC_SAT/compare/",
    ],
}  # fmt: skip
#: detail page -> the list where its first link stands, and what the link begins with
DETAILS = {
    "card": ("/customers/", "a[href^='/customers/']:not([href$='/new/']):not([href='/customers/'])"),
    "ticket": ("/complaints/", "tbody a[href^='/complaints/']"),
    "report": ("/reports/", "tbody a[href^='/reports/']"),
    "batch": ("/imports/", "tbody a[href^='/imports/']"),
}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("login", PAGES)
def test_the_main_pages_are_quiet_in_width_and_accessible(demo_stack, visit, login, language):
    visitor = visit(demo_stack.url, login, language=language)
    for name in PAGES[login]:
        open_page(visitor, name)
        for width in (390, 1440):
            visitor.resize(width)
            visitor.check_width(f"{name} at {width}")
        if language == "zh-hans":  # the markup is the same in both
            visitor.check_access(name)


def open_page(visitor: Visitor, name: str) -> None:
    """Open a page by its path, or the first detail page of a list."""
    if name.startswith("/"):
        visitor.go(name)
    elif name == "call":
        visitor.go("/revisits/")
        visitor.page.locator("button[form=take-next]").click()
        visitor.page.wait_for_url("**/call/")
    else:
        path, link = DETAILS[name]
        visitor.go(path)
        visitor.go(visitor.page.locator(link).first.get_attribute("href") or "")


def test_an_unknown_address_says_so_in_both_languages(demo_stack, browser):
    for language, word in (("zh-hans", "这里没有内容"), ("en", "Nothing here")):
        visitor = Visitor(browser, demo_stack.url, "manager1", language=language)
        answer = visitor.page.goto(f"{demo_stack.url}/customers/99999999/")
        assert answer.status == 404
        assert word in visitor.page.locator("main").inner_text()
        visitor.leave()
