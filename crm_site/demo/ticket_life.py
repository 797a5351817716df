"""The life of one ticket of the history, as the actions would have written it, up to the confirming call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from complaints.ledger import ruling
from complaints.models import (
    CauseClass,
    ClockEntry,
    Complaint,
    Confirmation,
    ConfirmResult,
    Kind,
    Liability,
    State,
    Step,
)
from complaints.rules import clock as ticking
from complaints.rules import ledger
from crm_site.accounts.models import Department, Employee
from crm_site.core import clock
from crm_site.demo import words
from crm_site.demo.calls import SURE, Desk, Subject
from crm_site.demo.dice import Dice
from crm_site.demo.world import House
from revisits.generator.context import StoreRule
from revisits.models import CallAttempt, Revisit
from revisits.rules import due
from satisfaction.models import Attribution, ImprovementMeasure, Response

HEADS = {
    Department.SALES: "head:sales",
    Department.SERVICE: "head:service",
    Department.WORKSHOP: "head:workshop",
}


@dataclass(frozen=True)
class Draft:
    """What is known when a ticket is opened."""

    subject: Subject
    category: str
    level: str
    words: str
    demand: str
    source: str
    received_at: datetime
    reported_by: Employee
    attempt: CallAttempt | None = None
    origin: Response | None = None


@dataclass(frozen=True)
class Confirming:
    """How confirming calls are made: the desk, the form that is asked, and what was heard so far, by revisit."""

    desk: Desk
    form_id: int
    heard: dict[int, Response]


class Life:
    """One ticket on its way, written as the actions would have written it."""

    def __init__(self, asking: Confirming, draft: Draft, *, complaint: Complaint, rule: StoreRule, dice: Dice) -> None:
        """Begin when it was heard."""
        self.world, self.asking, self.desk = asking.desk.world, asking, asking.desk
        self.draft, self.complaint, self.rule, self.dice = draft, complaint, rule, dice
        self.house: House = draft.subject.house
        self.calendars = self.house.calendars
        self.calendar = self.house.kept_calendar(self.world.now)
        self.ledger: list[ledger.Entry] = []
        self.at = draft.received_at
        self.pace = dice.pick([(0.6, 50), (1.0, 36), (3.5, 14)])
        self.handler = self._handler()

    def live(self) -> None:
        """Through the stages, as far as there was time."""
        complaint = self.complaint
        complaint.legal_due_on = ticking.legal_date(complaint.received_on, self.calendars.legal)
        self._turn(ClockEntry.Kind.START, complaint.received_at)
        self._step("open", self.draft.reported_by, from_state="")
        self._liability()
        going = self._work() and self._confirm()
        if not going and complaint.state == State.REOPENED and self._work():
            self._confirm(last=True)
        self._rule_deadline()

    # ---- stages ----

    def _work(self) -> bool:
        """From acceptance to the hand-over to the confirming call; False where time has not come so far."""
        return all(stage() for stage in (self._accept, self._contact, self._investigate, self._tell, self._submit))

    def _later(self, minutes: tuple[int, int]) -> bool:
        """Let working time pass; False when that would be after now."""
        moment = self.calendars.store.add_working_time(self.at, round(self.dice.randrange(*minutes) * self.pace) + 1)
        if moment > self.world.now - timedelta(minutes=5):
            return False
        self.at = moment
        return True

    def _accept(self) -> bool:
        if not self._later((5, 80)):
            return False
        self.complaint.handler = self.handler
        self.complaint.accepted_at = self.complaint.accepted_at or self.at
        self._move("accept", State.ACCEPTED)
        return True

    def _contact(self) -> bool:
        if not self._later((8, 60)):
            return False
        self.complaint.responded_at = self.complaint.responded_at or self.at
        self._move("contact", note="已联系客户，了解情况并致歉。")
        return True

    def _investigate(self) -> bool:
        if not self._later((40, 240)):
            return False
        self.complaint.cause_class = self.dice.choice(CauseClass.values)
        self.complaint.cause = self.dice.choice(words.CAUSES)
        self._move("investigate", State.INVESTIGATING, note=self.complaint.cause)
        return True

    def _tell(self) -> bool:
        if not self._later((20, 200)):
            return False
        self.complaint.solution = self.dice.choice(words.SOLUTIONS)
        if self.complaint.kind == Kind.COMPLAINT and self.dice.chance(0.15):
            self.complaint.compensation = self.dice.choice((50, 100, 200, 300))
        self._move("propose", State.PROPOSED, note=self.complaint.solution)
        if not self._later((10, 120)):
            return False
        self.complaint.customer_accepts = True
        self.complaint.proposed_at = self.complaint.proposed_at or self.at
        self._move("tell", State.TOLD)
        return True

    def _submit(self) -> bool:
        if not self._later((60, 500)):
            return False
        self._move("act", State.ACTING, note=self.dice.choice(words.ACTIONS))
        self._review()
        if not self._later((10, 90)):
            return False
        self._confirm_liability()
        self.complaint.round += 1
        self.complaint.solved_at = self.at
        self._move("submit", State.CONFIRMING)
        return True

    def _confirm(self, *, last: bool = False) -> bool:
        """The confirming call; True when it closed the ticket."""
        response = self._call(unhappy=not last and self.dice.chance(0.12))
        if response is None:
            return False
        self.at, by = response.answered_at + timedelta(minutes=3), response.asked_by
        result = _result(response, self.dice)
        self.complaint.result = result
        self.world.rows.add(
            Confirmation(
                store=self.house.store, complaint=self.complaint, round=self.complaint.round, at=self.at, by=by,
                result=result, response=response, recovery_score=response.score,
            )
        )  # fmt: skip
        closes = result != ConfirmResult.DISSATISFIED
        if closes:
            self.complaint.closed_at, self.complaint.closed_on = self.at, clock.business_day(self.at)
            self._turn(ClockEntry.Kind.STOP, self.at)
        else:
            self.complaint.solved_at = self.complaint.proposed_at = self.complaint.customer_accepts = None
            self.complaint.reopened += 1
            self._turn(ClockEntry.Kind.REOPEN, self.at)
        self._move("confirm", State.CLOSED if closes else State.REOPENED, by=by)
        return closes

    def _call(self, *, unhappy: bool) -> Response | None:
        """The due call of this round and its answer, if it has been made; else the generator is to make it."""
        found = due.under(clock.business_day(self.at), self.rule.versions, self.house.desk)
        if found is None or found.due_on >= self.world.generated_from:
            return None
        callers = [one for one in self.house.staff["specialist"] if one != self.handler]
        subject = Subject(self.house, self.draft.subject.car, self.dice.choice(callers), {}, mood=-5 if unhappy else 0)
        version = found.version
        revisit = self.world.rows.add(
            Revisit(
                store=self.house.store, rule=self.rule.rule, rule_version=version,
                anchor_key=f"complaint:{self.complaint.pk}:solved:{self.complaint.round}",
                anchor_on=found.anchor_on, complaint=self.complaint, vehicle=self.complaint.vehicle,
                customer=self.complaint.customer, phone=self.draft.subject.car.phone,
                questionnaire_version_id=self.asking.form_id, due_on=found.due_on,
                expires_on=found.expires_on, priority=self.rule.rule.priority,
                created_at=clock.at(found.due_on, 0, 5),
            )
        )  # fmt: skip
        self.desk.call(revisit, version, subject, self.dice, course=self.dice.pick(SURE))  # type: ignore[arg-type]
        return self.asking.heard.get(revisit.pk)

    # ---- what hangs on the ticket ----

    def _handler(self) -> Employee:
        """The head of the department, else the manager; never who is complained about."""
        staff = self.house.staff
        heads = staff.get(HEADS.get(Department(self.complaint.department or "dcrc"), ""), [])
        if self.draft.level == "L1" and self.dice.chance(0.4):
            return self.dice.choice(staff["specialist"])
        return (
            heads or staff["head:service"] if self.complaint.department == "workshop" else heads or staff["manager"]
        )[0]

    def _liability(self) -> None:
        """Who is proposed to answer for it, by the category."""
        category = self.complaint.category
        proposed = category.proposed_liable if category else ""
        part = Attribution.TECHNICIANS if proposed.startswith("tech") else proposed
        people = self.draft.subject.people.get(part, ())
        party = {"manufacturer": Liability.Party.MANUFACTURER}.get(proposed, Liability.Party.DEPARTMENT)
        self.liability = Liability(
            store=self.house.store,
            complaint=self.complaint,
            kind=Liability.Kind.DIRECT,
            party=Liability.Party.EMPLOYEE if people else party,
            employee=people[0] if people else None,
            post=_post(proposed) if people else "",
        )
        self.world.rows.add(self.liability)
        if people and self.complaint.kind == Kind.COMPLAINT and self.dice.chance(0.4):
            self.complaint.accused = people[0]

    def _confirm_liability(self) -> None:
        if self.dice.chance(0.92):
            self.liability.confirmed_at, self.liability.confirmed_by = self.at, self.handler

    def _review(self) -> None:
        """What L3 needs before it can be closed."""
        if self.complaint.level is None or self.complaint.level.rank < 3:
            return
        cause, measure = self.dice.choice(words.MEASURES)
        day = clock.business_day(self.at)
        done = day + timedelta(days=20) < self.world.today
        self.complaint.review_note = self.dice.choice(words.REVIEWS)
        self.complaint.measure = self.world.rows.add(
            ImprovementMeasure(
                store=self.house.store, cause=cause, measure=measure, responsible=self.handler,
                department=self.complaint.department, due_on=day + timedelta(days=20),
                state=ImprovementMeasure.State.DONE if done else ImprovementMeasure.State.OPEN,
                done_on=day + timedelta(days=15) if done else None, created_at=self.at, created_by=self.handler,
                check_on=day + timedelta(days=45) if done else None,
                submission=self.dice.submission(),
            )
        )  # fmt: skip
        self._move("review", note=self.complaint.review_note)

    # ---- log and clock ----

    def _move(self, action: str, to: str = "", *, note: str = "", by: Employee | None = None) -> None:
        before = self.complaint.state
        self.complaint.state = State(to) if to else before
        self.complaint.version += 1
        self._step(action, by or self.handler, from_state=before, note=note)

    def _step(self, action: str, by: Employee, *, from_state: str, note: str = "") -> None:
        self.world.rows.add(
            Step(
                store=self.house.store, complaint=self.complaint, sequence=self.complaint.version, at=self.at, by=by,
                action=action, from_state=from_state, to_state=self.complaint.state, note=note, detail={"fields": []},
            )
        )  # fmt: skip

    def _turn(self, kind: str, at: datetime) -> None:
        """One entry of the clock's ledger with the deadlines that follow from the whole of it."""
        level = self.complaint.level
        basis = self.house.present.basis(self.complaint)
        entry = ClockEntry(
            store=self.house.store, complaint=self.complaint, sequence=len(self.ledger) + 1, at=at, noted_at=at,
            by=self.draft.reported_by if kind == ClockEntry.Kind.START else self.handler, kind=kind,
            level_code=level.code if level else "", limits=basis.limits.stored() if basis.limits else {},
            calendar=self.calendar,
        )  # fmt: skip
        self.ledger.append(ledger.Entry(kind, at, basis))
        found = ledger.fold(self.ledger)
        for row in (entry, self.complaint):
            row.response_due_at, row.proposal_due_at, row.closing_due_at = found
        self.world.rows.add(entry)

    def _rule_deadline(self) -> None:
        _name, self.complaint.due_at = ruling(self.complaint)


def _post(proposed: str) -> str:
    return "technician" if proposed.startswith("tech") else proposed


def _result(response: Response, dice: Dice) -> str:
    """What the customer says, in line with the marks."""
    score = response.score or 0
    if score >= 88:
        return ConfirmResult.VERY_SATISFIED
    if score >= 72:
        return ConfirmResult.SATISFIED
    if score > 60:
        return dice.choice((ConfirmResult.FAIR, ConfirmResult.ACCEPTS))
    return ConfirmResult.DISSATISFIED
