"""How somebody signs in: the rules of a store, and the strictest of all the stores in which they work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from crm_site.accounts.models import SignInRules, User


@dataclass(frozen=True)
class Terms:
    """What holds for one person: whether a second factor must be, and the limits of a session."""

    needs_second_factor: bool
    idle: timedelta
    longest: timedelta


def of_store(store_id: int | None) -> SignInRules:
    """The rules that hold in a store; an unsaved row of the shipped values where none was ever set. One query."""
    return _rules_of([store_id or 0])[store_id or 0]


def for_user(user: User) -> Terms:
    """The strictest of the rules of the stores in which somebody works. One query beside their memberships."""
    roles = user.roles_by_store
    rules = _rules_of(roles) if roles else {0: SignInRules()}
    return Terms(
        needs_second_factor=any(roles[pk] in rules[pk].second_factor_roles for pk in roles),
        idle=timedelta(minutes=min(row.idle_minutes for row in rules.values())),
        longest=timedelta(hours=min(row.session_hours for row in rules.values())),
    )


def _rules_of(store_ids: Mapping[int, str] | list[int]) -> dict[int, SignInRules]:
    """{store: its own row, else the company's, else as shipped}."""
    rows = {row.store_id: row for row in SignInRules.objects.filter(Q(store=None) | Q(store_id__in=list(store_ids)))}
    company = rows.get(None) or SignInRules()
    return {pk: rows.get(pk, company) for pk in store_ids}
