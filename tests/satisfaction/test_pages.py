"""The pages through the client: who sees what, each figure opens its list, nothing grows with the rows."""

import re

import pytest
from django.urls import reverse
from django.utils.html import escape

from crm_site.accounts.models import Department, Post
from crm_site.audit.models import Entry
from satisfaction import panels
from satisfaction.models import Response
from tests.cast import PEOPLE, STORES, keep, make_person
from tests.factories import EmployeeFactory, PostingFactory
from tests.satisfaction.boards import DASHBOARD, HEAT, LIST, MEASURES, NEW, SEPTEMBER, TREND, page
from tests.satisfaction.surveys import order_of, respond, short_answers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("september")]
store_a, store_b, specialist_a, _specialist_a2, frontline_a, head_a, manager_a, admin_a, director_a, stranger_b = keep(
    *STORES, *list(PEOPLE)[:8]
)


@pytest.fixture(scope="module", autouse=True)
def advisor(store_a):
    employee = EmployeeFactory(store=store_a, name="罗雪")
    PostingFactory(employee=employee, department=Department.SERVICE, post=Post.SERVICE_ADVISOR)
    return employee


@pytest.fixture(scope="module", autouse=True)
def surveys(store_a, advisor):
    """Twelve responses about one advisor, three of them low."""
    technician = EmployeeFactory(store=store_a, name="姚鹏")
    marks = [5, 5, 5, 8, 8, 9, 9, 9, 9, 10, 10, 10]
    return [
        respond(store_a, order=order_of(store_a, advisor, technician), answers=short_answers(8, reception=mark))
        for mark in marks
    ]


# ---- who -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["manager_a", "director_a"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_managers_and_directors_see_the_month(as_, request, name, language, surveys):
    html = page(as_(request.getfixturevalue(name), language), DASHBOARD, **SEPTEMBER)
    assert "罗雪" in html
    assert "n = 12" in html
    assert ("服务满意度" if language == "zh-hans" else "Service satisfaction") in html


@pytest.mark.parametrize("name", ["specialist_a", "frontline_a", "admin_a"])
@pytest.mark.parametrize("url", [DASHBOARD, HEAT, LIST, TREND, MEASURES, NEW])
def test_specialists_frontline_and_admins_have_no_score_pages(as_, request, name, url):
    assert as_(request.getfixturevalue(name)).get(url).status_code == 403


def test_a_stranger_sees_only_their_own_store(as_, stranger_b, surveys, store_a):
    client = as_(stranger_b)
    assert "罗雪" not in page(client, DASHBOARD, **SEPTEMBER)
    assert client.get(DASHBOARD, {"store": store_a.pk}).status_code == 404
    assert client.get(HEAT, {"store": store_a.pk}).status_code == 404
    assert client.get(TREND, {"store": store_a.pk}).status_code == 404
    assert client.get(LIST, {**SEPTEMBER, "employee": surveys[0].repair_order.service_advisor_id}).status_code == 404
    assert client.get(reverse("satisfaction:response", args=[surveys[0].pk])).status_code == 404
    assert client.post(reverse("satisfaction:exclude", args=[surveys[0].pk]), {"reason": "x"}).status_code == 404
    assert not Response.objects.exclude(excluded_at=None).exists()


def test_a_head_sees_only_what_judges_their_department(as_, head_a, surveys):
    client = as_(head_a)  # posted to service: the advisor's items, not the workshop's
    html = page(client, DASHBOARD, **SEPTEMBER)
    assert "罗雪" in html
    assert "姚鹏" not in html
    assert "接待服务" in html
    assert "故障一次解决" not in html
    assert client.get(DASHBOARD, {"kind": "sales"}).status_code == 404
    assert client.get(LIST, {**SEPTEMBER, "question": "fixed_first_time"}).status_code == 404
    assert client.get(LIST, {**SEPTEMBER, "figure": "nps"}).status_code == 404
    detail = page(client, reverse("satisfaction:response", args=[surveys[0].pk]))
    assert "接待服务" in detail
    assert "故障一次解决" not in detail


def test_a_sales_head_does_not_see_service_responses(as_, store_a, surveys):
    head = make_person(store_a, "head", "向晖")
    head.employee.postings.update(department=Department.SALES)
    assert as_(head).get(reverse("satisfaction:response", args=[surveys[0].pk])).status_code == 404
    assert "销售满意度" in page(as_(head), DASHBOARD)


