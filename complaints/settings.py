"""What holds in a store: its own settings, levels, phrases, stages of escalation and categories over the company's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from django.db.models import F

from complaints.models import Category, Escalation, Level, Phrase, TicketSettings
from complaints.rules.escalation import Stage
from complaints.rules.levels import Phrases

Row = TypeVar("Row", Level, Category, Phrase)


def of(store_id: int) -> TicketSettings:
    """The numbers of a store's rules; a store that has set none gets the defaults, as a row that is not saved."""
    found = TicketSettings.objects.filter(store_id=store_id).select_related("priority_caller").first()
    return found or TicketSettings(store_id=store_id)


def levels(store_id: int) -> list[Level]:
    """The levels of a store, slightest first."""
    return sorted(_own_first(Level.objects.for_store(store_id), "code"), key=lambda row: row.rank)


def level(store_id: int, code: str) -> Level | None:
    """The level of this code as the store has it, else the company's; None for a code that is no level."""
    rows = Level.objects.for_store(store_id).filter(code=code)
    return rows.order_by(F("store_id").desc(nulls_last=True)).first()


def phrases(store_id: int) -> Phrases:
    """The three lists of words that decide, propose or ask about a level."""
    rows = [row for row in _own_first(Phrase.objects.for_store(store_id), "text") if row.is_active]
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row.effect].append(row.text)
    grave, serious, asks = (tuple(found[effect]) for effect in Phrase.Effect.values)
    return Phrases(grave, serious, asks)


def stages(store_id: int) -> dict[str, tuple[Stage, ...]]:
    """{level: the stages at which roles hear of its tickets}; a store's rows of a level replace the company's."""
    by_level: dict[str, list[Escalation]] = defaultdict(list)
    for row in Escalation.objects.for_store(store_id):
        by_level[row.level_code].append(row)
    return {code: _stages(rows) for code, rows in by_level.items()}


def categories(store_id: int, *, retired: bool = False) -> list[Category]:
    """The category tree of a store in its order, parents before their children; retired ones only when asked for."""
    rows = _own_first(Category.objects.for_store(store_id).select_related("parent"), "code")
    shown = [row for row in rows if row.is_active or retired]
    tops = {row.code: row.position for row in rows if row.parent_id is None}
    place = {row.code: tops.get(row.parent.code if row.parent else row.code, 0) for row in shown}
    return sorted(shown, key=lambda row: (place[row.code], row.parent_id is not None, row.position, row.pk))


def _stages(rows: list[Escalation]) -> tuple[Stage, ...]:
    own = [row for row in rows if row.store_id is not None]
    shown = (row for row in own or rows if row.is_active)
    return tuple(sorted(Stage(row.percent, row.role) for row in shown))


def _own_first(rows: Iterable[Row], key: str) -> list[Row]:
    """One row for each key, in the order in which they stand: the store's own where it has one, else the company's."""
    found: dict[str, Row] = {}
    for row in rows:
        name = getattr(row, key)
        if name not in found or row.store_id is not None:
            found[name] = row
    return list(found.values())
