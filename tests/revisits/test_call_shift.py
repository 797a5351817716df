"""A shift at the desk by keyboard only: every kind of call, from the list and back, at the speed of a specialist."""

import re
from datetime import datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page, expect

from complaints.models import Complaint
from crm_site.accounts.models import Role
from crm_site.core import clock
from customers.models import Booking, Phone
from revisits.models import AttemptPurpose, CallAttempt, CallDraft, Joined, Revisit
from tests.cast import make_person
from tests.factories import DAY, StoreFactory, VehicleFactory
from tests.revisits.calls import service_task
from tests.revisits.conftest import make_task

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reference")]

#: what a specialist may need for a short CSI from "next" to saved, without notes
MOST_KEYS = 14


@pytest.fixture
def morning(monkeypatch) -> datetime:
    """The clock of the house stands in the first band of a working day, and runs."""
    began, start = datetime.now(tz=clock.now().tzinfo), clock.at(DAY, 9, 40)
    monkeypatch.setattr(clock, "now", lambda: start + (datetime.now(tz=began.tzinfo) - began))
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in this thread
    return start


class Shift:
    """One specialist at the keyboard; counts what she presses and hears what the browser complains about."""

    def __init__(self, page: Page, base: str, client, language: str = "zh-hans") -> None:
        self.page, self.base, self.pressed, self.complaints = page, base, 0, []
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [
                {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": base},
                {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": base},
            ]
        )
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(f"{base}/revisits/")

    def _hear(self, message) -> None:
        if message.type == "error" and "422" not in message.text:
            self.complaints.append(message.text)

    def press(self, *keys: str) -> None:
        """Press keys one after the other; a chord counts once."""
        for key in keys:
            self.page.keyboard.press(key)
        self.pressed += len(keys)

    def write(self, words: str) -> None:
        """Type into the field that has the caret; notes are not counted."""
        self.page.keyboard.type(words)

    def begin(self) -> None:
        """From today's list to the first call: the button has the focus."""
        self.press("Enter")
        self.page.wait_for_url("**/call/")

    def save(self, *, last: bool = False) -> None:
        """Save and take the next; a page that is shown again with complaints is a mistake of the test."""
        before = CallAttempt.objects.count()
        with self.page.expect_navigation(wait_until="load"):
            self.press("Control+Enter")
        assert self.page.url.endswith("/revisits/" if last else "/call/"), self.page.url
        assert CallAttempt.objects.count() == before + 1, self.page.locator("main").inner_text()[:600]

    def on_the_line(self) -> Revisit:
        """The call that is on the screen."""
        return Revisit.objects.get(pk=re.search(r"/revisits/(\d+)/", self.page.url)[1])


@pytest.fixture
def house():
    """A store with its specialist; calls come in the order in which they were made."""
    store = StoreFactory()
    return store, make_person(store, Role.SPECIALIST, "陈思雨")


def calls(store, count: int, **kwargs) -> list[Revisit]:
    made = [service_task(store, **kwargs) for _ in range(count)]
    Revisit.objects.filter(pk__in=[task.pk for task in made]).update(due_on=DAY, expires_on=DAY + timedelta(days=1))
    return made


def test_a_short_csi_from_next_to_saved_takes_at_most_14_keys(page, live_server, house, as_, morning):
    store, person = house
    calls(store, 2)
    shift = Shift(page, live_server.url, as_(person))
    shift.begin()  # 1: next
    shift.press("l", *"9099989", "c")  # copy the number, seven marks, the result
    shift.save()  # save and next
    assert shift.pressed <= MOST_KEYS
    made = CallAttempt.objects.get()
    assert (made.result.code, made.response.answers.count()) == ("SUCCESS", 7)
    assert shift.complaints == []


@pytest.mark.parametrize(("language", "width"), [("zh-hans", 1440), ("en", 390)])
def test_a_shift_of_twelve_calls_by_keyboard_only(page, live_server, house, as_, morning, language, width):
    store, person = house
    tasks = calls(store, 11)
    twice = calls(store, 1, numbers=2)[0]
    other = make_task(
        store, "DLV_M1", customer=tasks[0].customer, vehicle=VehicleFactory(store=store), phone=tasks[0].phone,
        head=tasks[0], joined_as=Joined.PURPOSE,
    )  # fmt: skip
    page.set_viewport_size({"width": width, "height": 900})
    shift = Shift(page, live_server.url, as_(person, language), language)
    shift.begin()
    done = []
    while shift.page.url.endswith("/call/"):
        task = shift.on_the_line()
        done.append(task.pk)
        assert len(done) <= 14, "the shift does not end"
        _talk(shift, len(done), task, purposes=task.pk == tasks[0].pk, bad=task.pk == twice.pk)
    assert CallAttempt.objects.count() == len(done) == 13  # twelve calls, and the second number of one
    _check_what_came_of_it(other, twice, person)
    _resume(shift)
    assert shift.complaints == []


def _talk(shift: Shift, number: int, task: Revisit, *, purposes: bool, bad: bool) -> None:
    """One call: what is said depends on its place in the shift."""
    last = Revisit.objects.filter(state="due", head=None, claimed_by=None).count() == 0
    page = shift.page
    if bad and not Phone.objects.filter(pk=task.phone_id, attempts__isnull=False).exists() and not task.last_result_id:
        shift.press("k")  # no such number: the second one is dialled at once
        shift.save()
        assert shift.on_the_line() == task
        return
    said = {2: _low, 3: _promise, 4: _broken_off, 5: _refuses, 6: _booking}.get(number, _fine)
    said(shift)
    if purposes:
        shift.press("v", "1")
    if number == 1:
        _look(page)
    shift.save(last=last)


def _fine(shift: Shift) -> None:
    shift.press(*"9098999", "c")


def _low(shift: Shift) -> None:
    shift.press(*"994", "r")
    shift.write("低速踩下去还是响 9c")
    shift.press("Escape", "Alt+2", *"8999", "c")
    expect(shift.page.locator("[data-effect=grievance]")).not_to_have_attribute("hidden", "")


def _promise(shift: Shift) -> None:
    shift.press("y")
    expect(shift.page.locator("[name=agreed_on]")).to_be_focused()
    shift.press("ArrowDown", "Tab")
    shift.write("14:30")
    shift.press("i")  # in a select a letter is no key of the desk
    shift.press("Escape", "i")
    shift.write("约明天下午")


def _broken_off(shift: Shift) -> None:
    shift.press(*"98", "d")
    expect(shift.page.locator("[data-effect=waits]")).not_to_have_attribute("hidden", "")


def _refuses(shift: Shift) -> None:
    shift.press("j")


def _booking(shift: Shift) -> None:
    shift.press(*"9999999", "a")
    shift.write(f"{DAY + timedelta(days=6):%m-%d}")
    shift.press("Enter", "Escape", "p", "4", "c")
    expect(shift.page.locator("#id_note")).not_to_have_value("")


def _look(page: Page) -> None:
    """Wide enough, and nothing serious for axe."""
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    found = Axe().run(page).response["violations"]
    grave = [one for one in found if one["impact"] in {"serious", "critical"}]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in grave] == []


