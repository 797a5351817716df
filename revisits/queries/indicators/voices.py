"""What customers are unhappy about, and how fast their tickets are taken up."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, Kind, State
from crm_site.core import clock
from crm_site.core.figures import Scope
from crm_site.worktime import calendars
from revisits.queries.indicators.base import MORE, Indicator, hit, hitting, rate
from satisfaction.models import Questionnaire, Response

#: 受理: so many minutes of the store's opening hours after it was heard
ACCEPT_WITHIN = 120
_KINDS = (Questionnaire.Kind.SALES, Questionnaire.Kind.SERVICE)


def _responses(scope: Scope) -> QuerySet[Response]:
    rows = Response.objects.valid().filter(store_id__in=scope.stores)
    return rows.called_on(scope.start, scope.last).filter(version__questionnaire__kind__in=_KINDS)


def _tickets(scope: Scope) -> QuerySet[Complaint]:
    """The tickets received in the period; one that is not accepted yet counts when its two hours are over.

    Opening hours are the calendar's business: the few tickets of a period are judged one by one.
    """
    rows = Complaint.objects.live().filter(store_id__in=scope.stores).received_on(scope.start, scope.last)
    rows = rows.exclude(kind=Kind.QUESTION).exclude(state=State.MERGED)
    waiting, prompt = _judged(rows, scope)
    return rows.exclude(pk__in=waiting).annotate(hit=hit(Q(pk__in=prompt)))


def _judged(rows: QuerySet[Complaint], scope: Scope) -> tuple[list[int], list[int]]:
    """The tickets that still have time, and those accepted within it."""
    now: datetime = scope.get("now") or clock.at(scope.end)
    shops = calendars.store_calendars(scope.stores, scope.start, clock.business_day(now))
    waiting, prompt = [], []
    for pk, store_id, received, accepted in rows.values_list("pk", "store_id", "received_at", "accepted_at"):
        limit = shops[store_id].add_working_time(received, ACCEPT_WITHIN)
        if accepted is None and now <= limit:
            waiting.append(pk)
        elif accepted is not None and accepted <= limit:
            prompt.append(pk)
    return waiting, prompt


UNHAPPY = Indicator(
    "unhappy", _("Dissatisfaction rate"), _("valid responses with a low item / valid responses"),
    hitting(_responses, lambda scope: Q(low_count__gt=0)), rate, by_role=False,
)  # fmt: skip
ACCEPTED = Indicator(
    "accepted", _("Prompt acceptance"), _("tickets accepted within 2 store hours / tickets received"),
    _tickets, rate, better=MORE, by_role=False,
)  # fmt: skip
