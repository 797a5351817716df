"""Looking at a hidden fact of a card: asking why, showing it once, and hiding it again."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.views.decorators.cache import never_cache

from crm_site.accounts import guard
from crm_site.accounts.models import Employee
from crm_site.core import clock, formats, masking
from crm_site.core.errors import RuleBroken
from customers import sight
from customers.actions import reveals
from customers.models import Customer
from customers.rules import looks
from customers.views.access import customer_or_404
from customers.wording import LOOK_REASONS

#: seconds for which a fact stays on the page
SHOWN_SECONDS = 60


@guard.needs("customers.reveal")
@never_cache
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why (`?fact=phone:12`; with `&hide=1` only the masked fact again); a POST shows the fact, once."""
    customer = customer_or_404(request, pk)
    guard.require(request, "customers.reveal", customer)
    by = guard.acting(request, customer.store_id)
    if request.method == "POST":
        return _shown(request, customer, by)
    return _asked(request, customer, by, fact=request.GET.get("fact", ""))


def _shown(request: HttpRequest, customer: Customer, by: Employee) -> HttpResponse:
    """The fact in full, written down; a refusal asks again with what to do."""
    sent, now = request.POST, clock.now()
    fact, reason, note = sent.get("fact", ""), sent.get("reason", ""), sent.get("note", "")
    try:
        text = reveals.reveal(
            customer.pk, fact, reason=reason, note=note, by=by, now=now, today=clock.business_day(now)
        )
    except RuleBroken as broken:
        return _asked(request, customer, by, fact=fact, problem=broken.message, note=note)
    kind = fact.partition(":")[0]
    shown = formats.grouped_phone(text) if kind == "phone" else text
    answer = _answer(request, "revealed", {**_about(customer, fact), "shown": shown, "seconds": SHOWN_SECONDS})
    if not request.htmx:  # type: ignore[attr-defined]  # without a script the page itself goes on to the card
        answer["Refresh"] = f"{SHOWN_SECONDS}; url={reverse('customers:card', args=[customer.pk])}"
    return answer


def _asked(
    request: HttpRequest, customer: Customer, by: Employee, *, fact: str, problem: str = "", note: str = ""
) -> HttpResponse:
    """The fact masked, with the question why; 404 for what the card does not have."""
    try:
        masked = masking.fact(fact.partition(":")[0], reveals.peek(customer, fact))
    except RuleBroken:
        raise Http404 from None
    context = {**_about(customer, fact), "masked": masked, "problem": problem, "note": note}
    if request.GET.get("hide"):
        return render(request, "customers/hidden.html", {**context, "may_reveal": True})
    left = reveals.left_today(by, customer.store_id, clock.today())
    return _answer(request, "look", {**context, "reasons": _reasons(), "left": left}, refused=bool(problem))


def _about(customer: Customer, fact: str) -> dict[str, Any]:
    return {"customer": customer, "customer_id": customer.pk, "fact": fact, "label": _label(fact)}


def _label(fact: str) -> str | Promise:
    return sight.FACTS.get(fact.partition(":")[0], "")


def _reasons() -> list[tuple[str, str | Promise]]:
    return [(code, LOOK_REASONS[code]) for code in looks.OFFERED]


def _answer(request: HttpRequest, name: str, context: dict[str, Any], *, refused: bool = False) -> HttpResponse:
    """The piece in place of the fact, or a page of its own for a browser without scripts."""
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, f"customers/{name}.html", context)
    return render(request, f"customers/{name}_page.html", context, status=422 if refused else 200)
