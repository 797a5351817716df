"""Installs the service plans that every installation starts with (domain 4.1, forecast)."""

from __future__ import annotations

from typing import Any

from crm_site.accounts.models import Store
from customers.actions import plans
from customers.models import ServicePlan

#: (power, first km, first months, following km, following months), for any series
PLANS: tuple[tuple[str, int, int, int, int], ...] = (
    ("", 5_000, 6, 7_500, 6),
    ("ev", 10_000, 12, 10_000, 12),
)


def install() -> int:
    """Add the company's plans that are not there yet; gives how many. Cars that stand already get their dates."""
    made = sum(_install(*row) for row in PLANS)
    if made:
        for store in Store.objects.order_by("pk"):
            plans.ask_refresh(store, key="installed")
    return made


def _install(power: str, first_km: int, first_months: int, next_km: int, next_months: int) -> int:
    values: dict[str, Any] = {
        "first_km": first_km, "first_months": first_months, "next_km": next_km, "next_months": next_months,
    }  # fmt: skip
    _row, is_new = ServicePlan.objects.get_or_create(store=None, series="", power=power, defaults=values)
    return int(is_new)
