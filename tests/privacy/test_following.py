"""Whoever knows the merged card reaches the one that stands for it: pages, lists, imports, the call list, history."""

import uuid
from datetime import date

import pytest
from django.urls import reverse

from crm_site.audit import trail
from crm_site.privacy.actions.merging import merge
from customers.models import Customer
from revisits.generator import generate
from revisits.models import Revisit
from tests.customers.intake import CUSTOMERS, look, take_in, verdicts
from tests.factories import DAY, NOON, CustomerFactory, PhoneFactory, VehicleRoleFactory

FOUND, MISSING = 302, 404


@pytest.fixture
def merged(store_a, manager_a):
    """(the card that stays, the card that went into it)."""
    stays = CustomerFactory(store=store_a, name="周晓岚", number="KH00011")
    goes = CustomerFactory(store=store_a, name="周小岚", number="KH00012")
    PhoneFactory(customer=stays, number="13800138000")
    trail.record(manager_a.employee, "customer.created", goes)
    merge(stays.pk, goes.pk, {}, manager_a.employee, NOON, submission=uuid.uuid4())
    return stays, goes


@pytest.mark.parametrize("name", ["customers:card", "customers:edit", "customers:phone_new", "revisits:rang"])
def test_an_old_address_leads_to_the_card_that_stays(as_, manager_a, merged, name):
    stays, goes = merged
    answer = as_(manager_a).get(reverse(name, args=[goes.pk]))
    assert (answer.status_code, answer["Location"]) == (FOUND, reverse("customers:card", args=[stays.pk]))


def test_the_page_says_that_it_stands_for_another_card(as_, specialist_a, merged):
    _stays, goes = merged
    answer = as_(specialist_a).get(reverse("customers:card", args=[goes.pk]), follow=True)
    assert "已合并到" in answer.content.decode()


def test_a_form_sent_to_the_merged_card_saves_nothing_and_says_so(as_, manager_a, merged):
    _stays, goes = merged
    answer = as_(manager_a).post(reverse("customers:edit", args=[goes.pk]), {"name": "别人"}, follow=True)
    assert "没有保存" in answer.content.decode()
    assert Customer.objects.get(pk=goes.pk).name == "周小岚"


def test_a_stranger_gets_404(as_, stranger_b, merged):
    assert as_(stranger_b).get(reverse("customers:card", args=[merged[1].pk])).status_code == MISSING


def test_the_list_shows_one_card(as_, manager_a, merged):
    stays, goes = merged
    page = as_(manager_a).get(reverse("customers:list")).content.decode()
    assert reverse("customers:card", args=[stays.pk]) in page
    assert reverse("customers:card", args=[goes.pk]) not in page


def test_the_history_of_the_card_tells_what_was_done_to_the_merged_one(as_, manager_a, merged):
    page = as_(manager_a).get(reverse("customers:card", args=[merged[0].pk]), {"all": "events"}).content.decode()
    assert "建档" in page or "建立" in page
    assert "合并" in page


def test_one_greeting_for_both_cards_and_not_again(store_a, manager_a):
    stays, goes = (CustomerFactory(store=store_a, birthday=date(1990, DAY.month, DAY.day)) for _ in range(2))
    for card in (stays, goes):
        PhoneFactory(customer=card)
        VehicleRoleFactory(vehicle__store=store_a, customer=card)
    from revisits.models import RuleVersion

    RuleVersion.objects.filter(rule__code="BDAY").update(is_on=True, needs_consent=False)
    generate(store_a.pk, DAY)
    before = Revisit.objects.filter(rule__code="BDAY").count()
    merge(stays.pk, goes.pk, {}, manager_a.employee, NOON, submission=uuid.uuid4())
    generate(store_a.pk, DAY)
    open_calls = Revisit.objects.filter(rule__code="BDAY").open()
    assert before == 2
    assert [call.customer_id for call in open_calls] == [stays.pk]
    assert not Revisit.objects.filter(customer=goes).exists()


def test_a_list_with_the_old_customer_number_means_the_card_that_stays(store_a, manager_a, merged):
    stays, goes = merged
    row = {"客户编号": "KH00012", "客户名称": "周小岚", "手机": "13900139000", "详细地址": "龙溪街道 8 号"}
    take_in(manager_a, CUSTOMERS, row)
    assert Customer.objects.filter(store=store_a).count() == 2
    assert set(stays.phones.values_list("number", flat=True)) == {"13800138000", "13900139000"}
    assert not goes.phones.exists()
    assert Customer.objects.get(pk=stays.pk).address == "龙溪街道 8 号"


def test_a_list_that_says_the_same_again_under_both_numbers_changes_nothing(store_a, manager_a, merged):
    rows = [
        {"客户编号": "KH00011", "客户名称": "周晓岚", "手机": "13800138000", "详细地址": "龙溪街道 8 号"},
        {"客户编号": "KH00012", "客户名称": "周晓岚", "手机": "13800138000", "详细地址": "宝圣大道 1 号"},
    ]
    take_in(manager_a, CUSTOMERS, *rows)
    again = look(manager_a, CUSTOMERS, {**rows[0], "序号": 1}, {**rows[1], "序号": 2})
    assert set(verdicts(again)) == {"unchanged"}
