"""How often numbers were called lately: the calls begun by us, read for many numbers at once or for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from crm_site.core.compiled import compiled
from crm_site.worktime.rules import SHANGHAI, DeskCalendar
from customers.models import Phone
from revisits.generator.context import Context
from revisits.generator.drafting import Draft
from revisits.models import Anchor, CallAttempt, Channel, Revisit, RuleVersion
from revisits.rules import pressure
from revisits.rules.codes import Reason, State
from revisits.rules.outcomes import BANDS


class Begun(NamedTuple):
    """A call begun by us: which task, and the day on which it first went to a number."""

    revisit_id: int
    on: date


def is_exempt(version: RuleVersion, reason: str | None) -> bool:
    """Whether a call neither counts nor is held back: it confirms a complaint, or says how an open one stands."""
    return version.anchor == Anchor.COMPLAINT_SOLVED or reason == Reason.PROGRESS_CALL


def begun(store_id: int, numbers: Collection[str]) -> dict[str, list[Begun]]:
    """{number: the calls begun by us}, one for each task however often it was tried; one query.

    A task counts for a number from its first dial there on, unless the customer was the one to ring. What was told in
    writing, calls of other stores, and exempt ones do not count.
    """
    if not numbers:
        return {}
    by_them = CallAttempt.objects.filter(revisit=OuterRef("revisit"), started_at__lt=OuterRef("started_at"))
    dials = CallAttempt.objects.filter(store_id=store_id, channel=Channel.PHONE, phone__number__in=list(numbers))
    counted = dials.exclude(_exempt()).exclude(Exists(by_them.exclude(channel=Channel.PHONE)))
    rows = counted.order_by().values_list("phone__number", "revisit_id").annotate(first=Min("called_on"))
    found: dict[str, list[Begun]] = defaultdict(list)
    for number, revisit_id, first in rows:
        found[number].append(Begun(revisit_id, first))
    return found


def _exempt() -> Q:
    """Attempts of exempt calls: a progress call is a scored one without its form, whatever it has come to since."""
    progress = Q(revisit__rule_version__conditions__scored=True, revisit__questionnaire_version=None)
    return Q(revisit__rule_version__anchor=Anchor.COMPLAINT_SOLVED) | progress


def allowed_from(revisit: Revisit, *, now: datetime, today: date) -> date:
    """The first day on which a call may be begun; `today` where nothing holds it back.

    The number is locked until the end of the transaction, so that two people who take calls to it see each other's. A
    call that somebody is about to begin counts as begun. Three queries, and one more for a number that was called.
    """
    if revisit.phone is None or revisit.promised_at is not None or is_exempt(revisit.rule_version, revisit.reason):
        return today
    number = revisit.phone.number
    ids = _locked(store=revisit.store_id, number=number)
    calls = begun(revisit.store_id, [number]).get(number, []) if _dialled(phones=ids) else []
    if any(call.revisit_id == revisit.pk for call in calls):
        return today
    others = set(_held_calls(phones=ids, now=now)) - {revisit.pk, *(call.revisit_id for call in calls)}
    return pressure.allowed_from([call.on for call in calls] + [today] * len(others), today)


@compiled
def _locked(*, store: int, number: str) -> QuerySet[Phone, int]:
    same = Phone.objects.filter(store_id=store, number=number).order_by("pk")
    return same.select_for_update(no_key=True).values_list("pk", flat=True)


@compiled
def _dialled(*, phones: list[int]) -> QuerySet[CallAttempt, int]:
    return CallAttempt.objects.filter(phone__pk__in=phones).order_by().values_list("pk", flat=True)[:1]


@compiled
def _held_calls(*, phones: list[int], now: datetime) -> QuerySet[Revisit, int]:
    held = Revisit.objects.filter(phone__pk__in=phones, claimed_by__isnull=False, lease_until__gte=now)
    return held.order_by().values_list("pk", flat=True)


def first_moment(day: date, calendar: DeskCalendar) -> datetime:
    """When we would first call from a day on, of our own choice: the first staffed band of the next desk day."""
    day = calendar.shift_later(day)
    starts = [datetime.combine(day, band.begins, SHANGHAI) for band in BANDS]
    return next((start for start in starts if calendar.is_open_at(start)), starts[0])


def hold_back(context: Context, drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts of a batch, those held back whose number was called often enough lately; one query.

    Where its time is over before the number may be called again, a call is excused, unless its rule never drops one:
    then it waits. What is made together with another call is no call of its own.
    """
    pressed = {draft.number for draft in drafts if _may_be_held(draft)}
    calls = begun(context.store.pk, pressed)
    return [_held(context, draft, calls) if _may_be_held(draft) else draft for draft in drafts] if calls else [*drafts]


def _may_be_held(draft: Draft) -> bool:
    """Whether a draft is a dial of our own choice."""
    return draft.state == State.DUE and draft.head is None and not is_exempt(draft.version, draft.reason)


def _held(context: Context, draft: Draft, calls: Mapping[str, Sequence[Begun]]) -> Draft:
    allowed = pressure.allowed_from((call.on for call in calls.get(draft.number, ())), context.today)
    if allowed <= context.today:
        return draft
    first = first_moment(allowed, context.calendar)
    if first.date() > draft.timing.expires_on and not draft.version.conditions.get("always"):
        return draft._replace(state=State.EXCUSED, reason=Reason.CONTACT_PRESSURE, form_id=None)
    return draft._replace(not_before=first)
