"""Opening hours, the desk's rota, and the days that differ from the week."""

from __future__ import annotations

from datetime import date, time
from typing import NamedTuple, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import Reference, StoreScoped
from crm_site.worktime.rules import DayException, Segment


class Weekday(models.IntegerChoices):
    """The days of the week as Python counts them."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class DayKind(models.TextChoices):
    """What sets a day apart: the company's official days, and a store's own exceptions to them."""

    HOLIDAY = "holiday", _("Holiday")
    WORKDAY = "workday", _("Make-up workday")
    CLOSED = "closed", pgettext_lazy("day", "Closed")
    OPEN = "open", pgettext_lazy("day", "Open")


OFFICIAL_KINDS = (DayKind.HOLIDAY, DayKind.WORKDAY)
STORE_KINDS = (DayKind.CLOSED, DayKind.OPEN)
OPEN_KINDS = (DayKind.WORKDAY, DayKind.OPEN)


class Covers(models.TextChoices):
    """Whose opening a store's exception changes."""

    BOTH = "both", _("Store and desk")
    STORE = "store", _("Store only")
    DESK = "desk", _("Desk only")


class Source(models.TextChoices):
    """Where a calendar day came from; what was entered by hand is never overwritten by a list."""

    OFFICIAL = "official", _("Official list")
    MANUAL = "manual", _("Entered by hand")


class DayEntry(NamedTuple):
    """What a user enters about one or several days."""

    kind: DayKind
    name: str = ""
    covers: Covers = Covers.BOTH
    opens: time | None = None
    closes: time | None = None


class OpeningHours(models.Model):
    """One stretch of opening on a weekday; a split shift is several rows, no row is a closed day."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    opens = models.TimeField()
    closes = models.TimeField()

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["store_id", "weekday", "opens"]
        constraints = [
            models.UniqueConstraint(fields=["store", "weekday", "opens"], name="opening_hours_once"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="opening_hours_weekday_known"),
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="opening_hours_open_before_close"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"

    @property
    def segment(self) -> Segment:
        """The stretch as the rules reckon with it."""
        return Segment(self.opens, self.closes)


class DeskRota(models.Model):
    """Whether the calling desk is staffed on a weekday, and from when to when."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="desk_rota")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    works = models.BooleanField(default=True)
    begins = models.TimeField(default=time(8, 30))
    ends = models.TimeField(default=time(18, 0))

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["store_id", "weekday"]
        constraints = [
            models.UniqueConstraint(fields=["store", "weekday"], name="desk_rota_once_a_weekday"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="desk_rota_weekday_known"),
            models.CheckConstraint(condition=Q(begins__lt=F("ends")), name="desk_rota_begins_before_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.begins:%H:%M}–{self.ends:%H:%M}" if self.works else ""

    @property
    def segment(self) -> Segment:
        """The shift as the rules reckon with it."""
        return Segment(self.begins, self.ends)


class CalendarDayQuerySet(Reference):
    """Reads of the days that differ from the week."""

    def between(self, first: date, last: date) -> Self:
        """The days from ``first`` to ``last`` inclusive."""
        return self.filter(day__range=(first, last))

    def in_year(self, year: int) -> Self:
        """The days of one calendar year."""
        return self.between(date(year, 1, 1), date(year, 12, 31))

    def of_company(self) -> Self:
        """Holidays and make-up workdays, which hold for every store."""
        return self.filter(store=None)

    def of_store(self, store_id: int, covers: Covers) -> Self:
        """A store's own exceptions that change the opening of its doors or of its desk."""
        return self.filter(store_id=store_id, covers__in=[Covers.BOTH, covers])


class CalendarDay(models.Model):
    """A day that differs: a holiday or make-up workday of all (no store), or one store's exception."""

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="calendar_days")
    day = models.DateField()
    kind = models.CharField(max_length=10, choices=DayKind.choices)
    covers = models.CharField(max_length=10, choices=Covers.choices, default=Covers.BOTH)
    opens = models.TimeField(null=True, blank=True)
    closes = models.TimeField(null=True, blank=True)
    name_zh = models.CharField(max_length=60, blank=True)
    name_en = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.MANUAL)

    objects = CalendarDayQuerySet.as_manager()

    class Meta:
        ordering = ["day", "store_id"]
        constraints = [
            models.UniqueConstraint(fields=["day"], condition=Q(store=None), name="calendar_day_once_for_all"),
            models.UniqueConstraint(
                fields=["store", "day"], condition=Q(store__isnull=False), name="calendar_day_once_a_store"
            ),
            models.CheckConstraint(
                condition=Q(store=None, kind__in=OFFICIAL_KINDS, covers=Covers.BOTH)
                | Q(store__isnull=False, kind__in=STORE_KINDS),
                name="calendar_day_kind_fits_store",
            ),
            models.CheckConstraint(condition=Q(covers__in=Covers.values), name="calendar_day_covers_known"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="calendar_day_source_known"),
            models.CheckConstraint(
                condition=Q(opens=None, closes=None) | Q(kind=DayKind.OPEN, opens__lt=F("closes")),
                name="calendar_day_hours_only_when_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"

    @property
    def name(self) -> str:
        """What the day is called in the active language; the other one where that is missing."""
        english = (get_language() or "").startswith("en")
        return (self.name_en or self.name_zh) if english else (self.name_zh or self.name_en)

    @property
    def is_open(self) -> bool:
        """Whether this day opens what would be closed, rather than closing what would be open."""
        return self.kind in OPEN_KINDS

    @property
    def exception(self) -> DayException:
        """The day as the rules reckon with it."""
        hours = (Segment(self.opens, self.closes),) if self.opens and self.closes else ()
        return DayException(self.day, is_open=self.is_open, hours=hours)


class AbsenceQuerySet(StoreScoped):
    """Reads of who is away."""

    def on(self, day: date) -> Self:
        """The absences that cover a day."""
        return self.filter(first__lte=day, last__gte=day, cancelled_at=None)

    def touching(self, first: date, last: date) -> Self:
        """The absences that share a day with first…last."""
        return self.filter(first__lte=last, last__gte=first, cancelled_at=None)


class Absence(models.Model):
    """Days on which an employee is away (both included): leave, illness, training."""

    class Kind(models.TextChoices):
        """Why somebody is away."""

        LEAVE = "leave", _("Leave")
        ILL = "ill", _("Ill")
        TRAINING = "training", _("Training")
        OTHER = "other", _("Other")

    store = models.ForeignKey(Store, models.PROTECT, related_name="absences")
    employee = models.ForeignKey(Employee, models.PROTECT, related_name="absences")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.LEAVE)
    first = models.DateField()
    last = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    entered_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["first", "pk"]
        indexes = [models.Index(fields=["store", "last"], name="absence_store_last")]
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="absence_ends_after_first"),
            models.CheckConstraint(
                condition=Q(kind__in=["leave", "ill", "training", "other"]), name="absence_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.first}–{self.last}"
