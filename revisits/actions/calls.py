"""Saving one call: the attempt, the answers, the ticket, and what becomes of the task, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from django.db import transaction
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from complaints.models import Complaint, ConfirmResult
from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.worktime import calendars
from crm_site.worktime.rules import DeskCalendar
from customers.actions import from_calls
from revisits import asking, classes, queries, scripts
from revisits.actions import answers as outcomes_of_answers
from revisits.actions import archive, joined, leaving
from revisits.actions.drafts import settle_draft
from revisits.actions.tasks import held_message, is_held_by_another
from revisits.models import CallAttempt, CallResult, Channel, NextStep, Revisit, State
from revisits.queries.results import keypad_of
from revisits.rules.codes import Reason
from revisits.rules.contact import Number
from revisits.rules.outcomes import Outcome, Situation, outcome, promise_problem
from revisits.said import Call, Purpose
from satisfaction.models import Response
from satisfaction.rules import GIVEN

#: in writing a reminder or a care call may be finished, never a score
WRITTEN = {Channel.WECHAT, Channel.SMS}
#: whoever rings us or stands before us has been reached
PRESENT = {Channel.INCOMING, Channel.FACE}


@transaction.atomic
def save_call(revisit_id: int, *, by: Employee, call: Call, now: datetime) -> CallAttempt:
    """Keep one call with everything that follows from it; the same submission again gives the same attempt.

    Refuses (RuleBroken, `field` names the part of the form) a call that somebody else holds or has meanwhile made,
    one that this person may not make, a promise outside 8:00–21:00, and what record_response and open_ticket refuse.
    Gives the call back to the pool.
    """
    revisit = Revisit.objects.select_for_update().get(pk=revisit_id)
    made = CallAttempt.objects.filter(store_id=revisit.store_id, submission=call.submission).first()
    if made is not None:
        return made
    _check_person(revisit, by, call, now)
    result = result_of(revisit.store_id, call.result_code)
    _check_call(revisit, result, call, now)
    response = outcomes_of_answers.keep(revisit, call, result, by=by, now=now)
    complaint = outcomes_of_answers.open_tickets(revisit, call, response, by=by, now=now)
    attempt = _log(revisit, result, call, response, complaint, by=by, now=now)
    archive.note_number(attempt, by=by)
    told = archive.teach(revisit, result, call, by=by, now=now)
    done = _follow(revisit, attempt, call, told, by=by, now=now)
    archive.ask_for_check(revisit, result, done, by=by, now=now)
    joined.settle(attempt, _results_of(call, attempt), now=now)
    if asking.is_confirmation(revisit):
        _confirm(revisit, result, call, done, response, by=by, now=now)
    settle_draft(revisit, call.unfinished, by=by, at=now)
    if revisit.customer_id and (response or complaint):
        leaving.note(revisit.customer_id, response, by=by, today=clock.business_day(now))
        classes.refresh(revisit.store_id, [revisit.customer_id], clock.business_day(now))
    trail.record(
        by, "revisit.called", revisit,
        attempt=attempt, result=result.code, response=response, complaint=complaint, to=revisit.state,
    )  # fmt: skip
    return attempt


def result_of(store_id: int, code: str) -> CallResult:
    """The call result of this code as the store has it, else the company's; refuses an unknown or retired one."""
    rows = CallResult.objects.for_store(store_id).filter(code=code)
    found = max(rows, key=lambda row: row.store_id is not None, default=None)
    if found is None or not found.is_active:
        raise RuleBroken(_("Choose how the call ended."), code="result", field="result")
    return found


#: what the caller says of a further purpose -> the next step of the result that it gets
_SETTLED_BY = {Purpose.DONE: NextStep.FINISH, Purpose.REFUSED: NextStep.FINISH_REFUSED}


def _results_of(call: Call, attempt: CallAttempt) -> dict[int, CallResult | None]:
    """{joined task: its own result or the call's, None if it was not talked about}."""
    found: dict[int, CallResult | None] = dict.fromkeys(call.purposes, attempt.result)
    named = {pk: _SETTLED_BY.get(Purpose(word)) for pk, word in call.purposes.items() if word}
    by_step = {row.next_step: row for row in reversed(keypad_of(attempt.store_id))} if named else {}
    return found | {pk: by_step.get(step) if step else None for pk, step in named.items()}


