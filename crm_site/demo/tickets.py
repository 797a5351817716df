"""A year of grievances and complaints: from the first words through every stage to the confirming call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from complaints.actions.opening import PREFIXES
from complaints.models import (
    Category,
    Complaint,
    Kind,
    Level,
    Source,
)
from crm_site.core import clock
from crm_site.demo import words
from crm_site.demo.answers import people_of
from crm_site.demo.calls import QUIET_DAYS, Desk, Subject
from crm_site.demo.dice import Dice
from crm_site.demo.ticket_life import Confirming, Draft, Life
from crm_site.demo.world import House, World
from revisits.generator.context import StoreRule, store_rules
from revisits.models import CallAttempt
from satisfaction.models import Attribution, Decision, QuestionnaireVersion, Response
from satisfaction.rules import Judged

#: tickets that did not come from a call, in a whole year
BY_HAND = 80
#: whose work a low answer judges -> what the ticket is about
CATEGORY_OF = {
    Attribution.SALES_CONSULTANT: ("sales.attitude", "sales.promise"),
    Attribution.DELIVERY_SPECIALIST: ("sales.delivery_time",),
    Attribution.SERVICE_ADVISOR: ("service.attitude", "service.waiting", "service.explanation"),
    Attribution.TECHNICIANS: ("repair.not_fixed", "repair.mechanical"),
    Attribution.DEPARTMENT: ("time.overrun", "time.not_told"),
    Attribution.NONE: ("charges.parts", "environment"),
}
SOURCES = ((Source.PHONE, 40), (Source.WALK_IN, 25), (Source.HOTLINE, 14), (Source.WEB, 12), (Source.STAFF, 6),
           (Source.AUTHORITY, 3))  # fmt: skip


class Tickets:
    """Collects what leads to tickets, then lets each live through its stages."""

    def __init__(self, world: World) -> None:
        """Read levels and categories."""
        self.world = world
        self.drafts: list[Draft] = []
        self.confirmed: dict[int, Response] = {}
        self.levels = {row.code: row for row in Level.objects.filter(store=None)}
        self.categories = {row.code: row for row in Category.objects.filter(store=None)}
        self.confirmation_form = QuestionnaireVersion.objects.published().get(questionnaire__code="CMP_CFM").pk
        self.numbers: Counter[tuple[int, str]] = Counter()
        self.earlier: dict[tuple[int, str], Complaint] = {}

    def heard(self, attempt: CallAttempt, subject: Subject, lows: list[Judged]) -> None:
        """A call was answered: what it asks for."""
        response = attempt.response
        if response is None:
            return
        if response.version_id == self.confirmation_form:
            self.confirmed[attempt.revisit_id] = response
        elif response.decision in {Decision.GRIEVANCE, Decision.COMPLAINT}:
            self._from_answers(attempt, response, subject, lows)

    def _from_answers(self, attempt: CallAttempt, response: Response, subject: Subject, lows: list[Judged]) -> None:
        """What a customer said about low marks becomes a ticket."""
        dice = Dice("ticket", attempt.store_id, attempt.pk)
        is_grievance = response.decision == Decision.GRIEVANCE
        first = next(one for one in response.version.questions.all() if one.code == lows[0].item.code)
        self.drafts.append(
            Draft(
                subject=subject,
                category=dice.choice(CATEGORY_OF[Attribution(first.attribution)]),
                level="L1" if is_grievance else "L2",
                words="；".join(one.given.reason for one in lows),
                demand="" if is_grievance else "希望尽快解决并给个答复",
                source=Source.REVISIT,
                received_at=attempt.ended_at,
                reported_by=attempt.by,
                attempt=attempt,
                origin=response,
            )
        )

    def by_hand(self, house: House, subjects: list[Subject]) -> None:
        """Tickets of customers who called or came themselves."""
        dice = Dice("by hand", house.store.code)
        for _ in range(max(3, round(BY_HAND * house.share * self.world.scale))):
            subject = dice.choice(subjects)
            since = subject.delivery.delivered_on if subject.delivery else subject.order.checked_in_on  # type: ignore[union-attr]
            day = min(since + timedelta(days=dice.randrange(0, 20)), self.world.today - timedelta(days=QUIET_DAYS))
            about_sale = subject.delivery is not None
            matters = [
                row for row in words.MATTERS if row[0].startswith(("sales", "product", "insurance")) == about_sale
            ]
            category, level, text, demand = dice.choice(matters)
            reporters = house.staff["specialist"] + house.staff["service_advisor"][:1] + house.staff["manager"]
            self.drafts.append(
                Draft(subject, category, level, text, demand, dice.pick(SOURCES), dice.moment_on(day, 9, 17.5),
                      dice.choice(reporters))
            )  # fmt: skip

    def make(self, desk: Desk) -> None:
        """Every ticket, in the order in which they were opened."""
        asking = Confirming(desk, self.confirmation_form, self.confirmed)
        rules = {house.store.pk: _confirming_rule(house) for house in self.world.houses}
        for draft in sorted(self.drafts, key=lambda one: (one.received_at, one.words)):
            house = draft.subject.house
            dice = Dice("life", house.store.code, f"{draft.received_at:%y%m%d%H%M%S}", draft.category)
            complaint = self._open(draft, house, dice)
            Life(asking, draft, complaint=complaint, rule=rules[house.store.pk], dice=dice).live()

    def _open(self, draft: Draft, house: House, dice: Dice) -> Complaint:
        """The ticket as it was opened."""
        category, level = self.categories[draft.category], self.levels[draft.level]
        kind = Kind.GRIEVANCE if level.rank == 1 else Kind.COMPLAINT
        day = clock.business_day(draft.received_at)
        prefix = f"{PREFIXES[kind]}-{day:%y%m%d}-"
        self.numbers[house.store.pk, prefix] += 1
        complaint = Complaint(
            store=house.store,
            number=f"{prefix}{self.numbers[house.store.pk, prefix]:03d}",
            kind=kind,
            level=level,
            category=category,
            source=draft.source,
            department=category.department,
            customer=draft.subject.car.owner,
            vehicle=draft.subject.car.vehicle,
            delivery=draft.subject.delivery,
            repair_order=draft.subject.order,
            origin=draft.origin,
            words=draft.words,
            demand=draft.demand,
            reported_by=draft.reported_by,
            received_at=draft.received_at,
            received_on=day,
            repeat_of=self._repeated(draft, kind, day),
            submission=dice.submission(),
        )
        self.world.rows.add(complaint)
        if draft.attempt is not None:
            draft.attempt.complaint = complaint
        if kind == Kind.COMPLAINT:
            self.earlier[draft.subject.car.vehicle.pk, _top(draft.category)] = complaint
        return complaint

    def _repeated(self, draft: Draft, kind: str, day: date) -> Complaint | None:
        earlier = self.earlier.get((draft.subject.car.vehicle.pk, _top(draft.category)))
        fits = earlier is not None and kind == Kind.COMPLAINT and (day - earlier.received_on).days <= 90
        return earlier if fits else None


def _top(category: str) -> str:
    return category.partition(".")[0]


def _confirming_rule(house: House) -> StoreRule:
    return next(rule for rule in store_rules(house.store.pk) if rule.rule.code == "CMP_CFM")


def subjects_of(house: House, technicians: dict) -> Iterator[Subject]:
    """Everything that a customer of a store may complain about."""
    anybody = house.staff["specialist"][0]
    for car in house.cars:
        if car.delivery is not None:
            yield Subject(house, car, anybody, people_of(car.delivery, None, technicians), delivery=car.delivery)
        for order in car.orders:
            yield Subject(house, car, anybody, people_of(None, order, technicians), order=order)
