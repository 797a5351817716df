"""Sets the numbers by which customers are classed: a store's own, or the company's for the stores without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from customers.classing import numbers_of
from customers.models import ClassDefinition
from customers.rules import definitions


def version_of(store_id: int | None, scheme: str) -> int:
    """The version of the row that a store (None: the company) has of its own; 0 without one."""
    row = _own(store_id, scheme)
    return row.version if row else 0


def _own(store_id: int | None, scheme: str) -> ClassDefinition | None:
    rows = ClassDefinition.objects.filter(scheme=scheme)
    return (rows.filter(store=None) if store_id is None else rows.filter(store_id=store_id)).first()


@transaction.atomic
def save_definition(
    store_id: int | None, scheme: str, numbers: Mapping[str, int], *, version: int, by: Employee, now: datetime
) -> ClassDefinition:
    """Set the numbers of a scheme; `version` is what the person had before them (0: no row of its own).

    Refuses what somebody else changed meanwhile, what changes nothing, and numbers that do not fit together.
    """
    _lock(store_id, by)
    wanted = definitions.complete(scheme, numbers)
    refuse_odd(scheme, wanted)
    row = _own(store_id, scheme)
    if (row.version if row else 0) != version:
        raise RuleBroken(
            _("Somebody changed this definition meanwhile. Compare with the present numbers and save again."),
            code="stale",
        )
    before = numbers_of(store_id)[scheme]
    if before == wanted:
        raise RuleBroken(_("Nothing was changed."), code="unchanged")
    row = row or ClassDefinition(store_id=store_id, scheme=scheme, version=0)
    row.numbers, row.changed_at, row.changed_by, row.version = wanted, now, by, row.version + 1
    if row.pk is None:
        row.save(force_insert=True)
    else:
        row.save(update_fields=["numbers", "changed_at", "changed_by", "version"])
    changes = {name: (before[name], wanted[name]) for name in wanted if before[name] != wanted[name]}
    trail.record(by, "class_definition.changed", row, store_id=store_id, scheme=scheme, **changes)
    return row


@transaction.atomic
def reset_definition(store_id: int, scheme: str, *, by: Employee) -> None:
    """Let the company's numbers hold in a store again."""
    _lock(store_id, by)
    row = ClassDefinition.objects.filter(store_id=store_id, scheme=scheme).first()
    if row is not None:
        trail.record(by, "class_definition.reset", row, store_id=store_id, scheme=scheme)
        row.delete()


def refuse_odd(scheme: str, numbers: Mapping[str, int]) -> None:
    """Raise RuleBroken, naming the number to mend, where the numbers of a scheme do not fit together."""
    found = definitions.problem(scheme, numbers)
    if found is not None:
        bounds = next(one for one in definitions.SCHEMES[scheme] if one.name == found.name)
        text = _MESSAGES[found.code]() % {"least": bounds.least, "most": bounds.most}
        raise RuleBroken(text, code=found.code, field=found.name)


_MESSAGES: dict[str, Callable[[], str]] = {
    "range": lambda: _("Between %(least)s and %(most)s."),
    "devoted": lambda: _("Who is devoted must have said more than who is unhappy."),
    "shares": lambda: _("Gold and drag together must leave somebody between them: less than 100 %%."),
    "weights": lambda: _("The three weights must add up to 100."),
    "bands": lambda: _("Class B must begin below class A."),
    "marks": lambda: _("Middle potential must begin below high potential."),
    "lost": lambda: _("Somebody is at risk before they are lost: the months must be more."),
}


def _lock(store_id: int | None, by: Employee) -> None:
    """One after the other sets the numbers of a store; those of the company through the store of who sets them."""
    Store.objects.select_for_update(no_key=True).get(pk=store_id or by.store_id)
