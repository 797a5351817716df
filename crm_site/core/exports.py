"""Personal data leave the house only past a gate: every room asks before it hands out a file, and says what it held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.core import clock, hooks

#: which list leaves, by the code under which the log of exports keeps it
LISTS: dict[str, Promise] = {
    "customers": gettext_lazy("Customer list"),
    "person": gettext_lazy("One person's data"),
    "responses": gettext_lazy("Responses"),
    "repair_calls": gettext_lazy("Repair revisit sheet"),
    "manufacturer": gettext_lazy("Manufacturer's sheet"),
    "evidence": gettext_lazy("Evidence pack"),
    "error_rows": gettext_lazy("Error workbook of an import"),
}


@dataclass(frozen=True)
class Leaving:
    """What is about to leave: `what` is a code of LISTS, `rows` how many persons' rows.

    `query` is the list's query string (codes and keys only), `in_full` whether numbers stand in it unmasked, `file`
    the stored file if there is one, `sha256` of its content.
    """

    store_id: int
    what: str
    rows: int
    reason: str = ""
    query: str = ""
    in_full: bool = False
    file: Any = None
    sha256: str = ""


def allow(by: Any, store_id: int, rows: int, *, now: datetime) -> None:
    """Refuse (RuleBroken) more rows than one file, or one employee on one day, may carry; ask before building."""
    for gate in hooks.load("EXPORT_GATES"):
        gate.allow(by, store_id, rows, now=now)


def leave(by: Any, leaving: Leaving, *, now: datetime) -> None:
    """Let a file go and write it into the log of exports; refuses like `allow`. Call it in the caller's transaction."""
    for gate in hooks.load("EXPORT_GATES"):
        gate.leave(by, leaving, now=now)


def watermark(*, who: str, now: datetime, reason: str) -> str:
    """Who took a list, when and why: it stands on every page of it."""
    text = _("Exported by %(who)s on %(when)s for: %(reason)s. Personal data; keep it safe, and delete it after use.")
    return text % {"who": who, "when": f"{clock.local(now):%Y-%m-%d %H:%M}", "reason": reason}
