"""Setting the rules of signing in, of a store or of the company; each change is audited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts import sign_in_rules
from crm_site.accounts.models import Employee, SignInRules, Store
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken

#: what a store's own row takes from the company's where it says nothing else
_COLUMNS = ("second_factor_roles", "idle_minutes", "session_hours")


@transaction.atomic
def save_rules(store_id: int | None, values: Mapping[str, Any], *, version: int, by: Employee) -> SignInRules:
    """Set the rules of a store, or (None) of the company; a store gets a row of its own with the first change.

    Refuses an outdated version unless nothing would change any more.
    """
    _lock(store_id)
    row = sign_in_rules.of_store(store_id)
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return row
    if version != row.version:
        raise RuleBroken(
            _("Somebody changed this meanwhile. What you typed is still here; compare it with what holds and save"
              " again."),
            code="stale",
        )  # fmt: skip
    told = {name: (getattr(row, name), value) for name, value in changed.items()}
    if row.pk is None or row.store_id != store_id:
        row = SignInRules(store_id=store_id, **{name: getattr(row, name) for name in _COLUMNS}, version=row.version)
    for name, value in changed.items():
        setattr(row, name, value)
    row.version += 1
    if row.pk:
        row.save(update_fields=[*changed, "version"])
    else:
        row.save(force_insert=True)
    trail.record(by, "sign_in_rules.changed", row, store_id=store_id, **told)
    return row


@transaction.atomic
def reset_rules(store_id: int, *, by: Employee) -> None:
    """Let the company's rules hold again in a store."""
    _lock(store_id)
    row = SignInRules.objects.filter(store=store_id).first()
    if row is not None:
        trail.record(by, "sign_in_rules.reset", row)
        row.delete()


def _lock(store_id: int | None) -> None:
    """One change of a store's rules at a time; of the company's no other in any store."""
    rows = Store.objects.select_for_update(no_key=True).order_by("pk")
    list(rows.filter(pk=store_id) if store_id is not None else rows)
