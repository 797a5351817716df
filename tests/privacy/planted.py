"""Canaries in every free text of a world, and finding numbers of customers in whatever an answer holds."""

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from html import unescape

from django.apps import apps
from django.core import signing
from django.db import IntegrityError, models, transaction
from django.db.models import CharField, TextField, Value
from django.db.models.functions import Concat, Left

from complaints.models import Complaint
from crm_site.core.forms import _SIGNER
from customers.models import Phone, Vehicle

#: what nobody has but the texts in which it was planted
PHONE = "19912340876"
VIN = "LSVCN4180E2940876"
IDENTITY = "500112199002308760"
WORDS = f" 电话{PHONE} 车架{VIN} 证件{IDENTITY}"
#: columns in which people write, by name
FREE = {
    "note", "words", "reason", "demand", "solution", "cause", "text", "topic", "remark", "measure", "override_reason",
    "items", "result", "decision", "action", "outcome", "comment", "review", "customer_words", "description",
}  # fmt: skip
ROOMS = ("customers", "revisits", "complaints", "satisfaction", "reports", "privacy", "imports")
#: texts of the house itself: settings, phrases, questionnaires, scripts
OURS = {"Text", "Phrase", "Question", "Factor", "CallResult", "Level", "Category", "Reveal", "ExportEntry"}

_APART = re.compile(r"(?<=\d)[ -](?=\d)")
_MOBILE = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{9,11})(?!\d)")
_VIN = re.compile(r"(?<![A-Za-z0-9])[A-HJ-NPR-Z0-9]{17}(?![A-Za-z0-9])")
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dX](?![\dX])")
_SEALED = re.compile(r'name="shown"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="shown"')


def plant() -> int:
    """Write the canaries behind every text that somebody wrote; gives how many columns have them."""
    planted = 0
    for model in apps.get_models():
        if model._meta.app_label not in ROOMS or model.__name__ in OURS:
            continue
        for field in model._meta.concrete_fields:
            if type(field) in (CharField, TextField) and field.name in FREE and not field.choices:
                planted += bool(_plant_in(model, field))
    return planted


def _plant_in(model: type[models.Model], field: models.Field) -> int:
    """The canaries behind the texts of one column; short columns hold codes, and some tables are frozen."""
    room = (field.max_length or 10_000) - len(WORDS)
    if room < 30:
        return 0
    try:
        with transaction.atomic():
            text = Concat(Left(field.name, room), Value(WORDS))
            return model._base_manager.exclude(**{field.name: ""}).update(**{field.name: text})
    except IntegrityError:
        return 0


def numbers_of_customers() -> set[str]:
    """Every number that leads to a customer or a car, and the canaries."""
    found = set(Phone.objects.values_list("number", flat=True))
    found |= set(Complaint.objects.exclude(customer_phone="").values_list("customer_phone", flat=True))
    vins = set(Vehicle.objects.exclude(vin=None).values_list("vin", flat=True))
    return {re.sub(r"\D", "", number)[:12] for number in found} | vins | {PHONE, VIN, IDENTITY}


def texts_in(answer) -> list[str]:
    """All that an answer says, be it a page, fragment, JSON, workbook or archive, with the sealed values of forms."""
    return list(_texts(b"".join(answer.streaming_content) if answer.streaming else answer.content))


def numbers_in(texts: Iterable[str]) -> set[str]:
    """The numbers that stand in full in what was said."""
    found = set()
    for text in texts:
        found |= numbers_written(text)
        found |= set(_VIN.findall(text)) | set(_IDENTITY.findall(text))
    return found


def numbers_written(text: str) -> set[str]:
    """The numbers that stand in full in a text, also written in groups."""
    return set(_MOBILE.findall(_APART.sub("", text)))


def _texts(body: bytes) -> Iterator[str]:
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            for name in parts.namelist():
                yield from _texts(parts.read(name))
        return
    try:
        text = unescape(body.decode())
    except UnicodeDecodeError:
        return  # pictures
    yield text
    for pair in _SEALED.findall(text):
        try:
            yield json.dumps(_SIGNER.unsign_object(pair[0] or pair[1]), ensure_ascii=False)
        except signing.BadSignature:
            continue
