"""The pages of the room through the client: who may see and do what, and what comes of it."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.core import clock
from crm_site.worktime import actions, calendars, rules
from crm_site.worktime.models import CalendarDay, DayEntry, DayKind, OpeningHours
from tests.factories import MembershipFactory, StoreFactory

DAY = date(2026, 9, 16)
OVERVIEW, CALENDAR = reverse("worktime:overview"), reverse("worktime:calendar")


@pytest.fixture(autouse=True)
def november(monkeypatch):
    """A day on which next year's list should be known and is not."""
    monkeypatch.setattr(clock, "today", lambda: date(2026, 11, 21))


@pytest.fixture
def closed_day(manager_a):
    (row,) = actions.add_days({manager_a.store.pk: manager_a.employee}, DAY, DAY, DayEntry(DayKind.CLOSED, "盘点"))
    return row


def hours_data(client, url, **changes):
    """What the browser would send: the form's own values with some of them changed."""
    form = client.get(url).context["form"]
    shown = {name: form[name].value() or "" for name in form.fields}
    return {name: f"{value:%H:%M}" if hasattr(value, "hour") else value for name, value in shown.items()} | changes


@pytest.mark.parametrize("name", ["manager_a", "admin_a", "director_a"])
def test_managers_admins_and_directors_see_the_pages(as_, request, name):
    client = as_(request.getfixturevalue(name))

    assert "渝北一店" in client.get(OVERVIEW).content.decode()
    assert client.get(CALENDAR).status_code == 200


@pytest.mark.parametrize("name", ["specialist_a", "frontline_a", "head_a"])
def test_others_are_refused(as_, request, name):
    assert as_(request.getfixturevalue(name)).get(OVERVIEW).status_code == 403


def test_a_director_reads_and_does_not_edit(as_, director_a):
    client = as_(director_a)

    assert reverse("worktime:opening_hours", args=[director_a.store.pk]) not in client.get(OVERVIEW).content.decode()
    assert client.get(reverse("worktime:opening_hours", args=[director_a.store.pk])).status_code == 403


@pytest.mark.parametrize("page", ["worktime:opening_hours", "worktime:desk_rota"])
def test_a_stranger_gets_404(as_, stranger_b, store_a, page):
    assert as_(stranger_b).get(reverse(page, args=[store_a.pk])).status_code == 404


def test_a_stranger_finds_no_day_of_another_store(as_, stranger_b, closed_day):
    client = as_(stranger_b)

    assert client.get(reverse("worktime:change_day", args=[closed_day.pk])).status_code == 404
    assert client.post(reverse("worktime:remove_days"), {"day": closed_day.pk}).status_code == 404
    assert client.get(CALENDAR, {"store": closed_day.store_id}).status_code == 404
    assert CalendarDay.objects.filter(pk=closed_day.pk).exists()


def test_split_shifts_are_saved_from_the_form(as_, manager_a):
    client, url = as_(manager_a), reverse("worktime:opening_hours", args=[manager_a.store.pk])
    morning = {"day0_0_ends": "12:00", "day0_1_begins": "13:30", "day0_1_ends": "18:00"}
    sunday_off = {"day6_0_begins": "", "day6_0_ends": ""}
    answer = client.post(url, hours_data(client, url, **morning, **sunday_off))

    assert answer.status_code == 302
    week = calendars.opening_week(manager_a.store.pk)
    assert rules.hours_text(week[0]) == "8:30–12:00 13:30–18:00"
    assert week.get(6, ()) == ()
    assert "13:30–18:00" in client.get(OVERVIEW).content.decode()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"day0_0_ends": ""}, "两个时间都填"),
        ({"day0_0_ends": "07:00"}, "结束时间要晚于开始时间"),
        ({"day0_1_begins": "17:00", "day0_1_ends": "19:00"}, "重叠"),
        ({f"day{day}_0_{edge}": "" for day in range(7) for edge in ("begins", "ends")}, "至少填写一天"),
        ({"shown": "0 7:00–8:00"}, "别人改过"),
    ],
)
def test_hours_that_do_not_fit_are_named_and_nothing_typed_is_lost(as_, manager_a, changes, message):
    client, url = as_(manager_a), reverse("worktime:opening_hours", args=[manager_a.store.pk])
    answer = client.post(url, hours_data(client, url) | {"day2_0_begins": "09:45"} | changes)

    assert answer.status_code == 200
    page = answer.content.decode()
    assert message in page
    assert "day2_0_begins" in changes or 'value="09:45"' in page
    assert not OpeningHours.objects.filter(store=manager_a.store).exists()


