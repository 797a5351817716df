"""The table of service intervals of a store: its own rows beside the company's, and the cars that follow a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from crm_site.jobs import actions as jobs
from crm_site.jobs.models import Job
from customers.models import ServicePlan

KIND = "customers.dates"
FIELDS = ("first_km", "first_months", "next_km", "next_months")


@transaction.atomic
def save_plan(
    store: Store, *, series: str, power: str, values: Mapping[str, int], shown: str, by: Employee
) -> ServicePlan:  # fmt: skip
    """Set the intervals (FIELDS) of a series and power in a store: the store's own row, which precedes the company's.

    `shown` is the mark of the row that the user has before them ("" for none); another one there by now is refused.
    The dates of the store's cars follow by a job.
    """
    Store.objects.select_for_update(no_key=True).get(pk=store.pk)  # the first row of a kind has none to be locked
    series = series.strip()
    standing = in_force(store, series, power)
    if mark(standing) != shown:
        raise RuleBroken(_changed_meanwhile(), code="overlap")
    if standing is not None and standing.store_id:
        return _change(standing, store, values, by)
    plan = ServicePlan.objects.create(store=store, series=series, power=power, **values)
    trail.record(by, "service_plan.added", plan, **values)
    ask_refresh(store, key=f"plan:{plan.pk}:1", by=by)
    return plan


def _change(plan: ServicePlan, store: Store, values: Mapping[str, int], by: Employee) -> ServicePlan:
    """Set other intervals on a store's own row."""
    changed: dict[str, Any] = {
        name: (getattr(plan, name), values[name]) for name in FIELDS if getattr(plan, name) != values[name]
    }
    if changed:
        for name in changed:
            setattr(plan, name, values[name])
        plan.version += 1
        plan.save(update_fields=[*changed, "version"])
        trail.record(by, "service_plan.changed", plan, **changed)
        ask_refresh(store, key=f"plan:{plan.pk}:{plan.version}", by=by)
    return plan


@transaction.atomic
def remove_plan(plan_id: int, *, shown: str, by: Employee) -> None:
    """Take a store's own row out, so that the company's, or a less particular one, holds again."""
    plan = ServicePlan.objects.select_for_update(of=("self",)).select_related("store").get(pk=plan_id)
    if plan.store is None:
        raise RuleBroken(_("The company's row stays. Enter another one for this store."), code="company_row")
    if mark(plan) != shown:
        raise RuleBroken(_changed_meanwhile(), code="overlap")
    trail.record(by, "service_plan.removed", plan)
    ask_refresh(plan.store, key=f"plan:{plan.pk}:removed", by=by)
    plan.delete()


def in_force(store: Store, series: str, power: str) -> ServicePlan | None:
    """The row of exactly this series and power in a store: its own, else the company's."""
    rows = ServicePlan.objects.for_store(store.pk).filter(series__iexact=series.strip(), power=power)
    return max(rows, key=lambda row: row.store_id is not None, default=None)


def mark(plan: ServicePlan | None) -> str:
    """What a form keeps of the row that it shows, to tell later whether somebody has changed it."""
    return f"{plan.pk}:{plan.version}" if plan else ""


def ask_refresh(store: Store, *, key: str, by: Employee | None = None) -> Job:
    """Ask for the dates of all cars of a store to be reckoned anew; `key` names the occasion within the store."""
    return jobs.enqueue(
        KIND, f"{store.pk}:{key}", store=store, payload={"store": store.pk}, lane=f"{KIND}:{store.pk}", by=by
    )


def last_refresh(store: Store) -> Job | None:
    """The newest job that reckons the dates of a store's cars."""
    return Job.objects.filter(store=store, kind=KIND).first()


def _changed_meanwhile() -> str:
    return _("Somebody changed this row while you wrote. Look at it again; what you typed still stands below.")
