"""The page on which an administrator sets what holds for personal data: of a store, or of the company."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts import data_rules, guard, policy
from crm_site.accounts.models import Store
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from crm_site.privacy.actions import rules as actions
from crm_site.privacy.forms.rules import DataRulesForm
from crm_site.privacy.views.tabs import tabs

COMPANY = "company"


@guard.needs("privacy.rules")
def rules(request: HttpRequest) -> HttpResponse:
    """`?store=12` or `?store=company`; with `reset` the company's rules hold again in a store."""
    stores = Store.objects.filter(pk__in=policy.stores_allowing(request.user, "privacy.rules")).order_by("code")
    chosen, may_company = _chosen(request, list(stores)), _may_set_company(request.user)
    if chosen is None and not may_company:
        raise Http404
    store_id = chosen.pk if chosen else None
    by = guard.acting(request, store_id or stores[0].pk)
    if request.method == "POST" and "reset" in request.POST and store_id is not None:
        actions.reset_rules(store_id, by=by)
        return _saved(request, store_id)
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
            return _saved(request, store_id)
    context = {
        "form": form,
        "name": chosen.short_name if chosen else _("Company default"),
        "is_own": row.pk is not None and row.store_id == store_id and store_id is not None,
        "filters": _choice(list(stores), store_id, may_company),
        "tabs": tabs(request, "privacy:rules"),
    }
    return render(request, "privacy/rules.html", context, status=422 if form.is_bound else 200)


def _chosen(request: HttpRequest, stores: list[Store]) -> Store | None:
    """The store in the address, else the first; None for the company; 404 for one that is not the user's."""
    asked = request.GET.get("store", "")
    if asked == COMPANY:
        return None
    found = next((one for one in stores if str(one.pk) == asked), None) if asked else stores[0]
    if found is None:
        raise Http404
    return found


def _may_set_company(user: Any) -> bool:
    """Whether somebody sets what holds for every store: an administrator of all of them."""
    roles = policy.roles_for("privacy.rules")
    mine = {pk for pk, role in user.roles_by_store.items() if role in roles}
    return mine == set(Store.objects.filter(is_active=True).values_list("pk", flat=True))


def _choice(stores: list[Store], store_id: int | None, may_company: bool) -> list[dict[str, Any]]:
    options = [(str(one.pk), one.short_name) for one in stores]
    if may_company:
        options.insert(0, (COMPANY, _("Company default")))
    value = COMPANY if store_id is None else str(store_id)
    return [{"name": "store", "label": _("Store"), "value": value, "options": options}] if options[1:] else []


def _saved(request: HttpRequest, store_id: int | None) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect(f"{reverse('privacy:rules')}?store={store_id or COMPANY}")
