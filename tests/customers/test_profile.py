"""The facts of a card: what is shipped, what holds in a store, what is kept, and how complete a card is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm_site.core.errors import RuleBroken
from customers import defaults, profile
from customers.actions import profile as acts
from customers.actions.editing import Overlap
from customers.models import Customer, ProfileField, ProfileValue
from customers.rules import profile as rules
from tests.factories import ContactFactory, CustomerFactory, PhoneFactory, VehicleFactory, VehicleRoleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhou(store_a):
    return CustomerFactory(store=store_a, name="周晓岚")


def codes(rows):
    return [row.code for row in rows]


def test_every_shipped_fact_is_there_once_and_installing_again_adds_none():
    shipped = [fact.code for _group, fact in rules.shipped()]
    assert sorted(shipped) == sorted(set(shipped))
    assert set(shipped) == set(ProfileField.objects.filter(store=None).values_list("code", flat=True))
    assert defaults.install() == 0


def test_all_thirteen_groups_hold_four_to_fifteen_facts():
    assert len(rules.CATALOGUE) == 13
    assert {group: len(facts) for group, facts in rules.CATALOGUE.items() if not 4 <= len(facts) <= 15} == {}


def test_intimate_facts_are_off_until_switched_on(store_a):
    shown = set(codes(profile.fields_for(store_a.pk, "person")))
    assert "birthday" in shown
    assert not shown & {"children", "income", "beliefs", "identity_no", "health"}


def test_a_store_s_own_row_replaces_the_company_s(store_a, store_b):
    row = ProfileField.objects.get(store=None, code="pets")
    row.pk, row.store, row.is_on = None, store_a, False
    row.save(force_insert=True)
    assert "pets" not in codes(profile.fields_for(store_a.pk, "person"))
    assert "pets" in codes(profile.fields_for(store_b.pk, "person"))


def test_an_enterprise_is_asked_its_own_groups(store_a):
    of_org = {row.group for row in profile.fields_for(store_a.pk, "org") if row.column.partition(".")[0] != "vehicle"}
    assert of_org == {"basics", "org_basics", "org_traits", "org_business", "org_dealings", "org_leader"}


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        ("text", "  两个  女儿 ", "两个 女儿"),
        ("number", "1,200.50", "1200.5"),
        ("number", "0", "0"),
        ("number", "1000", "1000"),
        ("date", "2026-11-21", "2026-11-21"),
        ("choice", "a", "a"),
        ("yes_no", "no", "no"),
        ("date", "", ""),
        ("choice", None, ""),
    ],
)
def test_a_fact_is_kept_in_one_way(kind, written, kept):
    assert rules.stored(kind, written, ["a", "b"]) == kept


@pytest.mark.parametrize(
    ("kind", "written", "reason"),
    [
        ("number", "viele", "number"),
        ("number", "NaN", "number"),
        ("number", "1e40", "number"),
        ("date", "2026-02-30", "date"),
        ("choice", "c", "choice"),
        ("yes_no", "maybe", "yes_no"),
        ("text", "长" * 201, "long"),
    ],
)
def test_what_is_not_of_its_kind_is_refused(kind, written, reason):
    with pytest.raises(rules.Unreadable) as refused:
        rules.stored(kind, written, ["a", "b"])
    assert refused.value.reason == reason


@pytest.mark.parametrize(("filled", "asked", "per_cent"), [(0, 0, None), (0, 3, 0), (199, 200, 99), (3, 3, 100)])
def test_only_a_complete_card_is_100_per_cent(filled, asked, per_cent):
    assert rules.per_cent(filled, asked) == per_cent


def test_values_are_written_changed_and_taken_out(zhou, specialist_a):
    by = specialist_a.employee
    assert acts.set_values(zhou.pk, {"cars_bought": "3", "pets": "两只猫"}, {}, by) == ["cars_bought", "pets"]
    assert profile.values_of([zhou.pk]) == {zhou.pk: {"cars_bought": "3", "pets": "两只猫"}}
    assert acts.set_values(zhou.pk, {"cars_bought": "3", "pets": ""}, {"pets": "两只猫"}, by) == ["pets"]
    assert profile.values_of([zhou.pk]) == {zhou.pk: {"cars_bought": "3"}}


def test_who_changed_the_same_fact_meanwhile_is_not_overwritten(zhou, specialist_a):
    acts.set_values(zhou.pk, {"pets": "猫"}, {}, specialist_a.employee)
    with pytest.raises(Overlap) as overlap:
        acts.set_values(zhou.pk, {"pets": "狗", "sports": "羽毛球"}, {"pets": "", "sports": ""}, specialist_a.employee)
    assert overlap.value.standing == {"pets": "猫"}
    assert profile.values_of([zhou.pk]) == {zhou.pk: {"pets": "猫"}}


@pytest.mark.parametrize("code", ["children", "no_such", "birthday", "org_type"])
def test_a_fact_that_is_not_asked_of_this_card_is_refused(zhou, specialist_a, code):
    with pytest.raises(RuleBroken) as refused:
        acts.set_values(zhou.pk, {code: "2000-01-01"}, {}, specialist_a.employee)
    assert (refused.value.code, refused.value.field) == ("field_off", code)
    assert not ProfileValue.objects.exists()


def test_what_is_asked_of_cars_counts_only_where_there_is_one(zhou):
    before = profile.completeness(zhou)
    VehicleRoleFactory(vehicle__store=zhou.store, customer=zhou)
    filled, asked = profile.completeness(zhou)
    assert (filled, asked) == (before[0] + 1, before[1] + 5)  # the plate is known
    assert codes(profile.missing(zhou))[:2] == ["insurance_until", "driver"]


def test_a_fact_of_cars_is_missing_as_long_as_one_car_lacks_it(zhou):
    for plate in ("渝A11111", ""):
        VehicleRoleFactory(vehicle=VehicleFactory(store=zhou.store, plate_no=plate), customer=zhou)
    assert "plate_no" in codes(profile.missing(zhou))


def test_three_contacts_make_an_enterprise_s_contacts_complete(store_a):
    firm = CustomerFactory(store=store_a, customer_type="org")
    ContactFactory.create_batch(2, customer=firm)
    assert "org_contacts" in codes(profile.missing(firm))
    ContactFactory(customer=firm)
    assert "org_contacts" not in codes(profile.missing(firm))


def test_completeness_is_stored_when_facts_change_and_for_many_at_once(zhou, specialist_a):
    acts.set_values(zhou.pk, {"preferred_channel": "wechat"}, {}, specialist_a.employee)
    zhou.refresh_from_db()
    first = zhou.completeness
    assert first == rules.per_cent(*profile.completeness(zhou))
    PhoneFactory(customer=zhou)
    others = CustomerFactory.create_batch(3, store=zhou.store)
    assert acts.refresh_completeness(zhou.store_id, [zhou.pk, *(one.pk for one in others)]) == 4
    zhou.refresh_from_db()
    assert zhou.completeness > first
    assert acts.refresh_completeness(zhou.store_id, Customer.objects.values_list("pk", flat=True)) == 0


def test_reckoning_many_cards_takes_no_more_queries(store_a):
    def queries(count):
        cards = CustomerFactory.create_batch(count, store=store_a)
        for card in cards:
            VehicleRoleFactory(vehicle__store=store_a, customer=card)
        with CaptureQueriesContext(connection) as seen:
            acts.refresh_completeness(store_a.pk, [card.pk for card in cards])
        return len(seen)

    assert queries(3) == queries(30)
