"""Inspections in words: why a call was drawn, what came of it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from revisits.models import Inspection
from revisits.rules import inspection as rules

#: why a call was drawn -> its word
DRAWN_FOR = {
    "random": gettext_lazy("Drawn by lot"),
    "new_caller": gettext_lazy("New caller"),
    "by_hand": gettext_lazy("Chosen by hand"),
    "recheck": gettext_lazy("Checked again after a false record"),
}


def drawn_for(row: Inspection) -> str:
    """Why a call is on the list."""
    return str(DRAWN_FOR.get(row.drawn_for, row.drawn_for))


def status(row: Inspection) -> dict[str, str]:
    """What came of an inspection, as a status."""
    if row.inspected_at is None:
        return {"word": _("To be inspected"), "kind": "now"}
    if row.verdict == rules.FALSE:
        return {"word": row.get_verdict_display(), "kind": "bad"}
    if row.score is None:
        return {"word": row.get_verdict_display(), "kind": "pause"}
    if rules.passes(row.score):
        return {"word": _("Passed"), "kind": "ok"}
    return {"word": _("Not passed"), "kind": "warn"}


def line(row: Inspection) -> dict[str, Any]:
    """An inspection in a list."""
    return {"row": row, "status": status(row), "why": drawn_for(row)}
