"""More than 10,000 responses with 不适用 and 未答 equal a separate computation in numpy to a hundredth (T50).

The computation here knows the raw answers, weights and attributions, and none of the product's rules.
"""

from collections import defaultdict

import numpy as np
import pytest
from django.db import connection, transaction

from crm_site.core import clock
from crm_site.core.dates import Month
from crm_site.core.figures import Scope
from satisfaction import queries
from satisfaction.actions.folding import rebuild
from satisfaction.models import FactorScore, Response
from satisfaction.queries.summaries import are_built, can_answer
from tests.factories import StoreFactory
from tests.satisfaction import many

pytestmark = [pytest.mark.django_db, pytest.mark.long]
CLOSE = 0.01
#: what a raw answer is worth on 0–100 (domain 5.1)
WORTH = {
    "ten": lambda raw: raw * 10.0,
    "nps": lambda raw: raw * 10.0,
    "five": lambda raw: raw * 20.0,
    "yes_no": lambda raw: raw * 100.0,
    "words": lambda raw: np.array([0, 0, 30, 60, 80, 100], dtype=float)[raw],
}
MONTHS = [Month(2026, number) for number in (7, 8, 9)]


class Reckoned:
    """One version's responses, computed from their raw answers: index, factors, validity, extras, people."""

    def __init__(self, drawn: many.Drawn):
        self.drawn = drawn
        self.kind = drawn.version.questionnaire.kind
        self.weights = np.array([float(one.weight) for one in drawn.questions])
        self.given = drawn.state == many.GIVEN
        worth = [WORTH[many.answered_on(one)](drawn.raw[:, at]) for at, one in enumerate(drawn.questions)]
        self.worth = np.where(self.given, np.column_stack(worth), np.nan)
        self.month = np.array([7 + (day >= 31) + (day >= 62) for day in drawn.days])
        self.factors = self._factors()
        self.index = self._index()
        self.valid = self._valid()

    def weighted(self, columns) -> np.ndarray:
        """Σ(answer × weight) / Σ(weights of the answered) over some columns; NaN where nothing was answered."""
        columns = list(columns)
        weights = np.where(np.isnan(self.worth[:, columns]), 0.0, self.weights[columns])
        total = np.nansum(self.worth[:, columns] * weights, axis=1)
        base = weights.sum(axis=1)
        return np.divide(total, base, out=np.full(len(base), np.nan), where=base > 0)

    def _factors(self) -> dict[str, tuple[np.ndarray, float]]:
        own = defaultdict(list)
        heavy = {}
        for at, question in enumerate(self.drawn.questions):
            if question.factor:
                own[question.factor.code].append(at)
                heavy[question.factor.code] = float(question.factor.weight)
        return {code: (self.weighted(columns), heavy[code]) for code, columns in own.items()}

    def _index(self) -> np.ndarray:
        scores = np.column_stack([score for score, _weight in self.factors.values()])
        heavy = np.array([weight for _score, weight in self.factors.values()])
        weights = np.where(np.isnan(scores), 0.0, heavy)
        base = weights.sum(axis=1)
        return np.divide(np.nansum(scores * weights, axis=1), base, out=np.full(len(base), np.nan), where=base > 0)

    def _valid(self) -> np.ndarray:
        answered = (self.given * self.weights).sum(axis=1)
        applicable = self.weights.sum() - ((self.drawn.state == many.NOT_APPLICABLE) * self.weights).sum(axis=1)
        required = [at for at, question in enumerate(self.drawn.questions) if question.is_required]
        return (
            (applicable >= 40) & (answered >= 0.6 * applicable) & self.given[:, required].all(axis=1)
            & ~np.isnan(self.index)
        )  # fmt: skip

    def extra(self, kind: str) -> np.ndarray:
        """The raw answers of the unweighted questions of a kind, in valid responses; NaN where not given."""
        columns = [at for at, question in enumerate(self.drawn.questions) if question.kind == kind]
        found = np.where(self.given[:, columns], self.drawn.raw[:, columns].astype(float), np.nan)
        return np.where(self.valid[:, None], found, np.nan)

    def of_person(self, part: str, person: int) -> np.ndarray:
        """The scores of the valid responses in which somebody served in a part."""
        columns = [at for at, question in enumerate(self.drawn.questions) if question.attribution == part]
        if not columns:
            return np.array([])
        mine = self.valid & (self.drawn.people[part] == person)
        scores = self.weighted(columns)[mine]
        return scores[~np.isnan(scores)]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """10,400 responses to six versions of three kinds, rolled back after the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        store = StoreFactory(code="MANY")
        people, dice = many.staff(store), np.random.default_rng(20261122)
        asked = [
            (queries.current_version("CSI_SHORT", store.pk), 4000),
            (queries.current_version("SSI", store.pk), 1200),
            (queries.current_version("CSI", store.pk), 1200),
            (queries.current_version("CMP_CFM", store.pk), 800),
        ]
        drawn = [many.draw(store, version, count, people, dice) for version, count in asked]
        five = many.version_of(
            "CSI_SHORT",
            weights={"environment": 15, "process": 25, "quality": 35, "charges": 5, "timeliness": 20},
            scale="five",
        )
        worded = many.version_of(
            "SSI",
            weights={"environment": 10, "viewing": 30, "price": 20, "delivery": 30, "follow_up": 10},
            words=("manner", "expertise", "on_time"),
        )
        drawn += [many.draw(store, version, count, people, dice) for version, count in ((five, 2200), (worded, 1000))]
        connection.check_constraints()  # once for all its rows, rather than at the end of every test
        yield store, people, [Reckoned(one) for one in drawn]
        transaction.set_rollback(True)


def scope(store, month: Month, kind: str, **filters) -> Scope:
    return Scope.of_month([store.pk], month, kind=kind, **filters)


def together(reckoned, kind: str, month: Month, values) -> np.ndarray:
    """The values of the valid responses of a kind and month, over its versions, without NaN."""
    found = [
        values(one)[one.valid & (one.month == month.month)].ravel()
        for one in reckoned
        if one.kind == kind and values(one) is not None
    ]
    joined = np.concatenate(found) if found else np.array([])
    return joined[~np.isnan(joined)]


def test_there_are_more_than_ten_thousand_with_every_kind_of_answer(world):
    _store, _people, reckoned = world
    assert sum(len(one.drawn.keys) for one in reckoned) > 10_000
    assert {one.kind for one in reckoned} == {"service", "sales", "confirmation"}
    for state in (many.GIVEN, many.NOT_APPLICABLE, many.NOT_ANSWERED, many.ABSENT):
        assert sum((one.drawn.state == state).sum() for one in reckoned) > 1_000
    assert sum(np.isnan(one.index).sum() for one in reckoned) > 100
    assert sum((~one.valid & ~np.isnan(one.index)).sum() for one in reckoned) > 500


def test_every_index_and_validity_equals(world):
    for one in world[2]:
        rows = Response.objects.in_bulk(one.drawn.keys)
        scores = np.array([np.nan if rows[key].score is None else float(rows[key].score) for key in one.drawn.keys])
        assert np.array_equal(np.isnan(scores), np.isnan(one.index))
        assert np.nanmax(np.abs(scores - one.index)) < CLOSE
        assert [rows[key].is_valid for key in one.drawn.keys] == one.valid.tolist()


def test_every_factor_score_equals(world):
    for one in world[2]:
        place = {key: at for at, key in enumerate(one.drawn.keys)}
        rows = FactorScore.objects.filter(response__version=one.drawn.version)
        stored = {code: np.full(len(place), np.nan) for code in one.factors}
        for key, code, score in rows.values_list("response_id", "factor__code", "score"):
            stored[code][place[key]] = float(score)
        for code, (expected, _weight) in one.factors.items():
            assert np.array_equal(np.isnan(stored[code]), np.isnan(expected))
            assert np.nanmax(np.abs(stored[code] - expected)) < CLOSE


@pytest.mark.parametrize("kind", ["service", "sales", "confirmation"])
def test_every_period_score_factor_and_item_equals(world, kind):
    store, _people, reckoned = world
    for month in MONTHS:
        asked = scope(store, month, kind)
        expected = together(reckoned, kind, month, lambda one: one.index)
        assert _equals(queries.INDEX.of(asked), expected)
        assert len(expected) > 50
        for code in {code for one in reckoned if one.kind == kind for code in one.factors}:
            expected = together(reckoned, kind, month, lambda one, code=code: one.factors.get(code, (None,))[0])
            assert _equals(queries.INDEX.of(asked.having(factor=code)), expected)
        for code in {one.code for each in reckoned if each.kind == kind for one in each.drawn.questions if one.weight}:
            expected = together(reckoned, kind, month, lambda one, code=code: _item(one, code))
            assert _equals(queries.INDEX.of(asked.having(question=code)), expected)


@pytest.mark.parametrize("kind", ["service", "sales"])
def test_nps_very_satisfied_loyalty_and_execution_equal(world, kind):
    store, _people, reckoned = world
    for month in MONTHS:
        asked = scope(store, month, kind)
        overall, wish, marks, done = (
            together(reckoned, kind, month, lambda one, kind=kind_: one.extra(kind))
            for kind_ in ("overall", "loyalty", "nps", "execution")
        )
        assert _share(queries.VERY_SATISFIED.of(asked), overall >= 9)
        assert _equals(queries.LOYALTY.of(asked), wish * 10)
        assert _share(queries.EXECUTION.of(asked), done == 1)
        nps = queries.NPS.of(asked)
        assert nps.n == len(marks)
        if len(marks):
            assert abs(float(nps.value) - 100 * (np.mean(marks >= 9) - np.mean(marks <= 6))) < CLOSE


def test_every_employee_score_equals(world):
    store, people, reckoned = world
    compared = 0
    for kind in ("service", "sales"):
        for part, own in people.items():
            for person, employee in enumerate(own):
                expected = np.concatenate(
                    [one.of_person(part, person) for one in reckoned if one.kind == kind] or [np.array([])]
                )
                asked = scope(store, MONTHS[0], kind).during(MONTHS[0], MONTHS[-1])
                assert _equals(queries.INDEX.of(asked.having(employee=employee.pk, part=part)), expected)
                compared += len(expected)
    assert compared > 5_000


def test_the_tables_that_pages_read_from_the_sums_equal_too(world):
    store, _people, reckoned = world
    rebuild([store.pk], now=clock.now())
    for kind in ("service", "sales", "confirmation"):
        _equal_tables(store, reckoned, kind)


def _equal_tables(store, reckoned, kind: str) -> None:
    quarter = scope(store, MONTHS[0], kind).during(MONTHS[0], MONTHS[-1])
    assert can_answer(quarter)
    assert are_built([store.pk])
    scores, factors, items = (
        read(quarter) for read in (queries.by_month, queries.factors_by_month, queries.items_by_month)
    )
    extras = queries.extras_by_month(quarter)
    for month in MONTHS:
        assert _equals(scores[month], together(reckoned, kind, month, lambda one: one.index))
        for code in {code for one in reckoned if one.kind == kind for code in one.factors}:
            expected = together(reckoned, kind, month, lambda one, code=code: one.factors.get(code, (None,))[0])
            assert _equals(factors[code, month], expected)
        for code, at in items:
            if at == month:
                assert _equals(items[code, at], together(reckoned, kind, at, lambda one, code=code: _item(one, code)))
        overall = together(reckoned, kind, month, lambda one: one.extra("overall"))
        if len(overall):
            assert _share(extras[month]["very_satisfied"], overall >= 9)


def _item(one: Reckoned, code: str) -> np.ndarray | None:
    """The worth of one item's answers; None where the version does not ask it."""
    columns = [at for at, question in enumerate(one.drawn.questions) if question.code == code]
    return one.worth[:, columns[0]] if columns else None


def _equals(found, expected: np.ndarray) -> bool:
    """Whether a mean has the n and the value of the expected numbers; none is None and never 0."""
    if not len(expected):
        return found.n == 0 and found.value is None
    return found.n == len(expected) and abs(float(found.value) - expected.mean()) < CLOSE


def _share(found, hits: np.ndarray) -> bool:
    if not len(hits):
        return found.n == 0 and found.value is None
    return found.n == len(hits) and abs(float(found.value) - hits.mean()) < CLOSE / 100