def test_the_rota_is_saved_from_the_form(as_, manager_a):
    client, url = as_(manager_a), reverse("worktime:desk_rota", args=[manager_a.store.pk])
    answer = client.post(url, hours_data(client, url, day5_0_begins="", day5_0_ends=""))

    assert answer.status_code == 302
    assert not calendars.desk_calendar(manager_a.store.pk).is_desk_day(date(2026, 9, 19))


def test_days_are_marked_from_the_form(as_, manager_a):
    data = {"stores": manager_a.store.pk, "first": "2026-12-30", "last": "2026-12-31", "kind": "closed"}
    answer = as_(manager_a).post(reverse("worktime:add_store_days"), data | {"covers": "both", "name": "盘点"})

    assert answer["Location"] == f"{CALENDAR}?year=2026&store={manager_a.store.pk}"
    assert [row.day.day for row in CalendarDay.objects.filter(store=manager_a.store)] == [30, 31]


def test_only_ones_own_stores_can_be_marked(as_, manager_a, store_b):
    data = {"stores": store_b.pk, "first": "2026-12-30", "kind": "closed", "covers": "both"}
    answer = as_(manager_a).post(reverse("worktime:add_store_days"), data)

    assert answer.status_code == 200
    assert not CalendarDay.objects.filter(store=store_b).exists()


def test_a_second_mark_keeps_what_was_typed(as_, manager_a, closed_day):
    data = {"stores": manager_a.store.pk, "first": "2026-09-16", "kind": "open", "covers": "both", "name": "加班"}
    page = as_(manager_a).post(reverse("worktime:add_store_days"), data).content.decode()

    assert "已有标记" in page
    assert 'value="加班"' in page


def test_a_day_is_changed_and_removed(as_, manager_a, closed_day):
    client, url = as_(manager_a), reverse("worktime:change_day", args=[closed_day.pk])
    shown = client.get(url).context["form"]["shown"].value()
    client.post(url, {"kind": "open", "covers": "store", "opens": "10:00", "closes": "15:00", "shown": shown})
    closed_day.refresh_from_db()
    assert (closed_day.kind, closed_day.covers, f"{closed_day.closes:%H:%M}") == ("open", "store", "15:00")

    assert client.post(reverse("worktime:remove_days"), {"day": closed_day.pk}).status_code == 302
    assert not CalendarDay.objects.filter(pk=closed_day.pk).exists()


def test_a_manager_may_not_touch_the_days_of_all_stores(as_, manager_a):
    holiday = CalendarDay.objects.get(store=None, day=date(2026, 10, 1))
    client = as_(manager_a)

    assert client.get(reverse("worktime:change_day", args=[holiday.pk])).status_code == 403
    assert client.post(reverse("worktime:remove_days"), {"day": holiday.pk}).status_code == 403
    assert client.get(reverse("worktime:enter_list", args=[2027])).status_code == 403
    assert client.post(reverse("worktime:load_list", args=[2026])).status_code == 403
    assert CalendarDay.objects.filter(pk=holiday.pk).exists()


def test_the_missing_list_is_announced_and_entered_by_hand(as_, admin_a):
    client, url = as_(admin_a), reverse("worktime:enter_list", args=[2027])
    assert "还没有 2027 年的放假安排" in client.get(OVERVIEW).content.decode()

    answer = client.post(url, {"lines": "2027-01-01 至 2027-01-03 元旦 休\n2027-01-09 元旦 班"})

    assert answer.status_code == 302
    assert CalendarDay.objects.of_company().in_year(2027).count() == 4
    assert "还没有" not in client.get(OVERVIEW).content.decode()


