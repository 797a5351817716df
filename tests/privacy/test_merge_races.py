"""Two people at once: merges that cross, and a merge while a call is saved or a list is written."""

import threading
import uuid

import pytest
from django.db import connection, connections

from crm_site.core.errors import RuleBroken
from crm_site.privacy.actions.merging import left_behind, merge
from crm_site.privacy.models import Merge
from customers.models import Customer
from revisits.models import CallAttempt, Revisit
from tests.cast import make_person
from tests.customers.intake import CUSTOMERS, look
from tests.factories import NOON, CustomerFactory, PhoneFactory, StoreFactory
from tests.imports import sheets
from tests.revisits.calls import save, service_task

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(reference):
    store = StoreFactory(code="A")
    return store, make_person(store, "manager", "温静"), make_person(store, "specialist", "陈思雨")


def at_once(*acts):
    """Do all of them together, each in a connection of its own; gives what each gave or refused."""
    gate, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        gate.wait()
        try:
            found[place] = act()
        except RuleBroken as refused:
            found[place] = refused
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    connection.close()
    return found


def of(stays, goes, person):
    return lambda: merge(stays.pk, goes.pk, {}, person.employee, NOON, submission=uuid.uuid4())


def test_of_two_merges_that_cross_one_is_made(people, repeat):
    store, manager, _specialist = people
    for _round in range(repeat):
        one, other = (CustomerFactory(store=store) for _ in range(2))
        found = at_once(of(one, other, manager), of(other, one, manager))
        assert sorted(type(one).__name__ for one in found) == ["Merge", "RuleBroken"]
        assert Customer.objects.filter(pk__in=[one.pk, other.pk], merged_into=None).count() == 1


def test_a_ring_of_merges_leaves_one_card_standing_for_each(people, repeat):
    store, manager, _specialist = people
    for _round in range(repeat):
        cards = [CustomerFactory(store=store) for _ in range(3)]
        at_once(*(of(cards[place], cards[place - 1], manager) for place in range(3)))
        for card in Customer.objects.filter(pk__in=[one.pk for one in cards], merged_into__isnull=False):
            assert card.merged_into.merged_into_id is None
        assert Customer.objects.filter(pk__in=[one.pk for one in cards], merged_into=None).exists()


def test_a_call_saved_at_the_moment_of_the_merge_hangs_on_the_card_that_stays(people, repeat):
    store, manager, specialist = people
    for place in range(repeat):
        goes = CustomerFactory(store=store, name="周晓岚")
        task = service_task(store, customer=goes, order_number=f"RO-{place}")
        stays = CustomerFactory(store=store)
        calls = Revisit.objects.get(pk=task.pk)
        found = at_once(of(stays, goes, manager), lambda calls=calls: save(calls, specialist))
        assert isinstance(found[0], Merge)
        assert isinstance(found[1], CallAttempt)
        assert Revisit.objects.get(pk=task.pk).customer_id == stays.pk
        assert left_behind(store.pk) == []


def test_a_list_written_at_the_moment_of_the_merge_reaches_the_card_that_stays(people):
    store, manager, _specialist = people
    stays = CustomerFactory(store=store, name="周晓岚", number="KH00011")
    goes = CustomerFactory(store=store, name="周小岚", number="KH00012")
    PhoneFactory(customer=goes, number="13800138000")
    batch = look(manager, CUSTOMERS, {"客户编号": "KH00012", "客户名称": "周小岚", "手机": "13900139000"})
    at_once(of(stays, goes, manager), lambda: sheets.write(manager, batch))
    assert set(stays.phones.values_list("number", flat=True)) == {"13800138000", "13900139000"}
    assert left_behind(store.pk) == []
