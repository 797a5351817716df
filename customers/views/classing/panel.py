"""The classes on the card: value, after-sales class and lifecycle with their reasons, and how they changed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from crm_site.accounts import policy
from customers import class_wording as wording
from customers.classed import COLUMNS
from customers.classing import numbers_of
from customers.models import Customer
from customers.rules.definitions import LIFECYCLE, LOYALTY, VALUE, Numbers

#: how many changes of class a card names
FEW_CHANGES = 8
#: column of since and of the rule, by scheme
SINCE = {LOYALTY: "loyalty_since", VALUE: "value_since", LIFECYCLE: "lifecycle_since"}
BECAUSE = {LOYALTY: "loyalty_because", VALUE: "value_because", LIFECYCLE: "lifecycle_because"}
#: stages that say nothing new beside the other classes
PLAIN = {"active", "prospect"}


def classes_of(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """Every scheme with class, reason and since when; the changes; and why the customer leaves. Two queries."""
    numbers = numbers_of(customer.store_id)
    rows = [_row(customer, scheme, numbers) for scheme in (VALUE, LOYALTY, LIFECYCLE)]
    changes = customer.class_changes.order_by("-changed_on", "-pk")[: FEW_CHANGES + 1]
    may_read = policy.allows(request.user, "customers.classes", customer.store_id)
    return {
        "rows": rows,
        "chips": [row for row in rows if row["word"] and row["code"] not in PLAIN],
        "potential": customer.get_potential_display(),  # type: ignore[attr-defined]
        "changes": [_change(one, numbers) for one in changes[:FEW_CHANGES]],
        "leaving": wording.leaving(customer.defection_type, customer.defection_reason),
        "told_on": customer.defection_told_on,
        "url": f"{reverse('customers:classes')}?store={customer.store_id}" if may_read else "",
    }


def _row(customer: Customer, scheme: str, numbers: dict[str, dict[str, int]]) -> dict[str, Any]:
    code = getattr(customer, COLUMNS[scheme])
    return {
        "scheme": scheme,
        "label": wording.SCHEMES[scheme],
        "code": code,
        "word": wording.word(scheme, code),
        "kind": wording.KINDS.get(code, "line"),
        "icon": wording.ICONS[scheme],
        "why": wording.reason(scheme, getattr(customer, BECAUSE[scheme]), numbers),
        "since": getattr(customer, SINCE[scheme]),
        "share": customer.value_share if scheme == VALUE else None,
        "rules": wording.rules(scheme, numbers),
        "more": wording.after_words(scheme, numbers),
    }


def _change(change: Any, numbers: dict[str, Numbers] | Any) -> dict[str, Any]:
    return {
        "change": change,
        "scheme": wording.SCHEMES[change.scheme],
        "why": wording.reason(change.scheme, change.because, numbers),
    }
