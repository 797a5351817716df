"""The call page in Chromium: a whole call by keyboard, low answers in place, the strict policy, every width."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page, expect

from crm_site.core import clock
from revisits import actions
from revisits.models import CallAttempt, Revisit
from satisfaction.queries import current_version
from tests.factories import ContactFactory, PhoneFactory
from tests.revisits.calls import service_task

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reference")]
WIDTHS = [360, 390, 768, 1024, 1280, 1440, 1920]


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about: errors, and what the policy refused."""
    return []


@pytest.fixture
def desk(page: Page, live_server, store_a, specialist_a, as_, complaints, monkeypatch) -> Page:
    """The page of a claimed service call, with the specialist signed in."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in this thread
    task = service_task(store_a)
    contact = ContactFactory(customer=task.customer, name="王师傅", identity="driver")
    PhoneFactory(customer=task.customer, contact=contact, rank=2)
    Revisit.objects.update(due_on=clock.today(), expires_on=clock.today())
    actions.claim(task.pk, specialist_a.employee, "specialist", now=clock.now(), today=clock.today())
    session = as_(specialist_a).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}/revisits/{task.pk}/call/")
    return page


def effects(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("#effects li:visible").all_inner_texts()]


def test_a_good_call_takes_nine_keys(desk: Page, complaints):
    for key in (*"9098999", "c"):
        desk.keyboard.press(key)
    expect(desk.locator("[data-tally]")).to_contain_text("7 / 7")
    assert effects(desk)[0] == "任务完成。"
    assert "92.0" in effects(desk)[1]
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url(re.compile(r"/revisits/$"))
    made = CallAttempt.objects.get()
    assert made.response.score == 92
    assert complaints == []


def test_a_low_answer_is_explained_and_decided_in_place(desk: Page):
    for key in "994":
        desk.keyboard.press(key)
    question = desk.locator("[data-question=answer_fixed_first_time]")
    expect(question.locator("#decide")).to_be_visible()
    desk.keyboard.press("r")
    desk.keyboard.type("低速踩下去还是响 9c")
    expect(question.locator("textarea")).to_have_value("低速踩下去还是响 9c")
    desk.keyboard.press("Escape")
    desk.keyboard.press("Alt+2")
    for key in "8999c":
        desk.keyboard.press(key)
    assert "开出抱怨单 L1。" in effects(desk)
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url(re.compile(r"/revisits/$"))
    assert CallAttempt.objects.get().complaint.words == "低速踩下去还是响 9c"


def test_letters_are_text_inside_fields_and_nothing_while_composing(desk: Page):
    desk.keyboard.press("i")
    desk.keyboard.type("wc9")
    expect(desk.locator("#id_note")).to_have_value("wc9")
    desk.keyboard.press("Escape")
    desk.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'w', isComposing: true, bubbles: true}))")
    expect(desk.locator("input[name=result]:checked")).to_have_count(0)
    desk.keyboard.press("w")
    expect(desk.locator("input[name=result]:checked")).to_have_value("NO_ANSWER")


def test_a_promise_asks_for_its_time_and_another_number_is_shown_large(desk: Page):
    expect(desk.locator("#agreed")).to_be_hidden()
    desk.keyboard.press("y")
    expect(desk.locator("[name=agreed_on]")).to_be_focused()
    other = desk.locator("input[name=phone]:not(:checked)")
    grouped = other.get_attribute("data-grouped")
    other.check()
    expect(desk.locator("#number")).to_have_text(grouped)


def test_the_number_is_copied_also_where_the_browser_gives_no_clipboard(desk: Page):
    number, note = desk.locator("#number"), desk.locator("#id_note")
    first = number.get_attribute("data-value")
    copy_and_paste(desk)
    expect(note).to_have_value(first)
    desk.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")  # as on plain http
    desk.locator("input[name=phone]:not(:checked)").check()
    second = number.get_attribute("data-value")
    note.fill("")
    desk.keyboard.press("Escape")
    copy_and_paste(desk)
    expect(note).to_have_value(second)
    assert first != second


def copy_and_paste(desk: Page) -> None:
    """Copy the number by its key, then paste it into the note."""
    before = desk.evaluate("document.activeElement.id || document.activeElement.tagName")
    desk.keyboard.press("l")
    expect(desk.locator("#copy [data-copied]")).to_have_text("已复制")
    assert desk.evaluate("document.activeElement.id || document.activeElement.tagName") == before
    desk.keyboard.press("i")
    desk.keyboard.press("Control+v")


def test_the_sheet_of_keys_opens_and_closes(desk: Page):
    desk.keyboard.press("?")
    expect(desk.locator("#keys")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.locator("#keys")).to_be_hidden()


def test_no_width_scrolls_sideways_and_axe_finds_nothing_serious(desk: Page):
    desk.keyboard.press("4")
    for width in WIDTHS:
        desk.set_viewport_size({"width": width, "height": 900})
        assert desk.evaluate("document.documentElement.scrollWidth") <= width
    for width in (1440, 390):
        desk.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(desk).response["violations"]
        serious = [one for one in found if one["impact"] in {"serious", "critical"}]
        assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in serious] == []


def test_the_0_to_10_question_is_answered_in_two_steps(desk: Page):
    task = Revisit.objects.get()
    task.questionnaire_version = current_version("CSI", task.store_id)
    task.save(update_fields=["questionnaire_version"])
    desk.reload()
    question = desk.locator("[data-question]", has=desk.locator("input[value='0']")).last
    chosen = question.locator("input:checked")
    for keys, mark in (("10", "10"), ("7", "7"), (("0", "Enter"), "0"), (("1", "Enter"), "1"), ("`", "0")):
        question.locator(".hf-q__t").click()
        for key in keys:
            desk.keyboard.press(key)
        expect(chosen).to_have_value(mark)
    question.locator(".hf-q__t").click()
    desk.keyboard.press("0")
    expect(question).to_have_class(re.compile("is-now"))  # nothing is final, and nobody has moved on
    desk.keyboard.press("9")
    expect(chosen).to_have_value("9")


def test_enter_alone_saves_nothing(desk: Page):
    desk.locator("#id_mileage_km").fill("13500")
    desk.keyboard.press("Enter")
    desk.locator("input[name=result]").first.focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#id_mileage_km")).to_have_value("13500")
    assert not CallAttempt.objects.exists()
