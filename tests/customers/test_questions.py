"""What is asked in passing in a call: which facts, in which order, how many, and what becomes of the answers."""

from datetime import timedelta

import pytest
from django.utils import translation

from crm_site.audit.models import Entry
from customers import profile, questions
from customers.actions import told
from customers.forms.profile import answer_field
from customers.models import Consent, Customer, ProfileField, ProfileRefusal, VehicleRole
from customers.rules import profile as rules
from tests.factories import DAY, NOON, ContactFactory, CustomerFactory, VehicleFactory, VehicleRoleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def car(store_a):
    return VehicleFactory(store=store_a, plate_no="")


@pytest.fixture
def zhou(store_a, car):
    customer = CustomerFactory(store=store_a, name="周晓岚")
    VehicleRoleFactory(vehicle=car, customer=customer)
    return customer


@pytest.fixture
def tell(zhou, car, specialist_a):
    def tell(values, untold=(), now=NOON):
        return told.fill_gaps(zhou.pk, car.pk, values, untold=untold, by=specialist_a.employee, now=now)

    return tell


def codes(customer, car, today=DAY):
    return [question.code for question in questions.to_ask(customer, car, today=today)]


def ask(code, position):
    ProfileField.objects.filter(code=code, store=None).update(ask_position=position)


def test_two_facts_are_asked_in_the_store_s_order_and_never_more(zhou, car):
    assert codes(zhou, car) == ["plate_no", "insurance_until"]
    ask("pets", 1)
    ask("plate_no", 9)
    assert codes(zhou, car) == ["pets", "insurance_until"]


def test_what_is_known_is_not_asked(zhou, car):
    car.plate_no, car.insurance_until, zhou.preferred_time = "渝A12345", DAY, "晚上"
    assert codes(zhou, car) == ["driver", "birthday"]


def test_a_call_without_a_car_asks_nothing_of_cars(zhou):
    assert codes(zhou, None) == ["preferred_time", "birthday"]
    assert questions.to_ask(None, None, today=DAY) == []


def test_what_a_customer_would_not_say_rests_and_is_asked_again_later(zhou, car, tell):
    assert tell({}, untold=["plate_no"]) == []
    assert codes(zhou, car, DAY + timedelta(days=1)) == ["insurance_until", "driver"]
    assert codes(zhou, car, DAY + timedelta(days=rules.RESTS_DAYS)) == ["plate_no", "insurance_until"]
    tell({}, untold=["plate_no"], now=NOON + timedelta(days=rules.RESTS_DAYS))
    assert ProfileRefusal.objects.get().asked_on == DAY + timedelta(days=rules.RESTS_DAYS)


def test_a_question_that_was_answered_after_all_does_not_rest(zhou, tell):
    tell({"plate_no": "渝A12345"}, untold=["plate_no", "no_such_fact"])
    assert not ProfileRefusal.objects.exists()


def test_answers_fill_what_is_empty_and_overrule_nothing(zhou, car, tell):
    Customer.objects.filter(pk=zhou.pk).update(preferred_time="上午")
    assert tell({"plate_no": "渝A12345", "preferred_time": "晚上", "pets": "猫", "name": "别人"}) == [
        "plate_no",
        "pets",
    ]
    zhou.refresh_from_db()
    car.refresh_from_db()
    assert (car.plate_no, zhou.preferred_time, zhou.name) == ("渝A12345", "上午", "周晓岚")
    assert profile.values_of([zhou.pk]) == {zhou.pk: {"pets": "猫"}}
    assert zhou.completeness == rules.per_cent(*profile.completeness(zhou))
    assert tell({"pets": "狗"}) == []


def test_the_trail_names_the_fields_only(zhou, car, tell):
    tell({"plate_no": "渝A12345", "pets": "两只猫"})
    found = dict(Entry.objects.filter(action__endswith="filled_in_call").values_list("action", "detail"))
    assert found == {
        "customer.filled_in_call": {"fields": ["pets"]}, "vehicle.filled_in_call": {"fields": ["plate_no"]},
    }  # fmt: skip


@pytest.mark.parametrize("name", ["本人", "周晓岚", "车主"])
def test_the_customer_drives_herself(zhou, car, tell, name):
    assert tell({"driver": name}) == ["driver"]
    role = VehicleRole.objects.get(vehicle=car, role="driver")
    assert (role.customer, role.contact, role.since) == (zhou, None, DAY)
    assert "driver" not in [row.code for row in questions.lacking(zhou, car)]


def test_a_contact_drives_and_a_new_name_becomes_one(zhou, car, tell):
    wife = ContactFactory(customer=zhou, name="周庆")
    tell({"driver": "周庆"})
    assert VehicleRole.objects.get(vehicle=car, role="driver").contact == wife
    VehicleRole.objects.filter(role="driver").delete()
    tell({"driver": "李师傅"})
    driver = VehicleRole.objects.get(vehicle=car, role="driver").contact
    assert (driver.name, driver.identity) == ("李师傅", "driver")


def test_consent_told_in_a_call_is_kept_with_its_source(zhou, tell):
    ask("marketing_consent", 1)
    tell({"marketing_consent": False})
    zhou.refresh_from_db()
    assert zhou.marketing_consent is False
    assert Consent.objects.get(customer=zhou).source == Consent.Source.CALL


def test_an_address_that_was_told_is_confirmed(zhou, tell):
    ask("address", 1)
    tell({"address": "金开大道 88 号", "marketing_consent": True})
    zhou.refresh_from_db()
    assert (zhou.address, zhou.address_confirmed_on, zhou.marketing_consent) == ("金开大道 88 号", DAY, True)


def test_names_are_proposed_for_the_driver(zhou, car):
    ContactFactory(customer=zhou, name="周庆")
    car.plate_no, car.insurance_until = "渝A12345", DAY
    assert questions.to_ask(zhou, car, today=DAY)[0].names == ("周晓岚", "周庆")


def test_every_shipped_question_has_a_field_and_both_wordings(store_a):
    rows = [row for row in profile.in_force(store_a.pk) if row.ask_position is not None]
    assert len(rows) >= 6
    for row in rows:
        assert answer_field(questions.Question(row)).required is False
        for language in ("zh-hans", "en"):
            with translation.override(language):
                assert questions.question_of(row) not in ("", row.label)


def test_a_choice_is_asked_as_a_choice(zhou, car):
    ask("next_car_plan", 0)
    question = questions.to_ask(zhou, None, today=DAY)[0]
    assert dict(answer_field(question).choices)["half"] == "半年内"
