"""Merging two cards: what holds for the one that stays, what is refused, and what taking it back leaves behind."""

import uuid
from datetime import timedelta

import pytest

from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.privacy.actions import merging
from crm_site.privacy.actions.merging import merge
from crm_site.privacy.actions.unmerging import unmerge
from crm_site.privacy.models import Merge, MergeRow
from crm_site.privacy.queries.cards import state_of
from customers import search
from customers.actions import numbers
from customers.models import Consent, Contact, ContactBan, Customer, Phone, ProfileValue, YearValue
from revisits.models import CallAttempt, CallResult, Revisit, RevisitRule, State
from tests.factories import (
    DAY,
    NOON,
    ContactBanFactory,
    ContactFactory,
    CustomerFactory,
    DeliveryFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleRoleFactory,
)
from tests.revisits.conftest import make_task


@pytest.fixture
def two(store_a):
    """A card that stays and one that goes into it."""
    stays = CustomerFactory(store=store_a, name="周晓岚", number="KH00011", address="", city="重庆")
    goes = CustomerFactory(store=store_a, name="周小岚", number="KH00012", address="龙溪街道 8 号", city="重庆")
    return stays, goes


@pytest.fixture
def join(manager_a):
    """join(stays, goes, **choices) merges them as the manager; gives the merge."""

    def act(stays, goes, chosen=None, **more):
        by = more.pop("by", manager_a.employee)
        return merge(stays.pk, goes.pk, chosen or {}, by, NOON, submission=more.pop("submission", uuid.uuid4()), **more)

    return act


@pytest.fixture
def back(manager_a):
    return lambda made, now=NOON: unmerge(made.pk, manager_a.employee, now)


def fresh(card):
    return Customer.objects.get(pk=card.pk)


# ---- what holds afterwards -------------------------------------------------------------------------------------------


def test_everything_hangs_on_the_card_that_stays(two, join, store_a):
    stays, goes = two
    order, delivery = RepairOrderFactory(store=store_a, customer=goes), DeliveryFactory(store=store_a, customer=goes)
    task = make_task(store_a, customer=goes)
    join(stays, goes)
    for row in (order, delivery, task):
        row.refresh_from_db()
        assert row.customer_id == stays.pk
    assert fresh(goes).merged_into_id == stays.pk


def test_an_empty_fact_comes_from_the_other_card_a_chosen_one_too(two, join):
    stays, goes = two
    join(stays, goes, {"name": "merged"})
    card = fresh(stays)
    assert (card.name, card.address) == ("周小岚", "龙溪街道 8 号")
    assert fresh(goes).name == "周小岚"


def test_two_customer_numbers_both_stay_and_the_leading_one_can_be_chosen(two, join, back):
    stays, goes = two
    made = join(stays, goes, {"number": "merged"})
    assert (fresh(stays).number, fresh(goes).number) == ("KH00012", "KH00011")
    back(made)
    assert (fresh(stays).number, fresh(goes).number) == ("KH00011", "KH00012")


@pytest.mark.parametrize(
    ("own", "other", "holds"),
    [(True, False, False), (False, True, False), (None, True, True), (True, None, True), (None, False, False)],
)
def test_no_refusal_of_marketing_is_lost(two, join, own, other, holds):
    stays, goes = two
    Customer.objects.filter(pk=stays.pk).update(marketing_consent=own)
    Customer.objects.filter(pk=goes.pk).update(marketing_consent=other)
    join(stays, goes)
    assert fresh(stays).marketing_consent is holds


def test_an_earlier_refusal_of_the_other_card_outlives_a_later_consent(two, join, back, store_a):
    stays, goes = two
    said = {"store": store_a, "purpose": "marketing", "source": "call", "noted_at": NOON}
    Consent.objects.create(customer=stays, is_given=True, told_on=DAY, **said)
    Consent.objects.create(customer=goes, is_given=False, told_on=DAY - timedelta(days=90), **said)
    made = join(stays, goes)
    assert not Consent.objects.filter(customer=stays, purpose="marketing").order_by("-told_on", "-pk").first().is_given
    back(made)
    assert Consent.objects.filter(customer=stays).get().is_given


