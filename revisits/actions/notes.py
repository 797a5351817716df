"""Correcting the note of a saved call; its result and its answers stay as they were saved."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from revisits.models import CallAttempt

LONGEST_NOTE = 1000


@transaction.atomic
def change_note(attempt_id: int, *, note: str, by: Employee, today: date) -> CallAttempt:
    """Write another note under a call; only the caller may, on the day of the call. The same again changes nothing.

    Raises RuleBroken: field "note" for one that is too long, codes "not_yours" and "late" where it may not be changed.
    """
    attempt = CallAttempt.objects.select_for_update().get(pk=attempt_id)
    text = note.strip()
    if attempt.by_id != by.pk:
        raise RuleBroken(_("Only who made the call can change its note."), code="not_yours")
    if attempt.called_on != today:
        raise RuleBroken(_("The note of a call can be changed on the day of the call only."), code="late")
    if len(text) > LONGEST_NOTE:
        raise RuleBroken(_("Shorten the note to 1,000 characters."), code="long", field="note")
    if text != attempt.note:
        attempt.note = text
        attempt.save(update_fields=["note"])
        trail.record(by, "attempt.note_changed", attempt)
    return attempt
