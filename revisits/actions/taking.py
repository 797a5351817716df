"""What is looked at when a call is taken: whether its number is to be left alone, and whether a complaint is open."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import F

from crm_site.worktime import calendars
from revisits import asking
from revisits.generator import forms, pressure
from revisits.models import Revisit
from revisits.rules.codes import Reason


def held_back_until(revisit: Revisit, *, now: datetime, today: date) -> datetime | None:
    """The moment from which the number of a call may be called again by us; None: at once."""
    allowed = pressure.allowed_from(revisit, now=now, today=today)
    if allowed <= today:
        return None
    return pressure.first_moment(allowed, calendars.desk_calendar(revisit.store_id, first=today))


def comes_too_late(revisit: Revisit, moment: datetime) -> bool:
    """Whether a call that must wait until then is no longer wanted; the rules that drop nobody wait."""
    return moment.date() > revisit.expires_on and not revisit.rule_version.conditions.get("always")


def put_off(revisit: Revisit, until: datetime) -> None:
    """Give a call back to the pool until a moment."""
    Revisit.objects.filter(pk=revisit.pk).update(
        not_before=until, claimed_by=None, claimed_at=None, lease_until=None, version=F("version") + 1
    )


def follow_complaints(revisit: Revisit) -> None:
    """Make a scored call one about how an open complaint stands, and a scored one again once none is open.

    The complaint may have been opened, or closed, after the generator made the call.
    """
    if not asking.is_about_satisfaction(revisit):
        return
    unhappy, was = asking.has_open_tickets(revisit), revisit.reason == Reason.PROGRESS_CALL
    if unhappy == was:
        return
    revisit.reason = Reason.PROGRESS_CALL.value if unhappy else ""
    revisit.questionnaire_version = None if unhappy else forms.version_for(revisit)
    revisit.version += 1
    revisit.save(update_fields=["reason", "questionnaire_version", "version"])
