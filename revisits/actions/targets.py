"""Setting the targets of a store (or the company) for a role and month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from revisits.models import Target
from revisits.queries.indicators import INDICATORS


@transaction.atomic
def set_targets(
    store: Store | None, role: str, month: date | None, values: Mapping[str, Decimal | None], *, by: Employee
) -> int:
    """Set what indicators should reach, in per cent; None takes the row away, so that the more general one holds.

    `store` None is the company's own; `month` is its first day, None = every month. Gives how many rows changed;
    refuses an unknown indicator, one that is only watched, and anything outside 0…100.
    """
    for code, value in values.items():
        _check(code, value)
    Store.objects.select_for_update(no_key=True).get(pk=store.pk if store else by.store_id)
    rows = {row.indicator: row for row in Target.objects.filter(store=store, role=role, month=month)}
    changed = 0
    for code, value in values.items():
        row = rows.get(code)
        before = row.value if row else None
        if before == value:
            continue
        target = row or Target(store=store, role=role, month=month, indicator=code)
        if value is not None:
            target = _write(target, value)
        changed += 1
        trail.record(
            by, "target.changed", target, store_id=store.pk if store else None, indicator=code, role=role, month=month,
            value=(before, value),
        )  # fmt: skip
        if value is None:
            target.delete()
    return changed


def _check(code: str, value: Decimal | None) -> None:
    indicator = INDICATORS.get(code)
    if indicator is None or not indicator.better:
        raise RuleBroken(_("This figure has no target; it is only watched."), code="watched", field=code)
    if value is not None and not 0 <= value <= 100:
        raise RuleBroken(_("A target is a share from 0 to 100 per cent."), code="range", field=code)


def _write(target: Target, value: Decimal) -> Target:
    """Give a target its value; a new one is made."""
    target.value = value
    if target.pk:
        target.save(update_fields=["value"])
    else:
        target.save(force_insert=True)
    return target
