"""The pages of revisits: who sees which calls, what may be pressed, and that nothing personal leaks."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.core import clock
from crm_site.jobs.models import Job
from revisits import queries
from revisits.models import Revisit, RevisitRule, Skip, State
from revisits.queries import lists
from tests.factories import DeliveryFactory, VehicleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def due(task):
    """due(store, code, **values) -> a call that is due today by the real clock."""

    def make(store, code="DLV_D3", **values):
        day = clock.today()
        days = {"due_on": day, "expires_on": day + timedelta(days=2), "anchor_on": day - timedelta(days=3)}
        return task(store, code, **(days | values))

    return make


def text(response) -> str:
    return response.content.decode()


# ---- the due list ----------------------------------------------------------------------------------------------------


def test_the_list_shows_customers_with_masked_phones(due, store_a, specialist_a, as_):
    made = due(store_a)
    page = text(as_(specialist_a).get("/revisits/"))
    assert made.customer.name in page
    assert made.phone.number not in page
    assert f"{made.phone.number[:3]}****{made.phone.number[-4:]}" in page


def test_the_figures_add_up_to_the_first(due, store_a, specialist_a, as_):
    day = clock.today()
    due(store_a)
    due(store_a, expires_on=day)
    due(store_a, due_on=day - timedelta(days=5), expires_on=day - timedelta(days=1))
    at = clock.now() + timedelta(minutes=1)
    if clock.business_day(at) == day:
        due(store_a, promised_at=at, promised_by=specialist_a.employee, not_before=at)
    figures = as_(specialist_a).get("/revisits/").context["figures"]
    total, *parts = [figure["value"] for figure in figures]
    assert total == sum(parts) == Revisit.objects.count()


@pytest.mark.parametrize("bucket", ["promised", "overdue", "due", "last_day"])
def test_each_figure_opens_exactly_its_rows(due, store_a, specialist_a, as_, bucket):
    day = clock.today()
    due(store_a)
    due(store_a, expires_on=day)
    due(store_a, due_on=day - timedelta(days=5), expires_on=day - timedelta(days=1))
    response = as_(specialist_a).get(f"/revisits/?bucket={bucket}")
    value = {figure["label"]: figure["value"] for figure in response.context["figures"] if figure["current"]}
    shown = sum(len(group["lines"]) for group in response.context["groups"])
    assert list(value.values()) == [shown]


def test_filters_narrow_by_rule_result_and_series(due, store_a, specialist_a, as_):
    first = due(store_a)
    second = due(store_a, "SVC_D3", vehicle=VehicleFactory(store=store_a, series="远岚 V7"))
    client = as_(specialist_a)
    for query, wanted in (("rule=SVC_D3", second), ("series=远岚 V7", second), ("rule=DLV_D3&result=none", first)):
        groups = client.get(f"/revisits/?{query}").context["groups"]
        assert [line.task for group in groups for line in group["lines"]] == [wanted]


def test_nonsense_in_the_address_shows_the_list(due, store_a, specialist_a, as_):
    due(store_a)
    assert as_(specialist_a).get("/revisits/?bucket=x&show=-5&owner=9").status_code == 200


def test_an_empty_list_says_why_and_what_next(specialist_a, as_):
    page = text(as_(specialist_a).get("/revisits/"))
    assert "现在没有要回访的" in page


def test_the_frontline_sees_only_its_own_calls(due, store_a, frontline_a, as_):
    mine = due(
        store_a,
        "DLV_D1",
        delivery=DeliveryFactory(
            store=store_a, vehicle=VehicleFactory(store=store_a), sales_consultant=frontline_a.employee
        ),
    )
    due(store_a, "DLV_D3")
    groups = as_(frontline_a).get("/revisits/").context["groups"]
    assert [line.task for group in groups for line in group["lines"]] == [mine]


def test_the_list_costs_the_same_for_three_and_thirty(due, store_a, specialist_a, as_):
    client = as_(specialist_a)

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get("/revisits/").status_code == 200
        return len(captured)

    for _ in range(3):
        due(store_a)
    few = count()
    for _ in range(27):
        due(store_a)
    assert count() == few


def test_few_tables_are_joined(specialist_a):
    # PostgreSQL tries every order of up to eight tables: planning ten joins takes longer than reading the rows
    day, now = clock.today(), clock.now()
    due_list = lists.in_order(lists.due_list(specialist_a.user, now, day), day)
    for rows in (queries.for_desk(), due_list, lists.all_calls(specialist_a.user)):
        assert str(rows.query).count(" JOIN ") < 7


# ---- taking and opening ----------------------------------------------------------------------------------------------


def test_next_takes_a_call_and_goes_to_the_desk(due, store_a, specialist_a, as_):
    made = due(store_a)
    response = as_(specialist_a).post("/revisits/next/")
    assert response.url == reverse("revisits:call", args=[made.pk])
    assert Revisit.objects.get().claimed_by == specialist_a.employee


def test_next_with_nothing_waiting_says_so(specialist_a, as_):
    page = text(as_(specialist_a).post("/revisits/next/", follow=True))
    assert "现在没有可拨的回访" in page


def test_looking_claims_nothing(due, store_a, specialist_a, as_):
    made = due(store_a)
    client = as_(specialist_a)
    for address in ("/revisits/", f"/revisits/{made.pk}/", "/revisits/all/", "/revisits/not-called/"):
        assert client.get(address).status_code == 200
    assert Revisit.objects.get().claimed_by is None
    assert client.get("/revisits/next/").status_code == 405


def test_a_call_in_other_hands_is_refused_with_the_name(due, store_a, specialist_a, specialist_a2, as_):
    made = due(store_a, claimed_by=specialist_a2.employee, lease_until=clock.now() + timedelta(minutes=9))
    page = text(as_(specialist_a).post(f"/revisits/{made.pk}/open/", follow=True))
    assert specialist_a2.employee.name in page
    assert Revisit.objects.get().claimed_by == specialist_a2.employee


def test_an_interrupted_call_can_be_resumed(due, store_a, specialist_a, as_):
    made = due(store_a, claimed_by=specialist_a.employee, lease_until=clock.now() + timedelta(minutes=9))
    assert as_(specialist_a).get("/revisits/").context["held"] == [made]


# ---- strangers and roles ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tail", ["", "open/", "give-back/", "end/"])
def test_a_stranger_gets_404(due, store_a, stranger_b, as_, tail):
    made = due(store_a)
    client = as_(stranger_b)
    address = f"/revisits/{made.pk}/{tail}"
    assert (client.post(address) if tail else client.get(address)).status_code == 404
    assert Revisit.objects.get().claimed_by is None


def test_another_stores_calls_are_in_no_list(due, store_a, stranger_b, as_):
    made = due(store_a)
    Skip.objects.create(
        store=store_a, rule=RevisitRule.objects.get(code="DLV_D3"), anchor_key="delivery:9", anchor_on=made.due_on,
        due_on=made.due_on, reason="historical", recorded_on=made.due_on, customer=made.customer,
    )  # fmt: skip
    for address in ("/revisits/", "/revisits/all/", "/revisits/not-called/"):
        assert made.customer.name not in text(as_(stranger_b).get(address))


@pytest.mark.parametrize(
    ("who", "address", "status"),
    [
        ("admin_a", "/revisits/", 403),
        ("director_a", "/revisits/", 403),
        ("director_a", "/revisits/all/", 200),
        ("specialist_a", "/revisits/rules/", 403),
        ("admin_a", "/revisits/rules/", 200),
        ("manager_a", "/revisits/rules/DLV_D3/", 200),
        ("manager_a", "/revisits/rules/NOPE/", 404),
    ],
)
def test_each_role_has_its_pages(request, as_, who, address, status):
    assert as_(request.getfixturevalue(who)).get(address).status_code == status


def test_only_a_manager_asks_for_a_run(specialist_a, as_):
    assert as_(specialist_a).post("/revisits/generate/").status_code == 403
    assert not Job.objects.exists()


# ---- one call --------------------------------------------------------------------------------------------------------


def test_the_story_tells_rule_fact_and_sum(due, store_a, manager_a, as_):
    made = due(store_a)
    page = text(as_(manager_a).get(f"/revisits/{made.pk}/"))
    assert "交车后 3 日满意度" in page
    assert "起因后 3 天" in page


def test_a_manager_takes_a_call_off_the_list(due, store_a, manager_a, as_):
    made = due(store_a)
    client = as_(manager_a)
    assert (
        "请选择" in text(client.post(f"/revisits/{made.pk}/end/", {"how": ""})) or Revisit.objects.get().state == "due"
    )
    client.post(f"/revisits/{made.pk}/end/", {"how": "excused:by_manager"})
    assert (Revisit.objects.get().state, Revisit.objects.get().reason) == (State.EXCUSED, "by_manager")


def test_a_specialist_cannot_take_a_call_off_the_list(due, store_a, specialist_a, as_):
    made = due(store_a)
    assert as_(specialist_a).post(f"/revisits/{made.pk}/end/", {"how": "excused:by_manager"}).status_code == 403
    assert Revisit.objects.get().state == State.DUE


def test_a_manager_gives_a_call_back_for_somebody(due, store_a, specialist_a, manager_a, as_):
    made = due(store_a, claimed_by=specialist_a.employee, lease_until=clock.now() + timedelta(minutes=9))
    as_(manager_a).post(f"/revisits/{made.pk}/give-back/")
    assert Revisit.objects.get().claimed_by is None


# ---- the list of all calls -------------------------------------------------------------------------------------------


def test_calls_are_found_by_state_and_reason(due, store_a, manager_a, as_):
    due(store_a)
    failed = due(store_a, state=State.FAILED, reason="missed", ended_at=clock.now())
    lines = as_(manager_a).get("/revisits/all/?state=failed&reason=missed").context["lines"]
    assert [line["task"] for line in lines] == [failed]


# ---- rules and runs --------------------------------------------------------------------------------------------------


def test_a_run_can_be_asked_for_once_a_minute(store_a, manager_a, as_, monkeypatch):
    at = clock.at(clock.today(), 10)
    monkeypatch.setattr(clock, "now", lambda: at)
    client = as_(manager_a)
    for _ in range(2):
        client.post("/revisits/generate/")
    assert Job.objects.filter(kind="revisits.generate", store=store_a).count() == 1


def _form(version, **changes):
    values = {
        "is_on": "on", "offset_days": version.offset_days, "window_after": version.window_after,
        "tries": version.tries, "owner_role": version.owner_role, "whom": "picker",
        "questionnaire": version.questionnaire_id or "", "script": version.script_id or "", "shown": version.pk,
    }  # fmt: skip
    return values | changes


def test_a_changed_rule_is_a_new_version_of_the_store_from_tomorrow(store_a, store_b, manager_a, as_):
    company = RevisitRule.objects.get(code="DLV_D3").versions.get()
    response = as_(manager_a).post("/revisits/rules/DLV_D3/", _form(company, offset_days=2))
    assert response.status_code == 302
    own = RevisitRule.objects.get(code="DLV_D3", store=store_a)
    first, second = own.versions.order_by("number")
    day = clock.today()
    assert (first.offset_days, first.effective_until) == (3, day)
    assert (second.offset_days, second.effective_from) == (2, day + timedelta(days=1))
    company.refresh_from_db()
    assert company.effective_until is None
    assert not RevisitRule.objects.filter(store=store_b).exists()


def test_saving_a_rule_unchanged_or_over_another_change_is_refused(store_a, manager_a, as_):
    company = RevisitRule.objects.get(code="DLV_D3").versions.get()
    client = as_(manager_a)
    assert client.post("/revisits/rules/DLV_D3/", _form(company)).status_code == 200
    client.post("/revisits/rules/DLV_D3/", _form(company, tries=2))
    assert client.post("/revisits/rules/DLV_D3/", _form(company, tries=5)).status_code == 200
    assert set(RevisitRule.objects.get(code="DLV_D3", store=store_a).versions.values_list("tries", flat=True)) == {2, 3}


def test_a_stranger_cannot_change_a_stores_rules(store_a, stranger_b, as_):
    company = RevisitRule.objects.get(code="DLV_D3").versions.get()
    assert as_(stranger_b).post(f"/revisits/rules/DLV_D3/?store={store_a.pk}", _form(company)).status_code == 404


def test_the_deadline_of_a_late_fact_is_explained(due, store_a, manager_a, as_):
    client = as_(manager_a)
    late = due(store_a, late=True)
    missed = due(store_a, late=True, state=State.FAILED, reason="missed", ended_at=clock.now())
    assert "迟导入：从下一客服工作日重新计算" in text(client.get(f"/revisits/{late.pk}/"))
    assert "导入时已过窗口" in text(client.get(f"/revisits/{missed.pk}/"))


@pytest.mark.parametrize(("who", "offered"), [("specialist_a", True), ("director_a", False)])
def test_the_way_back_leads_only_where_one_may_go(request, as_, who, offered):
    page = as_(request.getfixturevalue(who)).get("/revisits/all/").content.decode()
    assert (f'href="{reverse("revisits:today")}"' in page) is offered


def test_all_calls_are_newest_first_whether_all_are_shown_or_some(due, as_, manager_a, store_a):
    days = [clock.today() - timedelta(days=back) for back in (3, 0, 5, 1)]
    for day in days:
        due(store_a, due_on=day, expires_on=day + timedelta(days=9), anchor_on=clock.today())
    month = f"{clock.today():%Y-%m}"
    for asked in ("", "?state=due", f"?store={store_a.pk}", f"?month={month}"):
        lines = as_(manager_a).get(f"/revisits/all/{asked}").context["lines"]
        assert [line["task"].due_on for line in lines] == sorted(days, reverse=True), asked
