"""What calls add to the filters of the customer list: for how long nobody has called."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm_site.core.dates import add_months
from customers.filtering.field import CONTACT, Asked, spans
from revisits.models import CallAttempt

MONTHS = (1, 3, 6, 12, 24)


def _uncalled(months: int, asked: Asked) -> Q:
    """Nobody has tried to call since, whatever came of it."""
    calls = CallAttempt.objects.filter(revisit__customer=OuterRef("pk"))
    return Q(~Exists(calls.filter(called_on__gt=add_months(asked.today, -months))))


FIELDS = [
    spans("uncalled", _("Not called for"), CONTACT, _uncalled, offered=MONTHS, unit="months"),
]
