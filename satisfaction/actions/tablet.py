"""Handing a questionnaire over to be answered face to face: begun by an employee, ended by the customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from satisfaction import rules
from satisfaction.actions.responses import record_response
from satisfaction.models import FACE_TO_FACE, Decision, QuestionnaireVersion, Response, Sitting
from satisfaction.queries.sittings import Occasion, askers, is_answered
from satisfaction.rules import sittings

#: so many names are told when somebody may not ask
NAMED = 5


@transaction.atomic
def hand_over(
    occasion: Occasion, version: QuestionnaireVersion, *, by: Employee, at: datetime, submission: UUID
) -> Sitting:
    """Let the customer of a delivery or visit answer a questionnaire on a device; the same `submission` again is one.

    An earlier hand-over of the same occasion that is still open ends. Refuses: who had a part in it (and says who may),
    a customer whose data are restricted, an occasion that is answered or void, a questionnaire of another kind.
    """
    row = occasion.row
    known = Sitting.objects.filter(store_id=row.store_id, submission=submission).first()
    if known is not None:
        return known
    check_hand_over(occasion, by=by, at=at)
    published = version.state == QuestionnaireVersion.State.PUBLISHED
    if not published or version.questionnaire.kind != occasion.kind:
        raise RuleBroken(_("Choose a questionnaire."), code="form", field="form")
    about = {"delivery": occasion.delivery, "repair_order": occasion.repair_order}
    Sitting.objects.filter(store_id=row.store_id, ended_at=None, **about).update(ended_at=at, draft={})
    _forget_expired(row.store_id, at)
    try:
        with transaction.atomic():
            sitting = Sitting.objects.create(
                store_id=row.store_id, version=version, customer=row.customer, vehicle=row.vehicle, asked_by=by,
                begun_at=at, expires_at=at + sittings.LASTS, submission=submission, **about,
            )  # fmt: skip
    except IntegrityError:  # the same click, a moment earlier
        return Sitting.objects.get(store_id=row.store_id, submission=submission)
    trail.record(by, "sitting.begun", sitting, questionnaire=version.questionnaire.code)
    return sitting


def check_hand_over(occasion: Occasion, *, by: Employee, at: datetime) -> None:
    """Refuse what nobody, or not this employee, may ask about; says who may."""
    _refuse_who_served(occasion, by, at)
    if occasion.row.customer is not None and occasion.row.customer.restricted:
        raise RuleBroken(_("This customer's data are restricted: they are not asked."), code="restricted")
    if occasion.on is None or (occasion.delivery and occasion.delivery.returned_on):
        raise RuleBroken(_("The car was not handed back, or was returned: there is nothing to ask yet."), code="open")
    if is_answered(occasion):
        raise RuleBroken(_("The customer has answered about this already."), code="answered")


def _refuse_who_served(occasion: Occasion, by: Employee, at: datetime) -> None:
    """Refuse who had a part in the delivery or visit, and say who may ask instead."""
    if sittings.may_ask(by.pk, occasion.served):
        return
    names = [one.name for one in askers(occasion.row.store_id, occasion.served, clock.business_day(at))[:NAMED]]
    raise RuleBroken(
        _("You had a part in this, and the answers judge it. Let one of these hand it over: %(names)s.")
        % {"names": ", ".join(names) or _("nobody in this store")},
        code="served",
    )


def _forget_expired(store_id: int, at: datetime) -> None:
    """What was ticked and never sent is kept no longer than it can be sent."""
    Sitting.objects.filter(store_id=store_id, ended_at=None, expires_at__lte=at).update(ended_at=at, draft={})


@transaction.atomic
def keep_draft(sitting_id: int, said: Mapping[str, Any], *, language: str, at: datetime) -> Sitting:
    """Keep what is ticked so far, and the language chosen; refuses a sitting that is over."""
    sitting = _open(sitting_id, at)
    sitting.draft, sitting.language = {**sitting.draft, **said}, language
    sitting.save(update_fields=["draft", "language"])
    return sitting


@transaction.atomic
def finish(sitting_id: int, answers: Sequence[rules.Given], *, at: datetime) -> Response:
    """Record the customer's answers, once: asked again it gives the same response.

    Refuses a sitting that was ended or has expired, an empty questionnaire, and what could no longer be handed over:
    the customer was rung meanwhile, or is restricted. Low answers await a decision.
    """
    sitting = Sitting.objects.select_for_update().get(pk=sitting_id)
    if sitting.response is not None:
        return sitting.response
    _check_open(sitting, at)
    _check_still(sitting, at)
    if not any(given.state == rules.GIVEN for given in answers):
        raise RuleBroken(_("Nothing is answered yet. Tap at least one answer, or choose “I would rather not”."))
    version = QuestionnaireVersion.objects.select_related("questionnaire").prefetch_related(
        "factors", "questions__factor"
    )
    sitting.response = record_response(
        version.get(pk=sitting.version_id), store_id=sitting.store_id, customer=sitting.customer,
        vehicle=sitting.vehicle, delivery=sitting.delivery, repair_order=sitting.repair_order,
        asked_by=sitting.asked_by, channel=FACE_TO_FACE, at=at, answers=answers, decision=Decision.PENDING,
        submission=sitting.key,
    )  # fmt: skip
    sitting.ended_at, sitting.draft = at, {}
    sitting.save(update_fields=["response", "ended_at", "draft"])
    return sitting.response


@transaction.atomic
def decline(sitting_id: int, *, at: datetime) -> Sitting:
    """The customer would rather not: nothing is kept of what was ticked. Refuses a sitting that is over."""
    sitting = _open(sitting_id, at)
    sitting.ended_at, sitting.draft = at, {}
    sitting.save(update_fields=["ended_at", "draft"])
    trail.record(None, "sitting.declined", sitting)
    return sitting


def _open(sitting_id: int, at: datetime) -> Sitting:
    sitting = Sitting.objects.select_for_update().get(pk=sitting_id)
    _check_open(sitting, at)
    return sitting


def _check_still(sitting: Sitting, at: datetime) -> None:
    """Refuse what has happened since the hand-over; the customer reads only that this is closed."""
    row = sitting.delivery or sitting.repair_order
    assert row is not None  # the table's own rule
    try:
        check_hand_over(Occasion(row), by=sitting.asked_by, at=at)
    except RuleBroken as refused:
        raise _closed() from refused


def _check_open(sitting: Sitting, at: datetime) -> None:
    if sitting.ended_at is not None or sitting.expires_at <= at:
        raise _closed()


def _closed() -> RuleBroken:
    return RuleBroken(_("This questionnaire is closed."), code="closed")
