"""The side of a card: how complete it is, what is asked next, and the facts in their groups as one sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from customers import profile, questions
from customers.models import Customer, ProfileField
from customers.rules import profile as rules
from customers.sight import Sight

#: missing facts that the meter names; the others are counted
MOST_NAMED = 6
#: columns that are told as one line
PLACE = ("customer.province", "customer.city", "customer.district")
#: columns that stand elsewhere on the card
ELSEWHERE = ("customer.salutation", "customer.marketing_consent")


def meter(customer: Customer, fields: Sequence[ProfileField], today: date) -> dict[str, Any] | None:
    """档案完整率 of a card: filled, asked, what is missing and which of it the next call asks; None without fields."""
    state = profile.state_of(customer, fields=fields)
    if not state.asked:
        return None
    missing = profile.in_order_of_asking(state.missing)
    resting = questions.resting(customer, today)
    askable = [row.code for row in missing if questions.is_askable(row) and row.code not in resting]
    next_asked = askable[: rules.ASKED_A_CALL]
    return {
        "filled": state.filled,
        "asked": len(state.asked),
        "missing": [{"label": row.label, "is_next": row.code in next_asked} for row in missing[:MOST_NAMED]],
        "more": max(0, len(missing) - MOST_NAMED),
        "count": len(missing),
        "next_count": len(next_asked),
    }


def sections(customer: Customer, fields: Sequence[ProfileField], sight: Sight) -> dict[str, Any]:
    """The facts that stand, group by group; intimate ones apart, and the names of the groups in which nothing stands.

    {groups: [{title, rows}], intimate: rows, empty: [titles]}; the first group is there even when it is empty.
    """
    fields = [row for row in fields if profile.is_plain(row)]
    values = profile.values_of([customer.pk]).get(customer.pk, {})
    groups: list[dict[str, Any]] = []
    empty: list[str] = []
    intimate: list[dict[str, Any]] = []
    for number, group in enumerate(profile.GROUPS[customer.customer_type]):
        mine = [row for row in fields if profile.group_of(row, customer.customer_type) == group]
        rows = _lines(customer, [row for row in mine if not row.is_intimate], values, sight)
        intimate += _lines(customer, [row for row in mine if row.is_intimate], values, sight)
        if rows or number == 0:
            groups.append({"title": profile.group_title(group), "rows": rows})
        elif mine:
            empty.append(profile.group_title(group))
    if customer.note:
        groups.append({"title": _("Note"), "rows": [{"term": "", "text": sight.words(customer.note)}]})
    return {"groups": groups, "intimate": intimate, "empty": empty}


def _lines(
    customer: Customer, rows: list[ProfileField], values: Mapping[str, str], sight: Sight
) -> list[dict[str, Any]]:
    found = []
    placed = False
    for row in rows:
        if row.column in PLACE:
            if not placed:
                found += _place(customer)
            placed = True
        elif row.column not in ELSEWHERE:
            found += _line(customer, row, values, sight)
    return found


def _place(customer: Customer) -> list[dict[str, Any]]:
    """Province, city and district as one line; a city that is its own province once."""
    parts = dict.fromkeys(filter(None, (customer.province, customer.city, customer.district)))
    return [{"term": _("Region"), "text": " ".join(parts)}] if parts else []


def _line(customer: Customer, row: ProfileField, values: Mapping[str, str], sight: Sight) -> list[dict[str, Any]]:
    """One fact as this person sees it; nothing where nothing stands."""
    text = profile.text_of(customer, row, values)
    if not text:
        return []
    fact = profile.fact_of(row)
    if fact:
        hidden = not sight.shows(fact)
        return [{"term": row.label, "text": sight.value(fact, text), "fact": fact if hidden else ""}]
    return [{"term": row.label, "text": sight.words(profile.words_of(row, text)), "num": row.kind == rules.NUMBER}]
