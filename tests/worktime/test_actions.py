"""Hours, rota and calendar change only by the rules, and every change is in the trail."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.worktime import actions, calendars, official, rules
from crm_site.worktime.models import CalendarDay, Covers, DayEntry, DayKind, DeskRota, OpeningHours, Source
from crm_site.worktime.rules import Segment

DAY = date(2026, 9, 16)  # a Wednesday
CLOSED = DayEntry(DayKind.CLOSED, name="盘点")


@pytest.fixture(autouse=True)
def empty_calendar(db):
    """Without the lists that every installation starts with."""
    CalendarDay.objects.all().delete()


def shown_hours(store) -> str:
    return rules.week_text(calendars.opening_week(store.pk))


def set_hours(person, week, shown=None):
    shown = shown_hours(person.store) if shown is None else shown
    return actions.set_opening_hours(person.store.pk, week, shown=shown, by=person.employee)


def add(person, entry=CLOSED, first=DAY, last=DAY):
    return actions.add_days({person.store.pk: person.employee}, first, last, entry)


def test_hours_are_replaced_and_the_change_is_written_down(manager_a, split_week):
    set_hours(manager_a, split_week)

    assert OpeningHours.objects.filter(store=manager_a.store).count() == 12
    assert calendars.opening_week(manager_a.store.pk) == split_week
    entry = Entry.objects.get(action="worktime.hours_changed")
    assert (entry.store_id, entry.actor_name) == (manager_a.store.pk, "温静")
    assert entry.detail["hours"][1].startswith("0 8:30–12:00 13:30–18:00;")


def test_saving_the_same_hours_again_writes_nothing(manager_a, split_week):
    set_hours(manager_a, split_week)
    set_hours(manager_a, split_week)

    assert Entry.objects.filter(action="worktime.hours_changed").count() == 1


def test_hours_that_somebody_else_changed_meanwhile_are_not_overwritten(manager_a, admin_a, split_week):
    seen = shown_hours(manager_a.store)
    set_hours(admin_a, split_week)

    with pytest.raises(RuleBroken) as caught:
        set_hours(manager_a, rules.DEFAULT_STORE_WEEK, shown=seen)
    assert caught.value.code == "stale"
    assert calendars.opening_week(manager_a.store.pk) == split_week


@pytest.mark.parametrize(
    "week",
    [
        {},
        {0: ()},
        {0: (Segment(time(8), time(13)), Segment(time(12), time(18)))},
        {0: (Segment(time(18), time(8)),)},
    ],
)
def test_impossible_hours_are_refused(manager_a, week):
    with pytest.raises(RuleBroken):
        set_hours(manager_a, week)
    assert not OpeningHours.objects.exists()


def test_the_rota_keeps_a_row_for_each_weekday(manager_a):
    week = dict.fromkeys(range(5), (Segment(time(9), time(17)),))
    seen = rules.week_text(calendars.desk_week(manager_a.store.pk))
    actions.set_desk_rota(manager_a.store.pk, week, shown=seen, by=manager_a.employee)

    assert list(DeskRota.objects.values_list("works", flat=True)) == [True] * 5 + [False] * 2
    assert not calendars.desk_calendar(manager_a.store.pk).is_desk_day(date(2026, 9, 19))
    assert Entry.objects.filter(action="worktime.rota_changed").count() == 1


def test_a_desk_that_never_works_is_refused(manager_a):
    seen = rules.week_text(calendars.desk_week(manager_a.store.pk))
    with pytest.raises(RuleBroken):
        actions.set_desk_rota(manager_a.store.pk, {}, shown=seen, by=manager_a.employee)


@pytest.mark.parametrize(
    ("covers", "store_open", "desk_open"),
    [(Covers.BOTH, False, False), (Covers.STORE, False, True), (Covers.DESK, True, False)],
)
def test_an_exception_changes_what_it_covers(manager_a, covers, store_open, desk_open):
    add(manager_a, CLOSED._replace(covers=covers))

    assert calendars.store_calendar(manager_a.store.pk).is_open_day(DAY) is store_open
    assert calendars.desk_calendar(manager_a.store.pk).is_desk_day(DAY) is desk_open


def test_an_exception_of_one_store_leaves_the_other_alone(manager_a, stranger_b):
    add(manager_a)

    assert calendars.store_calendar(stranger_b.store.pk).is_open_day(DAY)
    assert calendars.legal_calendar().is_legal_working_day(DAY)


def test_a_store_may_open_on_a_holiday_with_hours_of_its_own(manager_a):
    actions.load_official_holidays(2026)
    add(
        manager_a,
        DayEntry(DayKind.OPEN, opens=time(10), closes=time(15)),
        first=date(2026, 10, 2),
        last=date(2026, 10, 2),
    )
    calendar = calendars.store_calendar(manager_a.store.pk)

    assert calendar.segments(date(2026, 10, 1)) == ()
    assert calendar.segments(date(2026, 10, 2)) == (Segment(time(10), time(15)),)


def test_a_stretch_marks_every_day_of_it(manager_a):
    made = add(manager_a, first=date(2026, 9, 16), last=date(2026, 9, 18))

    assert [row.day.day for row in made] == [16, 17, 18]
    assert Entry.objects.filter(action="worktime.day_added").count() == 3


@pytest.mark.parametrize(
    ("entry", "first", "last"),
    [
        (CLOSED, date(2026, 9, 16), date(2026, 9, 15)),
        (CLOSED, date(2026, 1, 1), date(2026, 4, 1)),
        (DayEntry(DayKind.HOLIDAY), DAY, DAY),
        (DayEntry(DayKind.OPEN, opens=time(9)), DAY, DAY),
        (DayEntry(DayKind.OPEN, opens=time(9), closes=time(8)), DAY, DAY),
    ],
)
def test_impossible_days_are_refused(manager_a, entry, first, last):
    with pytest.raises(RuleBroken):
        add(manager_a, entry, first, last)
    assert not CalendarDay.objects.exists()


def test_the_second_mark_of_a_day_is_refused(manager_a):
    add(manager_a)

    with pytest.raises(RuleBroken) as caught:
        add(manager_a)
    assert caught.value.code == "marked"
    assert CalendarDay.objects.count() == 1


def test_a_changed_day_counts_as_entered_by_hand(admin_a):
    actions.load_official_holidays(2026)
    row = CalendarDay.objects.get(day=date(2026, 10, 10))
    entry = DayEntry(DayKind.HOLIDAY, name=row.name)
    actions.change_day(row.pk, entry, shown=actions.day_text(row), by=admin_a.user)
    row.refresh_from_db()

    assert (row.kind, row.source, row.name_en) == ("holiday", "manual", "National Day")
    assert actions.load_official_holidays(2026).kept == 1
    assert not calendars.legal_calendar().is_legal_working_day(date(2026, 10, 10))


def test_a_day_that_changed_meanwhile_is_not_overwritten(manager_a):
    (row,) = add(manager_a)
    with pytest.raises(RuleBroken) as caught:
        actions.change_day(row.pk, CLOSED, shown="open both", by=manager_a.employee)
    assert caught.value.code == "stale"


def test_removed_marks_leave_a_trace(manager_a):
    rows = add(manager_a, last=date(2026, 9, 17))

    assert actions.remove_days([row.pk for row in rows], by=manager_a.employee) == 2
    assert actions.remove_days([row.pk for row in rows], by=manager_a.employee) == 0
    assert Entry.objects.filter(action="worktime.day_removed").count() == 2


def test_loading_the_same_list_again_changes_nothing(db):
    first = actions.load_official_holidays(2026)
    entries = Entry.objects.count()
    second = actions.load_official_holidays(2026)

    assert first.added == len(official.of_year(2026)) == CalendarDay.objects.count()
    assert second == actions.LoadResult(2026)
    assert Entry.objects.count() == entries


def test_a_list_by_hand_replaces_the_year_and_keeps_what_it_repeats(admin_a):
    actions.load_official_holidays(2026)
    days = [day for day in official.of_year(2026) if day.day != date(2026, 10, 10)]
    result = actions.enter_list(2026, [day._replace(name_en="") for day in days], by=admin_a.user)

    assert (result.added, result.changed, result.removed) == (0, 0, 1)
    assert CalendarDay.objects.get(day=date(2026, 10, 1)).source == Source.OFFICIAL


def test_a_list_without_a_holiday_is_refused(admin_a):
    with pytest.raises(RuleBroken):
        actions.enter_list(2027, [official.OfficialDay(date(2027, 1, 9), False, "元旦", "")], by=admin_a.user)


def test_a_year_that_is_not_shipped_asks_to_be_entered(db):
    with pytest.raises(RuleBroken) as caught:
        actions.load_official_holidays(official.recent_years()[-1] + 1)
    assert caught.value.code == "unknown_year"


@pytest.mark.parametrize(
    ("today", "loaded", "missing"),
    [
        (date(2026, 10, 31), [2026], []),
        (date(2026, 11, 1), [2026], [2027]),
        (date(2026, 11, 1), [], [2026, 2027]),
        (date(2026, 3, 1), [], [2026]),
    ],
)
def test_a_missing_list_is_noticed_from_november(db, today, loaded, missing):
    for year in loaded:
        actions.load_official_holidays(year)

    assert calendars.missing_years(today) == missing


@pytest.mark.parametrize(
    "columns",
    [
        {"kind": DayKind.CLOSED},  # a store's kind without a store
        {"kind": DayKind.HOLIDAY, "covers": Covers.DESK},
        {"kind": DayKind.HOLIDAY, "opens": time(9), "closes": time(12)},
        {"kind": "maybe"},
        {"kind": DayKind.HOLIDAY, "source": "rumour"},
    ],
)
def test_the_database_refuses_impossible_days(db, columns):
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarDay.objects.create(day=DAY, **columns)


def test_the_database_refuses_a_second_day_of_all_stores(db):
    CalendarDay.objects.create(day=DAY, kind=DayKind.HOLIDAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarDay.objects.create(day=DAY, kind=DayKind.WORKDAY)


def test_a_calendar_takes_two_queries_however_many_days_are_marked(manager_a, django_assert_num_queries):
    for year in official.recent_years():
        actions.load_official_holidays(year)
    with django_assert_num_queries(2):
        calendars.store_calendar(manager_a.store.pk).end_of_nth_open_day(clock.at(DAY, 9), 30)


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_the_same_day_marked_twice_at_once_is_refused_once(repeat, manager_a):
    def mark(day: date) -> str:
        try:
            add(manager_a, first=day, last=day)
        except RuleBroken as error:
            return error.code
        finally:
            connection.close()
        return "made"

    for number in range(repeat):
        day = DAY + timedelta(days=number)
        with ThreadPoolExecutor(2) as pool:
            answers = sorted(pool.map(mark, [day, day]))
        assert answers == ["made", "marked"]


def test_the_calendars_of_several_stores_are_those_of_each(manager_a, store_b):
    add(manager_a)
    add(
        manager_a,
        DayEntry(DayKind.CLOSED, name="培训", covers=Covers.DESK),
        first=date(2026, 9, 17),
        last=date(2026, 9, 17),
    )
    DeskRota.objects.create(store=store_b, weekday=DAY.weekday(), works=False)
    stores = [manager_a.store.pk, store_b.pk]
    desks, shops = calendars.desk_calendars(stores, DAY), calendars.store_calendars(stores, DAY, date(2026, 9, 30))
    assert desks == {pk: calendars.desk_calendar(pk, DAY) for pk in stores}
    assert shops == {pk: calendars.store_calendar(pk, DAY, date(2026, 9, 30)) for pk in stores}
    assert len({repr(desks[pk]) for pk in stores}) == 2
