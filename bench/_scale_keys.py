"""Reads the models for docs/scaling.md: what would become of each table if the rows were shared out by store.

`python -m bench._scale_keys` prints the table of the document; a test keeps the two equal.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models

Model = type[models.Model]
OURS = ("crm_site.", "customers", "revisits", "complaints", "satisfaction")
#: tables whose store may be empty and that are written all day: no copy of them could stand on every node
WRITTEN = {"jobs_job", "audit_entry"}
#: stores, and who works there: few rows, and reference tables name them, which may not name a table shared out
EVERYWHERE = {"accounts_store", "accounts_employee"}
READY, ALMOST, CHILD, REFERENCE, GLOBAL = "yes", "almost", "child", "reference", "global"
TITLES = {
    READY: "by `store_id`, once its key is `(store_id, id)`",
    ALMOST: "by `store_id`, once these constraints begin with the store",
    CHILD: "by `store_id`, once it has the column; its store is its parent's",
    REFERENCE: "reference tables: a copy on every node, changed by administrators",
    GLOBAL: "stay on one node: people, sign-ins, the queue, the trail (by month)",
}


@dataclass
class Verdict:
    """What would become of one table."""

    table: str
    kind: str
    #: constraints without the store
    without: list[str] = field(default_factory=list)
    #: the chain by which a row without a store column has one
    parent: str = ""
    #: keys to tables that stand on every node or stay global; and to tables of the same store
    outward: int = 0
    inward: int = 0
    #: keys that no distributed database allows: from everywhere to what is shared out, from there to a single node
    lost: list[str] = field(default_factory=list)


def verdicts() -> list[Verdict]:
    """All our tables, by name."""
    own = [model for model in apps.get_models() if model.__module__.startswith(OURS)]
    return sorted((judged(model) for model in own), key=lambda one: one.table)


def judged(model: Model) -> Verdict:
    """One table."""
    kind, parent = kind_of(model)
    found = Verdict(model._meta.db_table, kind, parent=parent)
    lost = is_shared_out if kind == REFERENCE else stays_on_one_node
    found.lost = sorted(f"{found.table}.{one.column}" for one in keys(model) if lost(one.related_model))
    if kind in {REFERENCE, GLOBAL}:
        return found
    found.without = sorted(without_store(model))
    if kind == READY and found.without:
        found.kind = ALMOST
    found.inward = sum(is_shared_out(one.related_model) for one in keys(model))
    found.outward = len(keys(model)) - found.inward
    return found


def keys(model: Model) -> list[Any]:
    """The foreign keys of a table but that to its store."""
    return [one for one in model._meta.concrete_fields if one.is_relation and one.name != "store"]


def stays_on_one_node(model: Any) -> bool:
    """Whether there is no copy of a table elsewhere."""
    return kind_of(model)[0] == GLOBAL


def is_shared_out(model: Any) -> bool:
    """Whether the rows of a table would lie where their store lies."""
    return kind_of(model)[0] in {READY, CHILD}


def kind_of(model: Model) -> tuple[str, str]:
    """READY, CHILD, REFERENCE or GLOBAL, and the parent by which a child has its store."""
    store = next((one for one in model._meta.concrete_fields if one.column == "store_id"), None)
    if model._meta.db_table in WRITTEN:
        return GLOBAL, ""
    if model._meta.db_table in EVERYWHERE:
        return REFERENCE, ""
    if store is not None:
        return (REFERENCE if store.null else READY), ""
    owned = [one for one in model._meta.concrete_fields if one.is_relation and not one.null]
    kinds = {one.related_model._meta.db_table: kind_of(one.related_model)[0] for one in owned}
    for table, kind in kinds.items():
        if kind in {READY, CHILD}:
            return CHILD, table
    return (REFERENCE if REFERENCE in kinds.values() else GLOBAL), ""


def without_store(model: Model) -> list[str]:
    """Names of the unique constraints of a table that do not hold its store; its key is none of them."""
    named = [
        one.name
        for one in model._meta.constraints
        if isinstance(one, models.UniqueConstraint) and "store" not in one.fields
    ]
    single = [
        f"{one.name} (unique)"
        for one in model._meta.concrete_fields
        if one.unique and not one.primary_key and one.name != "store"
    ]
    return [*named, *single]


def lines() -> list[str]:
    """The part of the document that is written by this script."""
    found = verdicts()
    told = []
    for kind, title in TITLES.items():
        own = [one for one in found if one.kind == kind]
        told += ["", f"**{title[0].upper()}{title[1:]}** ({len(own)})", ""]
        told += [f"* {described(one)}" for one in own] if kind in {ALMOST, CHILD} else [names(own)]
    counted = Counter(one.kind for one in found)
    inward = sum(one.inward for one in found)
    outward = sum(one.outward for one in found)
    told += [
        "",
        f"{len(found)} tables, {sum(counted[kind] for kind in (READY, ALMOST, CHILD))} of them shared out. Of their "
        f"foreign keys {inward} point to a table shared out too and would have to name the store beside the key, "
        f"{outward} to one that stands everywhere.",
    ]  # fmt: skip
    lost = [f"`{name}`" for one in found if one.kind != GLOBAL for name in one.lost]
    told += ["", f"Keys that would have to go, for they would lead to another node: {', '.join(lost) or 'none'}."]
    return told[1:]


def described(one: Verdict) -> str:
    """A line of one table."""
    through = f" through `{one.parent}`" if one.parent else ""
    constraints = ": " + ", ".join(f"`{name}`" for name in one.without) if one.without else ""
    return f"`{one.table}`{through}{constraints}"


def names(some: list[Verdict]) -> str:
    """All of them in one line."""
    return ", ".join(f"`{one.table}`" for one in some)


def main() -> int:
    """Print the part of the document."""
    import django

    django.setup()
    print("\n".join(lines()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
