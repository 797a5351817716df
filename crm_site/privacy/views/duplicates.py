"""Cards that may be one customer: the list, the comparison of two, and the decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.core import clock, paging
from crm_site.core.errors import RuleBroken
from crm_site.core.urls import with_query
from crm_site.privacy import wording_merges as wording
from crm_site.privacy.actions import merging, pairs
from crm_site.privacy.forms.merging import MergeForm
from crm_site.privacy.models import DuplicatePair
from crm_site.privacy.queries import compare, duplicates
from crm_site.privacy.rules import merging as rules
from customers import search
from customers.care import pages
from customers.models import Customer, Phone
from customers.sight import Sight, sights

CAPABILITY = duplicates.CAPABILITY
State = DuplicatePair.State
#: cards that a search offers to be merged with
MOST = 20


@guard.needs(CAPABILITY)
@never_cache
def waiting(request: HttpRequest) -> HttpResponse:
    """The pairs that wait, the likeliest first; `?state=separate` shows those told apart."""
    state = State.SEPARATE if request.GET.get("state") == State.SEPARATE else State.OPEN
    reason = request.GET.get("reason", "")
    reason = reason if reason in wording.REASONS else ""
    rows = duplicates.pairs_for(request.user, state=state, reason=reason).select_related("one", "other", "store")
    page = paging.paginate(rows, order=["-score"], cursor=request.GET.get("cursor", ""))
    total = paging.capped_count(rows)
    context = {
        "tabs": pages.tabs(request.user, "duplicates"),
        "rows": _lines(request, list(page)),
        "total": total,
        "many_stores": len(request.user.store_ids) > 1,
        "is_separate": state == State.SEPARATE,
        "filters": _filters(state, reason),
        "is_narrowed": bool(reason),
        "next_url": with_query(request, cursor=page.next) if page.next else "",
        "previous_url": with_query(request, cursor=page.previous) if page.previous else "",
    }
    return render(request, "privacy/duplicates.html", context)


def _filters(state: str, reason: str) -> list[dict[str, Any]]:
    return [
        {"name": "state", "label": _("Decided"), "value": state,
         "options": [(State.OPEN, _("To be looked at")), (State.SEPARATE, _("Two customers"))]},
        {"name": "reason", "label": _("Why"), "value": reason,
         "options": [("", _("Every reason")), *wording.REASONS.items()]},
    ]  # fmt: skip


def _lines(request: HttpRequest, found: list[DuplicatePair]) -> list[dict[str, Any]]:
    """Each pair with both cards' first number as this person reads it; a fixed number of queries."""
    seen = sights(request.user, (pair.store_id for pair in found))
    ids = {pk for pair in found for pk in (pair.one_id, pair.other_id)}
    numbers: dict[int, str] = {}
    rows = Phone.objects.filter(customer_id__in=ids, contact=None).order_by("rank", "pk")
    for customer_id, number in rows.values_list("customer_id", "number"):
        numbers.setdefault(customer_id, number)
    return [
        {
            "pair": pair,
            "reasons": wording.reasons(pair.reasons),
            "cards": [
                {"card": card, "phone": seen[pair.store_id].value("phone", numbers.get(card.pk, ""))}
                for card in (pair.one, pair.other)
            ],
        }
        for pair in found
    ]


@guard.needs(CAPABILITY)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """One click: these are two customers; or, with `again`, look at them once more."""
    pair = guard.get_or_404(DuplicatePair.objects, request, pk=pk)
    by = guard.acting(request, pair.store_id)
    try:
        if request.POST.get("again"):
            pairs.ask_again(pk, by=by)
            messages.success(request, _("They are to be compared once more."))
        else:
            pairs.tell_apart(pk, by=by, now=clock.now())
            messages.success(request, _("Noted: two customers. They come back only if something new speaks for it."))
    except RuleBroken as broken:
        messages.error(request, broken.message)
    return redirect("privacy:duplicates")


# ---- two cards side by side ------------------------------------------------------------------------------------------


@guard.needs(CAPABILITY)
@never_cache
def two_cards(request: HttpRequest, survivor_pk: int, merged_pk: int) -> HttpResponse:
    """The comparison with the choice of facts: the first card stays, the second one goes into it."""
    survivor, merged = (_card(request, pk) for pk in (survivor_pk, merged_pk))
    if survivor.pk == merged.pk or survivor.store_id != merged.store_id:
        raise Http404
    by = guard.acting(request, survivor.store_id)
    form = MergeForm.of(survivor, merged, request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = merging.merge(
                survivor.pk, merged.pk, form.chosen(), by, clock.now(), submission=told["submission"],
                seen=told["seen"], unlike=told["unlike"],
            )  # fmt: skip
        except RuleBroken as broken:
            form = form.refused(broken, survivor, merged)
        else:
            messages.success(request, _("The two cards are one now."))
            return redirect("privacy:merge", made.pk)
    context = _comparison(request, survivor, merged, form)
    return render(request, "privacy/two_cards.html", context, status=422 if form.is_bound else 200)


def _card(request: HttpRequest, pk: int) -> Customer:
    return guard.get_or_404(Customer.objects.select_related("store", "keeper"), request, pk=pk)


def _comparison(request: HttpRequest, survivor: Customer, merged: Customer, form: MergeForm) -> dict[str, Any]:
    sight = Sight.of(request.user, survivor.store_id)
    one, other = sorted((survivor.pk, merged.pk))
    pair = DuplicatePair.objects.filter(one_id=one, other_id=other).exclude(state=State.MERGED).first()
    facts = compare.facts(survivor, merged, form.chosen(), sight)
    return {
        "form": form,
        "survivor": survivor,
        "merged": merged,
        "facts": facts,
        "differing": sum(not fact.same for fact in facts),
        "own": compare.belongings(survivor, sight),
        "other": compare.belongings(merged, sight),
        "pair": pair,
        "reasons": wording.reasons(pair.reasons) if pair else [],
        "unlike": survivor.customer_type != merged.customer_type,
        "SURVIVOR": rules.SURVIVOR,
        "MERGED": rules.MERGED,
    }


@guard.needs(CAPABILITY)
@never_cache
def partner(request: HttpRequest, pk: int) -> HttpResponse:
    """Which card is the same customer: found by the words of the search, which come by POST."""
    customer = _card(request, pk)
    typed = request.POST.get("q", "").strip()[:60]
    hits = search.find(request.user, typed) if typed else []
    found = [hit.customer for hit in hits if hit.customer.store_id == customer.store_id and hit.customer.pk != pk]
    context = {
        "customer": customer,
        "typed": typed,
        "found": found[:MOST],
        "may": policy.allows(request.user, CAPABILITY, customer.store_id),
    }
    return render(request, "privacy/partner.html", context)
