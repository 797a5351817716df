"""Makes tasks of occasions: which of a batch are due, whom to dial, what to ask, and what stands against the call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Case, Q, When

from complaints.models import Complaint
from customers.models import Phone
from revisits.asking import of_a_former_owner
from revisits.generator.context import Context, StoreRule
from revisits.generator.occasions import Occasion
from revisits.generator.people import People
from revisits.generator.segments import Segments
from revisits.generator.standing import Standing
from revisits.models import Anchor, Revisit, RuleVersion
from revisits.rules import conditions, contact, due
from revisits.rules.codes import ENDED, Reason, State
from revisits.rules.contact import Number
from revisits.rules.due import DueDay, Timing, Treatment
from satisfaction.models import FACE_TO_FACE, QuestionnaireVersion, Response

#: the long scored forms, of which a phone gets one within 30 days
FULL_FORMS = ("SSI", "CSI")


class Head(NamedTuple):
    """The call that a task is made together with: one that stands, or another one of the same batch."""

    task_id: int | None
    anchor_key: str


class Draft(NamedTuple):
    """A task to write."""

    rule: StoreRule
    occasion: Occasion
    version: RuleVersion
    timing: Timing
    state: State
    reason: Reason | None
    phone_id: int | None
    form_id: int | None
    #: the number behind phone_id, '' for none
    number: str = ""
    #: the moment before which the number is to be left alone
    not_before: datetime | None = None
    #: what it is made together with, and why (models.Joined)
    head: Head | None = None
    joined_as: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether it is to be called as the rule says: nothing stands against it and no complaint is open."""
        return self.state == State.DUE and self.reason is None


class SkipDraft(NamedTuple):
    """A skip to write."""

    occasion: Occasion
    due_on: date
    reason: Reason


class Timed(NamedTuple):
    """An occasion that is due, and when."""

    rule: StoreRule
    occasion: Occasion
    due_day: DueDay
    timing: Timing


# ---- which are due --------------------------------------------------------------------------------------------------


def sift(
    context: Context,
    store_rule: StoreRule,
    days: Mapping[date, DueDay],
    batch: Sequence[Occasion],
    standing: Standing,
    *,
    until: date | None = None,
) -> tuple[list[Timed], list[SkipDraft]]:
    """What of a batch is due by a day (the context's), and what is left out for good; see decide."""
    timed, skips = [], []
    until = until or context.day
    segments = Segments(context, batch)
    for occasion in batch:
        due_day = days.get(occasion.anchor_on)
        if due_day is None:
            skips += _without_due_day(context, store_rule, occasion)
            continue
        due_day = due.placed(due_day, occasion.anchor_key, context.start, context.calendar)
        if due_day.due_on > until:
            continue
        timing = due.timing(
            due_day, recorded_on=occasion.recorded_on, today=context.today, calendar=context.calendar,
            asked_for=context.day,
        )  # fmt: skip
        reason = _skip_reason(context, occasion, due_day, timing, segments) or standing.skip(
            occasion, due_day.version.anchor
        )
        if reason:
            skips.append(SkipDraft(occasion, timing.due_on, reason))
        else:
            timed.append(Timed(store_rule, occasion, due_day, timing))
    return timed, skips


def _without_due_day(context: Context, store_rule: StoreRule, occasion: Occasion) -> list[SkipDraft]:
    """Due before the days looked at: too old. Not due yet, or the rule was off or not begun: nothing."""
    found = due.under(occasion.anchor_on, store_rule.versions, context.calendar)
    if found is None or not found.version.is_on or found.due_on > context.day:
        return []
    began = found.due_on >= context.store.go_live_on
    reason = occasion.excluded or (Reason.TOO_OLD if began else Reason.BEFORE_GO_LIVE)
    return [SkipDraft(occasion, found.due_on, reason)]


def _skip_reason(
    context: Context, occasion: Occasion, due_day: DueDay, timing: Timing, segments: Segments
) -> Reason | None:
    """Why an occasion is no task at all."""
    version: Any = due_day.version
    if occasion.excluded:
        return occasion.excluded
    if not conditions.suits(version.conditions, occasion.subject):
        return Reason.NOT_COVERED
    if segments.bars(version.conditions, occasion):
        wanted = conditions.segment_of(version.conditions)
        return Reason.NOT_IN_SEGMENT if wanted and wanted.is_in else Reason.IN_SEGMENT
    if timing.due_on < context.store.go_live_on:
        return Reason.BEFORE_GO_LIVE
    return _NO_TASK.get(timing.treatment)


_NO_TASK = {Treatment.TOO_OLD: Reason.TOO_OLD, Treatment.OVER: Reason.WINDOW_OVER}


# ---- the task --------------------------------------------------------------------------------------------------------


