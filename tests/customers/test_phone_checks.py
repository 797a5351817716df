"""下次进厂核对电话: asked for once, ended by whoever confirms, adds or corrects the number."""

from datetime import timedelta

import pytest

from crm_site.audit.models import Entry
from customers.actions import from_calls, numbers, phone_checks
from customers.models import Phone
from tests.customers import intake
from tests.customers.intake import CUSTOMERS
from tests.customers.test_undo import undo
from tests.factories import DAY, CustomerFactory, PhoneFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(specialist_a):
    return specialist_a.employee


@pytest.fixture
def zhang(store_a, by):
    customer = CustomerFactory(store=store_a, name="张三")
    phone = PhoneFactory(customer=customer, number="13800138000")
    from_calls.mark_phone_bad(phone.pk, reason="VACANT", by=by, on=DAY)
    return phone_checks.ask_phone_check(customer.pk, reason="VACANT", by=by, on=DAY)


def test_the_first_wish_stays(zhang, by):
    again = phone_checks.ask_phone_check(zhang.pk, reason="WRONG_NO", by=by, on=DAY + timedelta(days=9))
    assert (again.check_phone_since, again.check_phone_reason) == (DAY, "VACANT")
    assert Entry.objects.filter(action="customer.phone_check_asked").count() == 1


def add_new(customer, by):
    numbers.add_phone(customer.pk, number="13900139001", first=False, by=by)


def correct(customer, by):
    numbers.edit_phone(Phone.objects.get().pk, values={"number": "13900139001"}, seen={}, first=False, by=by)


def call_good(customer, by):
    numbers.call_good(Phone.objects.get().pk, by=by)


def confirm(customer, by):
    phone_checks.phone_checked(customer.pk, by=by)


def say_another(customer, by):
    phone_checks.phone_checked(customer.pk, number="13900139001", by=by)


@pytest.mark.parametrize("ending", [add_new, correct, call_good, confirm, say_another])
def test_a_number_confirmed_added_or_corrected_ends_the_wish(zhang, by, ending):
    ending(zhang, by)
    zhang.refresh_from_db()
    assert (zhang.check_phone_since, zhang.check_phone_reason) == (None, "")
    assert Entry.objects.filter(action="customer.phone_checked", subject_id=zhang.pk).count() == 1


def test_putting_a_number_first_is_no_answer(zhang, by):
    numbers.edit_phone(Phone.objects.get().pk, values={"kind": "home"}, seen={}, first=True, by=by)
    zhang.refresh_from_db()
    assert zhang.check_phone_since == DAY


def test_the_number_that_is_said_leads_and_is_good(zhang, by):
    phone = phone_checks.phone_checked(zhang.pk, number="13900139001", by=by)
    assert (phone.number, phone.rank, phone.bad_since) == ("13900139001", 1, None)
    assert list(zhang.phones.dialable()) == [phone]


def test_a_number_that_stands_is_good_again_when_it_is_said(zhang, by):
    phone = phone_checks.phone_checked(zhang.pk, number="13800138000", by=by)
    assert (phone.number, phone.bad_since) == ("13800138000", None)
    assert Phone.objects.count() == 1


def test_a_list_that_brings_a_number_ends_the_wish_and_its_undo_brings_it_back(zhang, admin_a):
    known = {"客户名称": "张三", "手机": "13800138000", "车架号(VIN)": None}
    batch = intake.take_in(admin_a, CUSTOMERS, {**known, "备用电话": "13900139001"})
    zhang.refresh_from_db()
    assert zhang.check_phone_since is None
    undo(admin_a, batch)
    zhang.refresh_from_db()
    assert (zhang.check_phone_since, zhang.check_phone_reason) == (DAY, "VACANT")
