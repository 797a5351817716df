"""Installs what every installation starts with: service plans (domain 4.1) and the facts of a card (domain 3.1)."""

from __future__ import annotations

from typing import Any

from crm_site.accounts.models import Store
from customers.actions import plans
from customers.models import ProfileField, ServicePlan
from customers.rules import profile

#: (power, first km, first months, following km, following months), for any series
PLANS: tuple[tuple[str, int, int, int, int], ...] = (
    ("", 5_000, 6, 7_500, 6),
    ("ev", 10_000, 12, 10_000, 12),
)


def install() -> int:
    """Add the company's rows that are not there yet; gives how many. Cars that stand already get their dates."""
    made = sum(_install(*row) for row in PLANS)
    if made:
        for store in Store.objects.order_by("pk"):
            plans.ask_refresh(store, key="installed")
    return made + _install_fields()


def _install(power: str, first_km: int, first_months: int, next_km: int, next_months: int) -> int:
    values: dict[str, Any] = {
        "first_km": first_km, "first_months": first_months, "next_km": next_km, "next_months": next_months,
    }  # fmt: skip
    _row, is_new = ServicePlan.objects.get_or_create(store=None, series="", power=power, defaults=values)
    return int(is_new)


def _install_fields() -> int:
    """Add the company's facts of a card that are not there yet; what somebody has changed of the others stays."""
    there = set(ProfileField.objects.filter(store=None).values_list("code", flat=True))
    rows = [
        _field(group, fact, position)
        for position, (group, fact) in enumerate(profile.shipped(), start=1)
        if fact.code not in there
    ]
    return len(ProfileField.objects.bulk_create(rows))


def _field(group: str, fact: profile.Shipped, position: int) -> ProfileField:
    question_zh, question_en = fact.question
    return ProfileField(
        code=fact.code, label_zh=fact.zh, label_en=fact.en, column=fact.column, group=group, kind=fact.kind,
        options=[{"code": code, "label_zh": zh, "label_en": en} for code, zh, en in fact.options],
        customer_type=profile.for_type(group, fact), is_intimate=fact.intimate, is_on=fact.is_on and not fact.intimate,
        counts=fact.counts, ask_position=fact.ask, question_zh=question_zh, question_en=question_en,
        position=position * 10,
    )  # fmt: skip
