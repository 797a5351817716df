"""Writes what the import of an old register has settled: a fixed number of statements for any number of rows."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from complaints.intake.register import Register
from complaints.models import Complaint, Liability
from crm_site.imports.journal import Journal
from customers.intake.kept import Kept


def save_register(register: Register) -> dict[str, int]:
    """Write tickets and liabilities, and note them for undo; gives how many liabilities were recorded."""
    journal = register.ctx.journal
    for ticket in register.tickets:
        if not ticket.is_new:
            ticket.put("version", ticket.obj.version + 1)
    _save(journal, Complaint, register.tickets)
    for liability in register.liabilities:
        liability.obj.complaint_id = liability.obj.complaint.pk
    _save(journal, Liability, register.liabilities)
    return {"liabilities": sum(one.is_new for one in register.liabilities)}


def _save(journal: Journal, model: type[Model], kept: list[Kept[Any]]) -> None:
    """Insert the new rows in the file's order, update the changed ones in that of their keys."""
    new = [one.obj for one in kept if one.is_new]
    model._default_manager.bulk_create(new)
    journal.made(new)
    changed = sorted((one for one in kept if not one.is_new), key=lambda one: one.obj.pk)
    names = sorted({name.removesuffix("_id") for one in changed for name in one.dirty})
    if changed:
        model._default_manager.bulk_update([one.obj for one in changed], names, batch_size=200)
    for one in changed:
        journal.changed(one.obj, one.before)
