"""What a person may read in full on a store's cards: the one question behind every masked fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_site.accounts import data_rules, policy
from crm_site.accounts.policy import MANAGER, SPECIALIST
from crm_site.core import masking

#: the facts that are masked unless a role may read them, in the order of the card
FACTS: dict[str, Promise] = {
    "phone": _("Phone"),
    "identity_no": _("Identity number"),
    "address": _("Address"),
    "birthday": _("Birthday"),
    "email": _("E-mail"),
    "vin": _("VIN"),
}
#: who reads a fact in full without a look that is logged, as shipped; a store's DataRules.seen_by replaces a line
SHIPPED: dict[str, frozenset[str]] = {
    "phone": frozenset(),
    "identity_no": frozenset(),
    "address": frozenset({SPECIALIST, MANAGER}),
    "birthday": frozenset({SPECIALIST, MANAGER}),
    "email": frozenset({SPECIALIST, MANAGER}),
    "vin": frozenset(),
}


def roles_for(fact: str, seen_by: Mapping[str, Any]) -> frozenset[str]:
    """The roles that read a fact in full under a store's rules; nobody for a fact that is not known."""
    stated = seen_by.get(fact)
    if isinstance(stated, list):
        return frozenset(role for role in stated if role in policy.EVERYBODY)
    return SHIPPED.get(fact, frozenset())


@dataclass(frozen=True)
class Sight:
    """What somebody sees of the cards of one store; made of nothing it shows nothing."""

    #: facts shown in full
    shown: frozenset[str] = field(default_factory=frozenset)
    #: whether a hidden fact may be looked at, with a reason
    may_reveal: bool = False

    @classmethod
    def of(cls, user: Any, store_id: int | None) -> Sight:
        """What a user sees in a store: by their role there and the store's rules; one query a store and request."""
        if user is None or not user.is_authenticated or not user.is_active or store_id is None:
            return cls()
        known: dict[int, Sight] = user.__dict__.setdefault("_sights", {})  # a user lives as long as a request
        if store_id not in known:
            known[store_id] = cls._read(user, store_id)
        return known[store_id]

    @classmethod
    def _read(cls, user: Any, store_id: int) -> Sight:
        role = user.role_in(store_id)
        seen_by = data_rules.of_store(store_id).seen_by if role else {}
        shown = frozenset(fact for fact in FACTS if role and role in roles_for(fact, seen_by))
        return cls(shown, policy.allows(user, "customers.reveal", store_id))

    def shows(self, fact: str) -> bool:
        """Whether a fact is shown in full."""
        return fact in self.shown

    def value(self, fact: str, text: str | date | None) -> str:
        """A fact as this person reads it: in full or masked; '' where there is none."""
        if not text:
            return ""
        plain = text if isinstance(text, str) else text.isoformat()
        return plain if self.shows(fact) else masking.fact(fact, plain)

    def words(self, text: str | None) -> str:
        """Free text that people wrote: the numbers in it masked unless this person reads such numbers in full."""
        if not text:
            return ""
        return text if {"phone", "identity_no", "vin"} <= self.shown else masking.words(text)


def sights(user: Any, store_ids: Iterable[int]) -> dict[int, Sight]:
    """{store: what the user sees there}, for lists over several stores."""
    return {store_id: Sight.of(user, store_id) for store_id in set(store_ids)}
