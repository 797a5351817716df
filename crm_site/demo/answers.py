"""What customers answered: marks that depend on who served them, scored by the satisfaction room's own functions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from statistics import fmean

from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.core.numbers import round_half_up
from crm_site.demo import words
from crm_site.demo.dice import Dice
from crm_site.demo.world import Car, World
from customers.models import Delivery, RepairOrder
from satisfaction import rules, scoring
from satisfaction.attribution import Occasion, part_of
from satisfaction.models import (
    Answer,
    AnswerAttribution,
    Attribution,
    Decision,
    EmployeeScore,
    FactorScore,
    Question,
    QuestionnaireVersion,
    Response,
)
from satisfaction.queries import items_of

#: the mark that most customers give, and how far others are from it
USUAL_MARK, SPREAD = 9.1, 0.75
#: how far one customer is from another in everything: what makes their answers hang together
TEMPER = 0.5
#: how many of a hundred customers are unhappy with something
UNHAPPY = 7
#: what becomes of a low answer
DECISIONS = ((Decision.SETTLED, 52), (Decision.WAIVED, 20), (Decision.GRIEVANCE, 16), (Decision.COMPLAINT, 12))
#: … while it is too recent for its ticket to be part of the history
RECENT_DECISIONS = ((Decision.SETTLED, 70), (Decision.WAIVED, 30))


@dataclass(frozen=True)
class Told:
    """A conversation: with whom about what, asked by whom when."""

    car: Car
    asked_by: Employee
    at: datetime
    delivery: Delivery | None = None
    order: RepairOrder | None = None
    #: too recent for a ticket of the history
    recent: bool = False
    #: how the customer feels beyond what is usual, in points of ten
    mood: float = 0.0


class Form:
    """One version of a questionnaire with what is read of it again and again."""

    def __init__(self, version: QuestionnaireVersion) -> None:
        """Read the version's questions and factors."""
        self.version = version
        self.code = version.questionnaire.code
        self.kind = version.questionnaire.kind
        self.items = items_of(version)
        self.questions: dict[str, Question] = {question.code: question for question in version.questions.all()}
        self.factors = {factor.code: factor for factor in version.factors.all()}


def forms() -> dict[int, Form]:
    """Every version that is asked or was, by its id."""
    asked = QuestionnaireVersion.objects.exclude(state=QuestionnaireVersion.State.DRAFT)
    rows = asked.select_related("questionnaire")
    return {row.pk: Form(row) for row in rows.prefetch_related("factors", "questions__factor")}


def answer(
    world: World, form: Form, told: Told, people: dict[str, tuple[Employee, ...]], dice: Dice
) -> tuple[Response, list[rules.Judged]]:
    """One response with its answers and scores, as recording it would have written them; and its low answers."""
    occasion = Occasion(people, form.kind)
    told = replace(told, mood=told.mood + dice.gauss(0, TEMPER))
    givens = [_given(world, form.questions[item.code], told, occasion, dice) for item in form.items]
    if dice.randrange(100) < UNHAPPY:
        _spoil(form, givens, dice)
    found = rules.evaluate(form.items, givens, is_scored=form.version.questionnaire.is_scored)
    decision = _decision(form, found, told, dice)
    response = world.rows.add(
        Response(
            store_id=told.asked_by.store_id,
            version=form.version,
            customer=told.car.owner,
            vehicle=told.car.vehicle,
            delivery=told.delivery,
            repair_order=told.order,
            asked_by=told.asked_by,
            channel="phone",
            answered_at=told.at,
            called_on=clock.business_day(told.at),
            decision=decision,
            decision_reason=dice.choice(words.WAIVED) if decision == Decision.WAIVED else "",
            series=told.car.vehicle.series,
            job_type=told.order.job_type if told.order else "",
            submission=dice.submission(),
            **scoring.stored(found),
        )
    )
    _answers(world, form, response, found, occasion)
    _scores(world, form, response, found, occasion)
    return response, [one for one in found.answers if one.is_low]


def people_of(delivery: Delivery | None, order: RepairOrder | None, technicians: dict[int, list[Employee]]) -> dict:
    """Who served, by part, as satisfaction.attribution reads it from the rows."""
    people: dict[str, tuple[Employee, ...]] = {}
    if delivery is not None and delivery.sales_consultant and delivery.delivery_specialist:
        people[Attribution.SALES_CONSULTANT] = (delivery.sales_consultant,)
        people[Attribution.DELIVERY_SPECIALIST] = (delivery.delivery_specialist,)
    if order is not None and order.service_advisor:
        people[Attribution.SERVICE_ADVISOR] = (order.service_advisor,)
        people[Attribution.TECHNICIANS] = tuple(dict.fromkeys(technicians.get(order.pk, [])))
    return people


