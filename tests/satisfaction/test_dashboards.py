"""Comparisons and filters of one month: each figure opens its list, codes are checked, roles see their part."""

from datetime import date
from importlib import import_module

import pytest
from django.utils.html import escape

from crm_site.accounts.models import Department, Post
from satisfaction.models import Response
from tests.cast import keep, make_person
from tests.factories import DAY, EmployeeFactory, MembershipFactory, PostingFactory
from tests.satisfaction.boards import (
    DASHBOARD,
    DIMENSIONS,
    ITEMS,
    LIST,
    SEPTEMBER,
    advisor,
    by,
    rows_of,
    shown,
    survey,
)
from tests.satisfaction.surveys import respond, short_answers

pytestmark = [pytest.mark.django_db, pytest.mark.long, pytest.mark.usefixtures("september")]
store_a, store_b, manager_a, director_a, head_a, stranger_b = keep(
    "store_a", "store_b", "manager_a", "director_a", "head_a", "stranger_b"
)


@pytest.fixture(scope="module", autouse=True)
def month(store_a):
    """Twelve answers about one advisor and one series, four about others; low ones on both sides."""
    first, second = advisor(store_a), advisor(store_a, "段子涵")
    technician = EmployeeFactory(store=store_a, name="姚鹏")
    for mark in (5, 5, 8, 8, 9, 9, 9, 9, 10, 10, 10, 10):
        survey(store_a, first, mark, technician=technician)
    for mark in (4, 7, 8, 9):
        survey(store_a, second, mark, series="星驰", job_type="warranty")
    return first, second


# ---- figures and their lists ----------------------------------------------------------------------------------------


#: everybody with every comparison that they have; a head of one department compares none
COMPARED = [
    (name, dimension)
    for name in ("manager_a", "director_a", "head_a")
    for dimension in DIMENSIONS
    if (name, dimension) != ("head_a", "department")
]


@pytest.mark.parametrize(("name", "dimension"), COMPARED)
def test_every_figure_of_a_comparison_opens_its_list(as_, request, name, dimension, month):
    client = as_(request.getfixturevalue(name))
    answer = shown(client, by(dimension))
    figures = [one for row in rows_of(answer).values() for one in (row.shown, row.very, row.low) if one.href]
    assert len(figures) > 2
    for figure in figures:
        found = client.get(figure.href).context
        assert found["total"].number == figure.n, figure.href
        assert found["shown"].text == figure.text, figure.href
    for row in (answer.context["factors"] or {"rows": []})["rows"]:
        for cell in row["cells"]:
            assert client.get(cell["url"]).context["total"].number == cell["n"]


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_member_opens_a_dashboard_of_the_same_score(as_, manager_a, dimension, month):
    client = as_(manager_a)
    for row in rows_of(shown(client, by(dimension))).values():
        board = client.get(row.url)
        assert board.status_code == 200
        assert board.context["score"]["mean"].n == row.member.now.n
        assert board.context["score"]["mean"].value == row.member.now.value


@pytest.mark.parametrize("asked", [{"series": "远岚"}, {"job_type": "general"}])
def test_people_that_no_sum_knows_load_after_the_page_or_by_a_link(as_, manager_a, month, asked):
    client = as_(manager_a)
    whole = shown(client, DASHBOARD, **asked)
    url, html = whole.context["people_url"], whole.content.decode()
    assert "members-service_advisor" not in html
    assert html.count(f'href="{escape(url)}"') >= 2  # the heading, and a link where scripts are off
    assert f'hx-get="{escape(url)}"' in html
    fragment = client.get(url, headers={"HX-Request": "true", "HX-Target": "people"})
    assert "HX-Request" in fragment["Vary"]
    assert "<html" not in fragment.content.decode()
    assert list(rows_of(fragment)) == list(rows_of(shown(client, by("employee"), **asked)))
    assert rows_of(fragment)["罗雪"].shown.n == 12


def test_the_people_of_a_part_stand_on_pages(as_, manager_a, month, monkeypatch):
    monkeypatch.setattr(import_module("satisfaction.views.breakdown"), "PEOPLE_A_PAGE", 1)
    client, url = as_(manager_a), by("employee")
    first = shown(client, url, part="service_advisor")
    second = client.get(first.context["table"]["pager"]["next_url"])
    assert [list(rows_of(one)) for one in (first, second)] == [["罗雪"], ["段子涵"]]
    assert second.context["table"]["pager"]["next_url"] == ""
    for page in ("0", "3", "x"):
        assert client.get(url, {**SEPTEMBER, "part": "service_advisor", "page": page}).status_code == 404


def test_too_few_answers_stand_last_without_rank(as_, manager_a, month):
    rows = list(rows_of(shown(as_(manager_a), by("employee"), part="service_advisor")).values())
    assert [row.member.label for row in rows] == ["罗雪", "段子涵"]
    assert rows[0].shown.amount is not None
    assert [row.shown.rank for row in rows] == [None, None], "the only one with enough answers has nobody to be before"
    assert rows[1].shown.amount is None
    assert "样本不足" in shown(as_(manager_a), by("employee")).content.decode()


