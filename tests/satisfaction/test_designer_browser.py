"""The editor of a draft in Chromium: running sums, spreading, further rows, order; the strict policy, every width."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page, expect

from satisfaction.models import QuestionnaireVersion
from satisfaction.queries.designs import design_of, loaded
from tests.satisfaction.trees import own_tree

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reference")]
WIDTHS = [360, 390, 768, 1024, 1440]


@pytest.fixture
def draft(store_a, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in this thread
    return own_tree(store_a, "CSI", publish=False)


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about: errors, and what the policy refused."""
    return []


@pytest.fixture
def editor(page: Page, live_server, draft, manager_a, as_, complaints) -> Page:
    """The editor of a draft of the long CSI, with the store's manager signed in."""
    session = as_(manager_a).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}/satisfaction/questionnaires/{draft.pk}/edit/")
    return page


def saved(editor: Page, draft) -> list[tuple[str, str]]:
    """Save, and give the first factor's questions with their weights."""
    with editor.expect_navigation():
        editor.get_by_role("button", name="保存草稿").click()
    design = design_of(loaded(QuestionnaireVersion.objects.filter(pk=draft.pk)).get())
    return [(one.code, f"{one.weight.normalize():f}") for one in design.within(design.factors[0].code)]


def test_the_sums_run_beside_the_weights(editor: Page, complaints):
    group = editor.locator("[data-group='0']")
    expect(group.locator("[data-group-sum]")).to_contain_text("10 ✓ 相符")
    group.locator("[data-item] [name$=-weight]").first.fill("1.5")
    expect(group.locator("[data-group-sum]")).to_contain_text("6.5 差 3.5")
    group.locator("[data-factor] [name$=-weight]").fill("10.01")
    expect(editor.locator("[data-total]")).to_contain_text("100.01 多 0.01")
    assert complaints == []


def test_a_question_is_added_moved_and_weighed_evenly(editor: Page, draft, complaints):
    group = editor.locator("[data-group='0']")
    for zh, en in (("充电便利", "Easy charging"), ("车位充足", "Enough parking")):
        group.locator("[data-add]").click()
        editor.keyboard.type(zh)
        editor.keyboard.press("Tab")
        editor.keyboard.type(en)
    group.locator("[data-factor] [name$=-weight]").fill("10.01")
    group.locator("[data-spread]").click()
    group.locator("[data-item]").nth(3).locator("[data-up]").click()
    assert saved(editor, draft) == [
        ("clean", "2.51"), ("lounge", "2.5"), ("enough_parking", "2.5"), ("easy_charging", "2.5"),
    ]  # fmt: skip
    assert complaints == []


def test_a_question_is_carried_to_another_factor(editor: Page, draft):
    editor.locator("[data-group='1'] [data-item] [name$=-factor]").first.select_option("0")
    expect(editor.locator("[data-group='0'] [data-group-sum]")).to_contain_text("15 多 5")
    assert [code for code, _weight in saved(editor, draft)] == ["clean", "lounge", "booking"]


def test_no_width_scrolls_sideways_and_everything_has_a_name(editor: Page, draft, live_server):
    for name in ("edit", "publish"):
        editor.goto(f"{live_server.url}/satisfaction/questionnaires/{draft.pk}/{name}/")
        for width in WIDTHS:
            editor.set_viewport_size({"width": width, "height": 900})
            wide = editor.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (name, width, wide)
        found = Axe().run(editor)
        assert found.violations_count == 0, found.generate_report()
