"""One ticket and its steps: reading it, and every action with its form on the same page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from complaints import actions, wording
from complaints.actions.outdated import Overlap
from complaints.forms import FORMS, EditForm, StepForm
from complaints.models import Complaint
from complaints.page import TicketPage
from complaints.views import presence, steps
from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse

#: action of the rules -> the function that does it
DO = {
    "accept": actions.accept,
    "contact": actions.note_contact,
    "investigate": actions.investigate,
    "propose": actions.propose,
    "approve": actions.approve,
    "tell": actions.tell_customer,
    "act": actions.act,
    "review": actions.review,
    "submit": actions.submit,
    "close": actions.close,
    "rang_back": actions.record_ring_back,
    "close_unreachable": actions.close_unreachable,
    "answer": actions.answer,
    "reopen": actions.reopen,
    "reassign": actions.reassign,
    "change_level": actions.change_level,
    "pause": actions.pause,
    "resume": actions.resume,
    "judge_validity": actions.judge_validity,
    "judge_words": actions.judge_words,
    "judge_level": actions.judge_level,
    "set_liability": actions.set_liability,
    "confirm_liability": actions.confirm_liability,
    "chase": actions.chase,
    "count_repairs": actions.count_repairs,
    "merge": actions.merge,
    "edit": actions.edit,
}
#: what every ticket has; the rest is read where it is asked for, as so many joins take longer to plan than to read
RELATED = ("store", "level", "category__parent", "customer", "vehicle")


@guard.needs("complaints.view")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One ticket: where it stands, what is next, how its deadline came about, and everything that happened."""
    return _page(request, _ticket(request, pk))


@guard.needs("complaints.handle")
def do(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Take one step; what is refused comes back on the ticket's page with everything that was typed."""
    if action not in DO or action == "chase":
        raise Http404
    return _step(request, pk, action, "complaints.handle")


@guard.needs("complaints.report")
def chase(request: HttpRequest, pk: int) -> HttpResponse:
    """Log that the customer asks again; open to everybody who may report."""
    return _step(request, pk, "chase", "complaints.report")


def _step(request: HttpRequest, pk: int, action: str, capability: str) -> HttpResponse:
    ticket = _ticket(request, pk)
    guard.require(request, capability, ticket)
    if request.method != "POST":
        return _page(request, ticket, asked=action) if action == "edit" else redirect("complaints:detail", pk=pk)
    by = guard.acting(request, ticket.store_id)
    now = clock.now()
    form = FORMS[action](
        request.POST, complaint=ticket, day=clock.business_day(now), action=action, reader=request.user
    )
    if isinstance(form, EditForm) and "find" in request.POST:
        form.offer_customers(steps.found_customers(request, ticket.store_id))
        form.searched = True
        return _page(request, ticket, form)
    if not form.is_valid():
        return _page(request, ticket, form, status=422)
    try:
        steps.take(DO[action], form, by=by, now=now)
    except RuleBroken as refused:
        return _refused(request, pk, form, refused)
    messages.success(request, _("Saved: %(step)s.") % {"step": wording.step(action)})
    return redirect("complaints:detail", pk=pk)


def _refused(request: HttpRequest, pk: int, form: StepForm, refused: RuleBroken) -> HttpResponse:
    """The page as it is now, with the typed text in its form and what stands in the way."""
    ticket = _ticket(request, pk)
    by = guard.acting(request, ticket.store_id)
    if isinstance(refused, Overlap):
        form = steps.overtaken(form, ticket, refused, by)
    else:
        refuse(form, refused)
    return _page(request, ticket, form, status={"role": 403, "stale": 409}.get(refused.code, 422))


def _page(
    request: HttpRequest, ticket: Complaint, form: StepForm | None = None, status: int = 200, asked: str = ""
) -> HttpResponse:
    context: dict[str, Any] = TicketPage(ticket, request.user, clock.now(), form, asked).context()
    shown = [context[name] for name in ("next", "clock_panel", "chase", "edit")] + context["more"] + context["side"]
    shown += [one["panel"] for one in context["weighing"]]
    if form is not None and all(panel is None or panel.form is not form for panel in shown):
        # the step is no longer offered here: keep the words all the same
        context["returned"] = form
    context["there"] = presence.there(ticket.pk, request.user, clock.now())
    return render(request, "complaints/detail.html", context, status=status)


def _ticket(request: HttpRequest, pk: int) -> Complaint:
    rows = Complaint.objects.select_related(*RELATED).prefetch_related(
        "liabilities__employee", "repair_order__technicians"
    )
    return guard.get_or_404(rows, request, pk=pk)
