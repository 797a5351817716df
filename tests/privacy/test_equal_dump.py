"""A merge that is taken back at once leaves every business table as it was, whatever hangs on the cards."""

import uuid

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm_site.privacy.actions.merging import merge
from crm_site.privacy.actions.unmerging import unmerge
from crm_site.privacy.models import Merge
from crm_site.privacy.relations import Fate, of_customers, undeclared
from customers.models import Customer
from tests.factories import NOON
from tests.privacy.graphs import KINDS, dump, make_world, one_of_each, pairs

#: what is added: (kind, card, numbers that decide the rest)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(sorted(KINDS)), st.integers(0, 2), st.lists(st.integers(0, 10**6), min_size=8, max_size=8)
    ),
    max_size=24,
)
CHOICES = st.dictionaries(
    st.sampled_from(["number", "name", "address", "birthday", "profile:identity_no", "profile:hometown"]),
    st.sampled_from(["survivor", "merged"]),
)


def drawing(numbers):
    """Numbers one after the other, each below what is asked."""
    left = iter(numbers)
    return lambda n: next(left, 0) % n


def strays(card_id):
    """Where anything but the merges themselves still points to a card."""
    return [
        relation.name
        for relation in of_customers()
        if relation.rule.fate is not Fate.OWN
        and relation.model._base_manager.filter(**{relation.column: card_id}).exists()
    ]


def check(world, manager, order, chosen):
    """Merge along `order` (pairs of cards), then take back the last first, comparing at each step."""
    world.tokens()
    done = []
    for survivor, merged in order:
        before = dump(), pairs((survivor.pk, merged.pk))
        made = merge(survivor.pk, merged.pk, chosen, manager.employee, NOON, submission=uuid.uuid4(), unlike=True)
        assert strays(merged.pk) == []
        done.append((made, before, (survivor.pk, merged.pk)))
    for made, (tables, open_pairs), both in reversed(done):
        taken = unmerge(made.pk, manager.employee, NOON)
        assert taken.stayed == []
        after = dump()
        assert [name for name in tables if tables[name] != after[name]] == []
        assert pairs(both) == open_pairs


@settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=ROWS, chosen=CHOICES, chain=st.booleans())
@pytest.mark.django_db
def test_merge_and_unmerge_leave_an_equal_dump(manager_a, store_a, rows, chosen, chain):
    with transaction.atomic():
        world = make_world(store_a)
        for kind, card, numbers in rows:
            world.add(kind, world.cards[card], drawing(numbers))
        first, second, third = world.cards
        check(world, manager_a, [(second, first), (third, second)] if chain else [(first, second)], chosen)
        transaction.set_rollback(True)


@pytest.mark.smoke
def test_a_card_with_a_row_in_every_table_merges_and_comes_back(manager_a, store_a):
    world = make_world(store_a)
    for card in world.cards:
        one_of_each(world, card)
    tables = {relation.name for relation in of_customers() if relation.rule.fate in (Fate.MOVE, Fate.TWIN)}
    filled = {
        relation.name
        for relation in of_customers()
        if relation.model._base_manager.filter(**{f"{relation.column}__isnull": False}).exists()
    }
    first, second, third = world.cards
    assert tables - filled == {"customers.customer.merged_into_id"}
    check(world, manager_a, [(second, first), (third, second)], {"profile:identity_no": "merged"})


def test_every_table_that_points_to_a_card_says_what_a_merge_does_with_its_rows():
    assert undeclared() == []


def test_the_chain_leads_to_the_last_card(manager_a, store_a):
    first, second, third = make_world(store_a).cards
    merge(second.pk, first.pk, {}, manager_a.employee, NOON, submission=uuid.uuid4())
    merge(third.pk, second.pk, {}, manager_a.employee, NOON, submission=uuid.uuid4())
    assert set(Customer.objects.filter(merged_into=third).values_list("pk", flat=True)) == {first.pk, second.pk}
    assert Merge.objects.filter(undone_at=None).count() == 2