def test_a_head_of_no_judged_department_is_told_so(as_, store_a):
    head = make_person(store_a, "head", "唐敏")
    head.employee.postings.update(department=Department.FINANCE)
    assert "你的部门没有分数" in page(as_(head), DASHBOARD)


def test_a_manager_here_and_head_there_sees_each_store_as_far_as_the_role_goes(as_, store_a, store_b, surveys):
    person = make_person(store_a, "head", "双职")
    person.user.memberships.create(store=store_b, role="manager")
    client = as_(person)
    assert client.get(DASHBOARD, SEPTEMBER).context["lens"].scope.stores == (store_b.pk,)
    session = client.session
    session["store_id"] = store_a.pk
    session.save()
    narrowed = client.get(DASHBOARD, SEPTEMBER).context["lens"]
    assert (narrowed.scope.stores, narrowed.departments) == ((store_a.pk,), ("service",))
    assert client.get(reverse("satisfaction:trees")).status_code == 403


# ---- figures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["manager_a", "head_a"])
def test_every_link_of_the_dashboard_opens_a_list_of_its_length(as_, request, name, surveys):
    client = as_(request.getfixturevalue(name))
    shown = client.get(DASHBOARD, SEPTEMBER).context
    figures = [shown["score"]["shown"], shown["low"], *(row["shown"] for row in shown["factors"])]
    assert [one.n for one in figures[:2]] == [12, 3]
    heat = client.get(HEAT, SEPTEMBER).context["heat"]
    expected = [(cell["url"], cell["n"]) for row in heat for cell in row["cells"] if cell["n"]]
    for table in shown["groups"]:
        figures += [figure for row in table["rows"] for figure in (row.shown, row.low) if figure.n]
    expected += [(one.href, one.n) for one in figures]
    assert len(expected) > 5
    for url, count in expected:
        assert client.get(url).context["total"].number == count, url


