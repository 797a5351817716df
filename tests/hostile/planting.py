"""Puts hostile texts into every text of a world: a payload of its own in each column and row, past the product.

What is planted carries the mark of its column and of its row's store, so that whatever a page makes of it can be traced
and a text of a store in which somebody is not can be told.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count, cycle
from typing import Any

from django.apps import apps
from django.db import DataError, IntegrityError, connection, models, transaction

from tests.hostile import payloads

#: where business tables are defined
ROOMS = ("crm_site.", "customers.", "satisfaction.", "complaints.", "revisits.")
#: columns of code words, keys and settings: the product alone writes them, out of a list of its own
CODES = {
    "action", "actor_type", "after", "anchor_key", "because", "before", "capability", "change", "channel", "code",
    "column", "content_type", "defection_reason", "dimension", "drawn_for", "fact", "field", "figure", "from_state",
    "holder", "indicator", "item", "key", "lane", "language", "layout", "level_code", "lifecycle_because",
    "loyalty_because", "value_because", "member", "method", "metric_code", "page", "password", "path", "period",
    "power", "check_phone_reason", "bad_reason", "proposed_because", "proposed_level", "proposed_liable", "post",
    "refusal",
    "relation", "result_code", "role", "sha256", "signature", "stage", "subject_type", "target_type", "theme",
    "to_state", "token", "url_name", "writing", "survey", "next_step", "when", "value", "kind", "case", "error",
}  # fmt: skip
#: columns of code words, or of what the product looks up again, that bear the name of a text elsewhere
CODES_OF = {
    "accounts.savedview.query", "customers.segment.query", "customers.bulkchange.query", "privacy.exportentry.query",
    "privacy.exportentry.what", "customers.reveal.reason", "customers.factcheck.reason", "revisits.revisit.reason",
    "revisits.skip.reason", "satisfaction.alert.subject", "jobs.beat.name", "notices.notice.url",
    "customers.profilefield.customer_type", "audit.refusal.reason", "audit.refusal.method",
}  # fmt: skip
#: columns that bear a code word's name and hold what people write
TEXTS = {"customers.profilevalue.value", "satisfaction.externalresult.factor", "customers.correction.before"}
#: JSON of settings and figures, which the product alone writes
CODE_JSON = {
    "content",
    "conditions",
    "whom",
    "numbers",
    "reasons",
    "seals",
    "created",
    "updated",
    "removed",
    "limits",
    "payload",
}


class Planter:
    """Hands out the payloads in turn, each with the mark of its column; `columns` tells them apart."""

    def __init__(self, turn: int = 0) -> None:
        """`turn` begins elsewhere in the lists, so that another run plants other payloads in the same places."""
        self.columns: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        texts = [*payloads.markup(), *payloads.naughty()]
        self._long = cycle(texts[turn % len(texts) :] + texts[: turn % len(texts)])
        self._numbers = count()
        self._turn = turn

    def plant(self) -> None:
        """Fill every text column of every business table; what the database refuses is kept in `refused`."""
        for model in business_tables():
            for column in model._meta.concrete_fields:
                place = f"{model._meta.label_lower}.{column.name}"
                if _is_text(column, place):
                    self._fill(model, column, place)

    def _fill(self, model: type[models.Model], column: models.Field, place: str) -> None:
        mark = f"{payloads.MARK}{_short(next(self._numbers))}"
        self.columns[mark] = place
        for keep_empty in (False, True):
            try:
                with transaction.atomic():
                    self._write(model, column, mark, keep_empty=keep_empty)
                    connection.check_constraints()
                return
            except (IntegrityError, DataError) as problem:
                self.refused[place] = str(problem).partition("\n")[0]

    def _write(self, model: type[models.Model], column: models.Field, mark: str, *, keep_empty: bool) -> None:
        """Give every row its own payload; columns that tell rows apart get the row's key behind it."""
        fields = ["pk", column.name, *(["store_id"] if has_store(model) else [])]
        rows = list(model._base_manager.values(*fields))
        changed = []
        make = self._json_text if isinstance(column, models.JSONField) else self._text
        for row in rows:
            if keep_empty and not row[column.name]:
                continue
            value = make(column, row, mark, _tells_apart(model, column))
            if value is not None and value != row[column.name]:
                changed.append(model(**{"pk": row["pk"], column.name: value}))
        model._base_manager.bulk_update(changed, [column.name], batch_size=1000)

    def _text(self, column: models.Field, row: dict[str, Any], mark: str, tells_apart: bool) -> str:
        tail = store_mark(row["store_id"]) if row.get("store_id") else ""
        tail += f"k{row['pk']}" if tells_apart else ""
        return self.payload(mark, tail, column.max_length)

    def payload(self, mark: str, tail: str = "", room: int | None = None) -> str:
        """The next payload that fits into so many characters, with its mark in the place of the general one."""
        if room and room < len(mark) + len(tail) + 12:
            tail = tail.rpartition("z")[2]  # too short to tell stores apart
        for _try in range(40):
            text = next(self._long).replace(payloads.MARK, mark)
            text = (text if mark in text else text + mark) + tail
            if not room or len(text) <= room:
                return text
        return f'"><{mark}>{tail}'[: room or None]

    def _json_text(self, column: models.Field, row: dict[str, Any], mark: str, tells_apart: bool) -> Any:
        tail = store_mark(row["store_id"]) if row.get("store_id") else ""
        return _replaced(row[column.name], lambda: self.payload(mark, tail))


def store_mark(store_id: int) -> str:
    """What stands behind every planted text of a store's row."""
    return f"hfs{store_id}z"


def business_tables() -> list[type[models.Model]]:
    """Every table of the product's own rooms."""
    return [model for model in apps.get_models() if f"{model.__module__}.".startswith(ROOMS)]


def _is_text(column: models.Field, place: str) -> bool:
    """Whether people write in a column, or a file of theirs does."""
    if column.primary_key:
        return False
    if isinstance(column, models.JSONField):
        return column.name not in CODE_JSON
    if not isinstance(column, models.CharField | models.TextField) or column.choices or place in CODES_OF:
        return False
    return (column.max_length or 99) >= 10 and (column.name not in CODES or place in TEXTS)


def has_store(model: type[models.Model]) -> bool:
    """Whether a table's rows belong to a store each."""
    return any(one.attname == "store_id" for one in model._meta.concrete_fields)


def _tells_apart(model: type[models.Model], column: models.Field) -> bool:
    """Whether two rows may not bear the same text there."""
    named = [set(one.fields) for one in model._meta.constraints if isinstance(one, models.UniqueConstraint)]
    return column.unique or any(column.name in fields for fields in named)


def _replaced(value: Any, new: Callable[[], str]) -> Any:
    """JSON with every text that is no code word (a code word is ASCII) replaced; keys stay."""
    if isinstance(value, dict):
        return {key: _replaced(one, new) for key, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, new) for one in value]
    return new() if isinstance(value, str) and not value.isascii() else value


def _short(number: int) -> str:
    """Two signs for a column's number."""
    signs = "0123456789abcdefghijklmnopqrstuvwxyz"
    return signs[number // 36] + signs[number % 36]
