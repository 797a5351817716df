"""Every change of hours, rota, calendar and absences: atomic, refused by the rules, written down in the trail."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import models, transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from crm_site.worktime import calendars, official, rules
from crm_site.worktime.models import (
    OFFICIAL_KINDS,
    Absence,
    CalendarDay,
    Covers,
    DayEntry,
    DayKind,
    DeskRota,
    OpeningHours,
    Source,
    Weekday,
)

LONGEST_EXCEPTION = 62  # days in one go: two months of rebuilding
LONGEST_ABSENCE = 200  # days in one go: parental leave


@transaction.atomic
def set_opening_hours(store_id: int, week: rules.Week, *, shown: str, by: trail.Actor) -> Store:
    """Replace a store's weekly hours by ``week`` ({weekday: segments}, a missing weekday is closed).

    ``shown`` is rules.week_text of the hours that the user had before them: if somebody changed
    them meanwhile, nothing is written. Refuses overlapping shifts and a week without any opening.
    """
    store = Store.objects.select_for_update(no_key=True).get(pk=store_id)
    before = rules.week_text(calendars.opening_week(store_id))
    _refuse_if_changed(before, shown)
    if not any(week.values()):
        raise RuleBroken(_("Enter hours for at least one day: deadlines of complaints count in them."))
    for weekday, segments in week.items():
        _check_segments(weekday, segments)
    after = rules.week_text(week)
    if after == before and OpeningHours.objects.filter(store=store).exists():
        return store
    OpeningHours.objects.filter(store=store).delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(store=store, weekday=weekday, opens=segment.begins, closes=segment.ends)
        for weekday, segments in week.items()
        for segment in segments
    )
    trail.record(by, "worktime.hours_changed", store, store_id=store.pk, hours=(before, after))
    return store


@transaction.atomic
def set_desk_rota(store_id: int, week: rules.Week, *, shown: str, by: trail.Actor) -> Store:
    """Replace the desk's weekly shifts by ``week`` (one segment a day at most); see set_opening_hours."""
    store = Store.objects.select_for_update(no_key=True).get(pk=store_id)
    before = rules.week_text(calendars.desk_week(store_id))
    _refuse_if_changed(before, shown)
    if not any(week.values()):
        raise RuleBroken(_("Staff the desk on at least one day: revisits fall due on its days."))
    for weekday, segments in week.items():
        _check_segments(weekday, segments)
    after = rules.week_text(week)
    if after == before and DeskRota.objects.filter(store=store).exists():
        return store
    DeskRota.objects.filter(store=store).delete()
    DeskRota.objects.bulk_create(_rota_row(store, weekday, week.get(weekday, ())) for weekday in range(7))
    trail.record(by, "worktime.rota_changed", store, store_id=store.pk, hours=(before, after))
    return store


@transaction.atomic
def add_days(places: Mapping[int | None, trail.Actor], first: date, last: date, entry: DayEntry) -> list[CalendarDay]:
    """Mark each day from ``first`` to ``last`` in each store; the key None stands for all stores.

    ``places`` says for each store who acts there, for one user is another employee in each.
    Refuses an end before the start, a stretch of more than LONGEST_EXCEPTION days, and days that
    are marked already.
    """
    _check_stretch(first, last)
    _wait_for_others(places)
    for store_id in places:
        _check_entry(store_id, entry)
        _refuse_marked(store_id, first, last)
    made = []
    for store_id, by in places.items():
        for day in rules.days_of(first, last):
            row = CalendarDay.objects.create(store_id=store_id, day=day, source=Source.MANUAL, **_columns(entry))
            trail.record(by, "worktime.day_added", row, day=row.day, kind=row.kind, covers=row.covers)
            made.append(row)
    return made


@transaction.atomic
def change_day(day_id: int, entry: DayEntry, *, shown: str, by: trail.Actor) -> CalendarDay:
    """Change what a marked day is; it then counts as entered by hand and no list overwrites it.

    ``shown`` is the state that the user had before them (see day_text).
    """
    row = CalendarDay.objects.select_for_update().get(pk=day_id)
    before = day_text(row)
    _refuse_if_changed(before, shown)
    _check_entry(row.store_id, entry)
    columns = _columns(entry) | {"source": Source.MANUAL}
    if entry.name == row.name:  # untouched: keep the names in both languages
        del columns["name_zh"], columns["name_en"]
    for column, value in columns.items():
        setattr(row, column, value)
    row.save(update_fields=list(columns))
    trail.record(by, "worktime.day_changed", row, day=row.day, state=(before, day_text(row)))
    return row


@transaction.atomic
def remove_days(day_ids: Iterable[int], *, by: trail.Actor) -> int:
    """Take the marks from days, so that the ordinary week holds again; returns how many there were.

    Marks that somebody else has removed meanwhile are passed over.
    """
    rows = list(CalendarDay.objects.select_for_update().filter(pk__in=list(day_ids)).order_by("pk"))
    for row in rows:
        trail.record(by, "worktime.day_removed", row, day=row.day, kind=row.kind)
    CalendarDay.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


