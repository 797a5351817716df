"""The filter by profile fields: 'education:bachelor', 'hobby:+' (filled), 'hobby:-' (missing); never free text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from customers.filtering.field import PROFILE, Asked, Field, Options
from customers.models import ProfileField, ProfileValue

FILLED, MISSING = "+", "-"
_VALUE = re.compile(r"([a-z0-9_]{1,40}):([+-]|[A-Za-z0-9_.]{1,40})")


def _accepts(value: str) -> bool:
    return bool(_VALUE.fullmatch(value))


def _where(values: list[str], asked: Asked) -> Q | QuerySet:
    """Every field that is named has to fit; of one field any of the values.

    Only answers that are offered are looked for, of what is written freely only whether it is there: else a number
    that nobody may read would be found by asking for it.
    """
    if not set(values) <= {value for value, _word in _options(asked.stores)}:
        return Q(pk__in=[])
    wanted: dict[str, list[str]] = {}
    for value in values:
        code, _colon, meant = value.partition(":")
        wanted.setdefault(code, []).append(meant)
    found = [_one(code, meant, asked) for code, meant in wanted.items()]
    if len(found) == 1:
        return found[0]
    both = Q()
    for one in found:
        both &= one if isinstance(one, Q) else Q(pk__in=one.values("customer_id"))
    return both


def _one(code: str, meant: list[str], asked: Asked) -> Q | QuerySet:
    if MISSING in meant:
        return Q(~Exists(ProfileValue.objects.filter(customer=OuterRef("pk"), field=code)))
    rows = ProfileValue.objects.filter(asked.in_stores, field=code)
    return rows if FILLED in meant else rows.filter(value__in=meant)


def _fields(stores: Sequence[int]) -> dict[str, ProfileField]:
    """The fields with values of their own that are asked in these stores; a store's row before the company's."""
    rows = ProfileField.objects.filter(Q(store=None) | Q(store_id__in=stores), is_on=True, column="")
    found: dict[str, ProfileField] = {}
    for row in rows.order_by("position", "pk"):
        if row.code not in found or row.store_id is not None:
            found[row.code] = row
    return found


def _options(stores: Sequence[int]) -> Options:
    return [option for row in _fields(stores).values() for option in _of_field(row)]


def _of_field(row: ProfileField) -> Options:
    answers: Options = []
    if row.kind == ProfileField.Kind.CHOICE:
        answers = [(one["code"], _label(one)) for one in row.options]
    elif row.kind == ProfileField.Kind.YES_NO:
        answers = [("yes", _("yes")), ("no", _("no"))]
    answers = [*answers, (FILLED, _("filled in")), (MISSING, _("missing"))]
    return [(f"{row.code}:{value}", _("%(field)s: %(value)s") % {"field": row.label, "value": word})
            for value, word in answers]  # fmt: skip


def _label(option: dict[str, str]) -> str:
    return option["label_en"] if (get_language() or "").startswith("en") else option["label_zh"]


FIELDS: list[Field] = [
    Field("profile", gettext_lazy("Profile"), PROFILE, _options, _accepts, _where, many=True),
]
