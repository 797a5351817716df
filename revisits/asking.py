"""What is asked in a call: the questionnaire, unless the customer is waiting for our answer to a complaint."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Exists, Min, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects

from complaints.models import Complaint, Step
from crm_site.core.compiled import compiled
from customers.models import VehicleRole
from revisits.models import Anchor, Revisit
from satisfaction.models import Question, Questionnaire, QuestionnaireVersion

#: their answers are a score, or say whether a complaint is settled; who served does not ask them
SATISFACTION = {Questionnaire.Kind.SALES, Questionnaire.Kind.SERVICE}


def is_confirmation(revisit: Revisit) -> bool:
    """Whether the call asks if the customer is content with how a complaint was handled."""
    return revisit.rule_version.anchor == Anchor.COMPLAINT_SOLVED and revisit.complaint_id is not None


def is_scored(version: QuestionnaireVersion | None) -> bool:
    """Whether the answers make a score or confirm a complaint."""
    return version is not None and version.questionnaire.is_scored


def open_tickets(revisit: Revisit) -> list[Complaint]:
    """The open tickets of the customer or about the car that this call is not itself about, newest first."""
    rows = _tickets(revisit)
    return list(rows.prefetch_related("level", "category", "handler")) if rows is not None else []


def has_open_tickets(revisit: Revisit) -> bool:
    """Whether there is any of open_tickets."""
    rows = _tickets(revisit)
    return rows is not None and rows.exists()


def _tickets(revisit: Revisit) -> QuerySet[Complaint] | None:
    """The tickets of open_tickets; None where there is none at all, as for nearly every call."""
    about = {"customer_id": revisit.customer_id, "vehicle_id": revisit.vehicle_id}
    known = {name: key for name, key in about.items() if key is not None}
    found = _open_about(store=revisit.store_id, **known) if known else []
    others = [pk for pk in found if pk != revisit.complaint_id]
    if not others:  # whose they were, and everything around them, costs far more
        return None
    return Complaint.objects.filter(pk__in=others).open().exclude(of_a_former_owner(revisit.customer_id))


@compiled
def _open_about(*, store: int, **known: int) -> QuerySet[Complaint, int]:
    """The open tickets of a customer or about a car, whichever is known."""
    rows = Complaint.objects.filter(reduce(or_, (Q(one) for one in known.items())), store_id=store, historical=False)
    return rows.open().order_by().values_list("pk", flat=True)


def of_a_former_owner(customer_id: int | None) -> Q:
    """Tickets about a car by somebody else who owned it before: the car's present people have nothing to do with them.

    `customer_id` is whose call it is.
    """
    roles = VehicleRole.objects.filter(vehicle=OuterRef("vehicle_id"), customer=OuterRef("customer_id"))
    owned = roles.filter(role=VehicleRole.Kind.OWNER, until__isnull=False)
    others = (
        Q(customer__isnull=False) if customer_id is None else Q(customer__isnull=False) & ~Q(customer_id=customer_id)
    )
    return others & Q(Exists(owned)) & ~Q(Exists(roles.filter(until=None)))


def is_about_satisfaction(revisit: Revisit) -> bool:
    """Whether the call asks for a score of what was done: by its rule, or by the form that it has."""
    if revisit.rule_version.conditions.get("scored") and not is_confirmation(revisit):
        return True
    version = revisit.questionnaire_version
    return version is not None and version.questionnaire.kind in SATISFACTION


def is_progress_call(revisit: Revisit, tickets: list[Complaint]) -> bool:
    """Whether an open complaint turns a satisfaction call into one about where the matter stands: no scores asked."""
    return bool(tickets) and is_about_satisfaction(revisit)


def opened_before(tickets: list[Complaint], moment: datetime) -> list[Complaint]:
    """Those of the tickets that had been registered by a moment."""
    firsts = Step.objects.filter(complaint__in=tickets).order_by().values("complaint_id").annotate(first=Min("at"))
    registered = dict(firsts.values_list("complaint_id", "first"))
    return [one for one in tickets if registered.get(one.pk, one.received_at) <= moment]


def version_to_ask(revisit: Revisit, tickets: list[Complaint]) -> QuestionnaireVersion | None:
    """The questionnaire to ask, its questions and their factors at hand; None for a call without questions."""
    version = revisit.questionnaire_version
    if version is None or is_progress_call(revisit, tickets):
        return None
    return with_questions(version)


def with_questions(version: QuestionnaireVersion) -> QuestionnaireVersion:
    """The same version with its questions and their factors at hand."""
    prefetch_related_objects([version], Prefetch("questions", Question.objects.select_related("factor")))
    return version
