"""What a customer agreed to and does not want: noting a statement, and everything that was ever said."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from crm_site.accounts import guard, policy
from crm_site.core import clock
from customers.actions import consents
from customers.forms.wishes import ConsentForm
from customers.models import Consent, Customer
from customers.views.access import customer_or_404, editable_or_404, form_page, saved, try_to

#: statements and wishes shown; nobody says more
MOST = 200


@guard.needs("customers.edit")
def consent_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that the customer agrees to something, or does not."""
    customer, by = editable_or_404(request, pk)
    form = ConsentForm(request.POST or None, today=clock.today())
    if request.method == "POST" and form.is_valid():
        sent = dict(form.cleaned_data)
        is_given = sent.pop("said") == "yes"
        if try_to(form, lambda: consents.tell(pk, **sent, is_given=is_given, by=by, now=clock.now())):
            return saved(request, customer, "wishes")
    return form_page(request, "customers/consent.html", {"form": form, "customer": customer})


@guard.needs("customers.view")
@never_cache
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that the customer agreed to, refused and took back, with who noted it when and why."""
    customer = customer_or_404(request, pk)
    bans = customer.bans.select_related("vehicle", "set_by", "lifted_by").order_by("-since", "-pk")[:MOST]
    context = {
        "customer": customer,
        "consents": customer.consents.select_related("noted_by").order_by("-told_on", "-pk")[:MOST],
        "bans": bans,
        "today": clock.today(),
        "may_edit": policy.allows(request.user, "customers.edit", customer.store_id),
    }
    return render(request, "customers/wishes_all.html", context)


def of_card(customer: Customer) -> list[dict[str, Any]]:
    """For a card: what holds of each purpose, since when and how it was told; one query."""
    latest: dict[str, Consent] = {}
    for one in customer.consents.order_by("told_on", "pk"):
        latest[one.purpose] = one
    rows = [_row(latest[code], str(word)) for code, word in Consent.Purpose.choices if code in latest]
    if Consent.Purpose.MARKETING not in latest and customer.marketing_consent is not None:
        said = _("Agrees") if customer.marketing_consent else _("Does not agree")
        rows.append({"term": Consent.Purpose.MARKETING.label, "text": said, "note": _("when and how is not known")})
    return rows


def _row(consent: Consent, term: str) -> dict[str, Any]:
    said = _("Agrees") if consent.is_given else _("Does not agree")
    return {"term": term, "text": said, "note": f"{consent.told_on.isoformat()} · {consent.get_source_display()}"}
