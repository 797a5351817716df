"""What a person has ruled of single rows, who is meant and whose value stands: laid upon them to be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crm_site.imports.layout import Row
from crm_site.imports.models import Verdict

#: the part of the batch's answers for each verdict that waits for a person
PART = {Verdict.ASK: "same", Verdict.CONFLICT: "conflicts"}
#: stands for every row of which nothing else is said
ALL = "*"
#: findings of the comparison: made anew each time a row is compared
COMPARED = frozenset(
    {"conflict", "who_is_meant", "same_phone_other_name", "changed_meanwhile", "other_owner", "no_owner",
     "employee_unknown", "employee_ambiguous", "same_name_on_roster", "other_complainant", "plate_only",
     "order_other_car", "ticket_here", "former_owner"}
)  # fmt: skip


def place_of(sheet: str, number: int) -> str:
    """How a row is named in the answers."""
    return f"{sheet}!{number}"


def obey(answers: Mapping[str, Any], rows: Iterable[Row]) -> None:
    """Lay upon each row what was said of it (ImportBatch.answers, "same" and "conflicts")."""
    same, conflicts = answers.get(PART[Verdict.ASK], {}), answers.get(PART[Verdict.CONFLICT], {})
    if not same and not conflicts:
        return
    for row in rows:
        place = place_of(row.sheet, row.number)
        row.same = str(same.get(place, same.get(ALL, "")))
        row.decision = conflicts.get(place, conflicts.get(ALL, ""))


def refreshed(before: Iterable[Mapping[str, Any]], now: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row's findings after one more comparison: what the reading found, and what the comparison says now."""
    return [*(dict(one) for one in before if one["code"] not in COMPARED), *now]
