"""The page on which an administrator sets what holds for personal data: of a store, or of the company."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from crm_site.accounts import data_rules, guard
from crm_site.accounts.places import Place, place_of
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from crm_site.privacy.actions import rules as actions
from crm_site.privacy.forms.rules import DataRulesForm
from crm_site.privacy.views.tabs import tabs

CAPABILITY = "privacy.rules"


@guard.needs(CAPABILITY)
def rules(request: HttpRequest) -> HttpResponse:
    """`?store=12` or `?store=company`; with `reset` the company's rules hold again in a store."""
    place = place_of(request, CAPABILITY, company=CAPABILITY)
    store_id = place.store_id
    by = guard.acting(request, store_id or place.stores[0].pk)
    if request.method == "POST" and "reset" in request.POST and store_id is not None:
        actions.reset_rules(store_id, by=by)
        return _saved(request, place)
    row = data_rules.of_store(store_id)
    form = DataRulesForm(request.POST or None, row=row)
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
        "tabs": tabs(request, "privacy:rules"),
    }
    return render(request, "privacy/rules.html", context, status=422 if form.is_bound else 200)


def _saved(request: HttpRequest, place: Place) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect(place.url("privacy:rules"))