def _check_what_came_of_it(other: Revisit, twice: Revisit, person) -> None:
    codes = set(CallAttempt.objects.values_list("result__code", flat=True))
    assert codes == {"SUCCESS", "RESCHED", "PARTIAL", "REFUSED", "VACANT"}
    assert Complaint.objects.get().words == "低速踩下去还是响 9c"
    assert Booking.objects.get().wanted_on == DAY + timedelta(days=6)
    assert AttemptPurpose.objects.get(revisit=other).result.code == "SUCCESS"
    assert twice.attempts.count() == 2
    assert len(set(twice.attempts.values_list("phone_id", flat=True))) == 2
    promised = Revisit.objects.get(promised_by=person.employee)
    assert clock.local(promised.promised_at) == clock.at(DAY + timedelta(days=1), 14, 30)


def _resume(shift: Shift) -> None:
    """The call that was broken off comes back with its answers, and goes on where it stopped."""
    kept = CallDraft.objects.get()
    Revisit.objects.filter(pk=kept.revisit_id).update(not_before=None)
    shift.page.goto(f"{shift.base}/revisits/")
    shift.begin()
    assert shift.on_the_line().pk == kept.revisit_id
    expect(shift.page.locator("input[name=answer_clean_comfortable]:checked")).to_have_value("9")
    expect(shift.page.locator("input[name=answer_reception]:checked")).to_have_value("8")
    shift.press(*"99999", "c")
    shift.save(last=True)
    assert CallAttempt.objects.filter(revisit_id=kept.revisit_id, result__code="SUCCESS").exists()
    assert not CallDraft.objects.exists()
