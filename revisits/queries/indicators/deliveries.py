"""交车回访覆盖: of the cars delivered whose call has fallen due, how many were called."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm_site.core.figures import Scope
from customers.models import Delivery
from revisits.models import Revisit
from revisits.queries.coverage import CANCELLED, EXCUSED, NOT_DUE, SALES, facts_in
from revisits.queries.indicators.base import MORE, Indicator, hitting, rate
from revisits.queries.indicators.stock import cut_off

#: the parts of coverage that nobody could have called by now
_NOT_TO_CALL = (NOT_DUE, EXCUSED, CANCELLED)


def _to_call(scope: Scope) -> QuerySet[Delivery]:
    """The deliveries of the period, without those that are not due yet, not to be called, or cancelled."""
    asked = (SALES, scope.stores, scope.start, scope.last)
    left = Q(pk__in=[])
    for part in _NOT_TO_CALL:
        left |= Q(pk__in=facts_in(*asked, today=cut_off(scope), part=part).order_by().values("pk"))
    return SALES.facts(scope.stores).filter(delivered_on__range=(scope.start, scope.last)).exclude(left)


def _called(scope: Scope) -> Q:
    tried = Revisit.objects.filter(delivery=OuterRef("pk"), rule__code__in=SALES.rules, first_attempt_on__isnull=False)
    return Q(Exists(tried))


DELIVERED = Indicator(
    "coverage",
    _("Deliveries called"),
    _("called / deliveries of the period whose call has fallen due, less those not to be called and cancelled"),
    hitting(_to_call, _called),
    rate,
    better=MORE,
    by_role=False,
)
