"""What holds in a store: its own settings, levels, phrases, stages of escalation and categories over the company's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from django.db.models import F, Q, QuerySet

from complaints.models import Category, Escalation, Level, Phrase, TicketSettings
from complaints.rules.escalation import Stage
from complaints.rules.levels import Phrases
from crm_site.core.compiled import compiled

#: the numbers that a store may have of its own; who calls is a person of one store
NUMBERS = (
    "compensation_limit", "repeat_days", "repeats_propose", "repeats_raise", "priority_complaints", "web_limits",
    "check_after_days",
)  # fmt: skip
Row = TypeVar("Row", Level, Category, Phrase)


def of(store_id: int | None) -> TicketSettings:
    """The numbers of a store's rules; a store that has set none gets the company's, as a row that is not saved.

    None asks for the company's own numbers, which are those of the fields until somebody sets others.
    """
    rows = TicketSettings.objects.filter(Q(store_id=store_id) | Q(store=None)).select_related("priority_caller")
    found = {row.store_id: row for row in rows}
    if store_id in found:
        return found[store_id]
    return _like(found.get(None), store_id)


def _like(company: TicketSettings | None, store_id: int | None) -> TicketSettings:
    """A row for a store that has none yet: with the company's numbers, or the defaults of the fields."""
    row = TicketSettings(store_id=store_id)
    for name in NUMBERS if company else ():
        setattr(row, name, getattr(company, name))
    return row


def repeat_days() -> dict[int, list[int]]:
    """{days of repeats: the stores that have set them}; a store that is in no list has the company's."""
    found: dict[int, list[int]] = defaultdict(list)
    for store_id, days in TicketSettings.objects.exclude(store=None).values_list("store_id", "repeat_days"):
        found[days].append(store_id)
    return dict(found)


def levels(store_id: int | None) -> list[Level]:
    """The levels of a store (None: the company's), slightest first."""
    return sorted(_own_first(Level.objects.for_store(store_id), "code"), key=lambda row: row.rank)


def level(store_id: int | None, code: str) -> Level | None:
    """The level of this code as the store has it, else the company's; None for a code that is no level."""
    rows = Level.objects.for_store(store_id).filter(code=code)
    return rows.order_by(F("store_id").desc(nulls_last=True)).first()


def phrases(store_id: int | None) -> Phrases:
    """The three lists of words that decide, propose or ask about a level."""
    rows = [row for row in _own_first(Phrase.objects.for_store(store_id), "text") if row.is_active]
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row.effect].append(row.text)
    grave, serious, asks = (tuple(found[effect]) for effect in Phrase.Effect.values)
    return Phrases(grave, serious, asks)


def stages(store_id: int | None) -> dict[str, tuple[Stage, ...]]:
    """{level: the stages at which roles hear of its tickets}; a store's rows of a level replace the company's."""
    by_level: dict[str, list[Escalation]] = defaultdict(list)
    for row in Escalation.objects.for_store(store_id):
        by_level[row.level_code].append(row)
    return {code: _stages(rows) for code, rows in by_level.items()}


def categories(store_id: int | None, *, retired: bool = False) -> list[Category]:
    """The category tree of a store in its order, parents before their children; retired ones only when asked for."""
    found = _categories() if store_id is None else _categories(store=store_id)
    rows = _own_first(found, "code")
    shown = [row for row in rows if row.is_active or retired]
    tops = {row.code: row.position for row in rows if row.parent_id is None}
    place = {row.code: tops.get(row.parent.code if row.parent else row.code, 0) for row in shown}
    return sorted(shown, key=lambda row: (place[row.code], row.parent_id is not None, row.position, row.pk))


@compiled
def _categories(*, store: int | None = None) -> QuerySet[Category]:
    return Category.objects.for_store(store).select_related("parent")


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
