"""Makes the calls of a revisit, one after the other, each with the consequence that the result table gives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.demo import words
from crm_site.demo.answers import Form, Told, answer
from crm_site.demo.dice import Dice
from crm_site.demo.world import Car, House, World
from customers.models import Delivery, RepairOrder, Vehicle
from revisits.models import CallAttempt, CallResult, Revisit, RuleVersion, ScriptVersion, State
from revisits.rules import outcomes
from revisits.rules.codes import Reason
from satisfaction.rules import Judged

#: low answers of so many days back do not become tickets of the history
QUIET_DAYS = 16
#: the results of the calls of one revisit, and how often that happens
COURSES: tuple[tuple[tuple[str, ...], float], ...] = (
    (("SUCCESS",), 46), (("NO_ANSWER", "SUCCESS"), 14), (("BUSY", "SUCCESS"), 4), (("POWER_OFF", "SUCCESS"), 3),
    (("RESCHED", "SUCCESS"), 5), (("LATER", "SUCCESS"), 2), (("PARTIAL", "SUCCESS"), 1.5),
    (("VOICEMAIL", "SUCCESS"), 2),
    (("UNREACH", "NO_ANSWER", "SUCCESS"), 1.5), (("NOT_OWNER", "SUCCESS"), 1), (("REJECTED", "SUCCESS"), 1.5),
    (("NO_ANSWER", "NO_ANSWER", "NO_ANSWER"), 8), (("REJECTED", "NO_ANSWER", "NO_ANSWER"), 2),
    (("POWER_OFF", "UNREACH", "NO_ANSWER"), 2), (("HUNG_UP", "HUNG_UP"), 1), (("REFUSED",), 2), (("SUSPENDED",), 0.6),
    (("VACANT",), 0.6), (("WRONG_NO",), 0.4), (("SOLD",), 0.3), ((), 1.2),
)  # fmt: skip
#: the course of a delivery's or complaint's call that is made until somebody answers
SURE: tuple[tuple[tuple[str, ...], float], ...] = ((("SUCCESS",), 70), (("NO_ANSWER", "SUCCESS"), 30))


@dataclass(frozen=True)
class Subject:
    """What a revisit is about, and who may call."""

    house: House
    car: Car
    caller: Employee
    people: dict[str, tuple[Employee, ...]]
    delivery: Delivery | None = None
    order: RepairOrder | None = None
    #: how the customer feels beyond what is usual
    mood: float = 0.0


@dataclass
class Desk:
    """Everything that the calls of a world have in common."""

    world: World
    results: dict[str, CallResult]
    forms: dict[int, Form]
    scripts: dict[int, ScriptVersion]
    #: told of each answered call with its low answers, for the tickets that follow
    heard: Callable[[CallAttempt, Subject, list[Judged]], None]

    @classmethod
    def of(cls, world: World, forms: dict[int, Form], heard: Callable) -> Desk:
        """Read results and scripts."""
        results = {row.code: row for row in CallResult.objects.filter(store=None)}
        scripts = {row.script_id: row for row in ScriptVersion.objects.filter(is_current=True)}
        return cls(world, results, forms, scripts, heard)

    def call(
        self,
        revisit: Revisit,
        version: RuleVersion,
        subject: Subject,
        dice: Dice,
        *,
        course: tuple[str, ...] | None = None,
    ) -> None:
        """Make the calls of a course up to now; the revisit is changed, the attempts are kept for writing."""
        codes = dice.pick(COURSES) if course is None else course
        moment = self._first_moment(revisit, subject.house, dice)
        repeats: dict[str, int] = {}
        for code in codes:
            if moment > self.world.now:
                break
            at = outcomes.Situation(
                tries_made=revisit.tries_made,
                max_tries=version.tries,
                now=moment,
                repeats=repeats.get(code, 0),
                agreed_at=self._agreed(moment, subject.house, dice) if code == "RESCHED" else None,
                first_attempt_on=revisit.first_attempt_on,
            )
            found = outcomes.outcome(self.results[code], at, subject.house.desk)
            repeats[code] = repeats.get(code, 0) + 1
            attempt = self._attempt(revisit, version, subject, code=code, moment=moment, dice=dice)
            self._consequence(revisit, attempt, found, subject)
            if not revisit.is_open:
                return
            if revisit.state == State.NO_NUMBER:
                break
            moment = self._next_moment(found, moment, dice)
        self._give_up(revisit)

    def promise(
        self, revisit: Revisit, version: RuleVersion, subject: Subject, at: datetime, agreed_at: datetime
    ) -> None:
        """One call in which the customer named a time."""
        code = "RESCHED"
        situation = outcomes.Situation(revisit.tries_made, version.tries, at, agreed_at=agreed_at)
        found = outcomes.outcome(self.results[code], situation, subject.house.desk)
        attempt = self._attempt(
            revisit, version, subject, code=code, moment=at, dice=Dice("promise", revisit.anchor_key)
        )
        self._consequence(revisit, attempt, found, subject)

    def _first_moment(self, revisit: Revisit, house: House, dice: Dice) -> datetime:
        """Most calls are made on their day, some on the next, a few later."""
        day = revisit.due_on
        for _ in range(dice.pick([(0, 84), (1, 11), (2, 3), (3, 2)])):
            if day < revisit.expires_on:
                day = house.desk.next_desk_day(day)
        return _in_band(day, dice)

    @staticmethod
    def _next_moment(found: outcomes.Outcome, moment: datetime, dice: Dice) -> datetime:
        earliest = found.not_before or moment + timedelta(minutes=40)
        return max(earliest, moment + timedelta(minutes=10)) + timedelta(minutes=dice.randrange(1, 50))

    @staticmethod
    def _agreed(moment: datetime, house: House, dice: Dice) -> datetime:
        """A time on the next desk day that the customer names."""
        day = house.desk.next_desk_day(clock.business_day(moment))
        return clock.at(day, dice.choice((10, 11, 15, 16, 17)), dice.choice((0, 30)))

    def _attempt(
        self, revisit: Revisit, version: RuleVersion, subject: Subject, *, code: str, moment: datetime, dice: Dice
    ) -> CallAttempt:
        """One call, with the answers where somebody gave them."""
        result = self.results[code]
        length = dice.randrange(90, 420) if result.saves_answers else dice.randrange(15, 70)
        response, lows = None, []
        form = self.forms.get(revisit.questionnaire_version_id or 0)
        if result.saves_answers and form:
            recent = clock.business_day(moment) >= self.world.today - timedelta(days=QUIET_DAYS)
            told = Told(subject.car, subject.caller, moment, subject.delivery, subject.order, recent, subject.mood)
            response, lows = answer(self.world, form, told, subject.people, dice)
        attempt = self.world.rows.add(
            CallAttempt(
                store_id=revisit.store_id,
                revisit=revisit,
                by=subject.caller,
                phone_id=revisit.phone_id,
                started_at=moment,
                ended_at=moment + timedelta(seconds=length),
                called_on=clock.business_day(moment),
                result=result,
                note=dice.choice(words.NOTES if result.saves_answers else words.RETRY_NOTES),
                script_version=self.scripts.get(version.script_id or 0),
                response=response,
                submission=dice.submission(),
            )
        )
        if response is not None:
            self.heard(attempt, subject, lows)
        return attempt

    def _consequence(self, revisit: Revisit, attempt: CallAttempt, found: outcomes.Outcome, subject: Subject) -> None:
        """Take over what the result table says."""
        revisit.state = State(found.state)
        revisit.tries_made = found.tries_made
        revisit.not_before, revisit.promised_at = found.not_before, found.promised_at
        revisit.promised_by = subject.caller if found.promised_at else None
        revisit.reason = found.reason.value if found.reason else ""
        revisit.last_result, revisit.last_attempt_at = attempt.result, attempt.started_at
        revisit.first_attempt_on = revisit.first_attempt_on or attempt.called_on
        revisit.version += 1
        if found.number_is_bad:
            subject.car.phone.bad_since, subject.car.phone.bad_reason = attempt.called_on, attempt.result.code
        if attempt.result.code == "SOLD":
            subject.car.vehicle.state = Vehicle.State.SOLD
        if found.ends:
            _end(revisit, attempt.ended_at)

    def _give_up(self, revisit: Revisit) -> None:
        """What nobody could finish is over some days after its deadline."""
        if revisit.expires_on >= self.world.generated_from - timedelta(days=8):
            return
        if revisit.state != State.NO_NUMBER:
            revisit.reason = (Reason.NOT_REACHED if revisit.tries_made else Reason.EXPIRED).value
        revisit.state = State.FAILED
        _end(revisit, clock.at(revisit.expires_on + timedelta(days=1), 1))


def _end(revisit: Revisit, at: datetime) -> None:
    revisit.ended_at, revisit.ended_on = at, clock.business_day(at)
    revisit.not_before = revisit.promised_at = revisit.promised_by = None


def _in_band(day: date, dice: Dice) -> datetime:
    """A moment of one of the times at which we call."""
    first, last = dice.pick([((9.5, 11.4), 50), ((14.5, 17.3), 50)])
    return dice.moment_on(day, first, last)
