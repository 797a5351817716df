"""Changes the category tree of a store: rename, add, retire; the company's tree stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from complaints import settings
from complaints.actions.tuning import drop_or_copy, lock
from complaints.models import Category
from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken

VALUES = ("label_zh", "label_en", "department", "proposed_liable", "is_active")
COPIED = ("code", "position", *VALUES)


@transaction.atomic
def save_category(
    store_id: int | None, code: str, values: Mapping[str, Any], *, shown: Mapping[str, Any], by: Employee
) -> Category:
    """Change one category of the tree of a store, or (None) of the company; `shown` is what the form showed of it.

    The branch becomes the store's own, so that its children stand under the name that the store gave their parent.
    Refuses where somebody else changed the same value meanwhile, and the name of another one under the same parent.
    """
    lock(store_id)
    present = _present(store_id, code)
    changed = {
        name: (getattr(present, name), value) for name, value in values.items() if getattr(present, name) != value
    }
    if not changed:
        return present
    if any(name in shown and getattr(present, name) != shown[name] for name in changed):
        raise RuleBroken(
            _("Somebody changed this category meanwhile. What you typed is still here; compare and save again."),
            code="stale",
        )
    if "label_zh" in changed:
        _refuse_twice(store_id, code.rpartition(".")[0], values["label_zh"])
    row = _own_branch(store_id, code)[code]
    for name, (_before, value) in changed.items():
        setattr(row, name, value)
    row.save(update_fields=list(changed))
    trail.record(by, "ticket_settings.category", row, store_id=store_id, category=code, **changed)
    return row


@transaction.atomic
def add_category(store_id: int | None, parent_code: str, values: Mapping[str, Any], *, by: Employee) -> Category:
    """Add a category under one of the top level; the same name a second time under the same parent is refused."""
    lock(store_id)
    branch = _own_branch(store_id, parent_code)
    parent = branch[parent_code]
    _refuse_twice(store_id, parent_code, values["label_zh"])
    # of a store: its own and the company's; of the company: everybody's, or a store's own would stand before it
    rows = Category.objects.all() if store_id is None else Category.objects.for_store(store_id)
    taken = set(rows.values_list("code", flat=True))
    code = next(name for number in range(1, 1000) if (name := f"{parent_code}.own{number}"[-40:]) not in taken)
    position = max(row.position for row in branch.values()) + 1
    row = Category.objects.create(store_id=store_id, code=code, parent=parent, position=position, **values)
    trail.record(by, "ticket_settings.category_added", row, store_id=store_id, category=code)
    return row


def _refuse_twice(store_id: int | None, parent_code: str, name: str) -> None:
    siblings = (
        row for row in settings.categories(store_id, retired=True) if row.code.rpartition(".")[0] == parent_code
    )
    if any(row.label_zh == name for row in siblings):
        raise RuleBroken(_("This category is there already."), code="twice", field="label_zh")


@transaction.atomic
def reset_branch(store_id: int, code: str, *, by: Employee) -> None:
    """Let the company's branch hold again; what the store added and tickets point to is retired."""
    lock(store_id)
    top = code.partition(".")[0]
    own = Category.objects.filter(store_id=store_id)
    rows = [row for row in own.order_by("-parent_id", "-pk") if row.code.partition(".")[0] == top]
    company = {row.code: row for row in Category.objects.filter(store=None)}
    if not rows:
        return
    for row in sorted(rows, key=lambda one: one.parent_id is None):  # children before their parent
        if row.code in company:
            drop_or_copy(row, company[row.code], VALUES)
        else:
            _drop_or_retire(row)
    trail.record(by, "ticket_settings.reset", company.get(top, rows[0]), store_id=store_id, category=top)


def _drop_or_retire(row: Category) -> None:
    try:
        with transaction.atomic():
            row.delete()
    except ProtectedError:
        row.is_active = False
        row.save(update_fields=["is_active"])


def _own_branch(store_id: int | None, code: str) -> dict[str, Category]:
    """The store's own rows of a whole branch by code, made from the company's where they are missing."""
    top_code = code.partition(".")[0]
    rows = {row.code: row for row in settings.categories(store_id, retired=True)}
    branch = {name: row for name, row in rows.items() if name.partition(".")[0] == top_code}
    top = _own(branch[top_code], store_id, None)
    made = {top_code: top}
    for name, row in branch.items():
        if name != top_code:
            made[name] = _own(row, store_id, top)
    return made


def _own(row: Category, store_id: int | None, parent: Category | None) -> Category:
    if row.store_id == store_id:
        return row
    return Category.objects.create(store_id=store_id, parent=parent, **{name: getattr(row, name) for name in COPIED})


def _present(store_id: int | None, code: str) -> Category:
    found = next((row for row in settings.categories(store_id, retired=True) if row.code == code), None)
    if found is None:
        raise RuleBroken(_("Choose one of the categories."), code="category")
    return found
