"""Between arithmetic and tables: what is stored of an evaluation, and how it is proved again from the answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from crm_site.accounts.models import Employee
from crm_site.core.numbers import round_half_up
from satisfaction import rules
from satisfaction.attribution import Occasion, part_of
from satisfaction.models import Answer, AnswerAttribution, EmployeeScore, FactorScore, Response
from satisfaction.queries import items_of

#: decimals kept in the tables; what is shown is rounded from these
PLACES = 4


def stored(found: rules.Evaluation) -> dict[str, Any]:
    """The columns of Response that follow from the answers."""
    return {
        "score": _kept(found.score),
        "answered_weight": found.answered_weight,
        "applicable_weight": found.applicable_weight,
        "is_valid": found.is_valid,
        "low_count": found.low_count,
    }


@dataclass(frozen=True)
class Written:
    """The rows below one response: its answers, whom each judges (by the answer's key), and the scores."""

    answers: list[Answer]
    judged: dict[int, list[int]]
    factors: list[FactorScore]
    people: list[EmployeeScore]


def write(response: Response, found: rules.Evaluation, occasion: Occasion) -> Written:
    """Insert everything below a new response."""
    answers, judged = write_answers(response, found, occasion)
    factors, people = write_scores(response, found, occasion)
    return Written(answers, judged, factors, people)


def written(response: Response) -> Written:
    """The rows below a stored response; needs them `loaded`."""
    answers = list(response.answers.all())
    judged = {answer.pk: [one.employee_id for one in answer.attributions.all()] for answer in answers}
    return Written(answers, judged, list(response.factor_scores.all()), list(response.employee_scores.all()))


def write_answers(
    response: Response, found: rules.Evaluation, occasion: Occasion
) -> tuple[list[Answer], dict[int, list[int]]]:
    """Insert the answers of a new response and whom they judge; gives both, the latter by the answer's key."""
    rows = Answer.objects.bulk_create(answer_rows(response, found, occasion))
    judged = {row.pk: occasion.employees(row.question.attribution) for row in rows}
    AnswerAttribution.objects.bulk_create(
        AnswerAttribution(answer=row, employee=employee) for row in rows for employee in judged[row.pk]
    )
    return rows, {key: [employee.pk for employee in employees] for key, employees in judged.items()}


def answer_rows(response: Response, found: rules.Evaluation, occasion: Occasion) -> Iterator[Answer]:
    """The answers as they are kept."""
    questions = {question.code: question for question in response.version.questions.all()}
    for one in found.answers:
        question = questions[one.item.code]
        yield Answer(
            response=response,
            question=question,
            state=one.given.state,
            value=one.given.value,
            text=one.given.text.strip(),
            normalised=one.normalised,
            weight=question.weight,
            is_low=one.is_low,
            reason=one.given.reason.strip(),
            department=occasion.department(question.attribution),
        )


def write_scores(
    response: Response, found: rules.Evaluation, occasion: Occasion
) -> tuple[list[FactorScore], list[EmployeeScore]]:
    """Insert the factor scores and employee scores of a new response, and give them."""
    factors = FactorScore.objects.bulk_create(factor_rows(response, found))
    return factors, EmployeeScore.objects.bulk_create(employee_rows(response, found, occasion))


def factor_rows(response: Response, found: rules.Evaluation) -> Iterator[FactorScore]:
    """The factor scores as they are kept."""
    factors = {factor.code: factor for factor in response.version.factors.all()}
    for code, one in found.factors.items():
        yield FactorScore(response=response, factor=factors[code], score=_kept(one.score), weight=one.weight)


def employee_rows(response: Response, found: rules.Evaluation, occasion: Occasion) -> Iterator[EmployeeScore]:
    """The employee scores as they are kept."""
    attribution = {question.code: question.attribution for question in response.version.questions.all()}
    judged = [(one, occasion.employees(attribution[one.item.code])) for one in found.answers]
    for score in employee_scores(judged):
        yield EmployeeScore(
            response=response,
            employee=score.employee,
            part=part_of(occasion, score.employee),
            score=score.score,
            weight=score.weight,
            low_count=score.low_count,
        )


@dataclass(frozen=True)
class OneEmployee:
    """What a response says about one employee."""

    employee: Employee
    score: Decimal | None
    weight: Decimal
    low_count: int


def employee_scores(judged: list[tuple[rules.Judged, tuple[Employee, ...]]]) -> Iterator[OneEmployee]:
    """The score of everybody whose work some given answer judges: Σ(his items × weight) / Σ(weights answered)."""
    by_employee: dict[Employee, list[rules.Judged]] = {}
    for one, employees in judged:
        if one.normalised is not None:
            for employee in employees:
                by_employee.setdefault(employee, []).append(one)
    for employee, his in by_employee.items():
        yield OneEmployee(
            employee=employee,
            score=_kept(rules.score_of(his)),
            weight=sum((one.item.weight for one in his), Decimal(0)),
            low_count=sum(one.is_low for one in his),
        )


def loaded(responses: QuerySet[Response]) -> QuerySet[Response]:
    """The responses with everything that `differences` reads, in a constant number of queries."""
    return responses.select_related("version__questionnaire").prefetch_related(
        "version__questions__factor",
        "answers__question",
        "answers__attributions__employee",
        "factor_scores__factor",
        "employee_scores",
    )


def recompute(response: Response) -> rules.Evaluation:
    """Evaluate a response anew from its stored raw answers; needs its answers, questions and version loaded."""
    givens = [
        rules.Given(answer.question.code, answer.state, answer.value, answer.text, answer.reason)
        for answer in response.answers.all()
    ]
    return rules.evaluate(items_of(response.version), givens, is_scored=response.version.questionnaire.is_scored)


def differences(response: Response) -> list[str]:
    """Names of what is stored of a response and does not follow from its answers; [] when all does."""
    found = recompute(response)
    wrong = [name for name, value in stored(found).items() if getattr(response, name) != value]
    if _answer_rows(response) != _answers_again(response, found):
        wrong.append("answers")
    if {one.factor.code: (one.score, one.weight) for one in response.factor_scores.all()} != {
        code: (_kept(one.score), one.weight) for code, one in found.factors.items()
    }:
        wrong.append("factor_scores")
    if _employee_rows(response) != _employees_again(response, found):
        wrong.append("employee_scores")
    return wrong


def _answer_rows(response: Response) -> dict[str, tuple]:
    return {one.question.code: (one.normalised, one.weight, one.is_low) for one in response.answers.all()}


def _answers_again(response: Response, found: rules.Evaluation) -> dict[str, tuple]:
    weights = {question.code: question.weight for question in response.version.questions.all()}
    return {one.item.code: (_kept(one.normalised), weights[one.item.code], one.is_low) for one in found.answers}


def _employee_rows(response: Response) -> dict[int, tuple]:
    return {one.employee_id: (one.score, one.weight, one.low_count) for one in response.employee_scores.all()}


def _employees_again(response: Response, found: rules.Evaluation) -> dict[int, tuple]:
    judged = judged_people(response, found)
    return {one.employee.pk: (one.score, one.weight, one.low_count) for one in employee_scores(judged)}


def judged_people(
    response: Response, found: rules.Evaluation | None = None
) -> list[tuple[rules.Judged, tuple[Employee, ...]]]:
    """Every answer of a stored response with the employees whose work it judges; like `recompute`, on loaded rows."""
    people = {
        answer.question.code: tuple(row.employee for row in answer.attributions.all())
        for answer in response.answers.all()
    }
    return [(one, people[one.item.code]) for one in (found or recompute(response)).answers]


def _kept(value: Decimal | None) -> Any:
    """A score as the tables keep it."""
    return None if value is None else round_half_up(value, PLACES)
