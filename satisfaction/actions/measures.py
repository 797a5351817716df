"""Improvement measures: begun with cause, responsible person and date; ended as done or dropped; judged."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
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
    metric: str = "",
    metric_code: str = "",
) -> ImprovementMeasure:
    """Begin a measure; the same submission again gives the same row.

    `metric` and `metric_code` name what its effect will be read from, see satisfaction.effect. Refuses a day in the
    past and a responsible person of another store.
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
        due_on=due_on, submission=submission, created_by=by, created_at=at, metric=metric, metric_code=metric_code,
    )  # fmt: skip
    trail.record(by, "measure.created", row, responsible=responsible, due_on=due_on)
    return row


@transaction.atomic
def finish_measure(
    measure_id: int, *, state: str, by: Employee, today: date, check_after_days: int = 30
) -> ImprovementMeasure:
    """End an open measure as done (today) or dropped; what is done is checked so many days later.

    Refuses one that has ended already.
    """
    row = ImprovementMeasure.objects.select_for_update().get(pk=measure_id)
    if row.state != ImprovementMeasure.State.OPEN:
        raise RuleBroken(_("This measure has ended already. Nothing was changed."), code="ended")
    if state not in (ImprovementMeasure.State.DONE, ImprovementMeasure.State.DROPPED):
        raise RuleBroken(_("Choose done or dropped."), code="state", field="state")
    row.state = state
    row.done_on = today if state == ImprovementMeasure.State.DONE else None
    row.check_on = row.done_on + timedelta(days=check_after_days) if row.done_on else None
    row.save(update_fields=["state", "done_on", "check_on"])
    trail.record(by, "measure.finished", row, state=state, check_on=row.check_on)
    return row


@transaction.atomic
def check_measure(
    measure_id: int,
    *,
    effect: str,
    note: str,
    figures: dict[str, Any],
    by: Employee,
    today: date,
    check_after_days: int = 30,
) -> ImprovementMeasure:
    """Decide whether a measure that is done had an effect; the figures are kept as they stand now.

    Who answers for the measure does not judge it. What is not clear yet is asked again after some more days. Refuses
    what is not done, and what was decided already.
    """
    row = ImprovementMeasure.objects.select_for_update().get(pk=measure_id)
    if row.state != ImprovementMeasure.State.DONE:
        raise RuleBroken(_("Only a measure that is done has an effect to judge."), code="not_done")
    if row.effect not in ("", ImprovementMeasure.Effect.UNCLEAR):
        raise RuleBroken(_("Somebody has judged this measure already. Nothing was changed."), code="judged")
    if by.pk == row.responsible_id:
        raise RuleBroken(_("Whoever answers for a measure does not judge its effect."), code="own")
    if effect not in ImprovementMeasure.Effect.values:
        raise RuleBroken(_("Choose what the measure has brought."), code="effect", field="effect")
    row.effect, row.effect_note, row.effect_figures = effect, note.strip()[:500], figures
    row.checked_on, row.checked_by = today, by
    if effect == ImprovementMeasure.Effect.UNCLEAR:
        row.check_on = today + timedelta(days=check_after_days)
    row.save(update_fields=["effect", "effect_note", "effect_figures", "checked_on", "checked_by", "check_on"])
    trail.record(by, "measure.checked", row, effect=effect)
    return row
