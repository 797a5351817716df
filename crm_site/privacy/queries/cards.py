"""Two cards side by side: what stands on each, and a seal that tells whether either has changed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from crm_site.audit.trail import plain
from customers.models import Contact, ContactBan, Customer, Phone, ProfileValue

#: columns that the night writes: whoever looks at the page is not asked again for their sake
_NOT_SEEN = frozenset({"completeness", "value_share"})


def state_of(one: int, other: int) -> str:
    """A seal of both cards as they stand: columns, numbers, contacts, own facts and wishes."""
    ids = sorted((one, other))
    found: list[Any] = [_columns(row) for row in Customer.objects.filter(pk__in=ids).order_by("pk")]
    for model, names in (
        (Phone, ("pk", "customer_id", "number", "contact_id")),
        (Contact, ("pk", "customer_id", "name")),
        (ProfileValue, ("customer_id", "field", "value")),
        (ContactBan, ("pk", "customer_id", "purpose", "until", "lifted_at")),
    ):
        rows: Any = model._default_manager.filter(customer_id__in=ids)
        found.append(list(rows.order_by("pk").values_list(*names)))
    return hashlib.sha256(json.dumps(plain(found), sort_keys=True, default=str).encode()).hexdigest()


def _columns(row: Customer) -> dict[str, Any]:
    names = [field.attname for field in row._meta.concrete_fields if field.attname not in _NOT_SEEN]
    return {name: getattr(row, name) for name in names}
