"""What satisfaction shows on a customer's card and timeline: what they answered, and why they were unhappy."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_site.accounts import policy
from crm_site.core import formats
from crm_site.core.panels import Panel
from crm_site.core.timeline import Event
from customers.models import Customer
from satisfaction.models import Answer, Response

NEWEST = 5
#: a timeline is read by eye
LONGEST = 200


def for_customer(request: HttpRequest, customer: Customer) -> list[Panel]:
    """The customer's last responses; nothing where there is none that this user may see."""
    rows = list(_responses(request.user, customer)[:NEWEST])
    if not rows:
        return []
    context = {"rows": rows, "may_open": policy.allows(request.user, "satisfaction.view", customer.store_id)}
    return [Panel(_("Satisfaction"), "satisfaction/customer_panel.html", context, position=40)]


def events(user: Any, customer: Customer) -> list[Event]:
    """Every response as an event, with the customer's words about the first low answer."""
    may_open = policy.allows(user, "satisfaction.view", customer.store_id)
    return [_event(response, may_open) for response in _responses(user, customer)[:LONGEST]]


def _event(response: Response, may_open: bool) -> Event:
    low: list[Answer] = response.low_answers  # type: ignore[attr-defined]
    body = []
    if may_open and response.score is not None:
        body.append(_("Index %(score)s") % {"score": formats.score(response.score)})
    if low:
        body.append(ngettext("%(count)d low answer", "%(count)d low answers", len(low)) % {"count": len(low)})
        body.append(str(response.get_decision_display()))
    return Event(
        at=response.answered_at,
        icon="clipboard-check",
        title=response.version.questionnaire.label,
        body=" · ".join(body),
        quote=low[0].reason if low else "",
        url=reverse("satisfaction:response", args=[response.pk]) if may_open else "",
        kind="bad" if low else "",
    )


def _responses(user: Any, customer: Customer) -> QuerySet[Response]:
    """The customer's responses that the user may see, newest first, with their low answers."""
    low = Answer.objects.filter(is_low=True).select_related("question").order_by("question__position")
    return (
        Response.objects.visible_to(user)
        .filter(customer=customer)
        .select_related("version__questionnaire", "asked_by")
        .prefetch_related(Prefetch("answers", queryset=low, to_attr="low_answers"))
        .order_by("-answered_at", "-pk")
    )
