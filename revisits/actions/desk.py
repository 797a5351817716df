"""Setting how much a store's desk can dial, what certain callers dial, and how many calls are inspected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from revisits.models import CallerSettings, DeskSettings

FIELDS = (
    "dials_a_day", "new_dials_a_day", "new_days", "ramp_days", "inspect_percent", "inspect_at_least", "inspect_first",
)  # fmt: skip


@transaction.atomic
def set_desk(
    store_id: int, values: Mapping[str, Any], own: Mapping[int, int | None], *, shown: int, by: Employee
) -> DeskSettings:
    """Write a store's numbers and those of single callers ({employee: dials a day, None = the store's number}).

    `shown` is the version that the user had before them (1 where there was no row); refuses when it has changed.
    Callers of other stores are passed over. Changes hold from the next run of the generator on.
    """
    Store.objects.select_for_update(no_key=True).get(pk=store_id)
    row = DeskSettings.objects.filter(store_id=store_id).first() or DeskSettings(store_id=store_id)
    if row.version != shown:
        raise RuleBroken(
            _("Somebody changed this while you had it open. What you typed is below; reload to see theirs."),
            code="stale",
        )
    changes = {name: (getattr(row, name), values[name]) for name in FIELDS if name in values}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    for name, (_before, after) in changes.items():
        setattr(row, name, after)
    callers = _set_callers(store_id, own)
    if not changes and not callers:
        return row
    row.version = shown + 1
    if row.pk is None:
        row.save(force_insert=True)
    else:
        row.save(update_fields=[*FIELDS, "version"])
    trail.record(by, "desk.changed", row, store_id=store_id, **changes, **({"callers": callers} if callers else {}))
    return row


def _set_callers(store_id: int, own: Mapping[int, int | None]) -> int:
    """Write the callers' own numbers; gives how many changed."""
    known = dict(
        Employee.objects.filter(store_id=store_id, pk__in=own).values_list("pk", "caller_settings__dials_a_day")
    )
    changed = {pk: dials for pk, dials in own.items() if pk in known and known[pk] != dials}
    for pk, dials in changed.items():
        if dials is None:
            CallerSettings.objects.filter(employee_id=pk).delete()
        else:
            values = {"store_id": store_id, "dials_a_day": dials}
            CallerSettings.objects.update_or_create(employee_id=pk, defaults=values)
    return len(changed)
