"""What becomes of calls that are made together with another one: each its own result, or a call of its own again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import QuerySet

from crm_site.core import clock
from crm_site.worktime import calendars
from revisits.models import AttemptPurpose, CallAttempt, CallResult, Joined, NextStep, Revisit, State
from revisits.rules import codes
from revisits.rules.codes import ENDED, Reason
from revisits.rules.outcomes import Outcome, Situation, outcome
from revisits.stops import stand_alone

#: next steps that settle a matter, whatever becomes of the rest of the call
SETTLING = frozenset({NextStep.FINISH, NextStep.FINISH_REFUSED, NextStep.FINISH_SOLD})


def settle(attempt: CallAttempt, results: Mapping[int, CallResult | None], *, now: datetime) -> None:
    """Give each call that was made together with this one its result; call it once the head is saved.

    `results` maps further purposes to what they came to. None: it was not talked about; nor was what is not named: it
    was joined to the call while somebody spoke. Every car of a fleet ends as the call itself did. What is not settled
    stays with its head as long as that is open, and is a call of its own again when the head has ended and its own time
    has not run out.
    """
    head, waiting = attempt.revisit, list(_open_joined(attempt.revisit))
    for task in waiting:
        result = results.get(task.pk)
        if result is not None:
            result = attempt.result if task.joined_as == Joined.FLEET else result
            AttemptPurpose.objects.create(attempt=attempt, revisit=task, result=result)
            _apply(task, head, attempt, result, now)
    if waiting and head.state in {*ENDED, State.NO_NUMBER}:
        release(head)


def release(head: Revisit) -> None:
    """Let what hangs from a call that has ended be a call of its own again: the first one, with the rest."""
    stand_alone([head.pk])


def _open_joined(head: Revisit) -> QuerySet[Revisit]:
    """The open calls that hang from a head, locked, earliest first."""
    rows = Revisit.objects.filter(head=head).open().prefetch_related("rule_version")
    return rows.select_for_update().order_by("due_on", "pk")


def _apply(task: Revisit, head: Revisit, attempt: CallAttempt, result: CallResult, now: datetime) -> None:
    """Bring one joined call to where its result leads it."""
    done = _outcome_of(task, head, attempt, result, now)
    task.state, task.tries_made, task.reason = State(done.state), done.tries_made, done.reason or ""
    task.not_before = done.not_before
    task.first_attempt_on = task.first_attempt_on or attempt.called_on
    task.last_result, task.last_attempt_at = result, now
    if done.ends:
        task.ended_at, task.ended_on = now, clock.business_day(now)
    task.version += 1
    task.save(
        update_fields=[
            "state", "tries_made", "reason", "not_before", "first_attempt_on", "last_result", "last_attempt_at",
            "ended_at", "ended_on", "version",
        ]
    )  # fmt: skip


def _outcome_of(task: Revisit, head: Revisit, attempt: CallAttempt, result: CallResult, now: datetime) -> Outcome:
    """What a result makes of a joined call; while the head waits for another try, it waits along."""
    if result.next_step == NextStep.FINISH_SOLD and task.vehicle_id != head.vehicle_id:
        return Outcome(codes.State(task.state), task.tries_made)  # another car, of which nothing was said
    if head.state == State.NO_NUMBER and result.next_step not in SETTLING:
        return Outcome(codes.State.NO_NUMBER, task.tries_made, reason=Reason.BAD_NUMBERS)
    situation = Situation(
        tries_made=task.tries_made,
        max_tries=task.rule_version.tries,
        now=now,
        repeats=_repeats(task, attempt, result),
        more_numbers=True,
        agreed_at=head.promised_at or now,
        first_attempt_on=task.first_attempt_on,
    )
    found = outcome(result, situation, calendars.desk_calendar(task.store_id, first=clock.business_day(now)))
    if result.next_step in SETTLING:
        return found
    if head.state not in ENDED:
        return Outcome(codes.State.IN_PROGRESS, min(found.tries_made, task.rule_version.tries - 1))
    return found


def _repeats(task: Revisit, attempt: CallAttempt, result: CallResult) -> int:
    """How often the same result has come to this call before."""
    return task.shared_attempts.filter(result__code=result.code).exclude(attempt=attempt).count()