def test_a_line_that_cannot_be_read_is_quoted_and_the_text_kept(as_, admin_a):
    url = reverse("worktime:enter_list", args=[2027])
    page = as_(admin_a).post(url, {"lines": "2027-01-01 元旦 休\n元旦第二天"}).content.decode()

    assert "第 2 行“元旦第二天”" in page
    assert "2027-01-01 元旦 休" in page
    assert not CalendarDay.objects.in_year(2027).exists()


def test_a_shipped_list_is_loaded_by_a_click(as_, admin_a):
    CalendarDay.objects.of_company().delete()
    client = as_(admin_a)

    assert client.get(reverse("worktime:load_list", args=[2026])).status_code == 405
    assert client.post(reverse("worktime:load_list", args=[2026])).status_code == 302
    assert CalendarDay.objects.of_company().in_year(2026).exists()


def test_a_year_that_is_not_shipped_leads_to_the_form(as_, admin_a):
    answer = as_(admin_a).post(reverse("worktime:load_list", args=[2090]))

    assert answer["Location"] == reverse("worktime:enter_list", args=[2090])


def test_a_holiday_of_all_stores_is_added_by_an_admin(as_, admin_a):
    url = reverse("worktime:add_company_days")
    as_(admin_a).post(url, {"first": "2026-12-24", "kind": "holiday", "name": "试"})

    assert not calendars.legal_calendar().is_legal_working_day(date(2026, 12, 24))


@pytest.mark.parametrize("query", ["year=abc", "year=99999999999999", "year=1", "year=٣", "store=x", "year=&store="])
def test_an_odd_address_shows_a_year_all_the_same(as_, manager_a, query):
    assert as_(manager_a).get(f"{CALENDAR}?{query}").status_code == 200


def test_an_odd_day_is_not_found(as_, manager_a):
    client, url = as_(manager_a), reverse("worktime:remove_days")

    assert client.post(url, {}).status_code == 404
    assert client.post(url, {"day": "x"}).status_code == 404


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_speaks_both_languages(as_, admin_a, language):
    client = as_(admin_a, language)
    titles = {"zh-hans": "工作时间", "en": "Working time"}
    paths = [
        reverse("worktime:opening_hours", args=[admin_a.store.pk]),
        reverse("worktime:desk_rota", args=[admin_a.store.pk]),
        reverse("worktime:add_store_days"),
        reverse("worktime:add_company_days"),
        reverse("worktime:enter_list", args=[2027]),
    ]

    for path in [OVERVIEW, CALENDAR, *paths]:
        assert titles[language] in client.get(path).content.decode(), path


def queries_of(client, path) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_the_overview_takes_as_many_queries_for_thirty_stores_as_for_three(as_, manager_a):
    client = as_(manager_a)
    for _ in range(2):
        MembershipFactory(user=manager_a.user, store=StoreFactory(), role="manager")
    client.get(OVERVIEW)
    few = queries_of(client, OVERVIEW)
    for _ in range(27):
        MembershipFactory(user=manager_a.user, store=StoreFactory(), role="manager")

    assert queries_of(client, OVERVIEW) == few


def test_the_year_takes_as_many_queries_for_thirty_marks_as_for_three(as_, manager_a):
    client, places = as_(manager_a), {manager_a.store.pk: manager_a.employee}
    url = f"{CALENDAR}?year=2026&store={manager_a.store.pk}"
    actions.add_days(places, date(2026, 3, 2), date(2026, 3, 4), DayEntry(DayKind.CLOSED))
    client.get(url)
    few = queries_of(client, url)
    actions.add_days(places, date(2026, 5, 11), date(2026, 6, 6), DayEntry(DayKind.CLOSED))

    assert queries_of(client, url) == few
