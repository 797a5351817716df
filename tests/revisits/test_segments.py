"""A rule for the members of a segment, or for all but them: in the run, and on the page that says why."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers.actions.segments import create_segment, retire_segment
from revisits import actions
from revisits.generator import generate
from revisits.models import Revisit, RevisitRule, RuleVersion, Skip
from revisits.queries import why
from tests.factories import DAY, NOON, CustomerFactory, DeliveryFactory, PhoneFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def gold(store_a, manager_a):
    return create_segment(store_a.pk, name="金牌客户", query="value=gold", by=manager_a.employee, now=NOON)


def ask_for(segment, *, is_in=True):
    RuleVersion.objects.filter(rule__code="DLV_D3").update(conditions={"segment": {"id": segment.pk, "is_in": is_in}})
    RuleVersion.objects.exclude(rule__code="DLV_D3").update(is_on=False)


def delivered(store, **values):
    customer = CustomerFactory(store=store, **values)
    PhoneFactory(customer=customer)
    DeliveryFactory(store=store, customer=customer, delivered_on=DAY - timedelta(days=3))
    return customer


@pytest.mark.parametrize(("is_in", "reason"), [(True, "not_in_segment"), (False, "in_segment")])
def test_a_rule_calls_its_side_of_a_segment(store_a, gold, is_in, reason):
    member, other = delivered(store_a, value_class="gold"), delivered(store_a)
    ask_for(gold, is_in=is_in)
    generate(store_a.pk, DAY)
    called, left_out = (member, other) if is_in else (other, member)
    assert Revisit.objects.get().customer == called
    skip = Skip.objects.get()
    assert (skip.customer, skip.reason) == (left_out, reason)
    line = next(
        line for told in why.of_customer(left_out, now=NOON, today=DAY).rules for line in told.lines if line.reason
    )
    assert line.reason == reason


def test_who_joins_the_segment_later_is_called_while_there_is_time(store_a, gold):
    customer = delivered(store_a)
    ask_for(gold)
    generate(store_a.pk, DAY)
    customer.value_class = "gold"
    customer.save(update_fields=["value_class"])
    generate(store_a.pk, DAY + timedelta(days=1))
    assert Revisit.objects.get().customer == customer
    assert not Skip.objects.exists()


def test_a_segment_of_another_store_has_no_members_here(store_b, gold):
    delivered(store_b, value_class="gold")
    ask_for(gold)
    generate(store_b.pk, DAY)
    assert not Revisit.objects.exists()


def test_many_occasions_cost_as_much_as_few(store_a, gold):
    ask_for(gold)

    def queries(count):
        for _each in range(count):
            delivered(store_a, value_class="gold")
        with CaptureQueriesContext(connection) as found:
            generate(store_a.pk, DAY)
        return len(found)

    queries(2)
    assert queries(20) <= queries(2)


def test_the_form_of_a_rule_offers_the_segments_of_its_store(as_, manager_a, store_a, gold, stranger_b, store_b):
    create_segment(store_b.pk, name="别家客群", query="value=gold", by=stranger_b.employee, now=NOON)
    page = as_(manager_a).get(reverse("revisits:rule", args=["MT_REMIND"])).content.decode()
    assert "金牌客户" in page
    assert "别家客群" not in page


def test_a_rule_is_not_given_a_retired_segment(store_a, manager_a, gold):
    retire_segment(gold.pk, by=manager_a.employee, on=DAY)
    latest = RevisitRule.objects.get(code="MT_REMIND").versions.latest("number")
    with pytest.raises(RuleBroken) as refused:
        actions.change_rule(
            store_a.pk, "MT_REMIND", {"conditions": {"segment": {"id": gold.pk, "is_in": True}}},
            shown=latest.pk, by=manager_a.employee, today=clock.today(),
        )  # fmt: skip
    assert refused.value.field == "segment"
