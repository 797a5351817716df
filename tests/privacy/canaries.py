"""Canaries in every text column that hangs on a person, found by walking all tables; and where one is left."""

from __future__ import annotations

import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import models

from customers.models import Customer, VehicleRole

#: columns of codes, keys and settings: no text of anybody's
CODES = {
    "loyalty_because", "value_because", "lifecycle_because", "defection_reason", "check_phone_reason", "bad_reason",
    "because", "before", "after", "field", "fact", "anchor_key", "action", "from_state", "to_state", "level_code",
    "proposed_level", "proposed_because", "drawn_for", "relation", "language", "channel", "key", "writing", "post",
    "kind", "target_type", "verdict", "signature", "path", "sha256", "content_type", "capability", "member", "code",
    "username", "password", "theme", "lane", "holder", "error", "stage", "figure",
}  # fmt: skip
#: columns of codes that bear a name which elsewhere is a text
CODES_OF = {
    "customers.reveal.reason", "customers.factcheck.reason", "revisits.revisit.reason", "revisits.skip.reason",
    "satisfaction.response.series", "customers.correction.field", "customers.classchange.before",
}  # fmt: skip
#: what stays: the car's make, our own people as lists name them, our own numbers of tickets
STAYS = {
    "brand", "series", "model", "colour", "sales_consultant_name", "delivery_specialist_name", "service_advisor_name",
    "technician_name", "handler_name", "liable_name", "reported_by_name", "caller_name", "complaints.complaint.number",
}  # fmt: skip
#: JSON in which texts of people stand
TEXT_JSON = {
    "source_values", "detail", "draft", "values", "raw", "clean", "changes", "whole",
}  # fmt: skip
#: tables that are not about one person
GENERAL = {"accounts", "audit", "worktime", "files", "jobs", "notices", "contenttypes", "auth", "axes"}


def rows_about(customer_ids: Iterable[int]) -> dict[type[models.Model], set[int]]:
    """Every row that hangs on the cards or their cars: whatever points to them, and what points to that."""
    found: dict[type[models.Model], set[int]] = defaultdict(set)
    cars = set(VehicleRole.objects.filter(customer__in=customer_ids).values_list("vehicle_id", flat=True))
    front = [(Customer, set(customer_ids)), (apps.get_model("customers.Vehicle"), cars)]
    while front:
        model, keys = front.pop()
        new = keys - found[model]
        if not new:
            continue
        found[model] |= new
        for relation in model._meta.related_objects:
            child = relation.related_model
            if relation.many_to_many or child._meta.app_label in GENERAL:
                continue
            rows = child._base_manager.filter(**{f"{relation.field.name}__in": new})
            front.append((child, set(rows.values_list("pk", flat=True))))
    return found


def plant(customer_ids: Iterable[int]) -> dict[str, str]:
    """Write a canary of its own into every text column of every row about the cards: {canary: column}."""
    planted: dict[str, str] = {}
    for model, keys in rows_about(customer_ids).items():
        for row in model._base_manager.filter(pk__in=keys).order_by("pk"):
            values = {}
            for column in model._meta.concrete_fields:
                canary = f"金丝雀{len(planted):04d}"
                value = _canary_for(model, column, canary)
                if value is not None:
                    values[column.name] = value
                    planted[canary] = f"{model._meta.label_lower}.{column.name}"
            if values:
                model._base_manager.filter(pk=row.pk).update(**values)
    return planted


def _canary_for(model: type[models.Model], column: models.Field, canary: str):
    name, place = column.name, f"{model._meta.label_lower}.{column.name}"
    if isinstance(column, models.JSONField):
        return {"words": [canary, canary]} if name in TEXT_JSON else None
    is_text = isinstance(column, models.CharField | models.TextField) and not column.choices
    if not is_text or place in CODES_OF or (column.max_length or 99) < len(canary):
        return None
    return None if name in CODES and place != "customers.correction.before" else canary


def is_staying(place: str) -> bool:
    """Whether what stands in a column is no person's."""
    return place in STAYS or place.rpartition(".")[2] in STAYS


def left(canaries: Iterable[str]) -> dict[str, list[str]]:
    """{canary: where it stands}: in any text or JSON column of any table, any file on disk, the cache."""
    found: dict[str, list[str]] = defaultdict(list)
    for place, text in _texts():
        if "金丝雀" in text:
            for canary in canaries:
                if canary in text:
                    found[canary].append(place)
    return dict(found)


def _texts() -> Iterator[tuple[str, str]]:
    for model in apps.get_models(include_auto_created=True):
        for values in model._base_manager.values():
            yield model._meta.label_lower, json.dumps(values, ensure_ascii=False, default=str)
    for path in Path(settings.MEDIA_ROOT).rglob("*"):
        if path.is_file():
            yield f"file {path.name}", text_of(path.read_bytes())
    yield "cache", _cached()


def text_of(content: bytes) -> str:
    """What a file says, with every part of an archive."""
    if content[:2] != b"PK":
        return content.decode("utf-8", "replace") + content.decode("gb18030", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "\n".join(text_of(parts.read(name)) for name in parts.namelist())


def _cached() -> str:
    """Everything in the cache."""
    client = getattr(getattr(cache, "_cache", None), "get_client", None)
    if client is None:
        return str(getattr(cache, "_cache", ""))
    server = client()
    kept = [server.dump(key) or b"" for key in server.scan_iter()]
    return "\n".join(value.decode("utf-8", "replace") for value in kept)
