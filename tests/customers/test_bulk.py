"""One change for many: exactly those that were counted, looked at again one by one, and what was left is named."""

import pytest
from django.urls import reverse

from crm_site.accounts.models import Membership
from crm_site.audit.models import Entry
from crm_site.core.errors import RuleBroken
from customers.actions import bulk
from customers.models import BulkChange, ClassChange, Customer
from tests.factories import DAY, NOON, CustomerFactory

Change = BulkChange.Change


@pytest.fixture
def three(store_a):
    return CustomerFactory.create_batch(3, store=store_a, value_class="b")


def prepared(person, change=Change.CHECK, value="", rows=None):
    rows = Customer.objects.all() if rows is None else rows
    return bulk.prepare(
        person.store.pk, rows, change=change, value=value, query="value=b", by=person.employee, now=NOON
    )


def done(person, made):
    bulk.confirm(made.pk, by=person.employee, now=NOON)
    return bulk.finish(made.pk, now=NOON, today=DAY)


def test_nothing_is_changed_before_it_is_confirmed(manager_a, three):
    made = prepared(manager_a)
    assert bulk.step(made.pk, now=NOON, today=DAY).reached == 0
    assert not Customer.objects.exclude(check_phone_since=None).exists()


def test_exactly_those_are_changed_that_were_counted(manager_a, three, store_a):
    made = prepared(manager_a)
    late = CustomerFactory(store=store_a, value_class="b")
    assert done(manager_a, made).changed == 3
    assert Customer.objects.get(check_phone_since=None) == late


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"restricted": True}, bulk.RESTRICTED),
        ({"anonymised_on": DAY}, bulk.GONE),
        ({"check_phone_since": DAY}, bulk.SAME),
    ],
)
def test_who_no_longer_fits_is_left_and_named(manager_a, three, change, why):
    made = prepared(manager_a)
    Customer.objects.filter(pk=three[0].pk).update(**change)
    found = done(manager_a, made)
    assert (found.changed, found.skipped) == (2, {why: [three[0].pk]})


def test_a_customer_merged_meanwhile_is_left(manager_a, three):
    made = prepared(manager_a)
    Customer.objects.filter(pk=three[0].pk).update(merged_into=three[1])
    assert done(manager_a, made).skipped == {bulk.GONE: [three[0].pk]}


def test_keys_of_another_store_are_never_changed(manager_a, three, store_b):
    foreign = CustomerFactory(store=store_b)
    made = prepared(manager_a)
    assert foreign.pk not in made.counted
    BulkChange.objects.filter(pk=made.pk).update(counted=[foreign.pk, three[0].pk])
    found = done(manager_a, made)
    assert found.skipped == {bulk.GONE: [foreign.pk]}
    assert Customer.objects.get(pk=foreign.pk).check_phone_since is None


def test_whoever_lost_the_right_changes_nobody(manager_a, three):
    made = prepared(manager_a)
    Membership.objects.filter(user=manager_a.user).update(role="frontline")
    found = done(manager_a, made)
    assert (found.changed, len(found.skipped[bulk.NO_RIGHT])) == (0, 3)


def test_somebody_else_cannot_confirm(manager_a, admin_a, three):
    with pytest.raises(RuleBroken):
        bulk.confirm(prepared(manager_a).pk, by=admin_a.employee, now=NOON)


def test_a_second_click_and_a_second_run_change_nothing(manager_a, three):
    made = prepared(manager_a)
    first = done(manager_a, made)
    again = done(manager_a, made)
    assert (again.changed, again.finished_at) == (first.changed, first.finished_at)
    assert Entry.objects.filter(action="customers.bulk_changed").count() == 1


def test_a_keeper_is_set_and_taken_away(manager_a, specialist_a, three):
    done(manager_a, prepared(manager_a, Change.KEEPER, str(specialist_a.employee.pk)))
    assert set(Customer.objects.values_list("keeper_id", flat=True)) == {specialist_a.employee.pk}
    done(manager_a, prepared(manager_a, Change.KEEPER, ""))
    assert set(Customer.objects.values_list("keeper_id", "version")) == {(None, 3)}


def test_a_value_class_is_stated_and_its_change_kept(manager_a, three):
    done(manager_a, prepared(manager_a, Change.VALUE, "gold"))
    assert set(Customer.objects.values_list("value_class", "value_stated")) == {("gold", True)}
    assert ClassChange.objects.filter(scheme="value", before="b", after="gold").count() == 3


@pytest.mark.parametrize(("change", "value"), [("rename", ""), (Change.VALUE, "diamond"), (Change.KEEPER, "x")])
def test_what_means_nothing_is_refused(manager_a, three, change, value):
    with pytest.raises(RuleBroken):
        prepared(manager_a, change, value)


def test_somebody_of_another_store_is_no_keeper(manager_a, specialist_b, three):
    with pytest.raises(RuleBroken):
        prepared(manager_a, Change.KEEPER, str(specialist_b.employee.pk))


def test_nobody_and_too_many_are_refused(manager_a, three, monkeypatch):
    with pytest.raises(RuleBroken):
        prepared(manager_a, rows=Customer.objects.none())
    monkeypatch.setattr(bulk, "MOST", 2)
    with pytest.raises(RuleBroken):
        prepared(manager_a)


def test_more_than_a_few_run_as_a_job(manager_a, three, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    asked = []
    monkeypatch.setattr(bulk, "enqueue", lambda kind, key, **more: asked.append((kind, more["payload"])))
    made = prepared(manager_a)
    bulk.confirm(made.pk, by=manager_a.employee, now=NOON)
    assert asked == [(bulk.JOB, {"bulk": made.pk})]


def test_the_pages_lead_from_the_list_to_what_was_left(as_, manager_a, three):
    client = as_(manager_a)
    Customer.objects.filter(pk=three[0].pk).update(check_phone_since=DAY)
    start = reverse("customers:bulk") + "?value=b"
    assert client.get(start).status_code == 200
    assert client.post(start, {"change": ""}).status_code == 422
    page = client.post(start, {"change": "check"})["Location"]
    assert client.get(page).status_code == 200
    client.post(page + "confirm/")
    shown = client.get(page).content.decode()
    assert three[0].name in shown
    assert Customer.objects.exclude(check_phone_since=None).count() == 3


def test_a_restricted_card_is_counted_for_nobody_who_cannot_see_it(as_, specialist_a, three):
    assert as_(specialist_a).get(reverse("customers:bulk")).status_code == 403
