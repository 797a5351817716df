"""A fingerprint of all business tables: what was refused must have left every row as it was (T54)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Model

#: tables that a refusal may write to: sessions, the log of refusals, and who has a page open
BESIDE = frozenset({"accounts.session", "audit.refusal", "complaints.presence"})
#: apps whose tables no person's action writes to
MACHINERY = frozenset({"contenttypes", "auth", "axes"})


def tables() -> list[type[Model]]:
    """The business tables, in a fixed order."""
    models = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
    return [one for one in models if one._meta.app_label not in MACHINERY and one._meta.label_lower not in BESIDE]


def fingerprint() -> dict[str, str]:
    """{table: hash of all its rows}; PostgreSQL makes all of them at one question."""
    if connection.vendor == "postgresql":
        one = "SELECT '%s', md5(string_agg(whole::text, ' ' ORDER BY whole::text)) FROM %s whole"
        names = [(model._meta.label_lower, connection.ops.quote_name(model._meta.db_table)) for model in tables()]
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(one % name for name in names))
            return dict(cursor.fetchall())
    return {model._meta.label_lower: _read_through(model) for model in tables()}


def _read_through(model: type[Model]) -> str:
    rows = list(model._base_manager.order_by("pk").values())
    text = json.dumps(rows, cls=DjangoJSONEncoder, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def unchanged(what: str = "") -> Iterator[None]:
    """Within it no business table changes; says which did, and at what."""
    before = fingerprint()
    yield
    after = fingerprint()
    changed = sorted(name for name in before if before[name] != after[name])
    assert not changed, f"{what}: {changed}"
