"""有效保有 and what of it still comes: figures as of a cut-off day, not of a period."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm_site.core.dates import add_months
from crm_site.core.figures import Scope
from customers.models import Vehicle
from revisits.queries.indicators.base import COUNT, LESS, Indicator, count, hitting, rate

#: not seen for so many months is lost
LOST_MONTHS = 12


def cut_off(scope: Scope) -> date:
    """The day as of which the stock is told: today, as cars keep only their last visit."""
    return scope.get("today") or scope.last


def stock(scope: Scope) -> QuerySet[Vehicle]:
    """有效保有: sold here or seen in 36 months, still in use; each with `seen_on`, its last visit, else delivery."""
    return Vehicle.objects.filter(store_id__in=scope.stores).in_care(cut_off(scope))


def _lost(scope: Scope) -> Q:
    return Q(seen_on=None) | Q(seen_on__lt=add_months(cut_off(scope), -LOST_MONTHS))


def _stays(scope: Scope) -> Q:
    return Q(seen_on__gte=add_months(cut_off(scope), -LOST_MONTHS))


KEPT = Indicator(
    "kept", _("Cars in care"), _("sold here or seen in 36 months, not sold on or scrapped"),
    stock, count, kind=COUNT, by_role=False, is_stock=True,
)  # fmt: skip
CHURNED = Indicator(
    "churned", _("Churn rate"), _("last counting visit (else delivery) more than 12 months ago / cars in care"),
    hitting(stock, _lost), rate, better=LESS, by_role=False, is_stock=True,
)  # fmt: skip
RETAINED = Indicator(
    "retained", _("Retention rate"), _("seen in the last 12 months / cars in care; what churn leaves"),
    hitting(stock, _stays), rate, by_role=False, is_stock=True, is_second=True,
)  # fmt: skip
