"""When a month begins, is shown, is due, and is published by itself; and how a store sets it."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.notices.models import Notice
from crm_site.reports import actions, calendar, periods, tasks
from crm_site.reports.models import MonthlyReport, ReportSettings
from crm_site.worktime.rules import LEGAL_WEEK, LegalCalendar
from tests.factories import MembershipFactory
from tests.reports.month import MONTH, make_staff
from tests.reports.test_figures import complain

pytestmark = pytest.mark.django_db
D = date
#: August's public days are 1, 2 and 3 September, its day of publishing is the 7th
DUE = clock.at(D(2026, 9, 7), 18)


@pytest.fixture
def settings_of(store_a):
    """settings_of(**values): what the store has set."""
    return lambda **values: ReportSettings.objects.create(store=store_a, **values)


@pytest.fixture
def draft(store_a):
    complain(store_a, make_staff(store_a, 2)[0])
    return actions.build_draft(store_a, MONTH, None, now=clock.at(D(2026, 9, 7), 1))


@pytest.mark.parametrize(
    ("month", "begins", "start", "last"),
    [
        (D(2026, 8, 1), 1, D(2026, 8, 1), D(2026, 8, 31)),
        (D(2026, 2, 1), 1, D(2026, 2, 1), D(2026, 2, 28)),
        (D(2024, 2, 1), 1, D(2024, 2, 1), D(2024, 2, 29)),
        (D(2026, 8, 1), 26, D(2026, 7, 26), D(2026, 8, 25)),
        (D(2026, 1, 1), 26, D(2025, 12, 26), D(2026, 1, 25)),
        (D(2024, 3, 1), 26, D(2024, 2, 26), D(2024, 3, 25)),
    ],
)
def test_a_business_month_bears_the_name_of_the_month_it_ends_in(month, begins, start, last):
    period = periods.period_of(month, begins)
    assert (period.start, period.last) == (start, last)
    assert period.start == periods.period_of(periods.month_start(month, 1), begins).end
    assert {periods.month_at(day, begins) for day in (start, last)} == {month}


@pytest.mark.parametrize("begins", [1, 21, 26])
def test_every_day_of_five_years_lies_in_exactly_one_month(begins):
    day, months = D(2023, 1, 1), {}
    while day < D(2028, 1, 1):
        month = periods.month_at(day, begins)
        period = months.setdefault(month, periods.period_of(month, begins))
        assert period.holds(day)
        day += timedelta(days=1)


def test_the_days_are_working_days_after_the_last_day():
    days = periods.calendar_of(periods.period_of(D(2026, 8, 1), 26), LegalCalendar(LEGAL_WEEK, {}))
    assert (days.shown_from, days.shown_until, days.publish_on) == (D(2026, 8, 26), D(2026, 8, 28), D(2026, 9, 1))


def test_a_store_that_changes_its_month_loses_no_day_and_counts_none_twice(store_a, draft, manager_a, settings_of):
    actions.publish(draft.pk, by=manager_a.employee, now=DUE)
    settings_of(month_begins=26)
    september = calendar.period_for(store_a.pk, D(2026, 9, 1))
    assert (september.start, september.last) == (D(2026, 9, 1), D(2026, 9, 25))
    assert calendar.period_for(store_a.pk, D(2026, 10, 1)).start == D(2026, 9, 26)
    assert calendar.period_for(store_a.pk, MONTH).last == D(2026, 8, 31)  # as it was published


def test_a_month_from_the_26th_counts_its_own_days(store_a, settings_of):
    settings_of(month_begins=26)
    (employee,) = make_staff(store_a, 1)
    inside = [complain(store_a, employee, day=day) for day in (D(2026, 7, 26), D(2026, 8, 25))]
    for day in (D(2026, 7, 25), D(2026, 8, 26)):
        complain(store_a, employee, day=day)
    snapshot = actions.build_draft(store_a, MONTH, None, now=DUE).snapshot
    assert snapshot["period"] == ["2026-07-26", "2026-08-25"]
    assert sorted(pk for row in snapshot["rows"] for pk in row["direct"]) == [one.pk for one in inside]
    assert snapshot["total"] == snapshot["company"] == 2


def test_the_draft_of_such_a_month_is_asked_for_on_the_26th(store_a, settings_of):
    settings_of(month_begins=26)
    assert tasks.ask_for_missing(D(2026, 8, 25)) == 3
    MonthlyReport.objects.create(store=store_a, month=D(2026, 7, 1))
    assert periods.months_to_build(D(2026, 8, 26), store_a.go_live_on, [D(2026, 7, 1)], 26)[-1] == D(2026, 8, 1)


def test_a_draft_in_which_nothing_changed_keeps_its_text(store_a, draft):
    again = actions.build_draft(store_a, MONTH, None, now=DUE)
    assert (again.pk, again.sha256) == (draft.pk, draft.sha256)
    assert again.built_at == DUE


def test_before_the_public_days_are_over_nothing_is_published(draft, manager_a):
    for now in (clock.at(D(2026, 9, 1)), clock.at(D(2026, 9, 3), 23, 59)):
        with pytest.raises(RuleBroken) as refused:
            actions.publish(draft.pk, by=manager_a.employee, now=now)
        assert refused.value.code == "shown"
    assert actions.publish(draft.pk, by=manager_a.employee, now=clock.at(D(2026, 9, 4))).state == "published"


def test_months_follow_one_another(store_a, draft, manager_a):
    september = actions.build_draft(store_a, D(2026, 9, 1), None, now=clock.at(D(2026, 10, 20)))
    with pytest.raises(RuleBroken) as refused:
        actions.publish(september.pk, by=manager_a.employee, now=clock.at(D(2026, 10, 20)))
    assert refused.value.code == "turn"


def test_the_heads_are_told_once_when_the_public_days_begin(draft, head_a, frontline_a):
    for hour in (1, 2):
        tasks.keep_calendar(clock.at(D(2026, 9, 1), hour))
    assert [notice.code for notice in Notice.objects.filter(user=head_a.user)] == ["report.shown"]
    assert [notice.code for notice in Notice.objects.filter(user=frontline_a.user)] == ["report.own"]
    tasks.keep_calendar(clock.at(D(2026, 9, 4), 1))
    assert Notice.objects.count() == 2


def test_on_its_day_the_manager_is_told_and_the_clock_publishes_nothing_unasked(draft, manager_a):
    tasks.keep_calendar(DUE)
    tasks.keep_calendar(DUE)
    assert [notice.code for notice in Notice.objects.filter(user=manager_a.user)] == ["report.due"]
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_where_the_store_wants_it_the_clock_publishes_in_the_evening(draft, settings_of, manager_a):
    settings_of(publishes_itself=True)
    tasks.keep_calendar(DUE - timedelta(hours=1))
    draft.refresh_from_db()
    assert draft.state == "draft"
    tasks.keep_calendar(DUE)
    draft.refresh_from_db()
    assert (draft.state, draft.published_by, draft.published_at) == ("published", None, DUE)
    assert Entry.objects.get(action="report.published").actor_type == "system"


def test_the_clock_waits_for_tonights_rebuild(store_a, draft, settings_of):
    settings_of(publishes_itself=True)
    MonthlyReport.objects.update(built_at=clock.at(D(2026, 9, 6), 1))
    tasks.keep_calendar(DUE)
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_the_clock_never_publishes_an_uneven_sum_and_tells_the_managers_once(draft, settings_of, manager_a):
    settings_of(publishes_itself=True)
    draft.snapshot["total"] += 1
    draft.save(update_fields=["snapshot"])
    for _tick in range(2):
        tasks.keep_calendar(DUE)
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert [notice.code for notice in Notice.objects.filter(user=manager_a.user)] == ["report.held"]


def test_a_page_of_a_month_the_clock_published_is_shown(as_, draft, settings_of, manager_a):
    settings_of(publishes_itself=True)
    tasks.keep_calendar(DUE)
    assert "系统自动" in as_(manager_a).get(reverse("reports:report", args=[draft.pk])).text


# ---- settings -------------------------------------------------------------------------------------------------------

FORM = {"month_begins": "26", "shown_days": "2", "publish_after": "4", "publishes_itself": "on", "version": "1"}


@pytest.mark.parametrize("who", ["manager_a", "admin_a"])
def test_a_manager_or_admin_sets_how_months_close(request, as_, store_a, who):
    client, url = as_(request.getfixturevalue(who)), reverse("reports:settings", args=[store_a.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, FORM).status_code == 302
    row = ReportSettings.objects.get(store=store_a)
    assert (row.month_begins, row.shown_days, row.publish_after, row.publishes_itself) == (26, 2, 4, True)
    entry = Entry.objects.get(action="report_settings.changed")
    assert entry.detail["month_begins"] == [1, 26]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"publish_after": "2"}, "结账日要晚于公示期最后一天"),
        ({"month_begins": "15"}, ""),
        ({"shown_days": "0"}, ""),
        ({"version": "7"}, "别人刚刚保存过这些设置"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_lost(as_, store_a, manager_a, change, words):
    answer = as_(manager_a).post(reverse("reports:settings", args=[store_a.pk]), FORM | change)
    assert answer.status_code == 422
    assert words in answer.text
    assert not Entry.objects.filter(action="report_settings.changed").exists()


@pytest.mark.parametrize("who", ["head_a", "specialist_a", "frontline_a", "director_a"])
def test_others_do_not_set_it(request, as_, store_a, who):
    assert as_(request.getfixturevalue(who)).get(reverse("reports:settings", args=[store_a.pk])).status_code == 403


# ---- all stores -----------------------------------------------------------------------------------------------------


def test_the_stores_come_to_the_company(as_, store_a, store_b, director_a, draft):
    MembershipFactory(user=director_a.user, store=store_b, role="director")
    complain(store_b, None)
    actions.build_draft(store_b, MONTH, None, now=DUE)
    answer = as_(director_a).get(reverse("reports:company"), {"month": "2026-08"})
    total = answer.context["total"]
    assert (total["employees"], total["parts"], total["total"], total["company"]) == (1, [0, 0, 0, 1], 2, 2)
    assert total["is_even"]


def test_an_uneven_store_is_seen_in_the_company(as_, director_a, draft):
    draft.snapshot["company"] += 1
    draft.save(update_fields=["snapshot"])
    assert not as_(director_a).get(reverse("reports:company"), {"month": "2026-08"}).context["total"]["is_even"]
