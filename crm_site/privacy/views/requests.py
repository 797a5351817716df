"""What customers ask about their data: the list, taking a request, deciding it, carrying it out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.core import clock, paging
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from crm_site.core.urls import with_query
from crm_site.privacy.actions import anonymising, requests
from crm_site.privacy.forms.requests import AnonymiseForm, DecisionForm, RequestForm
from crm_site.privacy.models import DataRequest
from crm_site.privacy.views.tabs import tabs
from customers.views.access import customer_or_404

CAPABILITY = "privacy.requests"
State = DataRequest.State
#: state -> how a status shows it
KINDS = {"open": "now", "granted": "now", "waiting": "pause", "refused": "line", "done": "ok"}


@guard.needs(CAPABILITY)
def home(request: HttpRequest) -> HttpResponse:
    """The requests of one's stores: what waits for us first by its day, and the rest."""
    mine = DataRequest.objects.filter(store_id__in=policy.stores_allowing(request.user, CAPABILITY))
    rows = mine.select_related("customer", "store", "taken_by")
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    rows = rows.filter(state=state) if state in State.values else rows
    rows = rows.filter(kind=kind) if kind in DataRequest.Kind.values else rows
    waiting = mine.filter(state__in=requests.WAITING_FOR_US)
    today = clock.today()
    page = paging.paginate(rows, order=["-asked_on"], cursor=request.GET.get("cursor", ""))
    context = {
        "tabs": tabs(request, "privacy:home"),
        "rows": [_line(one, today) for one in page],
        "waiting": waiting.count(),
        "late": waiting.filter(due_on__lt=today).count(),
        "filters": _filters(state, kind),
        "next_url": with_query(request, cursor=page.next) if page.next else "",
        "previous_url": with_query(request, cursor=page.previous) if page.previous else "",
    }
    return render(request, "privacy/requests.html", context)


def _line(asked: DataRequest, today: Any) -> dict[str, Any]:
    waits = asked.state in requests.WAITING_FOR_US
    return {
        "asked": asked,
        "kind": KINDS[asked.state],
        "late": waits and asked.due_on < today,
        "days": (asked.due_on - today).days if waits else None,
    }


def _filters(state: str, kind: str) -> list[dict[str, Any]]:
    states = {"name": "state", "label": _("State"), "value": state, "options": [("", _("Every state")), *State.choices]}
    kinds = [("", _("Every kind")), *DataRequest.Kind.choices]
    return [states, {"name": "kind", "label": _("What is asked for"), "value": kind, "options": kinds}]


@guard.needs(CAPABILITY)
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """A request of the customer whose card is named: what, when, in which words."""
    customer = customer_or_404(request, pk)
    form = RequestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        by = guard.acting(request, customer.store_id)
        try:
            asked = requests.take(customer.pk, **form.cleaned_data, by=by, now=clock.now())
        except RuleBroken as refused:
            refuse(form, refused)
        else:
            messages.success(
                request, _("The request is written down, to be answered by %(day)s.") % {"day": asked.due_on}
            )
            return redirect("privacy:request", asked.pk)
    context = {"form": form, "customer": customer}
    return render(request, "privacy/request_new.html", context, status=422 if form.is_bound else 200)


@guard.needs(CAPABILITY)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what was asked and decided, and what may be done now."""
    return _page(request, _asked(request, pk), DecisionForm())


@require_POST
@guard.needs(CAPABILITY)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant or decline a request, with the reason."""
    asked = _asked(request, pk)
    form = DecisionForm(request.POST)
    act = requests.grant if request.POST.get("decision") == "grant" else requests.refuse
    return _act(request, asked, form, lambda by, reason: act(asked.pk, reason=reason, by=by, now=clock.now()))


@require_POST
@guard.needs(CAPABILITY)
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """A granted correction has been made on the card."""
    asked = _asked(request, pk)
    by = guard.acting(request, asked.store_id)
    try:
        requests.finish(asked.pk, by=by, now=clock.now())
    except RuleBroken as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Saved."))
    return redirect("privacy:request", asked.pk)


@guard.needs(CAPABILITY)
def anonymise(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry out a request to be erased whose term is over, by hand; asks whether it is meant."""
    asked = _asked(request, pk)
    form = AnonymiseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        by = guard.acting(request, asked.store_id)
        try:
            anonymising.anonymise(asked.pk, by=by, now=clock.now())
        except RuleBroken as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("The card is anonymised. Figures stay as they were."))
            return redirect("privacy:request", asked.pk)
    context = {"form": form, "asked": asked}
    return render(request, "privacy/anonymise.html", context, status=422 if form.is_bound else 200)


def _asked(request: HttpRequest, pk: int) -> DataRequest:
    rows = DataRequest.objects.select_related("store", "customer", "taken_by", "decided_by", "file")
    return guard.get_or_404(rows, request, pk=pk)


def _act(request: HttpRequest, asked: DataRequest, form: DecisionForm, act: Callable[[Any, str], Any]) -> HttpResponse:
    """Do what a valid form asks for, or show it again with what is wrong."""
    by = guard.acting(request, asked.store_id)
    if form.is_valid():
        try:
            act(by, form.cleaned_data["reason"])
        except RuleBroken as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("privacy:request", asked.pk)
    return _page(request, asked, form, status=422)


def _page(request: HttpRequest, asked: DataRequest, form: DecisionForm, status: int = 200) -> HttpResponse:
    today = clock.today()
    waits = asked.state == State.WAITING
    context = {
        "asked": asked,
        "kind": KINDS[asked.state],
        "form": form,
        "facts": _facts(asked),
        "late": asked.state in requests.WAITING_FOR_US and asked.due_on < today,
        "is_open": asked.state == State.OPEN,
        "may_finish": asked.state == State.GRANTED and asked.kind == DataRequest.Kind.CORRECT,
        "is_building": asked.state == State.GRANTED and asked.kind == DataRequest.Kind.ACCESS,
        "may_anonymise": waits and asked.erase_from is not None and asked.erase_from <= today,
        "waits": waits,
        "file": asked.file if asked.file and asked.file.removed_at is None else None,
    }
    return render(request, "privacy/request.html", context, status=status)


def _facts(asked: DataRequest) -> list[dict[str, Any]]:
    """What is known of a request, as rows to read."""
    who = f"{asked.decided_by.name} · {clock.local(asked.decided_at):%Y-%m-%d %H:%M}" if asked.decided_by else ""
    rows = [
        {
            "term": _("Customer"),
            "text": asked.customer.name,
            "url": reverse("customers:card", args=[asked.customer_id]),
        },
        {"term": _("Asked on"), "text": asked.asked_on.isoformat(), "num": True},
        {"term": _("To be answered by"), "text": asked.due_on.isoformat(), "num": True, "note": _("15 working days")},
        {"term": _("Taken by"), "text": f"{asked.taken_by.name} · {clock.local(asked.taken_at):%Y-%m-%d %H:%M}"},
        {"term": _("Decided by"), "text": who},
        {"term": _("Reason"), "text": asked.decision},
        {
            "term": _("May be anonymised from"),
            "text": asked.erase_from.isoformat() if asked.erase_from else "",
            "num": True,
        },
        {"term": _("Carried out at"), "text": f"{clock.local(asked.done_at):%Y-%m-%d %H:%M}" if asked.done_at else ""},
    ]
    return [row for row in rows if row["text"]]
