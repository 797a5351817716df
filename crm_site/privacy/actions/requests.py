"""Requests of customers about their data: taken with their words, decided with a reason, carried out."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts import data_rules
from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.files.models import StoredFile
from crm_site.jobs import actions as jobs
from crm_site.privacy.actions.anonymising import last_event
from crm_site.privacy.models import DataRequest
from crm_site.privacy.persons import person_of
from crm_site.privacy.rules import terms
from crm_site.worktime.calendars import legal_calendar
from customers.actions.cards import restrict
from customers.models import Customer

Kind, State = DataRequest.Kind, DataRequest.State
#: the job that puts a person's data into one file
PARCEL = "privacy.parcel"
#: requests that still wait for somebody of ours
WAITING_FOR_US = (State.OPEN, State.GRANTED)


@transaction.atomic
def take(
    customer_id: int, *, kind: str, words: str, asked_on: date, submission: uuid.UUID, by: Employee, now: datetime
) -> DataRequest:
    """Write down what a customer asks about their data, to be answered within the term; once a submission.

    Refuses a day to come, a card that is anonymised, and a second request of a kind while the first is open.
    """
    customer = Customer.objects.select_for_update(of=("self",)).get(pk=customer_id)
    made = DataRequest.objects.filter(store=customer.store_id, submission=submission).first()
    if made is not None:
        return made
    today = clock.business_day(now)
    if asked_on > today:
        raise RuleBroken(_("The day of the request lies ahead. Enter the day on which the customer asked."),
                         code="ahead", field="asked_on")  # fmt: skip
    if customer.anonymised_on is not None:
        raise RuleBroken(_("This card is anonymised; nothing in it names a person."), code="anonymised")
    if DataRequest.objects.filter(customer=customer, kind=kind, state__in=(*WAITING_FOR_US, State.WAITING)).exists():
        raise RuleBroken(_("Such a request of this customer is already under way."), code="twice", field="kind")
    asked = DataRequest.objects.create(
        store_id=customer.store_id,
        customer=customer,
        kind=kind,
        asked_on=asked_on,
        due_on=legal_calendar().add_legal_working_days(asked_on, terms.ANSWER_WORKING_DAYS),
        words=words.strip()[:500],
        taken_by=by,
        taken_at=now,
        submission=submission,
    )
    trail.record(by, "data_request.taken", asked, kind=kind, due_on=asked.due_on)
    return asked


@transaction.atomic
def refuse(request_id: int, *, reason: str, by: Employee, now: datetime) -> DataRequest:
    """Decline a request, with the reason that the customer is told."""
    asked = _undecided(request_id)
    return _decide(asked, State.REFUSED, reason, by, now)


@transaction.atomic
def grant(request_id: int, *, reason: str, by: Employee, now: datetime) -> DataRequest:
    """Grant a request and do what follows at once: build the file, restrict the card, or set the day of erasing.

    A correction is granted and then made on the card (`finish`). Before the archive's term is over, what was to be
    erased is restricted and waits (domain 9).
    """
    asked = _undecided(request_id)
    if asked.kind == Kind.ACCESS:
        _decide(asked, State.GRANTED, reason, by, now)
        jobs.enqueue(PARCEL, f"{asked.pk}", store=asked.store, payload={"request": asked.pk}, by=by)
    elif asked.kind == Kind.CORRECT:
        _decide(asked, State.GRANTED, reason, by, now)
    elif asked.kind == Kind.RESTRICT:
        _restrict(asked, by)
        _decide(asked, State.DONE, reason, by, now)
    else:
        _set_term(asked, now)
        _restrict(asked, by)
        _decide(asked, State.WAITING, reason, by, now)
    return asked


@transaction.atomic
def finish(request_id: int, *, by: Employee | None, now: datetime, file: StoredFile | None = None) -> DataRequest:
    """What was granted has been carried out: the facts are corrected, or the file is there. Safe to run again."""
    asked = DataRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    if asked.state == State.DONE:
        return asked
    if asked.state != State.GRANTED:
        raise RuleBroken(_("Decide the request first."), code="state")
    if asked.kind == Kind.ACCESS and file is None:
        raise RuleBroken(_("The file is being built; the request is done when it is there."), code="no_file")
    asked.state, asked.done_at, asked.file = State.DONE, now, file or asked.file
    asked.save(update_fields=["state", "done_at", "file"])
    trail.record(by, "data_request.done", asked, kind=asked.kind)
    return asked


def _undecided(request_id: int) -> DataRequest:
    asked = DataRequest.objects.select_for_update(of=("self",)).select_related("store", "customer").get(pk=request_id)
    if asked.state != State.OPEN:
        raise RuleBroken(_("Somebody has decided this request already."), code="decided")
    return asked


def _decide(asked: DataRequest, state: str, reason: str, by: Employee, now: datetime) -> DataRequest:
    if not reason.strip():
        raise RuleBroken(_("Write the reason; the customer is told it."), code="reason", field="reason")
    asked.state, asked.decision, asked.decided_by, asked.decided_at = state, reason.strip()[:500], by, now
    asked.done_at = now if state in (State.DONE, State.REFUSED) else None
    asked.save(update_fields=["state", "decision", "decided_by", "decided_at", "done_at", "erase_from"])
    trail.record(by, "data_request.decided", asked, kind=asked.kind, state=state, erase_from=asked.erase_from)
    return asked


def _set_term(asked: DataRequest, now: datetime) -> None:
    """From which day on the card may be anonymised."""
    person = person_of(asked.customer, now=now)
    years = data_rules.of_store(asked.store_id).archive_years
    asked.erase_from = terms.erase_from(last_event(person), years, person.today)


def _restrict(asked: DataRequest, by: Employee) -> None:
    if not asked.customer.restricted:
        word = asked.get_kind_display()
        restrict(asked.customer_id, reason=_("Request of the customer: %(kind)s") % {"kind": word}, by=by)