def test_a_wish_not_to_be_called_holds_for_both(two, join):
    stays, goes = two
    ContactBanFactory(customer=goes, purpose=ContactBan.Purpose.ALL)
    join(stays, goes)
    assert stays.bans.in_force(DAY).get().purpose == ContactBan.Purpose.ALL


def test_a_restriction_of_either_card_holds(two, join):
    stays, goes = two
    Customer.objects.filter(pk=goes.pk).update(restricted=True)
    join(stays, goes)
    assert fresh(stays).restricted


def test_a_number_of_both_cards_stands_once_with_the_calls_of_both(two, join, back, store_a, manager_a):
    stays, goes = two
    mine, theirs = PhoneFactory(customer=stays, number="13800138000"), PhoneFactory(customer=goes, number="13800138000")
    task = make_task(store_a, customer=goes, phone=theirs)
    result = CallResult.objects.filter(code="NO_ANSWER").first()
    call = CallAttempt.objects.create(
        store=store_a, revisit=task, by=manager_a.employee, phone=theirs, started_at=NOON, ended_at=NOON,
        called_on=DAY, result=result, submission=uuid.uuid4(),
    )  # fmt: skip
    made = join(stays, goes)
    assert list(stays.phones.values_list("pk", flat=True)) == [mine.pk]
    call.refresh_from_db()
    assert call.phone_id == mine.pk
    back(made)
    call.refresh_from_db()
    assert call.phone_id == theirs.pk
    assert Phone.objects.get(pk=theirs.pk).customer_id == goes.pk


def test_a_number_found_bad_on_one_card_is_bad_unless_it_was_good_later(two, join):
    stays, goes = two
    PhoneFactory(customer=stays, number="13800138000", good_on=DAY - timedelta(days=9))
    PhoneFactory(customer=goes, number="13800138000", bad_since=DAY - timedelta(days=2), bad_reason="VACANT")
    join(stays, goes)
    assert stays.phones.get().bad_reason == "VACANT"


def test_a_contact_of_both_cards_stands_once_with_the_numbers_of_both(two, join):
    stays, goes = two
    mine, theirs = (
        ContactFactory(customer=stays, name="李师傅"),
        ContactFactory(customer=goes, name="李师傅", title="司机"),
    )
    number = PhoneFactory(customer=goes, contact=theirs)
    join(stays, goes)
    number.refresh_from_db()
    assert (number.customer_id, number.contact_id) == (stays.pk, mine.pk)
    assert Contact.objects.get(customer=stays).title == "司机"


def test_own_facts_are_united_as_chosen(two, join, back, store_a):
    stays, goes = two
    for card, hometown, school in ((stays, "重庆", ""), (goes, "成都", "川大")):
        for field, value in (("hometown", hometown), ("school", school)):
            if value:
                ProfileValue.objects.create(store=store_a, customer=card, field=field, value=value)
    made = join(stays, goes, {"profile:hometown": "merged"})
    assert dict(stays.profile.values_list("field", "value")) == {"hometown": "成都", "school": "川大"}
    back(made)
    assert dict(stays.profile.values_list("field", "value")) == {"hometown": "重庆"}


def test_years_are_added_up(two, join, store_a):
    stays, goes = two
    for card, amount in ((stays, 300), (goes, 500)):
        YearValue.objects.create(store=store_a, customer=card, year=2025, amount=amount, visits=1)
    join(stays, goes)
    assert list(stays.years.values_list("amount", "visits")) == [(800, 2)]


def test_of_two_greetings_for_one_birthday_one_is_made(two, join, store_a):
    stays, goes = two
    rule = RevisitRule.objects.get(store=None, code="BDAY")
    tasks = [
        Revisit.objects.create(
            store=store_a, rule=rule, rule_version=rule.versions.get(), anchor_on=DAY, due_on=DAY, expires_on=DAY,
            priority=5, created_at=NOON, customer=card, anchor_key=f"customer:{card.pk}:birthday:2026",
        )
        for card in (stays, goes)
    ]  # fmt: skip
    join(stays, goes)
    states = [Revisit.objects.get(pk=task.pk).state for task in tasks]
    assert states == [State.DUE, State.CANCELLED]


