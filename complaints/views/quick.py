"""One ticket for the thumb: three large steps, each a form with only what is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from complaints import people
from complaints.actions import quick as actions
from complaints.forms.quick import FORMS, QuickForm
from complaints.models import Complaint
from complaints.page import TicketPage
from crm_site.accounts import guard, policy
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from crm_site.core.phone_browser import is_phone

RELATED = ("store", "level", "category__parent", "customer", "vehicle", "handler")
DO = {"contact": actions.first_contact, "proposal": actions.proposal, "done": actions.done}
#: step -> its word, its icon, the column that says when it was done, and the actions of which one must be possible
STEPS: dict[str, tuple[Promise, str, str, frozenset[str]]] = {
    "contact": (gettext_lazy("First contact"), "telephone", "responded_at", frozenset({"accept", "contact"})),
    "proposal": (gettext_lazy("Proposal"), "lightbulb", "proposed_at", frozenset({"accept", "propose"})),
    "done": (gettext_lazy("All done"), "check2", "solved_at", frozenset({"tell", "act", "submit", "answer"})),
}


@dataclass
class Tap:
    """One of the three steps as it is drawn."""

    step: str
    word: Promise
    icon: str
    done_at: datetime | None
    #: None where the step cannot be taken now
    form: QuickForm | None
    is_open: bool


@guard.needs("complaints.view")
def quick(request: HttpRequest, pk: int) -> HttpResponse:
    """The three steps, the next one open; `?step=` opens another."""
    return _page(request, _ticket(request, pk), step=request.GET.get("step", ""))


@guard.needs("complaints.view")
def lead(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a notice leads: the phone of somebody with a step to take to the three taps, all others to the ticket."""
    ticket = _ticket(request, pk)
    allowed = set(TicketPage(ticket, request.user, clock.now()).allowed()) if is_phone(request) else set()
    has_step = any(needed & allowed for *_words, needed in STEPS.values())
    return redirect("complaints:quick" if has_step else "complaints:detail", pk=ticket.pk)


@require_POST
@guard.needs("complaints.handle")
def take(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one of the steps; what is refused comes back with everything that was typed."""
    if step not in DO:
        raise Http404
    ticket, now = _ticket(request, pk), clock.now()
    by = guard.acting(request, ticket.store_id)
    form = FORMS[step](request.POST, complaint=ticket, day=clock.business_day(now))
    if not form.is_valid():
        return _page(request, ticket, form=form, status=422)
    try:
        DO[step](ticket.pk, **form.arguments(), by=by, now=now, version=form.cleaned_data["version"])
    except RuleBroken as refused:
        ticket = _ticket(request, pk)
        refuse(form, refused)
        form.data = form.data.copy()
        form.data["version"] = str(ticket.version)
        status = 403 if refused.code == "role" else 409 if refused.code == "stale" else 422
        return _page(request, ticket, form=form, status=status)
    messages.success(request, _("Saved: %(step)s.") % {"step": STEPS[step][0]})
    return redirect("complaints:quick", pk=pk)


@require_POST
@never_cache
@guard.needs("customers.reveal")
def number(request: HttpRequest, pk: int) -> HttpResponse:
    """The page with the customer's number in full, to be dialled; the look is written down."""
    ticket = _ticket(request, pk)
    by = guard.acting(request, ticket.store_id)
    try:
        shown = actions.number_of(ticket, by=by, now=clock.now())
    except RuleBroken as refused:
        messages.error(request, refused.message)
        return _page(request, ticket, step="contact", status=422)
    return _page(request, ticket, step="contact", number=shown)


def _ticket(request: HttpRequest, pk: int) -> Complaint:
    rows = Complaint.objects.select_related(*RELATED).prefetch_related(
        "liabilities__employee", "repair_order__technicians", "customer__phones__contact"
    )
    return guard.get_or_404(rows, request, pk=pk)


def _page(
    request: HttpRequest,
    ticket: Complaint,
    *,
    step: str = "",
    form: QuickForm | None = None,
    number: str = "",
    status: int = 200,
) -> HttpResponse:
    page = TicketPage(ticket, request.user, clock.now())
    taps = _taps(ticket, set(page.allowed()), form, step)
    customer = ticket.customer
    phone = people.number_to_dial(customer, page.today)
    may_reveal = policy.allows(request.user, "customers.reveal", ticket.store_id)
    context: dict[str, Any] = {
        "ticket": ticket,
        "taps": taps,
        "due": page.deadline.due(),
        "phone": phone.number if phone else ticket.customer_phone,
        "number": number,
        "may_reveal": may_reveal and not (customer and customer.restricted),
        "waits": "" if any(tap.form for tap in taps) else page.waits(""),
        "full_url": reverse("complaints:detail", args=[ticket.pk]),
    }
    return render(request, "complaints/quick.html", context, status=status)


def _taps(ticket: Complaint, allowed: set[str], returned: QuickForm | None, asked: str) -> list[Tap]:
    """The steps in their order; open is the one that came back or was asked for, else the first not done."""
    day = clock.business_day(clock.now())
    taps = []
    for step, (word, icon, column, needed) in STEPS.items():
        form: QuickForm | None = None
        if needed & allowed:
            came_back = returned is not None and returned.step == step
            form = returned if came_back else FORMS[step](complaint=ticket, day=day)
        taps.append(Tap(step, word, icon, getattr(ticket, column), form, is_open=False))
    wanted = returned.step if returned else asked
    possible = [tap for tap in taps if tap.form is not None]
    opened = next((tap for tap in possible if tap.step == wanted), None)
    opened = opened or next((tap for tap in possible if tap.done_at is None), None)
    if opened is not None:
        opened.is_open = True
    return taps
