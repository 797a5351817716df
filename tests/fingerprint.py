"""A fingerprint of all business tables: what was refused must have left every row as it was (T54)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
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
    """{table: hash of all its rows}."""
    found = {}
    for model in tables():
        rows = list(model._base_manager.order_by("pk").values())
        text = json.dumps(rows, cls=DjangoJSONEncoder, sort_keys=True, default=str)
        found[model._meta.label_lower] = hashlib.sha256(text.encode()).hexdigest()
    return found


@contextmanager
def unchanged(what: str = "") -> Iterator[None]:
    """Within it no business table changes; says which did, and at what."""
    before = fingerprint()
    yield
    after = fingerprint()
    changed = sorted(name for name in before if before[name] != after[name])
    assert not changed, f"{what}: {changed}"
