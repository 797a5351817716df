"""What satisfaction shows on a customer's card and timeline: what they answered, and why they were unhappy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_site.accounts import policy
from crm_site.accounts.models import Role
from crm_site.core import clock, formats
from crm_site.core.panels import Panel
from crm_site.core.timeline import CALLS, Event
from customers.models import Customer
from satisfaction.models import Answer, Response
from satisfaction.queries import departments_of

NEWEST = 5
#: a timeline is read by eye
LONGEST = 200


def for_customer(request: HttpRequest, customer: Customer) -> list[Panel]:
    """The customer's last responses; nothing where there is none that this user may see."""
    reach = _Reach.of(request.user, customer)
    rows = list(_responses(request.user, customer, reach)[:NEWEST])
    if not rows:
        return []
    context = {"rows": rows, "may_open": reach.may_open, "shows_score": reach.shows_score}
    return [Panel(_("Satisfaction"), "satisfaction/customer_panel.html", context, position=40)]


def events(user: Any, customer: Customer) -> list[Event]:
    """Every response as an event, with the customer's words about the first low answer."""
    reach = _Reach.of(user, customer)
    return [_event(response, reach) for response in _responses(user, customer, reach)[:LONGEST]]


@dataclass(frozen=True)
class _Reach:
    """What a user may see of a customer's responses: a head only what judges his departments, and no whole score."""

    may_open: bool
    departments: tuple[str, ...] | None

    @classmethod
    def of(cls, user: Any, customer: Customer) -> _Reach:
        """As far as the role in the customer's store goes."""
        may_open = policy.allows(user, "satisfaction.view", customer.store_id)
        if user.role_in(customer.store_id) != Role.HEAD:
            return cls(may_open, None)
        return cls(may_open, departments_of(user, [customer.store_id], clock.today()))

    @property
    def shows_score(self) -> bool:
        """Whether the index of the whole response may be shown."""
        return self.may_open and self.departments is None


def _event(response: Response, reach: _Reach) -> Event:
    low: list[Answer] = response.low_answers  # type: ignore[attr-defined]
    body = []
    if reach.shows_score and response.score is not None:
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
        url=reverse("satisfaction:response", args=[response.pk]) if reach.may_open else "",
        kind="bad" if low else "",
        tab=CALLS,
    )


def _responses(user: Any, customer: Customer, reach: _Reach) -> QuerySet[Response]:
    """The customer's responses that the user may see, newest first, with the low answers within reach."""
    low = Answer.objects.filter(is_low=True).select_related("question").order_by("question__position")
    if reach.departments is not None:
        low = low.filter(department__in=reach.departments)
    return (
        Response.objects.visible_to(user)
        .filter(customer=customer)
        .select_related("version__questionnaire", "asked_by")
        .prefetch_related(Prefetch("answers", queryset=low, to_attr="low_answers"))
        .order_by("-answered_at", "-pk")
    )
