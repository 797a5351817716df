"""For customers of the demo world: the answer why they are called, or not, is what the generator does.

Every third customer, all of them where REPEAT asks for more than usual.
"""

from collections import defaultdict
from datetime import timedelta

import pytest
from django.db import transaction

from crm_site.accounts.models import Store
from customers.models import Customer
from revisits.generator import generate
from revisits.models import Revisit, Skip, State
from revisits.queries import why
from revisits.queries.lists import on_list
from revisits.queries.why import Kind
from tests.factories import DAY
from tests.worlds import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


USUAL_REPEAT = 3


def stories(repeat, now=NOW, today=DAY):
    """{customer id: its story}."""
    people = Customer.objects.select_related("store").order_by("pk")[:: 1 if repeat > USUAL_REPEAT else 3]
    return {customer.pk: why.of_customer(customer, now=now, today=today) for customer in people}


def lines_of(story):
    return [line for told in story.rules for line in told.lines]


@pytest.fixture(scope="module")
def told(world, repeat, django_db_blocker):
    with django_db_blocker.unblock():
        return stories(repeat)


def test_whoever_has_a_call_on_todays_list_is_said_to_be_on_it_and_nobody_else(told):
    listed = set(on_list(Revisit.objects.all(), DAY).values_list("pk", flat=True))
    expected = defaultdict(bool)
    for pk, head, customer, owners in _calls():
        if (head or pk) in listed:
            for one in {customer, *owners}:
                expected[one] = True
    wrong = {pk for pk, story in told.items() if story.verdict.on_list is not expected[pk]}
    assert wrong == set()
    assert any(story.verdict.on_list for story in told.values())


def _calls():
    """(call, its head, its customer, the present owners of its car) of every open call."""
    from customers.models import VehicleRole

    owners = defaultdict(set)
    for car, customer in VehicleRole.objects.current(DAY).filter(role="owner").values_list("vehicle_id", "customer_id"):
        owners[car].add(customer)
    rows = Revisit.objects.open().values_list("pk", "head_id", "customer_id", "vehicle_id")
    return [(pk, head, customer, owners[car]) for pk, head, customer, car in rows]


def test_a_reason_is_the_one_that_the_call_or_the_skip_bears(told):
    for story in told.values():
        for line in lines_of(story):
            if line.task is not None:
                assert line.reason == line.task.reason
    known = dict(Skip.objects.filter(due_on__gte=DAY - timedelta(days=40)).values_list("anchor_key", "reason"))
    assert known
    said = {line.anchor_key for story in told.values() for line in lines_of(story) if line.kind is Kind.LEFT_OUT}
    assert said


def test_what_is_foreseen_for_the_next_run_is_what_it_makes(world, repeat):
    """What the run of three days later makes for them was foreseen, with its state and reason."""
    day = DAY + timedelta(days=3)
    now = NOW + timedelta(days=3)
    with transaction.atomic():
        for store in Store.objects.all():
            Revisit.objects.filter(store=store, due_on__gt=DAY).delete()
        before = set(Revisit.objects.values_list("pk", flat=True))
        told = stories(repeat, now, day)
        foreseen = {
            (line.rule.rule.code, line.anchor_key): (str(line.draft.state), line.reason)
            for story in told.values()
            for line in lines_of(story)
            if line.kind is Kind.NEXT_RUN
        }
        for store in Store.objects.all():
            generate(store.pk, day, today=day)
        made = Revisit.objects.filter(customer__in=told).exclude(pk__in=before).select_related("rule")
        found = {(row.rule.code, row.anchor_key): (row.state, row.reason) for row in made if row.due_on <= day}
        transaction.set_rollback(True)
    missing = {key: value for key, value in found.items() if foreseen.get(key) != value and value[0] != State.EXCUSED}
    assert found
    assert {key: (value, foreseen.get(key)) for key, value in missing.items()} == {}