# ---- what is refused -------------------------------------------------------------------------------------------------


def _check_person(revisit: Revisit, by: Employee, call: Call, now: datetime) -> None:
    """Refuse whoever may not save this call: it ended, somebody else holds it, has made it, or it is not theirs."""
    if is_held_by_another(revisit, by, now):
        raise RuleBroken(held_message(revisit), code="held")
    latest = revisit.attempts.first()
    if latest is not None and latest.ended_at > call.started_at:
        told = {"name": latest.by.name, "at": f"{clock.local(latest.ended_at):%H:%M}", "result": latest.result.label}
        text = _("%(name)s saved this call at %(at)s: %(result)s. What you wrote was not saved and is still here.")
        raise RuleBroken(text % told, code="stale")
    if not revisit.is_open:
        raise RuleBroken(_("This call has ended. What came of it stands below."), code="ended")
    problem = queries.why_not(revisit, by, by.user.role_in(revisit.store_id) if by.user else "")
    if problem:
        raise RuleBroken(problem, code="not_yours")


def _check_call(revisit: Revisit, result: CallResult, call: Call, now: datetime) -> None:
    """Refuse what does not fit together: channel, promise, answers, and the verdict of a confirming call."""
    if call.channel not in Channel.values:
        raise RuleBroken(_("Choose how you spoke."), code="channel", field="channel")
    if call.channel in PRESENT and result.group != CallResult.Group.REACHED:
        text = _("The customer was there: choose a result under “Reached”, or another way of speaking.")
        raise RuleBroken(text, code="present", field="channel")
    archive.check(result, call)
    if result.next_step == NextStep.AT_AGREED_TIME:
        _check_promise(call.agreed_at, now)
    if not result.saves_answers:
        return
    version = revisit.questionnaire_version
    if call.channel in WRITTEN and asking.is_scored(version):
        text = _("Scores are asked in a conversation, not in writing. Call, or choose another result.")
        raise RuleBroken(text, code="written", field="channel")
    confirms = asking.is_confirmation(revisit)
    if confirms and call.confirm_result not in set(ConfirmResult.values) - {ConfirmResult.UNREACHABLE}:
        text = _("Choose what the customer says about the handling.")
        raise RuleBroken(text, code="confirm_result", field="confirm_result")
    nothing_said = not any(given.state == GIVEN for given in call.answers)
    if (
        nothing_said
        and asking.is_scored(version)
        and not asking.is_progress_call(revisit, asking.open_tickets(revisit))
    ):
        text = _("No question is answered. Answer at least one, or choose how the call ended without them.")
        raise RuleBroken(text, code="no_answers", field="result")


def _check_promise(agreed_at: datetime | None, now: datetime) -> None:
    messages = {
        "missing": _("Choose the day and the time that the customer named."),
        "past": _("This time has passed. Choose a later one."),
        "too_far": _("A call-back can be promised at most 60 days ahead."),
        "hours": _("Calls are possible from 8:00 to 21:00. Choose a time between."),
    }
    problem = promise_problem(agreed_at, now)
    if problem:
        raise RuleBroken(messages[problem], code=problem, field="agreed_at")


# ---- what is written -------------------------------------------------------------------------------------------------


def _log(
    revisit: Revisit,
    result: CallResult,
    call: Call,
    response: Response | None,
    complaint: Complaint | None,
    *,
    by: Employee,
    now: datetime,
) -> CallAttempt:
    """The attempt itself; the version of the script that was read is kept with it."""
    started_at = min(call.started_at, now)
    has_low = response is not None and response.decision != ""
    read = scripts.kept(revisit, call.script.version_id, call.script.places, low_answer=has_low)
    return CallAttempt.objects.create(
        store_id=revisit.store_id,
        revisit=revisit,
        by=by,
        channel=call.channel,
        phone_id=_dialled(revisit, call, now),
        started_at=started_at,
        ended_at=now,
        called_on=clock.business_day(started_at),
        result=result,
        note=call.note.strip()[:1000],
        script_version=read.version,
        script_steps=read.places,
        result_version=result.version,
        response=response,
        complaint=complaint,
        submission=call.submission,
    )


