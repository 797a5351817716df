"""What people do in several journeys: take the next call, answer it, walk a ticket through its steps."""

from __future__ import annotations

import time
from collections.abc import Iterable

from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor
from tests.stack import Stack

CALLS = (
    "list(__import__('revisits.models').models.Revisit.objects.values_list('anchor_key', 'state', 'reason', 'due_on'))"
)

#: action -> {selector: what is entered}
Steps = Iterable[tuple[str, dict[str, str]]]


def due_list_has(stack: Stack, count: int) -> None:
    """Wait until the generator, which follows an import, has made so many calls of today."""
    deadline = time.monotonic() + 30
    waiting = "__import__('revisits.models').models.Revisit.objects.filter(state__in=['due']).count()"
    while (found := int(stack.ask(waiting))) < count:
        assert time.monotonic() < deadline, f"{found} calls are due, {count} are expected: {stack.ask(CALLS)}"
        time.sleep(0.5)


def take_next(visitor: Visitor) -> Page:
    """From the due list to the next call."""
    page = visitor.go("/revisits/")
    page.locator("button[form=take-next]").click()
    page.wait_for_url("**/call/")
    return page


def give_marks(page: Page, mark: str) -> None:
    """Answer every question that has a scale: the mark, else yes or the best word."""
    for question in page.locator("[data-question]").all():
        for value in (mark, "1", "5"):
            answer = question.locator(f"input[type=radio][value='{value}']")
            if answer.count():
                answer.first.check(force=True)
                break


def walk(visitor: Visitor, steps: Steps, picture: str) -> None:
    """Take a ticket, whose page is open, step after step; each is taken at once."""
    page = visitor.page
    for number, (action, values) in enumerate(steps):
        step = page.locator(f"form#step-{action}")
        fold = page.locator("details", has=step)
        if fold.count() and not step.is_visible():
            fold.locator("summary").click()
        visitor.picture(f"{picture}{number}-complaint-{action}")
        for field, value in values.items():
            fill(page, step.locator(field), value)
        step.locator("button[type=submit]").click()
        page.wait_for_load_state()
        expect(page.locator(".hf-note--bad")).to_have_count(0)


def fill(page: Page, field, value: str) -> None:
    """Enter a value as its field wants it: chosen, ticked or typed."""
    kind = field.evaluate("one => one.tagName + (one.type || '')")
    if kind.startswith("SELECT"):
        wanted = field.locator("option", has_text=value)
        field.select_option(wanted.first.get_attribute("value") if wanted.count() else value)
    elif kind == "INPUTradio":
        field.check(force=True)
    else:
        field.fill(value)


def a_night_passes(stack: Stack) -> None:
    """The confirming call is due on the day after the hand-over: move that to yesterday."""
    code = (
        "from datetime import timedelta; from django.db.models import F; from complaints.models import Complaint; "
        "Complaint.objects.update(solved_at=F('solved_at') - timedelta(days=1))"
    )
    stack.manage("shell", "--no-imports", "-c", code)


def bring_the_list_up_to_date(manager: Visitor) -> None:
    """The manager lets the generator run now."""
    page = manager.go("/revisits/")
    page.locator("form[action='/revisits/generate/'] button").click()
    page.wait_for_load_state()


def the_list_is_made(stack: Stack) -> None:
    """A run of the generator at once: by hand it can be asked for once a minute."""
    code = (
        "from crm_site.accounts.models import Store; from crm_site.core import clock; "
        "from revisits.generator import generate; generate(Store.objects.get().pk, clock.today())"
    )
    stack.manage("shell", "--no-imports", "-c", code)
