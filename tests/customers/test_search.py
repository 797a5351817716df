"""The one search box: every kind of word finds its customer, only in one's own stores, in a fixed number of queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers import rules, search
from tests.factories import ContactFactory, CustomerFactory, PhoneFactory, VehicleFactory, VehicleRoleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def zeng(store_a):
    customer = CustomerFactory(store=store_a, name="曾晓明", number="KH00017")
    PhoneFactory(customer=customer, number="13800138000")
    car = VehicleFactory(store=store_a, plate_no="渝AD12345", vin="LSVAA4180E2004217")
    VehicleRoleFactory(vehicle=car, customer=customer)
    ContactFactory(customer=customer, name="欧阳倩")
    search.refresh([customer.pk])
    return customer


@pytest.mark.parametrize(
    "typed",
    [
        "曾", "晓", "晓明", "曾晓明", "曾 晓明", "zeng", "zengxiao", "xiaoming", "zxm", "ZXM", "8000", "138 0013 8000",
        "+8613800138000", "渝AD12345", "渝A·D12345", "AD12345", "ad123", "D12345", "004217", "LSVAA4180E2004217",
        "kh00017", "欧阳", "oyq", "１３８００１３８０００",
    ],
)  # fmt: skip
def test_every_kind_of_word_finds_the_customer(manager_a, zeng, typed):
    assert [hit.customer for hit in search.find(manager_a.user, typed)] == [zeng]


@pytest.mark.parametrize(
    ("number", "typed"),
    [
        ("KH-2026-0017", "kh-2026-0017"), ("KH-2026-0017", "KH-2026"), ("2026-0017", "2026-0017"),
        ("KH 0017", "KH 0017"), ("渝北-0017", "渝北-0017"), ("KH00017", "KH 00017"), ("VIP/17", "vip/17"),
    ],
)  # fmt: skip
def test_a_customer_number_is_found_as_it_is_written(manager_a, store_a, number, typed):
    customer = CustomerFactory(store=store_a, name="曾晓明", number=number)
    search.refresh([customer.pk])
    assert [hit.customer for hit in search.find(manager_a.user, typed)] == [customer]


@pytest.mark.parametrize("typed", ["", " ", "800", "04217x", "王", "13900138000", "%", "_", "'; --", "\x00", "😀" * 50])
def test_what_fits_nobody_finds_nobody(manager_a, zeng, typed):
    assert search.find(manager_a.user, typed) == []


def test_a_stranger_finds_nobody(stranger_b, zeng):
    assert search.find(stranger_b.user, "曾晓明") == []


def test_a_restricted_customer_is_not_found(manager_a, zeng):
    type(zeng).objects.filter(pk=zeng.pk).update(restricted=True)
    assert search.find(manager_a.user, "曾晓明") == []


def test_a_whole_name_comes_before_a_longer_one(manager_a, store_a):
    longer = CustomerFactory(store=store_a, name="李明辉")
    whole = CustomerFactory(store=store_a, name="李明")
    search.refresh([longer.pk, whole.pk])
    assert [hit.customer for hit in search.find(manager_a.user, "李明")] == [whole, longer]


def test_refreshing_again_leaves_the_same_tokens(zeng):
    before = set(zeng.tokens.values_list("kind", "token", "vehicle_id"))
    search.refresh([zeng.pk])
    assert set(zeng.tokens.values_list("kind", "token", "vehicle_id")) == before


def test_more_customers_cost_no_more_queries(manager_a, store_a):
    assert manager_a.user.store_ids

    def cost(n):
        made = [CustomerFactory(store=store_a, name=f"赵{n}号") for _ in range(n)]
        with CaptureQueriesContext(connection) as refreshing:
            search.refresh([customer.pk for customer in made])
        with CaptureQueriesContext(connection) as finding:
            assert search.find(manager_a.user, "赵")
        return len(refreshing), len(finding)

    assert cost(3) == cost(30)


def test_a_company_of_any_length_is_found_by_its_beginning():
    tokens = rules.name_tokens("重庆市嘉陵江物流运输仓储配送服务有限责任公司渝北区第一分公司" * 3)
    assert len([token for token in tokens if token.kind == rules.NAME]) == rules.MAX_SUFFIXES
    assert all(len(token.token) <= rules.MAX_TOKEN for token in tokens)
