"""Ten thousand generated responses in the database, and the raw numbers they were made from.

The trees are those of every installation and versions of them: other weights, five points, words. The answers are
drawn with a fixed seed; 不适用 and 未答 are among them, and questions without any answer row. The rows come from the
product's own rules; `test_arithmetic` reckons them again.
"""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from crm_site.core import clock, sql
from satisfaction import queries, rules, scoring
from satisfaction.attribution import Occasion
from satisfaction.models import Factor, Question, QuestionnaireVersion, Response
from tests.factories import EmployeeFactory

GIVEN, NOT_APPLICABLE, NOT_ANSWERED, ABSENT = range(4)
STATES = {GIVEN: rules.GIVEN, NOT_APPLICABLE: rules.NOT_APPLICABLE, NOT_ANSWERED: rules.NOT_ANSWERED}
#: raw answers from … to, by how the question is answered
RANGES = {"ten": (1, 10), "five": (1, 5), "words": (1, 5), "yes_no": (0, 1), "nps": (0, 10)}
#: part -> how many people serve in it
PEOPLE = {"sales_consultant": 4, "delivery_specialist": 2, "service_advisor": 5, "technicians": 6}
FIRST_DAY, DAYS = date(2026, 7, 1), 92


@dataclass
class Drawn:
    """Responses to one version: their raw answers (rows × questions), states, days and people; keys of the rows."""

    version: QuestionnaireVersion
    questions: list[Question]
    raw: np.ndarray
    state: np.ndarray
    days: np.ndarray
    people: dict[str, np.ndarray]
    keys: list[int]


def answered_on(question: Question) -> str:
    """How a question is answered: ten, five, words, yes_no or nps."""
    if question.kind == "score":
        return question.version.scale
    return {"words": "words", "yes_no": "yes_no", "execution": "yes_no", "nps": "nps"}.get(question.kind, "ten")


def version_of(code: str, *, weights: dict[str, int], scale: str = "ten", words: tuple[str, ...] = ()):
    """A published second version of a tree: these factor weights, its items rescaled to them, some asked in words."""
    old = queries.current_version(code, 0)
    new = QuestionnaireVersion.objects.create(questionnaire=old.questionnaire, number=old.number + 1, scale=scale)
    factors = {}
    for factor in old.factors.all():
        kept = {"code": factor.code, "label_zh": factor.label_zh, "label_en": factor.label_en}
        weight = Decimal(weights[factor.code])
        factors[factor.code] = Factor.objects.create(version=new, weight=weight, position=factor.position, **kept)
    for question in old.questions.all():
        share = question.weight / question.factor.weight if question.factor else Decimal(0)
        question.weight = factors[question.factor.code].weight * share if question.factor else Decimal(0)
        question.factor = factors[question.factor.code] if question.factor else None
        question.kind = "words" if question.code in words else question.kind
        question.pk, question.version = None, new
        question._state.adding = True
        question.save(force_insert=True)
    states = QuestionnaireVersion.State
    QuestionnaireVersion.objects.filter(pk=old.pk).update(state=states.RETIRED)
    QuestionnaireVersion.objects.filter(pk=new.pk).update(state=states.PUBLISHED, published_at=clock.now())
    return queries.current_version(code, 0)


def staff(store) -> dict[str, list]:
    """The people of every part."""
    return {part: [EmployeeFactory(store=store) for _one in range(count)] for part, count in PEOPLE.items()}


def draw(store, version: QuestionnaireVersion, count: int, people: dict[str, list], dice) -> Drawn:
    """Draw and write `count` responses to a version."""
    version = (
        QuestionnaireVersion.objects.select_related("questionnaire")
        .prefetch_related("factors", "questions__factor", "questions__version")
        .get(pk=version.pk)
    )
    questions = list(version.questions.all())
    raw = np.column_stack([_marks(question, count, dice) for question in questions])
    state = dice.choice(4, size=raw.shape, p=[0.82, 0.1, 0.05, 0.03])
    state[dice.random(count) < 0.02] = NOT_APPLICABLE  # nothing of it applies
    days = dice.integers(0, DAYS, count)
    served = {part: dice.integers(0, len(own), count) for part, own in people.items()}
    drawn = Drawn(version, questions, raw, state, days, served, [])
    _write(store, drawn, people)
    sql.refresh_statistics()  # an earlier test may have told the engine that these tables are empty
    return drawn


def _marks(question: Question, count: int, dice) -> np.ndarray:
    """Raw answers that pile up near the best, with a long tail."""
    low, high = RANGES[answered_on(question)]
    if high == 1:
        return (dice.random(count) < 0.8).astype(int)
    return np.clip(high - dice.geometric(0.45, count) + 1, low, high)


def _write(store, drawn: Drawn, people: dict[str, list]) -> None:
    asked_by = EmployeeFactory(store=store)
    kind = drawn.version.questionnaire.kind
    items = queries.items_of(drawn.version)
    found, occasions, rows = [], [], []
    for place in range(len(drawn.raw)):
        one = rules.evaluate(items, _givens(drawn, place))
        day = FIRST_DAY + timedelta(days=int(drawn.days[place]))
        rows.append(
            Response(
                store=store,
                version=drawn.version,
                asked_by=asked_by,
                answered_at=clock.at(day, 10),
                called_on=day,
                decision="settled" if one.low_count else "",
                submission=uuid.uuid4(),
                **scoring.stored(one),
            )  # fmt: skip
        )
        found.append(one)
        serving = {part: (own[drawn.people[part][place]],) for part, own in people.items()}
        occasions.append(Occasion(serving, kind))
    sql.insert_rows(rows)
    drawn.keys.extend(row.pk for row in rows)
    together = list(zip(rows, found, occasions, strict=True))
    sql.insert_rows([row for one in together for row in scoring.answer_rows(*one)])
    sql.insert_rows([row for response, one, _people in together for row in scoring.factor_rows(response, one)])
    sql.insert_rows([row for one in together for row in scoring.employee_rows(*one)])


def _givens(drawn: Drawn, place: int):
    """The answers of one response as the rules take them."""
    for question, value, state in zip(drawn.questions, drawn.raw[place], drawn.state[place], strict=True):
        if state != ABSENT:
            number = Decimal(int(value)) if state == GIVEN else None
            yield rules.Given(question.code, STATES[int(state)], number, reason="等得太久")
