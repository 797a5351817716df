"""Tells the roles of a level that a limit runs out, each once for each promise (domain 6.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property

from django.db import transaction

from complaints import ledger, people, settings
from complaints.models import Complaint, Kind, State, Step
from complaints.rules import clock, escalation
from complaints.rules import ledger as rules
from complaints.rules.escalation import Stage
from crm_site.accounts.models import Employee, Role
from crm_site.core.clock import business_day
from crm_site.notices import actions as notices

#: steps that show that an L4 ticket is worked on
PROGRESS = ("accept", "contact", "investigate", "propose", "approve", "tell", "act", "pause", "resume", "submit")
DAILY = "L4"


class Desk:
    """What one look at the open tickets of a store needs, read once: its hours, stages and levels."""

    def __init__(self, store_id: int, now: datetime) -> None:
        self.now, self.present = now, ledger.Present(store_id)
        self.store_id = store_id

    @cached_property
    def stages(self) -> dict[str, tuple[Stage, ...]]:
        """Which role hears of a ticket of a level, and when."""
        return settings.stages(self.store_id)

    def is_decent(self, level_code: str) -> bool:
        """Whether people may be told of a ticket of this level now."""
        return escalation.is_decent(level_code, self.now, self.present.calendars.store)


def candidates(now: datetime) -> list[tuple[int, int]]:
    """The open tickets with a level whose limit runs: (store, ticket), so that each store is looked at once."""
    rows = Complaint.objects.open().running().filter(due_at__isnull=False, level__isnull=False)
    rows = rows.exclude(kind=Kind.QUESTION)
    return list(rows.order_by("store_id", "pk").values_list("store_id", "pk"))


@transaction.atomic
def escalate(complaint_id: int, *, now: datetime, desk: Desk | None = None) -> int:
    """Leave the notices of the stages that a ticket has reached; a second run finds them and adds none.

    Gives how many people are to know. Who is told is decided by the ticket's level and the store's stages; where a
    role has nobody, the next higher one hears of it, and the notice says so.
    """
    complaint = Complaint.objects.select_related("level").get(pk=complaint_id)
    if complaint.level is None or complaint.due_at is None or not complaint.is_open:
        return 0
    desk = desk or Desk(complaint.store_id, now)
    stages = desk.stages.get(complaint.level.code, ())
    if not stages or not desk.is_decent(complaint.level.code):
        return 0
    if complaint.due_at > now and min(stage.percent for stage in stages) >= 100:
        return 0
    name, _due = ledger.ruling(complaint)
    run = ledger.run_of(complaint)
    if run is None:  # registered elsewhere and taken over: there is no clock to run out
        return 0
    share = _share(complaint, name, run, desk)
    return sum(_tell(complaint, name, stage, now) for stage in escalation.reached(stages, share))


@transaction.atomic
def remind_of_update(complaint_id: int, *, now: datetime) -> int:
    """Remind the handler and the managers of a grave ticket that has shown no progress for a day; once a day."""
    complaint = Complaint.objects.select_related("level", "handler__user").get(pk=complaint_id)
    if not _wants_updates(complaint) or not escalation.by_day(now):
        return 0
    last = Step.objects.filter(complaint=complaint, action__in=PROGRESS, by__isnull=False).order_by("-sequence")
    moment = last.values_list("at", flat=True).first() or complaint.received_at
    if not escalation.lacks_update(moment, now):
        return 0
    managers = people.in_role(complaint.store_id, Role.MANAGER, business_day(now))
    named = {one.pk: one for one in [*([complaint.handler] if complaint.handler else []), *managers]}
    key = f"complaint:{complaint.pk}:update:{business_day(now):%Y%m%d}"
    return _notify(complaint, list(named.values()), "complaint.update_missing", {}, kind="warn", key=key)


def without_update(now: datetime) -> list[int]:
    """The grave tickets that somebody works on, received more than a day ago."""
    rows = Complaint.objects.live().open().exclude(state=State.CONFIRMING).exclude(kind=Kind.QUESTION)
    rows = rows.filter(level__code=DAILY, received_at__lte=now - timedelta(days=1))
    return list(rows.values_list("pk", flat=True))


def _wants_updates(complaint: Complaint) -> bool:
    grave = complaint.level is not None and complaint.level.code == DAILY
    return grave and complaint.is_open and complaint.state != State.CONFIRMING


def _share(complaint: Complaint, name: str, run: rules.Run, desk: Desk) -> float:
    """How much of the ruling limit is used; a limit from outside runs in natural time, whatever stands here."""
    assert complaint.due_at is not None
    assert complaint.level is not None
    store = desk.present.calendars.store
    if name == "external":
        return escalation.share_used(run.first.start, complaint.due_at, desk.now, clock.NATURAL, store)
    count = run.count(name)
    return escalation.share_used(
        count.start,
        complaint.due_at,
        desk.now,
        complaint.level.clock,
        count.basis.calendars.store,
        pauses=count.pauses,
    )


def _tell(complaint: Complaint, name: str, stage: Stage, now: datetime) -> int:
    """Tell one stage's people: once a promise, and what is told at once only once a round of the ticket."""
    level = complaint.level.code if complaint.level else ""
    day = business_day(now)

    def find(role: str) -> list[Employee]:
        return list(people.in_role(complaint.store_id, role, day, complaint.department if role == Role.HEAD else ""))

    role, receivers = escalation.receivers(stage.role, find)
    promise = name if stage.percent else "at-once"
    key = f"complaint:{complaint.pk}:{complaint.reopened}:{level}:{promise}:{stage.percent}:{stage.role}"
    code = "complaint.escalated" if stage.percent else "complaint.escalated_at_once"
    if role != stage.role:
        code = f"complaint.escalated_for_{stage.role}"
    kind = "bad" if stage.percent >= 100 else "warn"
    return _notify(complaint, receivers, code, {"level": level}, kind=kind, key=key)


def _notify(
    complaint: Complaint, employees: list[Employee], code: str, params: dict[str, str], *, kind: str, key: str
) -> int:
    for employee in employees:
        if employee.user is not None:
            notices.tell(
                employee.user,
                code,
                {"number": complaint.number, **params},
                url=f"/complaints/{complaint.pk}/go/",
                kind=kind,
                key=key,
            )
    return len(employees)
