"""The filters by what stands on the card itself: kind, classes, keeper, completeness, birthday, where from."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from django.db.models import Q
from django.utils import dates
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee
from crm_site.core.reading import distinct_values
from customers.filtering.field import (
    CARD,
    CLASS,
    Asked,
    Field,
    Options,
    chosen,
    column,
    is_key,
    spans,
    written,
)
from customers.models import Customer, CustomerType, DefectionType, Lifecycle, LoyaltyClass, Potential, ValueClass

NOBODY = "none"
#: the oldest birthday that is looked for
FIRST_YEAR = 1920
MOST_OPTIONS = 60


def _kept_by(values: list[str], _asked: Asked) -> Q:
    if values == [NOBODY]:
        return Q(keeper=None)
    return Q(keeper_id__in=[int(value) for value in values if value != NOBODY])


def _keepers(stores: Sequence[int]) -> Options:
    """Those who keep customers now or could: the employees of the stores that have a user."""
    rows = Employee.objects.filter(store_id__in=stores).exclude(user=None).order_by("name", "pk")
    return [(NOBODY, str(_("No named owner"))), *((str(row.pk), row.name) for row in rows)]


def _keeper_word(value: str, stores: Sequence[int]) -> str:
    if value == NOBODY:
        return str(_("No named owner"))
    row = Employee.objects.filter(pk=int(value), store_id__in=stores).first() if stores else None
    return row.name if row else value


def _is_keeper(value: str) -> bool:
    return value == NOBODY or is_key(value)


def _in_month(values: list[str], asked: Asked) -> Q:
    """Birthdays of a month as one range a year, which an index on the day can follow on either engine."""
    found = Q()
    for value in values:
        month = int(value)
        for year in range(FIRST_YEAR, asked.today.year + 1):
            found |= Q(birthday__range=(date(year, month, 1), date(year, month, monthrange(year, month)[1])))
    return found


def _incomplete(per_cent: int, _asked: Asked) -> Q:
    return Q(completeness__lt=per_cent)


def _restricted(_values: list[str], _asked: Asked) -> Q:
    return Q(restricted=True)


def _held(name: str) -> Callable[[Sequence[int]], list[str]]:
    return partial(_words, name)


def _words(name: str, stores: Sequence[int]) -> list[str]:
    return distinct_values(Customer, name, stores, MOST_OPTIONS)


FIELDS: list[Field] = [
    chosen("type", _("Customer type"), CARD, CustomerType.choices, lambda values, _asked: Q(customer_type__in=values)),
    Field("keeper", _("Named owner"), CARD, _keepers, _is_keeper, _kept_by, many=True, word=_keeper_word),
    written("source", _("Source"), CARD, _held("source"), "source"),
    written("city", _("Town"), CARD, _held("city"), "city"),
    chosen("birthday", _("Birthday in"), CARD, sorted(dates.MONTHS.items()), _in_month, many=True),
    spans("completeness", _("Completeness below"), CARD, _incomplete, offered=(20, 40, 60, 80, 100), unit="%"),
    chosen("restricted", _("Restricted"), CARD, [("yes", _("Only restricted cards"))], _restricted),
    column("value", _("Value class"), CLASS, ValueClass.choices, "value_class", may_be_empty=True),
    column("loyalty", _("After-sales class"), CLASS, LoyaltyClass.choices, "loyalty_class", may_be_empty=True),
    column("lifecycle", _("Lifecycle"), CLASS, Lifecycle.choices, "lifecycle", may_be_empty=True),
    column("potential", _("Potential"), CLASS, Potential.choices, "potential", may_be_empty=True),
    column("left_for", _("Reason for leaving"), CLASS, DefectionType.choices, "defection_type"),
]