def test_a_greeting_made_under_the_other_card_is_not_made_again(two, join, store_a):
    stays, goes = two
    rule = RevisitRule.objects.get(store=None, code="BDAY")
    done = Revisit.objects.create(
        store=store_a, rule=rule, rule_version=rule.versions.get(), anchor_on=DAY, due_on=DAY, expires_on=DAY,
        priority=5, created_at=NOON, customer=goes, anchor_key=f"customer:{goes.pk}:birthday:2026",
        state=State.DONE, ended_at=NOON, ended_on=DAY,
    )  # fmt: skip
    join(stays, goes)
    done.refresh_from_db()
    assert done.anchor_key == f"customer:{stays.pk}:birthday:2026"


def test_the_old_name_and_number_find_the_card_that_stays(two, join, manager_a):
    stays, goes = two
    search.refresh([stays.pk, goes.pk])
    join(stays, goes)
    for typed in ("周小岚", "KH00012", "周晓岚", "KH00011"):
        assert [hit.customer.pk for hit in search.find(manager_a.user, typed)] == [stays.pk]


def test_the_trail_names_both_and_no_personal_value(two, join, back):
    stays, goes = two
    back(join(stays, goes))
    told = Entry.objects.filter(action__in=["customer.merged", "customer.unmerged"]).order_by("pk")
    assert [(entry.subject_id, entry.detail["merged"]) for entry in told] == [(stays.pk, goes.pk)] * 2
    assert "周" not in str([entry.detail for entry in told])


# ---- what is refused -------------------------------------------------------------------------------------------------


def code_of(act):
    with pytest.raises(RuleBroken) as refused:
        act()
    return refused.value.code


def test_a_card_is_not_merged_into_itself_nor_into_a_merged_one(two, join, store_a):
    stays, goes = two
    assert code_of(lambda: join(stays, stays)) == "same_card"
    join(stays, goes)
    third = CustomerFactory(store=store_a)
    assert code_of(lambda: join(goes, third)) == "merged_already"
    assert code_of(lambda: join(third, goes)) == "merged_already"


def test_cards_of_two_stores_stay_two(two, join, store_b, stranger_b):
    stays, goes = two
    foreign = CustomerFactory(store=store_b)
    assert code_of(lambda: join(stays, foreign)) == "other_store"
    assert code_of(lambda: join(stays, goes, by=stranger_b.employee)) == "other_store"


def test_a_restricted_card_is_merged_only_by_whoever_may_restrict(two, join, specialist_a):
    stays, goes = two
    Customer.objects.filter(pk=goes.pk).update(restricted=True)
    assert code_of(lambda: join(stays, goes, by=specialist_a.employee)) == "restricted"


def test_a_person_and_an_enterprise_are_one_only_where_that_is_ticked(two, join):
    stays, goes = two
    Customer.objects.filter(pk=goes.pk).update(customer_type="org")
    assert code_of(lambda: join(stays, goes)) == "unlike"
    assert join(stays, goes, unlike=True).pk


def test_a_card_that_was_changed_since_it_was_shown_is_looked_at_again(two, join):
    stays, goes = two
    seen = state_of(stays.pk, goes.pk)
    PhoneFactory(customer=goes)
    assert code_of(lambda: join(stays, goes, seen=seen)) == "stale"
    assert join(stays, goes, seen=state_of(stays.pk, goes.pk)).pk


def test_cards_wait_for_the_call_that_is_being_made(two, join, store_a, specialist_a):
    stays, goes = two
    lease = {"claimed_by": specialist_a.employee, "claimed_at": NOON, "lease_until": NOON + timedelta(minutes=9)}
    task = make_task(store_a, customer=goes, **lease)
    assert code_of(lambda: join(stays, goes)) == "call_under_way"
    Revisit.objects.filter(pk=task.pk).update(lease_until=NOON - timedelta(minutes=1))
    assert join(stays, goes).pk


def test_the_second_click_gives_the_same_merge(two, join):
    stays, goes = two
    click = uuid.uuid4()
    assert join(stays, goes, submission=click).pk == join(stays, goes, submission=click).pk
    assert Merge.objects.count() == 1


