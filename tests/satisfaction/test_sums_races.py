"""Saves, folds, builds and readers at once: no number is lost, none is counted twice, and nobody sees it halfway."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from crm_site.core import clock
from crm_site.core.dates import month_of
from crm_site.core.figures import Scope
from satisfaction import defaults, queries
from satisfaction.actions import folding
from satisfaction.models import SummaryDelta
from tests.factories import DAY, EmployeeFactory
from tests.satisfaction.surveys import order_of, respond

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
AT = clock.at(DAY, 18)
SAVES = 40


@pytest.fixture
def store(store_a):
    """A store with questionnaires, two advisors' orders and built sums."""
    defaults.install()
    folding.rebuild([store_a.pk], now=AT)
    return store_a


@pytest.fixture
def orders(store):
    """What the saves are about."""
    advisors = [EmployeeFactory(store=store) for _ in range(2)]
    asker = EmployeeFactory(store=store)
    return [(order_of(store, advisors[place % 2]), asker) for place in range(SAVES)]


def beside(*acts):
    """Run these until the first has come to its end; the others are called again and again. Raises what they raise."""
    over = threading.Event()

    def once(act):
        try:
            act()
        finally:
            over.set()
            connection.close()

    def often(act):
        try:
            while not over.is_set():
                act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        waiting = [pool.submit(once, acts[0]), *(pool.submit(often, act) for act in acts[1:])]
        for one in waiting:
            one.result()


def test_a_fold_between_two_looks_is_never_seen(store, orders):
    """A reader beside saves and two folding workers sees the count only grow, and never more than were begun."""
    scope = Scope.of_month([store.pk], month_of(DAY), kind="service")
    seen, begun, saved = [0], [0], [0]

    def save():
        for order, asker in orders:
            begun[0] += 1
            respond(store, order=order, by=asker)
            saved[0] += 1

    def look():
        least = saved[0]
        n = sum(mean.n for mean in queries.by_month(scope).values())
        assert max(seen[-1], least) <= n <= begun[0]
        seen.append(n)

    def fold():
        folding.fold(store.pk)

    beside(save, look, fold, fold)
    assert len(set(seen)) > 3
    folding.fold(store.pk)
    assert not SummaryDelta.objects.exists()
    assert folding.differences(store.pk) == []
    assert queries.by_month(scope)[month_of(DAY)].n == SAVES


def test_a_build_beside_saves_and_folds_loses_and_doubles_nothing(store, orders):
    scope = Scope.of_month([store.pk], month_of(DAY), kind="service")
    seen = [0]

    def save():
        for order, asker in orders:
            respond(store, order=order, by=asker)

    def build():
        folding.rebuild([store.pk], now=AT)

    def look():
        n = sum(mean.n for mean in queries.by_month(scope).values())
        assert n >= seen[-1]
        seen.append(n)

    beside(save, look, build, build, lambda: folding.fold(store.pk))
    assert folding.differences(store.pk) == []
    folding.fold(store.pk)
    assert folding.differences(store.pk) == []
    assert queries.by_month(scope)[month_of(DAY)].n == SAVES
