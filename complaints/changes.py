"""The corrections of a ticket in words: each changed fact with its old and new value, for the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from complaints.forms import EditForm
from complaints.models import Category, Step
from crm_site.accounts.models import Department, Employee
from crm_site.core import formats
from customers.models import Customer, Delivery, RepairOrder, Vehicle

MOMENTS = ("received_at", "external_due_at", "external_replied_at")
#: field that holds a key -> the rows it points to, and how one is called
ROWS: dict[str, tuple[Any, Callable[[Any], str]]] = {
    "category": (Category, lambda row: row.label),
    "customer": (Customer, lambda row: row.name),
    "vehicle": (Vehicle, str),
    "delivery": (Delivery, lambda row: f"{row.delivered_on:%Y-%m-%d}"),
    "repair_order": (RepairOrder, lambda row: row.order_number),
    "accused": (Employee, lambda row: row.name),
}


class Change(NamedTuple):
    """One corrected fact."""

    label: str
    old: str
    new: str


def of_steps(steps: Iterable[Step], today: date) -> dict[int, list[Change]]:
    """The corrections, and what a merge brought, by step; the rows that they point to are read once for all steps."""
    found = {step.pk: step.detail.get("changes") or {} for step in steps if step.action in {"edit", "join"}}
    names = _names(found.values())
    return {
        pk: [Change(_label(name), *(_word(name, value, names, today) for value in pair)) for name, pair in one.items()]
        for pk, one in found.items()
    }


def _names(changes: Iterable[dict[str, list[Any]]]) -> dict[tuple[str, int], str]:
    """(field, key) -> what the row is called."""
    wanted: dict[str, set[int]] = {}
    for one in changes:
        for name in one.keys() & ROWS.keys():
            wanted.setdefault(name, set()).update(key for key in one[name] if key is not None)
    found: dict[tuple[str, int], str] = {}
    for name, keys in wanted.items():
        model, word = ROWS[name]
        found |= {(name, row.pk): word(row) for row in model._default_manager.filter(pk__in=keys)}
    return found


def _label(name: str) -> str:
    if name in ("delivery", "repair_order"):
        return _("Delivery") if name == "delivery" else _("Repair order")
    field = EditForm.base_fields.get(name)
    return str(field.label) if field else name


def _word(name: str, value: Any, names: dict[tuple[str, int], str], today: date) -> str:
    if value is None or value == "":
        return ""
    if name in ROWS:
        return names.get((name, value), f"#{value}")
    if name in MOMENTS:
        return formats.when(datetime.fromisoformat(value), today)
    return str(dict(Department.choices).get(value, value)) if name == "department" else str(value)