def test_three_months_stand_in_for_a_thin_month_and_open_their_own_list(as_, manager_a, store_a, month):
    for mark in (8, 8, 9, 9, 9, 9, 10):
        survey(store_a, month[1], mark, day=date(2026, 8, 12))
    client = as_(manager_a)
    row = rows_of(shown(client, by("employee"), part="service_advisor"))["段子涵"]
    assert row.shown.is_rolling
    assert row.shown.n == 11
    assert client.get(row.shown.href).context["total"].number == 11


def test_who_has_left_is_marked(as_, manager_a, store_a):
    gone = advisor(store_a, "秦小雨", left_on=date(2026, 9, 5))
    survey(store_a, gone, 9, day=date(2026, 9, 3))
    row = rows_of(shown(as_(manager_a), by("employee")))["秦小雨"]
    assert row.member.has_left
    assert "2026-09-05 离职" in row.member.note


def test_an_unknown_job_type_has_a_list_too(as_, manager_a, store_a):
    for _one in range(3):
        respond(store_a)
    client = as_(manager_a)
    row = rows_of(shown(client, by("job_type")))["维修类别不详"]
    assert "job_type=-" in row.shown.href
    assert client.get(row.shown.href).context["total"].number == 3


# ---- filters --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ({"series": "星驰"}, 4), ({"job_type": "general"}, 12), ({"department": "workshop"}, 12),
        ({"series": "星驰", "job_type": "general"}, 0), ({"series": "没有这车"}, 0), ({"question": "reception"}, 16),
        ({"factor": "process"}, 16), ({"span": "12"}, 16), ({"basis": "occasion"}, 0),
    ],
)  # fmt: skip
def test_filters_narrow_dashboard_and_list_alike(as_, manager_a, month, query, n):
    client = as_(manager_a)
    if query.get("factor") or query.get("department"):
        n = shown(client, LIST, **query).context["total"].number
        assert n > 0
    if query.get("basis"):
        n = shown(client, LIST, **query).context["total"].number
    assert shown(client, LIST, **query).context["total"].number == n
    assert shown(client, DASHBOARD, **query).context["score"]["mean"].n == n


@pytest.mark.parametrize("url", [DASHBOARD, LIST, ITEMS, by("employee"), by("series")])
@pytest.mark.parametrize(
    "query",
    [
        {"month": "2026-13"}, {"span": "2"}, {"span": "x"}, {"kind": "nope"}, {"basis": "nope"}, {"store": "0"},
        {"department": "nope"}, {"job_type": "nope"}, {"series": "x" * 61}, {"series": "a\nb"}, {"version": "x"},
        {"version": "99999999"}, {"employee": "x"}, {"employee": "9" * 30}, {"factor": "nope"}, {"question": "nope"},
    ],
)  # fmt: skip
def test_an_unknown_code_is_404_on_every_page(as_, manager_a, url, query):
    assert as_(manager_a).get(url, {**SEPTEMBER, **query}).status_code == 404


@pytest.mark.parametrize("query", [{"job_type": "general"}, {"department": "service"}, {"question": "reception"}])
def test_a_code_of_another_kind_is_left_out_when_the_kind_is_changed(as_, manager_a, month, query):
    lens = as_(manager_a).get(DASHBOARD, {**SEPTEMBER, **query, "kind": "sales"}).context["lens"]
    assert lens.active == {}


def test_each_chip_takes_its_own_filter_away(as_, manager_a, month):
    client = as_(manager_a)
    bar = shown(client, LIST, series="远岚", employee=month[0].pk, part="service_advisor").context["bar"]
    assert [chip["label"] for chip in bar["chips"]][:2] == ["远岚", "罗雪"]
    without = next(chip["url"] for chip in bar["chips"] if chip["label"] == "远岚")
    assert "series" not in without
    assert f"employee={month[0].pk}" in without
    assert client.get(without).status_code == 200


@pytest.mark.parametrize(("sort", "first"), [("", DAY), ("day", date(2026, 9, 2))])
def test_the_list_is_sorted_by_day(as_, manager_a, store_a, sort, first):
    for day in (date(2026, 9, 2), DAY, date(2026, 9, 9)):
        respond(store_a, day=day)
    rows = shown(as_(manager_a), LIST, sort=sort).context["page"].rows
    assert rows[0].called_on == first


@pytest.mark.parametrize(("sort", "up"), [("score", True), ("-score", False)])
def test_the_list_is_sorted_by_score_and_turns_its_pages(as_, manager_a, store_a, sort, up, monkeypatch):
    monkeypatch.setattr("crm_site.core.paging.PAGE_SIZE", 50)
    for mark in (7, 10, 8, 9):
        respond(store_a, answers=short_answers(mark))
    page = shown(as_(manager_a), LIST, sort=sort)
    points = [row.points for row in page.context["page"].rows]
    assert points == sorted(points, reverse=not up)
    assert 'aria-sort="ascending"' in page.content.decode() or not up
    assert as_(manager_a).get(LIST, {**SEPTEMBER, "sort": "name"}).status_code == 404