@pytest.mark.parametrize("name", ["manager_a", "director_a", "head_a"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_heat_table_is_loaded_into_its_place_and_is_a_page_without_scripts(as_, request, name, language, surveys):
    client = as_(request.getfixturevalue(name), language)
    whole = client.get(DASHBOARD, SEPTEMBER | {"basis": "occasion"})
    url = whole.context["heat_url"]
    html = whole.content.decode()
    assert html.count(f'href="{escape(url)}"') == 2  # the heading, and a link where scripts are off
    assert f'hx-get="{escape(url)}"' in html
    fragment = client.get(url, headers={"HX-Request": "true", "HX-Target": "heat"})
    assert fragment["Vary"].count("HX-Request") == 1
    alone = page(client, url)
    assert "<html" in alone
    assert "<html" not in fragment.content.decode()
    assert fragment.content.decode().strip() in alone
    assert 'title="n = 12"' in alone
    assert f'hx-get="{escape(url)}"' not in alone


@pytest.mark.parametrize("name", ["manager_a", "head_a"])
def test_the_place_of_the_heat_table_has_its_rows(as_, request, name, surveys):
    client = as_(request.getfixturevalue(name))
    waiting = client.get(DASHBOARD, SEPTEMBER).context["heat"]
    loaded = client.get(HEAT, SEPTEMBER).context["heat"]
    assert [row["label"] for row in waiting] == [row["label"] for row in loaded]
    assert any(row["name"] == "question" for row in waiting)
    assert ("head" in name) == any(row.get("is_group") for row in loaded)


def test_a_head_sees_only_their_own_items_in_the_heat_table(as_, head_a, surveys):
    html = page(as_(head_a), HEAT, **SEPTEMBER)
    assert "接待服务" in html
    assert "故障一次解决" not in html
    assert as_(head_a).get(HEAT, {"kind": "sales"}).status_code == 404


def test_a_link_names_codes_and_ids_only(as_, manager_a, surveys):
    context = as_(manager_a).get(DASHBOARD, SEPTEMBER).context
    urls = [row.shown.href for table in context["groups"] for row in table["rows"]]
    assert urls
    assert not any("罗雪" in url or "%E7" in url for url in urls)


@pytest.mark.parametrize(
    "query",
    [
        {"month": "2026-13"}, {"month": "x"}, {"kind": "unscored"}, {"kind": "' OR 1"}, {"factor": "nope"},
        {"question": "nope"}, {"employee": "abc"}, {"employee": "9" * 30}, {"part": "boss"}, {"figure": "nope"},
        {"store": "x"},
    ],
)  # fmt: skip
def test_unknown_codes_are_404_and_never_an_error(as_, manager_a, query):
    assert as_(manager_a).get(LIST, {**SEPTEMBER, **query}).status_code == 404


def test_the_detail_shows_how_the_index_came_about(as_, manager_a, surveys):
    html = page(as_(manager_a), reverse("satisfaction:response", args=[surveys[0].pk]))
    assert "50.00 × 35" in html
    assert "<b>69.50</b>" in html
    assert "等得太久" in html


@pytest.mark.parametrize("look", [("wide", "light"), ("wide", "dark"), ("narrow", "light"), ("narrow", "dark")])
@pytest.mark.parametrize("name", ["trend", "employees"])
def test_charts_are_pictures_that_the_browser_may_keep(as_, manager_a, surveys, name, look):
    client = as_(manager_a)
    query = {**SEPTEMBER, "size": look[0], "theme": look[1], "part": "service_advisor"}
    first = client.get(reverse("satisfaction:chart", args=[name]), query)
    assert first["Content-Type"] == "image/svg+xml"
    assert first.content.startswith(b"<?xml")
    again = client.get(reverse("satisfaction:chart", args=[name]), query, headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pictures_follow_the_persons_theme(as_, manager_a, surveys, theme):
    manager_a.user.theme = theme
    manager_a.user.save(update_fields=["theme"])
    html = page(as_(manager_a), DASHBOARD, **SEPTEMBER)
    assert f"size=wide&amp;theme={theme}" in html
    screen = re.sub(r'<source media="print"[^>]*>', "", html)  # paper is light whatever the theme
    assert f"theme={'dark' if theme == 'light' else 'light'}" not in screen


@pytest.mark.parametrize("query", [{"theme": "pink"}, {"size": "huge"}])
def test_an_unknown_picture_is_404(as_, manager_a, query):
    assert as_(manager_a).get(TREND, query).status_code == 404
    assert as_(manager_a).get(reverse("satisfaction:chart", args=["pie"])).status_code == 404


# ---- changes ---------------------------------------------------------------------------------------------------------


def test_a_manager_takes_a_response_out_once(as_, manager_a, surveys):
    url = reverse("satisfaction:exclude", args=[surveys[0].pk])
    client = as_(manager_a)
    client.post(url, {"reason": ""})
    assert Response.objects.valid().count() == 12
    client.post(url, {"reason": "抽检：当天\0没有拨打"})  # a NUL is nobody's word
    client.post(url, {"reason": "第二次"})
    assert Response.objects.valid().count() == 11
    assert Response.objects.get(pk=surveys[0].pk).excluded_reason == "抽检：当天没有拨打"
    assert Entry.objects.filter(action="response.excluded").count() == 1


@pytest.mark.parametrize("name", ["director_a", "head_a"])
def test_only_a_manager_takes_responses_out(as_, request, name, surveys):
    client = as_(request.getfixturevalue(name))
    assert client.post(reverse("satisfaction:exclude", args=[surveys[0].pk]), {"reason": "x"}).status_code == 403
    assert Response.objects.valid().count() == 12


def test_a_customers_responses_stand_on_card_and_timeline(rf, manager_a, specialist_a, frontline_a, surveys):
    customer = surveys[0].customer
    asked = rf.get("/")
    asked.user = manager_a.user
    (panel,) = panels.for_customer(asked, customer)
    assert panel.context["rows"] == [surveys[0]]
    (event,) = panels.events(manager_a.user, customer)
    assert (event.quote, event.kind) == ("等得太久", "bad")
    assert event.url == reverse("satisfaction:response", args=[surveys[0].pk])
    assert panels.events(specialist_a.user, customer)[0].url == ""
    assert panels.events(frontline_a.user, customer) == []


def test_a_decision_is_for_who_sees_a_low_answer_and_shows_no_number(as_, head_a, manager_a, store_a, advisor):
    said = {"decision": "waived", "decision_reason": "已与13812345678说明"}
    technician = EmployeeFactory(store=store_a, name="姚鹏")
    others = respond(
        store_a, order=order_of(store_a, advisor, technician), answers=short_answers(8, fixed_first_time=4), **said
    )
    own = respond(store_a, order=order_of(store_a, advisor, technician), answers=short_answers(8, reception=4), **said)
    seen = {}
    for who in (head_a, manager_a):
        for row in (others, own):
            html = page(as_(who), reverse("satisfaction:response", args=[row.pk]))
            assert "13812345678" not in html
            seen[who.role, row.pk] = "说明" in html
    assert seen == {
        ("head", others.pk): False, ("head", own.pk): True, ("manager", others.pk): True, ("manager", own.pk): True,
    }  # fmt: skip
