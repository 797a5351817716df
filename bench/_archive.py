"""Fills three stores with customers as the archive has them: names by frequency, numbers, cars, visits, classes, words.

About 1.2 cars a customer. The rows go in before their indexes are made, as those of a restored backup do.
"""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, models, transaction

from crm_site.demo import words
from customers.rules import name_tokens, number_tokens, phone_tokens, plate_tokens, vin_tokens

CHUNK = 10_000
SHARES = (50, 30, 20)
#: over so many days the cards were made
DAYS = 2_920
SERIES = [("远岚", name) for name in ("E5", "E7", "V3", "V5", "S2", "S4", "X6", "X8", "T1", "T3", "L9", "M7")]
SURNAMES = [word for word, _n in words.SURNAMES]
UP_TO = list(itertools.accumulate(n for _word, n in words.SURNAMES))
CITIES = (("重庆市", 940), ("成都市", 25), ("遵义市", 15), ("达州市", 10), ("泸州市", 9), ("广安市", 1))


def fill(stores: list[Any], customers: int, *, today: date, now: datetime, keepers: list[Any]) -> None:
    """Write so many customers with everything around them."""
    dice, maker = random.Random(7), Maker(stores, today, now, keepers)
    with quick_writing():
        for first in range(1, customers + 1, CHUNK):
            for number in range(first, min(first + CHUNK, customers + 1)):
                maker.customer(number, dice)
            maker.write()
    maker.go_on_counting()


@contextmanager
def quick_writing() -> Iterator[None]:
    """With the indexes made at the end; without looking at foreign keys on PostgreSQL, in one go on SQLite."""
    tables = [model._meta.db_table for model in _models()]
    way = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    with connection.cursor() as cursor, way(cursor, tables) as indexes:
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for _name, definition in indexes:
            cursor.execute(definition)


@contextmanager
def _on_postgresql(cursor: Any, tables: list[str]) -> Iterator[list[tuple[str, str]]]:
    cursor.execute("SET session_replication_role = replica")
    cursor.execute("SET maintenance_work_mem = '512MB'")
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint)",
        [tables],
    )
    yield cursor.fetchall()
    cursor.execute("SET session_replication_role = origin")


