"""Words of the log of exports."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: which list left, by ExportEntry.what
LISTS: dict[str, str | Promise] = {
    "customers": _("Customer list"),
    "person": _("One person's data"),
    "responses": _("Responses"),
    "repair_calls": _("Repair revisit sheet"),
    "manufacturer": _("Manufacturer's sheet"),
    "evidence": _("Evidence pack"),
    "error_rows": _("Error workbook of an import"),
}


def list_word(code: str) -> str:
    """A list by its code; the bare code where nobody has named it."""
    return str(LISTS.get(code, code))