@dataclass(frozen=True)
class LoadResult:
    """What loading a year's list did: days added, changed, removed, and kept because entered by hand."""

    year: int
    added: int = 0
    changed: int = 0
    removed: int = 0
    kept: int = 0


def load_official_holidays(year: int, *, by: trail.Actor | None = None) -> LoadResult:
    """Fill the calendar with the official holidays and make-up workdays of ``year`` from the library.

    Loading the same list again changes nothing. Raises RuleBroken where the library has no list.
    """
    try:
        days = official.of_year(year)
    except official.UnknownYear as error:
        raise RuleBroken(
            _("The list of %(year)s is not part of this version. Enter it by hand.") % {"year": year},
            code="unknown_year",
        ) from error
    return _apply_list(year, days, Source.OFFICIAL, by)


def enter_list(year: int, days: Iterable[official.OfficialDay], *, by: trail.Actor) -> LoadResult:
    """Write a year's list that was entered by hand; it replaces whatever the year held for all stores."""
    entered = list(days)
    if not any(day.is_off for day in entered):
        raise RuleBroken(_("The list has no holiday. Enter at least one line that ends in “off”."))
    return _apply_list(year, entered, Source.MANUAL, by)


@transaction.atomic
def _apply_list(year: int, days: Iterable[official.OfficialDay], source: Source, by: trail.Actor | None) -> LoadResult:
    """Make the company's days of ``year`` equal to a list; a shipped list spares what was entered by hand."""
    _wait_for_others([None])
    there = {row.day: row for row in CalendarDay.objects.select_for_update().of_company().in_year(year)}
    wanted = {day.day: _official_columns(day, source) for day in days}
    spared = {day for day, row in there.items() if source is Source.OFFICIAL and row.source == Source.MANUAL}
    added = [CalendarDay(day=day, **columns) for day, columns in wanted.items() if day not in there]
    changed = [row for day, row in there.items() if day in wanted.keys() - spared and _take(row, wanted[day])]
    removed = [row.pk for day, row in there.items() if day not in wanted.keys() | spared]
    CalendarDay.objects.bulk_create(added)
    CalendarDay.objects.bulk_update(changed, ["kind", "name_zh", "name_en", "source"])
    CalendarDay.objects.filter(pk__in=removed).delete()
    result = LoadResult(year, len(added), len(changed), len(removed), len(spared))
    if added or changed or removed:
        subject = CalendarDay.objects.of_company().in_year(year).earliest("day")
        counts = {"added": result.added, "changed": result.changed, "removed": result.removed}
        trail.record(by, "worktime.list_loaded", subject, year=year, source=source.value, **counts)
    return result


@transaction.atomic
def enter_absence(
    employee_id: int, *, kind: str, first: date, last: date, note: str, by: Employee, now: datetime
) -> Absence:
    """Note that an employee is away from ``first`` to ``last`` (both included).

    Refuses an end before the start, more than LONGEST_ABSENCE days, days after the employee left, and days on which
    the employee is away already.
    """
    employee = Employee.objects.select_for_update(no_key=True).get(pk=employee_id)
    _check_absence(employee, first, last)
    row = Absence.objects.create(
        store_id=employee.store_id,
        employee=employee,
        kind=kind,
        first=first,
        last=last,
        note=note.strip(),
        entered_by=by,
        created_at=now,
    )
    trail.record(by, "absence.entered", row, employee=employee.pk, first=first, last=last)
    return row


def _check_absence(employee: Employee, first: date, last: date) -> None:
    if last < first:
        raise RuleBroken(_("The last day is before the first."), field="last")
    if (last - first).days >= LONGEST_ABSENCE:
        text = _("That is more than %(days)s days. Enter it in parts.") % {"days": LONGEST_ABSENCE}
        raise RuleBroken(text, field="last")
    if employee.left_on and first > employee.left_on:
        words = {"name": employee.name, "day": f"{employee.left_on:%Y-%m-%d}"}
        raise RuleBroken(_("%(name)s left on %(day)s and needs no absence after that.") % words, field="first")
    other = Absence.objects.filter(employee=employee).touching(first, last).first()
    if other is not None:
        words = {"name": employee.name, "first": f"{other.first:%Y-%m-%d}", "last": f"{other.last:%Y-%m-%d}"}
        text = _("%(name)s is away from %(first)s to %(last)s already. Cancel that first, or choose other days.")
        raise RuleBroken(text % words, field="first")


