"""The page on which an administrator sets how one signs in: of a store, or of the company."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from crm_site.accounts import actions, sign_in_rules
from crm_site.accounts.forms.rules import SignInRulesForm
from crm_site.accounts.guard import acting, needs
from crm_site.accounts.places import Place, place_of
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse

CAPABILITY = "people.sign_in_rules"


@needs(CAPABILITY)
def rules(request: HttpRequest) -> HttpResponse:
    """`?store=12` or `?store=company`; with `reset` the company's rules hold again in a store."""
    place = place_of(request, CAPABILITY, company=CAPABILITY)
    store_id = place.store_id
    by = acting(request, store_id or place.stores[0].pk)
    if request.method == "POST" and "reset" in request.POST and store_id is not None:
        actions.reset_rules(store_id, by=by)
        return _saved(request, place)
    row = sign_in_rules.of_store(store_id)
    form = SignInRulesForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_rules(store_id, form.values(), version=form.sent_version, by=by)
        except RuleBroken as refused:
            refuse(form, refused)
            sent = request.POST.copy()
            sent["version"] = str(row.version)
            form.data = sent
        else:
            return _saved(request, place)
    context = {
        "form": form,
        "name": place.name,
        "is_own": row.pk is not None and row.store_id == store_id and store_id is not None,
        "filters": place.fields,
        "demo": settings.DEMO,
    }
    return render(request, "accounts/sign_in_rules.html", context, status=422 if form.is_bound else 200)


def _saved(request: HttpRequest, place: Place) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect(place.url("accounts:sign_in_rules"))
