"""The rules of a store about personal data: its own row, else the company's, else as shipped."""

from __future__ import annotations

from crm_site.accounts.models import DataRules


def of_store(store_id: int | None) -> DataRules:
    """The rules that hold in a store; an unsaved row of the shipped values where none was ever set. One query."""
    rows = list(DataRules.objects.for_store(store_id or 0))
    own = next((row for row in rows if row.store_id is not None), None)
    return own or next(iter(rows), None) or DataRules()
