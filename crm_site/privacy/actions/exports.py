"""Lets personal data leave: no more rows than the store's rules allow, and every file in the log."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts import data_rules
from crm_site.accounts.models import Employee, Role, User
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.exports import Leaving
from crm_site.notices import actions as notices
from crm_site.privacy.models import ExportEntry
from crm_site.privacy.rules import terms

#: who is told of large exports
TOLD = (Role.MANAGER, Role.ADMIN)


def allow(by: Employee, store_id: int, rows: int, today: date) -> None:
    """Refuse an export of more rows than one file may hold, or than this person may still carry out today."""
    rules = data_rules.of_store(store_id)
    if rows > rules.export_rows:
        text = _(
            "These are %(rows)s rows; one file may hold %(limit)s. Narrow the list with a filter, for instance by "
            "class, series or month, and export it in parts."
        )
        raise RuleBroken(text % {"rows": rows, "limit": rules.export_rows}, code="too_many")
    left = max(0, rules.export_rows_a_day - exported_on(by, today))
    if rows > left:
        text = _(
            "You may export %(left)s more rows today; these are %(rows)s. Narrow the list, or go on tomorrow; the "
            "limit of %(limit)s rows a day is set under Personal data › Rules."
        )
        raise RuleBroken(text % {"left": left, "rows": rows, "limit": rules.export_rows_a_day}, code="day_full")


def exported_on(by: Employee, day: date) -> int:
    """How many rows a person has carried out on a day."""
    return ExportEntry.objects.filter(employee=by, day=day).aggregate(rows=Sum("rows"))["rows"] or 0


@transaction.atomic
def record(by: Employee, leaving: Leaving, *, now: datetime) -> ExportEntry:
    """Write into the log that personal data leave, with the trail; the caller has asked `allow`."""
    stored = leaving.file
    entry = ExportEntry.objects.create(
        store_id=leaving.store_id,
        employee=by,
        at=now,
        day=clock.business_day(now),
        what=leaving.what,
        reason=leaving.reason[:200],
        query=leaving.query[:500],
        rows=leaving.rows,
        in_full=leaving.in_full,
        file=stored,
        sha256=leaving.sha256 or (stored.sha256 if stored else ""),
    )
    trail.record(by, "export.made", entry, what=leaving.what, rows=leaving.rows, in_full=leaving.in_full)
    if terms.is_told(leaving.rows, in_full=leaving.in_full):
        _tell(entry)
    return entry


def _tell(entry: ExportEntry) -> None:
    """Tell the store's managers and administrators of a large export, or of one in full; not whoever made it."""
    told = User.objects.filter(is_active=True, memberships__store=entry.store_id, memberships__role__in=TOLD)
    where = f"{reverse('privacy:exports')}?employee={entry.employee_id}"
    for user in told.exclude(pk=entry.employee.user_id or 0).order_by("pk").distinct():
        notices.tell(user, "privacy.export", {"count": entry.rows}, url=where, kind="warn", key=f"export:{entry.pk}")


class Gate:
    """What settings.EXPORT_GATES names: the rooms below ask here through core.exports."""

    @staticmethod
    def allow(by: Any, store_id: int, rows: int, *, now: datetime) -> None:
        """See `allow`."""
        allow(by, store_id, rows, clock.business_day(now))

    @staticmethod
    @transaction.atomic
    def leave(by: Any, leaving: Leaving, *, now: datetime) -> None:
        """Ask, then record; two files at once cannot both take the last rows of the day."""
        Employee.objects.select_for_update().get(pk=by.pk)
        allow(by, leaving.store_id, leaving.rows, clock.business_day(now))
        record(by, leaving, now=now)


GATE = Gate()