def _dialled(revisit: Revisit, call: Call, now: datetime) -> int | None:
    """The number that was dialled, None face to face; refuses one that does not belong to this call."""
    if call.channel == Channel.FACE:
        return None
    if call.phone_id in (None, revisit.phone_id):
        return revisit.phone_id
    known = {number.phone_id for number in queries.dial_list(revisit, clock.business_day(now))}
    if call.phone_id not in known:
        raise RuleBroken(_("Choose one of the numbers of this call."), code="phone", field="phone")
    return call.phone_id


def _follow(
    revisit: Revisit, attempt: CallAttempt, call: Call, told: int | None, *, by: Employee, now: datetime
) -> Outcome:
    """Bring the task to where the result leads it, the number `told` first, and give it back to the pool."""
    result = attempt.result
    others = sorted(_other_numbers(revisit, attempt, now), key=lambda number: number.phone_id != told)
    done = outcome(result, _situation(revisit, attempt, call, others, now), _calendar(revisit.store_id, now))
    if done.number_is_bad and attempt.phone_id:
        from_calls.mark_phone_bad(attempt.phone_id, reason=result.code, by=by, on=clock.business_day(now))
    revisit.state, revisit.tries_made = State(done.state), done.tries_made
    revisit.reason = done.reason or (revisit.reason if revisit.reason == Reason.PROGRESS_CALL else "")
    revisit.not_before, revisit.promised_at = done.not_before, done.promised_at
    revisit.promised_by = by if done.promised_at else None
    revisit.last_result, revisit.last_attempt_at = result, now
    revisit.first_attempt_on = revisit.first_attempt_on or attempt.called_on
    if done.next_number:
        revisit.phone_id = others[0].phone_id
    if done.ends:
        revisit.ended_at, revisit.ended_on = now, clock.business_day(now)
    revisit.claimed_by = revisit.claimed_at = revisit.lease_until = None
    revisit.version += 1
    revisit.save(
        update_fields=[
            "state", "tries_made", "reason", "not_before", "promised_at", "promised_by", "last_result",
            "last_attempt_at", "first_attempt_on", "phone", "ended_at", "ended_on", "claimed_by", "claimed_at",
            "lease_until", "version",
        ]
    )  # fmt: skip
    return done


def _calendar(store_id: int, now: datetime) -> DeskCalendar:
    """The desk's days ahead, read only if the outcome depends on them: most calls end the task."""
    return cast(
        DeskCalendar, SimpleLazyObject(lambda: calendars.desk_calendar(store_id, first=clock.business_day(now)))
    )


def _situation(
    revisit: Revisit, attempt: CallAttempt, call: Call, others: Sequence[Number], now: datetime
) -> Situation:
    before = revisit.attempts.exclude(pk=attempt.pk).values_list("result__code", "started_at")
    earlier = list(before) if revisit.first_attempt_on else []
    return Situation(
        tries_made=revisit.tries_made,
        max_tries=revisit.rule_version.tries,
        now=now,
        repeats=sum(code == attempt.result.code for code, _began in earlier),
        more_numbers=bool(others),
        agreed_at=call.agreed_at,
        first_attempt_on=revisit.first_attempt_on,
        earlier=tuple(began for _code, began in earlier),
    )


def _other_numbers(revisit: Revisit, attempt: CallAttempt, now: datetime) -> list[Number]:
    """The numbers still worth dialling: not the one just dialled, nor those that reached somebody else before.

    Looked for only where the result leads to another number.
    """
    if attempt.result.next_step not in {NextStep.ASK_CONTACT, NextStep.NEXT_NUMBER}:
        return []
    wrong = revisit.attempts.filter(result__next_step__in=[NextStep.ASK_CONTACT, NextStep.NEXT_NUMBER])
    gone = {attempt.phone_id, *wrong.values_list("phone_id", flat=True)}
    return [number for number in queries.dial_list(revisit, clock.business_day(now)) if number.phone_id not in gone]


def _confirm(
    revisit: Revisit,
    result: CallResult,
    call: Call,
    done: Outcome,
    response: Response | None,
    *,
    by: Employee,
    now: datetime,
) -> None:
    """Take over to the ticket what its confirming call brought; a call that ends in vain says so."""
    if result.saves_answers:
        verdict = call.confirm_result
    elif done.ends or done.state == State.NO_NUMBER:
        verdict = ConfirmResult.UNREACHABLE
    else:
        return
    outcomes_of_answers.confirm(revisit, verdict, response, by=by, now=now, note=call.note)
