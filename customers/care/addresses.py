"""Addresses that cannot be trusted: known to be wrong, or not confirmed for long."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q

from crm_site.accounts import policy
from crm_site.core import clock, paging
from customers.models import Customer
from customers.rules import addresses as rules

CAPABILITY = "customers.care"


def condition(state: str, today: date) -> Q:
    """The cards whose address is "bad", "stale" or "fresh"; the rule of rules.addresses as a condition on Customer."""
    if state == rules.BAD:
        return Q(address_bad_since__isnull=False)
    first = rules.fresh_from(today)
    fresh = Q(address_confirmed_on__gte=first) | Q(address_confirmed_on=None, created_at__gte=clock.at(first, 0))
    there = Q(address_bad_since=None) & ~Q(address="")
    return there & fresh if state == rules.FRESH else there & ~fresh


def untrusted(today: date) -> Q:
    """Both that are known to be wrong and those that are stale."""
    return condition(rules.BAD, today) | condition(rules.STALE, today)


def state_of(customer: Customer, today: date) -> str:
    """The state of one card's address."""
    return rules.state(
        has_address=bool(customer.address),
        bad_since=customer.address_bad_since,
        confirmed_on=customer.address_confirmed_on,
        made_on=clock.business_day(customer.created_at),
        today=today,
    )


def rows(user: Any) -> Any:
    """The cards whose addresses the user cares for."""
    return Customer.objects.visible_to(user).filter(
        store_id__in=policy.stores_allowing(user, CAPABILITY), anonymised_on=None
    )


def count(user: Any, today: date) -> paging.Count:
    """How many addresses cannot be trusted, for the hub."""
    return paging.capped_count(rows(user).filter(untrusted(today)))