@transaction.atomic
def cancel_absence(absence_id: int, *, by: Employee, now: datetime, today: date) -> Absence:
    """Take an absence back; one that has begun ends yesterday, for its past days were days of absence.

    Refuses one that is over. Cancelled twice changes nothing.
    """
    row = Absence.objects.select_for_update(of=("self",)).get(pk=absence_id)
    if row.cancelled_at:
        return row
    if row.last < today:
        raise RuleBroken(_("This absence is over. It stays in the record as it was."), code="over")
    if row.first < today:
        row.last = today - timedelta(days=1)
        row.save(update_fields=["last"])
    else:
        row.cancelled_at = now
        row.save(update_fields=["cancelled_at"])
    trail.record(by, "absence.cancelled", row, employee=row.employee_id, first=row.first, last=row.last)
    return row


def day_text(row: CalendarDay) -> str:
    """The state of a marked day as one line, to tell whether it changed since somebody looked."""
    hours = f" {row.opens:%H:%M}-{row.closes:%H:%M}" if row.opens and row.closes else ""
    return f"{row.kind} {row.covers}{hours} {row.name_zh}".strip()


def _official_columns(day: official.OfficialDay, source: Source) -> dict[str, str]:
    kind = DayKind.HOLIDAY if day.is_off else DayKind.WORKDAY
    return {"kind": kind, "name_zh": day.name_zh, "name_en": day.name_en, "source": source}


def _take(row: CalendarDay, columns: dict[str, str]) -> bool:
    """Put the columns into the row; whether anything was different.

    A list by hand has one language and no source: a day that it leaves as it was stays as it was.
    """
    compared = ("kind", "name_zh") if columns["source"] == Source.MANUAL else tuple(columns)
    different = any(getattr(row, column) != columns[column] for column in compared)
    if different:
        for column, value in columns.items():
            setattr(row, column, value)
    return different


def _columns(entry: DayEntry) -> dict[str, object]:
    has_hours = entry.kind == DayKind.OPEN
    return {
        "kind": entry.kind,
        "covers": Covers.BOTH if entry.kind in OFFICIAL_KINDS else entry.covers,
        "opens": entry.opens if has_hours else None,
        "closes": entry.closes if has_hours else None,
        "name_zh": entry.name,
        "name_en": "",
    }


def _rota_row(store: Store, weekday: int, segments: rules.Segments) -> DeskRota:
    if not segments:
        return DeskRota(store=store, weekday=weekday, works=False)
    return DeskRota(store=store, weekday=weekday, works=True, begins=segments[0].begins, ends=segments[0].ends)


def _wait_for_others(store_ids: Collection[int | None]) -> None:
    """Let two changes of one calendar follow each other: the second then sees what the first has marked.

    What holds for all stores (None) locks every store; the keys stay free, so other work goes on.
    """
    stores = Store.objects.select_for_update(no_key=True).order_by("pk")
    list(stores if None in store_ids else stores.filter(pk__in=[pk for pk in store_ids if pk]))


def _refuse_if_changed(now: str, shown: str) -> None:
    if now != shown:
        raise RuleBroken(
            _("Somebody changed this while you had it open. What you typed is below; reload to see theirs."),
            code="stale",
        )


def _check_segments(weekday: int, segments: rules.Segments) -> None:
    label = Weekday(weekday).label
    for begins, ends in segments:
        if begins >= ends:
            raise RuleBroken(_("%(day)s: the end must be after the beginning.") % {"day": label})
    clash = rules.overlapping(segments)
    if clash:
        one, two = clash
        raise RuleBroken(
            _("%(day)s: %(one)s and %(two)s overlap. Let one end before the other begins.")
            % {"day": label, "one": rules.segment_text(one), "two": rules.segment_text(two)}
        )


def _check_stretch(first: date, last: date) -> None:
    if last < first:
        raise RuleBroken(_("The last day is before the first."), field="last")
    if (last - first).days >= LONGEST_EXCEPTION:
        raise RuleBroken(
            _("That is more than %(days)s days. Enter it in parts, or change the weekly hours.")
            % {"days": LONGEST_EXCEPTION},
            field="last",
        )


def _check_entry(store_id: int | None, entry: DayEntry) -> None:
    if (store_id is None) != (entry.kind in OFFICIAL_KINDS):
        raise RuleBroken(
            _("Holidays and make-up workdays hold for all stores; “open” and “closed” for single stores."), field="kind"
        )
    if (entry.opens is None) != (entry.closes is None):
        raise RuleBroken(_("Enter both times, or none for the usual hours."), field="closes")
    if entry.opens and entry.closes and entry.opens >= entry.closes:
        raise RuleBroken(_("The end must be after the beginning."), field="closes")


def _refuse_marked(store_id: int | None, first: date, last: date) -> None:
    scope = models.Q(store=None) if store_id is None else models.Q(store_id=store_id)
    marked = CalendarDay.objects.filter(scope).between(first, last).select_related("store").first()
    if marked is not None:
        raise RuleBroken(
            _("%(day)s is marked already in %(store)s. Change or remove that mark first.")
            % {"day": f"{marked.day:%Y-%m-%d}", "store": marked.store or _("the calendar of all stores")},
            code="marked",
            field="first",
        )
