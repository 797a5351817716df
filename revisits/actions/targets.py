"""Setting the targets of a store (or the company) for a role and month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core.dates import month_of
from crm_site.core.errors import RuleBroken
from revisits.models import Target
from revisits.queries.indicators import INDICATORS


@transaction.atomic
def set_targets(
    store: Store | None,
    role: str,
    month: date | None,
    values: Mapping[str, tuple[Decimal | None, Decimal | None]],
    *,
    by: Employee,
    today: date,
) -> int:
    """Set what indicators should reach, in per cent; None takes the row away, so that the more general one holds.

    `store` None is the company's own; `month` is its first day, None = every month from the running one on. `values`
    are (as the page showed it, as it was sent): what was sent as shown stays as it is. Gives how many rows changed;
    refuses what somebody has changed meanwhile, an unknown indicator, one that is only watched, anything outside
    0…100, and a month that is over.
    """
    running = today.replace(day=1)
    if month is not None and month < running:
        raise RuleBroken(_("That month is over. Set the target from this month on."), code="past")
    for code, (_shown, value) in values.items():
        _check(code, value)
    Store.objects.select_for_update(no_key=True).get(pk=store.pk if store else by.store_id)
    rows = {row.indicator: row for row in Target.objects.filter(store=store, role=role, month=month, until=None)}
    changed = 0
    for code, (shown, value) in values.items():
        row = rows.get(code)
        before = row.value if row else None
        if value in (shown, before):
            continue
        if before != shown:
            raise RuleBroken(
                _("Somebody has changed this target since you opened the page. Open it again, and set it there."),
                code="changed", field=code,
            )  # fmt: skip
        since = running if month is None else None
        _set(row, Target(store=store, role=role, month=month, since=since, indicator=code), value, by)
        changed += 1
    return changed


def _check(code: str, value: Decimal | None) -> None:
    indicator = INDICATORS.get(code)
    if indicator is None or not indicator.better:
        raise RuleBroken(_("This figure has no target; it is only watched."), code="watched", field=code)
    if value is not None and not 0 <= value <= 100:
        raise RuleBroken(_("A target is a share from 0 to 100 per cent."), code="range", field=code)


def _set(row: Target | None, fresh: Target, value: Decimal | None, by: Employee) -> None:
    """Give a target its value, or take it away; what held for months that are over goes on holding for them."""
    before = row.value if row else None
    if row and fresh.since and row.since != fresh.since:
        row.until = month_of(fresh.since).shift(-1).start
        row.save(update_fields=["until"])
    else:
        fresh = row or fresh
    if value is not None:
        fresh.value = value
        fresh.save(update_fields=["value"] if fresh.pk else None)
    trail.record(
        by, "target.changed", fresh if fresh.pk else row or fresh, store_id=fresh.store_id, indicator=fresh.indicator,
        role=fresh.role, month=fresh.month, value=(before, value),
    )  # fmt: skip
    if value is None and fresh.pk:
        fresh.delete()