class Drafting:
    """Makes the tasks of one batch, with what must be known about their people read once."""

    def __init__(self, context: Context, timed: Sequence[Timed], standing: Standing) -> None:
        self.context = context
        self.standing = standing
        self.timed = sorted(timed, key=lambda one: (one.timing.due_on, one.occasion.fact_id))
        occasions = [one.occasion for one in timed]
        self.people = People(occasions, context.today)
        self.unhappy_cars, self.unhappy_customers = _open_complaints(context, occasions)
        self.full_forms = self._recent_full_forms()

    def drafts(self) -> list[Draft]:
        """One draft for each occasion, in the order in which they fall due."""
        return [self._draft(one) for one in self.timed]

    def _draft(self, one: Timed) -> Draft:
        version: Any = one.due_day.version
        numbers = contact.numbers_in_order(version.whom, self.people.of(one.occasion))
        choice = contact.choose_number(numbers, self.context.employee_numbers)
        reason = self._reason(one, version, numbers) or choice.reason
        state = contact.state_for(reason)
        unhappy = self._is_unhappy(one.occasion)
        form_id = None
        if state not in ENDED:
            form_id = self._form(one, version, choice.number, unhappy)
            if unhappy and reason is None and version.conditions.get("scored"):
                reason = Reason.PROGRESS_CALL
        phone_id, digits = choice.number or (None, "")
        return Draft(one.rule, one.occasion, version, one.timing, state, reason, phone_id, form_id, digits)

    def _reason(self, one: Timed, version: RuleVersion, numbers: Sequence[Number]) -> Reason | None:
        """What stands against the call, the weightiest first."""
        occasion = one.occasion
        of_the_car = version.anchor != Anchor.COMPLAINT_SOLVED  # there the customer waits for us, whoever has the car
        ended = contact.end_of_vehicle(occasion.vehicle_state) if of_the_car else None
        ended = ended or self.standing.end(occasion)
        if ended:
            return ended
        scored = version.conditions.get("scored") and not self._is_unhappy(occasion)
        if scored and self.standing.is_answered(occasion):
            return Reason.ANSWERED
        bans = self.context.bans.on(occasion.customer_id, occasion.vehicle_id, numbers)
        bans |= contact.told_no(version.needs_consent, False if occasion.refuses_marketing else None)
        refused = contact.refusal(version.purpose, restricted=occasion.restricted, bans=sorted(bans))
        refused = refused or contact.consent_problem(version.needs_consent, consent=occasion.consent, bans=bans)
        if refused:
            return refused
        if one.timing.treatment == Treatment.MISSED:
            return Reason.MISSED
        return Reason.UNKNOWN_CUSTOMER if occasion.customer_id is None else None

    def _is_unhappy(self, occasion: Occasion) -> bool:
        """Whether a complaint of the customer or about the car is open."""
        if occasion.complaint_id:
            return False
        return occasion.vehicle_id in self.unhappy_cars or occasion.customer_id in self.unhappy_customers

    def _form(self, one: Timed, version: RuleVersion, number: Number | None, unhappy: bool) -> int | None:
        """The questionnaire version to ask; remembers a long form for the rest of the batch."""
        digits = number.digits if number else ""
        code = contact.form_code(
            version.questionnaire.code if version.questionnaire else "",
            version.conditions,
            anchor_key=one.occasion.anchor_key,
            had_full_form=self._had_full_form(digits, one.timing.due_on),
            open_complaint=unhappy,
        )
        if code in FULL_FORMS and digits:
            self.full_forms[digits].append(one.timing.due_on)
        return self.context.forms.get(code)

    def _had_full_form(self, digits: str, due_on: date) -> bool:
        near = timedelta(days=contact.FULL_FORM_DAYS)
        return any(abs(due_on - other) < near for other in self.full_forms.get(digits, ()))

    def _recent_full_forms(self) -> dict[str, list[date]]:
        """{number: due days} of the long forms that the numbers of this batch get or got lately."""
        everybody = (self.people.of(one.occasion) for one in self.timed)
        digits = {number.digits for people in everybody for numbers in people.values() for number in numbers}
        found: dict[str, list[date]] = defaultdict(list)
        if not digits:
            return found
        phones = Phone.objects.filter(store=self.context.store, number__in=digits)
        number_of = dict(phones.order_by().values_list("pk", "number"))
        oldest = min(one.timing.due_on for one in self.timed) - timedelta(days=contact.FULL_FORM_DAYS)
        rows = Revisit.objects.filter(phone_id__in=number_of, due_on__gt=oldest)
        rows = rows.exclude(state__in=[State.EXCUSED, State.CANCELLED]).order_by()
        long_forms = QuestionnaireVersion.objects.filter(questionnaire__code__in=FULL_FORMS)
        full = set(long_forms.values_list("pk", flat=True))
        for phone_id, due_on, form_id in rows.values_list("phone_id", "due_on", "questionnaire_version_id"):
            if form_id in full:
                found[number_of[phone_id]].append(due_on)
        for phone_id, answered_on in _face_to_face(number_of, oldest):
            found[number_of[phone_id]].append(answered_on)
        return found


def _face_to_face(phones: Iterable[int], oldest: date) -> Iterable[tuple[int, date]]:
    """(number, day) of the long forms that the customers of these numbers have answered face to face."""
    answered = Response.objects.filter(channel=FACE_TO_FACE, version__questionnaire__code__in=FULL_FORMS)
    rows = answered.filter(called_on__gt=oldest, customer__phones__in=phones).order_by()
    return rows.values_list("customer__phones", "called_on")


def _open_complaints(context: Context, occasions: Iterable[Occasion]) -> tuple[set[int], set[int]]:
    """The cars and the customers of a batch about whom a complaint is open."""
    occasions = list(occasions)
    cars = {one.vehicle_id for one in occasions if one.vehicle_id}
    customers = {one.customer_id for one in occasions if one.customer_id}
    about = Q(vehicle_id__in=cars) | Q(customer_id__in=customers)
    rows = Complaint.objects.filter(store=context.store, historical=False).open().filter(about)
    pairs = list(rows.annotate(is_past=Case(When(of_a_former_owner(None), then=True), default=False)).values_list(
        "vehicle_id", "customer_id", "is_past"
    ))  # fmt: skip
    # what a former owner complains of is no matter of whoever has the car now, but still theirs
    cars_now = {car for car, _customer, is_past in pairs if car and not is_past}
    return cars_now, {customer for _car, customer, _past in pairs if customer}
