"""Improvement measures: begun with cause, responsible person and date; ended as done or dropped."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from satisfaction.models import ImprovementMeasure


@transaction.atomic
def create_measure(
    *,
    store_id: int,
    cause: str,
    measure: str,
    responsible: Employee,
    department: str = "",
    due_on: date,
    submission: UUID,
    by: Employee,
    at: datetime,
    today: date,
) -> ImprovementMeasure:
    """Begin a measure; the same submission again gives the same row.

    Refuses a day in the past and a responsible person of another store.
    """
    known = ImprovementMeasure.objects.filter(store_id=store_id, submission=submission).first()
    if known is not None:
        return known
    if due_on < today:
        raise RuleBroken(_("The day lies in the past. Choose today or later."), code="past", field="due_on")
    if responsible.store_id != store_id:
        raise RuleBroken(_("Choose somebody of this store."), code="other_store", field="responsible")
    row = ImprovementMeasure.objects.create(
        store_id=store_id, cause=cause, measure=measure, responsible=responsible, department=department,
        due_on=due_on, submission=submission, created_by=by, created_at=at,
    )  # fmt: skip
    trail.record(by, "measure.created", row, responsible=responsible, due_on=due_on)
    return row


@transaction.atomic
def finish_measure(measure_id: int, *, state: str, by: Employee, today: date) -> ImprovementMeasure:
    """End an open measure as done (today) or dropped. Refuses one that has ended already."""
    row = ImprovementMeasure.objects.select_for_update().get(pk=measure_id)
    if row.state != ImprovementMeasure.State.OPEN:
        raise RuleBroken(_("This measure has ended already. Nothing was changed."), code="ended")
    if state not in (ImprovementMeasure.State.DONE, ImprovementMeasure.State.DROPPED):
        raise RuleBroken(_("Choose done or dropped."), code="state", field="state")
    row.state = state
    row.done_on = today if state == ImprovementMeasure.State.DONE else None
    row.save(update_fields=["state", "done_on"])
    trail.record(by, "measure.finished", row, state=state)
    return row