def test_a_merged_card_takes_no_change(two, join, specialist_a):
    stays, goes = two
    join(stays, goes)
    act = lambda: numbers.add_phone(goes.pk, number="13900139000", first=False, by=specialist_a.employee)  # noqa: E731
    assert code_of(act) == "merged"


# ---- taking it back --------------------------------------------------------------------------------------------------


def test_rows_born_since_stay_and_are_listed(two, join, back, store_a):
    stays, goes = two
    old = RepairOrderFactory(store=store_a, customer=goes)
    made = join(stays, goes)
    new = RepairOrderFactory(store=store_a, customer=stays)
    taken = back(made)
    old.refresh_from_db()
    assert old.customer_id == goes.pk
    assert taken.stayed == [["customers.repairorder.customer_id", new.pk, "born"]]


def test_a_fact_edited_since_is_kept_and_listed(two, join, back):
    stays, goes = two
    made = join(stays, goes)
    Customer.objects.filter(pk=stays.pk).update(address="新地址", version=9)
    taken = back(made)
    assert fresh(stays).address == "新地址"
    assert taken.stayed == [["customers.customer.address", stays.pk, "edited"]]
    assert fresh(stays).version == 10


def test_a_row_moved_elsewhere_or_gone_since_is_listed(two, join, back, store_a):
    stays, goes = two
    order, number = RepairOrderFactory(store=store_a, customer=goes), PhoneFactory(customer=goes)
    made = join(stays, goes)
    other = CustomerFactory(store=store_a)
    type(order).objects.filter(pk=order.pk).update(customer=other)
    Phone.objects.filter(pk=number.pk).delete()
    assert {(row, why) for _relation, row, why in back(made).stayed} == {(order.pk, "elsewhere"), (number.pk, "gone")}


def test_a_number_given_since_to_a_contact_goes_along_with_the_contact(two, join, back):
    stays, goes = two
    contact = ContactFactory(customer=goes)
    made = join(stays, goes)
    number = PhoneFactory(customer=stays, contact=contact)
    back(made)
    number.refresh_from_db()
    assert (number.customer_id, number.contact.customer_id) == (goes.pk, goes.pk)


def test_a_call_born_since_dials_a_number_of_its_own_card(two, join, back, store_a):
    stays, goes = two
    mine, theirs = PhoneFactory(customer=stays, rank=2), PhoneFactory(customer=goes)
    made = join(stays, goes)
    task = make_task(store_a, customer=stays, phone=theirs)
    back(made)
    task.refresh_from_db()
    assert (task.customer_id, task.phone_id) == (stays.pk, mine.pk)


def test_a_later_merge_is_taken_back_first(two, join, back, store_a):
    stays, goes = two
    first = join(stays, goes)
    second = join(stays, CustomerFactory(store=store_a))
    assert code_of(lambda: back(first)) == "later_merge"
    back(second)
    assert back(first).undone_at


def test_a_forgotten_journal_is_no_way_back(two, join, back):
    made = join(*two)
    late = clock.at(made.undo_until + timedelta(days=1), 9)
    assert code_of(lambda: back(made, late)) == "expired"
    MergeRow.objects.filter(merge=made).update(whole=None)
    assert code_of(lambda: back(made)) == "expired"


def test_taking_back_twice_does_it_once(two, join, back):
    made = join(*two)
    assert back(made).undone_at == back(made).undone_at


def test_what_was_written_the_moment_of_the_merge_follows_at_night(two, join, back, store_a):
    stays, goes = two
    made = join(stays, goes)
    late = RepairOrderFactory(store=store_a, customer=goes)
    assert merging.left_behind(store_a.pk) == [goes.pk]
    merging.catch_up(goes.pk)
    late.refresh_from_db()
    assert late.customer_id == stays.pk
    back(made)
    late.refresh_from_db()
    assert late.customer_id == goes.pk


def test_a_car_of_both_cards_names_the_one_that_stays_once(two, join, store_a):
    stays, goes = two
    role = VehicleRoleFactory(store=store_a, customer=stays, role="driver", since=DAY)
    VehicleRoleFactory(store=store_a, customer=goes, vehicle=role.vehicle, role="driver", since=DAY - timedelta(days=9))
    join(stays, goes)
    assert stays.vehicle_roles.get().since == DAY - timedelta(days=9)
