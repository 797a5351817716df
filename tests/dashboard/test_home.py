"""Home for each role: its blocks, numbers that equal their lists, and what is told when something is wrong."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from complaints.models import Level
from crm_site.accounts.models import Role
from crm_site.core import clock
from crm_site.jobs.models import Job
from crm_site.reports import actions as reports
from crm_site.reports import periods
from crm_site.reports.models import ReportSettings
from revisits.models import Revisit, RevisitRule
from tests.factories import ComplaintFactory, EmployeeFactory, MembershipFactory
from tests.imports.test_arrivals import brought
from tests.revisits.conftest import make_task
from tests.satisfaction.surveys import delivery_of, order_of, respond, short_answers

pytestmark = pytest.mark.django_db

HOME = reverse("dashboard:home")
BLOCKS = {
    "specialist_a": ["calls", "tickets"],
    "frontline_a": ["calls", "tickets"],
    "head_a": ["tickets", "satisfaction", "reports"],
    "manager_a": ["tickets", "satisfaction", "coverage", "reports"],
    "director_a": ["stores", "reports"],
    "admin_a": ["imports"],
}


def codes(answer) -> list[str]:
    return [block.code for block in answer.context["blocks"]]


def block(answer, code: str):
    return next(one for one in answer.context["blocks"] if one.code == code)


def tile(answer, code: str, url_part: str):
    return next(one for one in block(answer, code).tiles if url_part in one.url)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("who", BLOCKS)
def test_every_role_finds_its_own_blocks(request, as_, who, language):
    answer = as_(request.getfixturevalue(who), language).get(HOME)
    assert answer.status_code == 200
    assert codes(answer) == BLOCKS[who]


def test_who_has_two_roles_finds_the_blocks_of_both(as_, store_b, specialist_a):
    MembershipFactory(user=specialist_a.user, store=store_b, role=Role.MANAGER)
    assert codes(as_(specialist_a).get(HOME)) == ["calls", "tickets", "satisfaction", "coverage", "reports"]


def test_only_who_calls_may_take_the_next_call(as_, specialist_a, frontline_a, manager_a):
    for person, offered in ((specialist_a, True), (frontline_a, True), (manager_a, False)):
        assert (reverse("revisits:next") in as_(person).get(HOME).text) is offered


def tickets_of(store) -> None:
    """Three open tickets of the service (one overdue, one unassigned), one of sales, one closed."""
    now = clock.now()
    handler = EmployeeFactory(store=store)
    late = {"due_at": now - timedelta(hours=1), "handler": handler}
    later = {"due_at": now + timedelta(days=9)}
    for values in ({**late}, {**later, "handler": handler}, {**later}, {**later, "department": "sales"}):
        ComplaintFactory(store=store, **{"department": "service", **values})
    ComplaintFactory(store=store, state="closed", closed_at=now, department="service")


@pytest.mark.parametrize("who", ["manager_a", "head_a"])
def test_the_tiles_about_tickets_equal_their_lists(request, as_, store_a, store_b, who):
    tickets_of(store_a)
    tickets_of(store_b)
    client = as_(request.getfixturevalue(who))
    tiles = block(client.get(HOME), "tickets").tiles
    assert any(one.value for one in tiles)
    for one in tiles:
        assert len(client.get(one.url).context["rows"]) == one.value, one.label


def test_a_head_counts_the_tickets_of_the_department(as_, store_a, head_a, manager_a):
    tickets_of(store_a)
    assert tile(as_(manager_a).get(HOME), "tickets", "tab=open").value == 4
    assert tile(as_(head_a).get(HOME), "tickets", "tab=open").value == 3


def test_the_navigation_counts_what_its_list_holds(as_, store_a, manager_a):
    tickets_of(store_a)
    answer = as_(manager_a).get(HOME)
    items = {item["url"]: item["count"] for group in answer.context["shell"].nav for item in group["items"]}
    assert items[reverse("complaints:list")] == 4
    assert items[reverse("revisits:today")] == 0


def test_the_scores_of_the_month_equal_their_list(as_, store_a, manager_a):
    today = clock.today()
    for mark in (9, 9, 4):
        respond(store_a, order=order_of(store_a), day=today, answers=short_answers(mark))
    client = as_(manager_a)
    (service, sales) = block(client.get(HOME), "satisfaction").context["rows"]
    assert (service["score"].n, service["low"].n, sales["score"].n) == (3, 1, 0)
    assert len(client.get(service["score"].href).context["page"]) == 3
    assert len(client.get(service["low"].href).context["page"]) == 1
    assert not service["score"].is_shown  # too few to be shown as a score


def test_coverage_of_the_month_is_shown_to_the_manager(as_, store_a, manager_a):
    delivery = delivery_of(store_a)
    delivery.delivered_on = clock.today()
    delivery.save(update_fields=["delivered_on"])
    panels = block(as_(manager_a).get(HOME), "coverage").context["panels"]
    assert [panel.context["rows"][0]["count"] for _label, panel in panels] == [0, 1]


def test_drafts_of_ended_months_wait_for_the_manager_and_the_tile_equals_the_list(as_, store_a, manager_a, head_a):
    now, today = clock.now(), clock.today()
    for back in (0, 1, 2):
        reports.build_draft(store_a, periods.month_start(today, back), None, now=now)
    client = as_(manager_a)
    waiting = tile(client.get(HOME), "reports", "state=draft")
    assert waiting.value == 2  # the running month cannot be published yet
    assert len(client.get(waiting.url).context["rows"]) == 2
    assert block(as_(head_a).get(HOME), "reports").tiles == []


def test_the_latest_reports_name_their_complaints_and_open_them(as_, store_a, director_a, manager_a, head_a):
    now, month = clock.now(), periods.month_start(clock.today(), 1)
    ComplaintFactory(store=store_a, level=Level.objects.get(code="L2"), received_on=month, received_at=clock.at(month))
    report = reports.build_draft(store_a, month, None, now=now)
    reports.publish(report.pk, by=manager_a.employee, now=now)
    client = as_(director_a)
    (line,) = block(client.get(HOME), "reports").context["lines"]
    assert line["complaints"]["number"] == len(client.get(line["complaints"]["url"]).context["rows"]) == 1
    (line,) = block(as_(head_a).get(HOME), "reports").context["lines"]
    assert line["complaints"] == {"number": 1, "url": ""}


def test_the_directors_stores_stand_side_by_side(as_, store_a, store_b, director_a):
    MembershipFactory(user=director_a.user, store=store_b, role=Role.DIRECTOR)
    tickets_of(store_a)
    respond(store_b, order=order_of(store_b), day=clock.today())
    client = as_(director_a)
    one, two = block(client.get(HOME), "stores").context["rows"]
    assert (one["open"]["number"], one["overdue"]["number"], two["open"]["number"]) == (4, 1, 0)
    assert len(client.get(one["open"]["url"]).context["rows"]) == 4
    assert len(client.get(one["overdue"]["url"]).context["rows"]) == 1
    assert len(client.get(one["closed"]["url"]).context["rows"]) == one["closed"]["number"] == 1
    assert (one["scores"][0].n, two["scores"][0].n) == (0, 1)
    assert len(client.get(two["scores"][0].href).context["page"]) == 1


# ---- calls ----------------------------------------------------------------------------------------------------------


def test_the_tiles_about_calls_equal_their_lists(as_, store_a, specialist_a, due_calls):
    client = as_(specialist_a)
    tiles = block(client.get(HOME), "calls").tiles
    assert [one.value for one in tiles] == [5, 1, 2, 1, 1]
    for one in tiles:
        answer = client.get(one.url).context
        lines = (
            answer["lines"] if "lines" in answer else [line for group in answer["groups"] for line in group["lines"]]
        )
        assert len(lines) == one.value, one.label


@pytest.fixture
def due_calls(store_a):
    """Due calls of a store: two overdue, one promised, one on its last day, one due, one done today."""
    rule = RevisitRule.objects.get(code="SVC_D3", store=None)
    version = rule.versions.order_by("-pk").first()
    today, now = clock.today(), clock.now()

    def call(number: int, days: int = 3, **values):
        start = today - timedelta(days=2 if days >= 0 else 4)
        return Revisit.objects.create(
            store=store_a, rule=rule, rule_version=version, anchor_key=f"order:{number}", anchor_on=start,
            due_on=start, expires_on=today + timedelta(days=days), priority=30, created_at=now, **values,
        )  # fmt: skip

    call(1, -1)
    call(2, -2)
    call(3, promised_at=now)
    call(4, 0)
    call(5)
    call(6, state="done", ended_at=now, ended_on=today, last_attempt_at=now)


# ---- the administrator ----------------------------------------------------------------------------------------------


def test_the_tiles_about_jobs_equal_their_lists(as_, store_a, admin_a):
    now = clock.now()
    for number, state in enumerate(["failed", "failed", "done", "queued"]):
        Job.objects.create(store=store_a, kind="reports.draft", key=f"k{number}", state=state, created_at=now,
                           due_at=now + timedelta(days=1))  # fmt: skip
    client = as_(admin_a)
    failed = tile(client.get(HOME), "imports", "state=failed")
    assert failed.value == 2
    assert len(client.get(failed.url).context["rows"]) == 2


def test_missing_holidays_are_told_to_who_can_enter_them(as_, admin_a, specialist_a, monkeypatch):
    monkeypatch.setattr("crm_site.worktime.calendars.missing_years", lambda today: [2031])
    assert "2031" in as_(admin_a).get(HOME).text
    assert "2031" not in as_(specialist_a).get(HOME).text


# ---- cheap ----------------------------------------------------------------------------------------------------------


def count_queries(client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(HOME).status_code == 200
    return len(queries)


@pytest.mark.parametrize("who", ["manager_a", "head_a", "director_a", "admin_a", "specialist_a"])
def test_queries_do_not_grow_with_rows(request, as_, store_a, who):
    client = as_(request.getfixturevalue(who))
    counts = []
    for number in (1, 9):
        for _time in range(number):
            tickets_of(store_a)
            respond(store_a, order=order_of(store_a), day=clock.today())
            brought(store_a, "deliveries", 16)
        counts.append(count_queries(client))
    assert counts[0] == counts[1]


def test_no_number_of_another_store_is_shown(as_, store_b, manager_a):
    tickets_of(store_b)
    respond(store_b, order=order_of(store_b), day=clock.today())
    answer = as_(manager_a).get(HOME)
    assert [one.value for one in block(answer, "tickets").tiles] == [0, 0, 0, 0, 0]
    assert block(answer, "satisfaction").context["rows"][0]["score"].n == 0


def test_one_solid_button_a_page(request, as_):
    for who in BLOCKS:
        assert len(re.findall(r"\bbtn-primary\b", as_(request.getfixturevalue(who)).get(HOME).text)) <= 1


def test_a_specialists_home_shows_the_first_calls_masked(as_, specialist_a):
    tasks = [make_task(specialist_a.store, due_on=clock.today(), expires_on=clock.today()) for _ in range(10)]
    page = as_(specialist_a).get("/").content.decode()
    shown = [task for task in tasks if reverse("revisits:detail", args=[task.pk]) in page]
    assert len(shown) == 8
    assert not [task for task in tasks if task.phone and task.phone.number in page]


@pytest.mark.parametrize("begins", [1, 26])
def test_the_director_is_told_where_a_months_report_runs_from_another_day(as_, director_a, store_a, begins):
    ReportSettings.objects.create(store=store_a, month_begins=begins)
    note = block(as_(director_a).get(HOME), "stores").note
    assert ("1 家门店的月报不从 1 日起算" in note) is (begins != 1)
