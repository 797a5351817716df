"""Rows that an import holds in memory are what Django's own constructor would have made."""

import pytest

from crm_site.accounts.models import Store
from customers.intake.kept import fresh
from customers.models import Contact, Customer, Delivery, Phone, RepairOrder, Vehicle, VehicleRole, Workmanship

MODELS = [Contact, Customer, Delivery, Phone, RepairOrder, Vehicle, VehicleRole, Workmanship]


def columns(row):
    """What stands in each column."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_fresh_row_is_what_its_constructor_makes(model):
    store = Store(pk=7, name="渝东店")
    made, row = model(store=store), fresh(model, store=store)
    assert columns(row) == columns(made)
    assert row.store is store
    assert row._state.adding
    assert row._state.db is None


def test_fresh_rows_share_no_default():
    first, second = fresh(Customer, name="张三"), fresh(Customer, name="李四")
    first.source_values["name"] = "张三"
    assert second.source_values == {}
    assert (first.name, second.name) == ("张三", "李四")


def test_a_parent_without_a_key_is_known_by_the_object():
    customer = fresh(Customer, name="张三")
    phone = fresh(Phone, customer=customer, contact=None, number="13800138001")
    assert phone.customer is customer
    assert (phone.customer_id, phone.contact_id) == (None, None)