# ---- marks -----------------------------------------------------------------------------------------------------------


def _given(world: World, question: Question, told: Told, occasion: Occasion, dice: Dice) -> rules.Given:
    """One answer; a few do not apply, a few were not asked."""
    if not question.is_required and question.factor_id and dice.chance(0.05):
        return rules.Given(question.code, dice.choice((rules.NOT_APPLICABLE, rules.NOT_ANSWERED)))
    if question.kind == "text":
        return _said(question.code, dice)
    return _with_mark(question.code, question.kind, _mark(world, question, told, occasion, dice), dice)


def _said(code: str, dice: Dice) -> rules.Given:
    if dice.chance(0.7):
        return rules.Given(code, rules.NOT_ANSWERED)
    return rules.Given(code, rules.GIVEN, text=dice.choice(words.GOOD_WORDS))


def _with_mark(code: str, kind: str, value: int, dice: Dice) -> rules.Given:
    low = value <= rules.SCALES[kind].low_max
    reason = dice.choice(words.REASONS.get(code, words.ANY_REASON)) if low else ""
    return rules.Given(code, rules.GIVEN, Decimal(value), reason=reason)


def _mark(world: World, question: Question, told: Told, occasion: Occasion, dice: Dice) -> int:
    """A raw answer on the question's scale."""
    if question.kind in {"yes_no", "execution"}:
        return int(dice.chance(0.93))
    if question.kind == "words":
        return dice.pick([(5, 55), (4, 36), (3, 6), (2, 2), (1, 1)])
    served = occasion.employees(question.attribution)
    charm = fmean(world.charm.get(one.pk, 0.0) for one in served) if served else 0.0
    return dice.near(USUAL_MARK + charm + told.mood + _season(world, told), SPREAD, 1, 10)


def _season(world: World, told: Told) -> float:
    """Better from month to month, with a bad patch half a year ago."""
    days = (world.now - told.at).days
    return -0.3 if 150 <= days <= 210 else 0.15 - days / 1500


def _spoil(form: Form, givens: list[rules.Given], dice: Dice) -> None:
    """Lower one or two marks and the overall verdict: something went wrong."""
    marks = [index for index, item in enumerate(form.items) if item.kind == "score"]
    for index in dice.sample(marks, min(len(marks), dice.choice((1, 1, 2)))):
        item = form.items[index]
        givens[index] = _with_mark(item.code, item.kind, dice.randrange(2, 7), dice)
    for index, item in enumerate(form.items):
        if item.kind in {"overall", "loyalty", "nps"}:
            givens[index] = _with_mark(item.code, item.kind, dice.randrange(5, 9), dice)


def _decision(form: Form, found: rules.Evaluation, told: Told, dice: Dice) -> str:
    if not found.low_count:
        return Decision.NONE
    if form.kind == "confirmation":
        return Decision.COMPLAINT
    return dice.pick(RECENT_DECISIONS if told.recent or form.kind == "unscored" else DECISIONS)


# ---- rows ------------------------------------------------------------------------------------------------------------


def _answers(world: World, form: Form, response: Response, found: rules.Evaluation, occasion: Occasion) -> None:
    """The answers and whom they judge, in the order of the tables' columns."""
    for one in found.answers:
        question, given = form.questions[one.item.code], one.given
        number = world.rows.add_plain(
            Answer, response.pk, question.pk, given.state, given.value, given.text, one.normalised, question.weight,
            one.is_low, given.reason, occasion.department(question.attribution),
        )  # fmt: skip
        for employee in occasion.employees(question.attribution):
            world.rows.add_plain(AnswerAttribution, number, employee.pk)


def _scores(world: World, form: Form, response: Response, found: rules.Evaluation, occasion: Occasion) -> None:
    """The scores of factors and employees, in the order of the tables' columns."""
    for code, one in found.factors.items():
        score = round_half_up(one.score, scoring.PLACES)
        world.rows.add_plain(FactorScore, response.pk, form.factors[code].pk, score, one.weight)
    judged = [(one, occasion.employees(form.questions[one.item.code].attribution)) for one in found.answers]
    for said in scoring.employee_scores(judged):
        part = part_of(occasion, said.employee)
        world.rows.add_plain(
            EmployeeScore, response.pk, said.employee.pk, part, said.score, said.weight, said.low_count
        )