@contextmanager
def _on_sqlite(cursor: Any, tables: list[str]) -> Iterator[list[tuple[str, str]]]:
    cursor.execute("PRAGMA synchronous = OFF")
    cursor.execute("PRAGMA cache_size = -262144")  # KiB: the indexes are sorted in memory
    cursor.execute("SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    indexes = [(name, definition) for name, definition, table in cursor.fetchall() if table in tables]
    with transaction.atomic():
        yield indexes


def _models() -> list[type[models.Model]]:
    from customers import models as archive

    names = ("Customer", "Phone", "ContactBan", "Vehicle", "VehicleRole", "FormerPlate", "Delivery", "RepairOrder")
    return [getattr(archive, name) for name in (*names, "ProfileValue", "SearchToken")]


class Maker:
    """Draws one customer after another and keeps the rows of each table until they are written."""

    def __init__(
        self, stores: list[Any], today: date, now: datetime, keepers: list[Any], shares: Sequence[int] = SHARES
    ) -> None:
        self.stores, self.today, self.now = [store.pk for store in stores], today, now
        self.shares = shares
        self.keepers = {one.store_id: one.pk for one in keepers}
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.tokens: list[tuple] = []
        self.cars = itertools.count(1)

    def customer(self, number: int, dice: random.Random) -> None:
        """One customer, the numbers, the cars and the words by which all are found."""
        store = dice.choices(self.stores, self.shares)[0]
        is_org = dice.random() < 0.08
        name = _org_name(dice) if is_org else _name(dice)
        self._card(number, store, name, "org" if is_org else "person", dice)
        found_by = self._words(store, number)
        found_by(None, name_tokens(name) + number_tokens(f"K{number:07d}"))
        for rank in range(2 if dice.random() < 0.1 else 1):
            phone = f"1{dice.choice('3589')}{dice.randrange(10**9):09d}"
            bad = self.today - timedelta(days=dice.randrange(400)) if dice.random() < 0.03 else None
            self.rows["Phone"].append(
                {"store_id": store, "customer_id": number, "number": phone, "rank": rank + 1, "bad_since": bad}
            )
            found_by(None, phone_tokens(phone))
        for _nth in range(2 if dice.random() < 0.2 else 1):
            self._car(number, store, found_by, dice)
        if dice.random() < 0.01:
            ban = {"store_id": store, "customer_id": number, "purpose": dice.choice(["all", "marketing", "revisit"])}
            self.rows["ContactBan"].append(ban | {"since": self.today - timedelta(days=dice.randrange(1, 300))})

    def _words(self, store: int, customer: int) -> Any:
        def add(car: int | None, tokens: list[Any]) -> None:
            self.tokens += [(store, customer, car, kind, token) for kind, token in dict.fromkeys(tokens)]

        return add

    def _card(self, number: int, store: int, name: str, kind: str, dice: random.Random) -> None:
        asked = dice.random()
        self.rows["Customer"].append({
            "id": number, "store_id": store, "number": f"K{number:07d}", "name": name, "customer_type": kind,
            "value_class": dice.choices(["gold", "a", "b", "c", "drag", ""], [4, 16, 30, 25, 15, 10])[0],
            "loyalty_class": dice.choices(["loyal", "ordinary", "complaining", "lost", ""], [15, 50, 1, 24, 10])[0],
            "lifecycle": dice.choices(["new", "active", "at_risk", "lost", ""], [10, 45, 10, 30, 5])[0],
            "potential": dice.choices(["high", "middle", "low", ""], [5, 20, 25, 50])[0],
            "defection_type": dice.choices(["", "price", "service", "own"], [97, 1, 1, 1])[0],
            "value_share": round(dice.random() * 100, 2) if dice.random() < 0.6 else None,
            "keeper_id": self.keepers.get(store) if dice.random() < 0.02 else None,
            "completeness": dice.choices([dice.randrange(10, 40), dice.randrange(40, 101)], [5, 95])[0],
            "birthday": None if dice.random() < 0.3 else date(dice.randrange(1955, 2005), dice.randrange(1, 13), 9),
            "city": dice.choices([city for city, _n in CITIES], [n for _city, n in CITIES])[0],
            "source": dice.choice(["自然到店", "转介绍", "网络", "车展", "电话"]),
            "marketing_consent": True if asked < 0.5 else None if asked < 0.9 else False,
            "restricted": dice.random() < 0.003,
            "check_phone_since": self.today if dice.random() < 0.005 else None,
            "created_at": self.now - timedelta(seconds=dice.randrange(DAYS * 86_400)),
        })  # fmt: skip
        if dice.random() < 0.2:
            value = {"field": "education", "value": dice.choices(["bachelor", "college", "master"], [70, 25, 5])[0]}
            self.rows["ProfileValue"].append({"store_id": store, "customer_id": number} | value)

    def _car(self, customer: int, store: int, found_by: Any, dice: random.Random) -> None:
        car, today = next(self.cars), self.today
        bought = today - timedelta(days=dice.randrange(DAYS))
        here = today - timedelta(days=dice.randrange(1, 900)) if dice.random() < 0.85 else None
        brand, series = dice.choices(SERIES, range(12, 0, -1))[0]
        plate, vin = f"渝{dice.choice('ABDFG')}{_signs(dice, 5)}", f"LYL{_signs(dice, 7)}{car:07d}"
        state = "active" if dice.random() < 0.93 else "sold"
        self.rows["Vehicle"].append({
            "id": car, "store_id": store, "vin": vin, "plate_no": plate, "brand": brand, "series": series,
            "model": f"{series} 2024", "power": dice.choice(["fuel", "fuel", "ev"]), "purchased_on": bought,
            "state": state, "last_visit_on": here, "last_seen_on": max(here or bought, bought),
            "insurance_until": today + timedelta(days=dice.randrange(-60, 365)),
            "inspection_due_on": today + timedelta(days=dice.randrange(-60, 700)),
            "next_maintenance_on": today + timedelta(days=dice.randrange(-200, 200)),
            "warranty_until": bought + timedelta(days=1095), "created_at": self.now,
        })  # fmt: skip
        role = {"store_id": store, "vehicle_id": car, "customer_id": customer, "role": "owner", "since": bought}
        self.rows["VehicleRole"].append(role | {"until": today if dice.random() < 0.03 else None})
        found_by(car, plate_tokens(plate) + vin_tokens(vin))
        self.rows["Delivery"].append(
            {"store_id": store, "vehicle_id": car, "customer_id": customer}
            | {"delivered_on": bought, "recorded_on": bought}
        )
        if here:
            order = {"store_id": store, "order_number": f"RO{car:08d}", "vehicle_id": car, "customer_id": customer}
            days = dict.fromkeys(("checked_in_on", "settled_on", "handed_back_on", "released_on", "recorded_on"), here)
            self.rows["RepairOrder"].append(order | days | {"total_fee": dice.randrange(200, 4000)})

    def write(self) -> None:
        """Write what was drawn, parents first."""
        from crm_site.core import sql
        from customers.search import COLUMNS

        for model in _models():
            rows = self.rows.pop(model.__name__, [])
            if rows:
                _load(model, rows)
        sql.load_rows(_models()[-1], COLUMNS, self.tokens)
        self.tokens = []

    def go_on_counting(self) -> None:
        """Let new rows get keys behind those that were given."""
        from django.core.management.color import no_style

        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), _models()[:4]):
                cursor.execute(statement)


def _load(model: type[models.Model], rows: list[dict[str, Any]]) -> None:
    """Write rows that name some columns; the others are as the model has them."""
    from crm_site.core import sql

    plain, given = model(), set(rows[0])
    fields = [one for one in model._meta.concrete_fields if one.attname in given or not one.primary_key]
    fixed = {one.attname: getattr(plain, one.attname) for one in fields}
    lines = ([{**fixed, **row}[one.attname] for one in fields] for row in rows)
    sql.load_rows(model, [one.name for one in fields], lines)


def _name(dice: random.Random) -> str:
    surname = dice.choices(SURNAMES, cum_weights=UP_TO)[0]
    signs = words.GIVEN_MALE if dice.random() < 0.6 else words.GIVEN_FEMALE
    return surname + "".join(dice.choices(signs, k=1 if dice.random() < 0.18 else 2))


def _org_name(dice: random.Random) -> str:
    head = dice.choice(words.ORG_HEADS) + dice.choice(words.GIVEN_MALE)
    return f"重庆{head}{dice.choice(words.ORG_KINDS)}有限公司"


def _signs(dice: random.Random, count: int) -> str:
    return "".join(dice.choices("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", k=count))