# ---- who sees what --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["specialist_a", "frontline_a", "admin_a"])
@pytest.mark.parametrize("url", [ITEMS, by("employee"), by("store")])
def test_comparisons_are_for_heads_managers_and_directors(as_, request, name, url):
    assert as_(request.getfixturevalue(name)).get(url).status_code == 403


def test_a_head_compares_only_what_judges_the_own_department(as_, head_a, month):
    client = as_(head_a)
    assert client.get(by("department"), SEPTEMBER).status_code == 404
    rows = rows_of(shown(client, by("employee")))
    assert "罗雪" in rows
    assert "姚鹏" not in rows
    assert client.get(DASHBOARD, {**SEPTEMBER, "department": "workshop"}).status_code == 404
    assert all(not row.very.href for row in rows.values())  # whole responses are not a head's


def test_heading_sales_here_and_service_there_shows_one_pair_at_a_time(as_, store_a, store_b):
    head = make_person(store_a, "head", "双店")
    MembershipFactory(user=head.user, store=store_b, role="head")
    there = EmployeeFactory(store=store_b, user=head.user)
    PostingFactory(employee=there, department=Department.SALES, post=Post.HEAD)
    client = as_(head)
    here = client.get(DASHBOARD, {"store": store_a.pk}).context["lens"]
    other = client.get(DASHBOARD, {"store": store_b.pk}).context["lens"]
    assert (here.scope.stores, here.departments) == ((store_a.pk,), ("service",))
    assert (other.scope.stores, other.departments) == ((store_b.pk,), ("sales",))
    crossed = client.get(DASHBOARD, {"store": store_b.pk, "kind": "service"}).context["lens"]
    assert (crossed.scope.stores, crossed.departments) == ((store_b.pk,), ("sales",))  # nothing of service there


def test_stores_are_compared_by_who_has_several(as_, director_a, manager_a, store_a, store_b, month):
    assert as_(manager_a).get(by("store"), SEPTEMBER).status_code == 404
    MembershipFactory(user=director_a.user, store=store_b, role="director")
    for _one in range(10):
        respond(store_b)
    client = as_(director_a)
    answer = shown(client, by("store"))
    rows = rows_of(answer)
    assert {label: row.shown.n for label, row in rows.items()} == {"渝北一店": 16, "南岸店": 10}
    for row in rows.values():
        assert client.get(row.shown.href).context["total"].number == row.shown.n


def test_another_stores_person_or_version_is_out_of_reach(as_, manager_a, stranger_b):
    client = as_(manager_a)
    assert client.get(LIST, {**SEPTEMBER, "employee": stranger_b.employee.pk}).status_code == 404
    assert client.get(by("employee"), {**SEPTEMBER, "store": stranger_b.store.pk}).status_code == 404


# ---- coverage, items ------------------------------------------------------------------------------------------------


def test_coverage_stands_beside_the_score(as_, manager_a, month):
    client = as_(manager_a)
    assert [one.template for one in shown(client, DASHBOARD).context["panels"]] == ["revisits/coverage_panel.html"]
    for url in (ITEMS, by("series")):
        words = [step["word"] for step in shown(client, url).context["chain"]]
        assert words == ["应回访", "已访", "接通", "成功", "有效"]


def test_few_answers_make_no_picture(as_, manager_a, month):
    for response in Response.objects.all()[:8]:
        response.delete()
    answer = shown(as_(manager_a), ITEMS)
    assert answer.context["quadrant"] is None
    assert "样本足够的题目太少" in answer.content.decode()


# ---- too much to be added up while somebody waits -------------------------------------------------------------------


@pytest.mark.parametrize("url", [DASHBOARD, ITEMS, by("series")])
def test_a_combination_that_no_sum_holds_offers_three_months_instead(as_, manager_a, month, url, monkeypatch):
    monkeypatch.setattr("satisfaction.views.waiting.must_wait", lambda scope, dimension="": scope.month.month != 7)
    client = as_(manager_a)
    answer = shown(client, url, span=12)
    waiting = answer.context["waiting"]
    assert "这样组合筛选，答案太多" in answer.content.decode()
    assert "score" not in answer.context
    assert client.get(waiting["url"]).context["lens"].span == 3
    assert "waiting" not in client.get(waiting["url"]).context


def test_the_history_of_such_a_combination_is_three_months_and_says_so(as_, manager_a, month, monkeypatch):
    monkeypatch.setattr("satisfaction.views.lens.must_wait", lambda scope, dimension="": True)
    answer = shown(as_(manager_a), DASHBOARD)
    assert len(answer.context["trend_rows"]) == len(answer.context["months"]) == 3
    assert "走势只显示三个月" in answer.content.decode()
