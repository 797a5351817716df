"""What the pages of rules, results and scripts have in common: whose they are, and the way between them."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts import policy
from crm_site.accounts.models import Store

CAPABILITY = "revisits.rules"


def store_of(request: HttpRequest) -> tuple[Store, list[Store]]:
    """The store in the address, else the first whose rules the user keeps; and all of these. 404 for another's."""
    allowed = policy.stores_allowing(request.user, CAPABILITY)
    stores = list(Store.objects.filter(pk__in=allowed))
    asked = request.GET.get("store", "")
    chosen = next((store for store in stores if str(store.pk) == asked), None) if asked else stores[0]
    if chosen is None:
        raise Http404
    return chosen, stores


def store_field(store: Store, stores: list[Store]) -> list[dict[str, Any]]:
    """The choice of a store for the filter bar; nothing to choose for somebody with one store."""
    if len(stores) < 2:
        return []
    options = [(one.pk, one.short_name) for one in stores]
    return [{"name": "store", "label": _("Store"), "value": store.pk, "options": options}]


def address(name: str, store: Store, *args: Any) -> str:
    """The address of one of these pages for a store."""
    return f"{reverse(f'revisits:{name}', args=args)}?store={store.pk}"


def tabs(here: str, store: Store) -> list[dict[str, Any]]:
    """Rules, results and scripts beside each other."""
    words = {"rules": _("Rules"), "results": _("Call results"), "scripts": _("Scripts")}
    own = [{"label": word, "url": address(name, store), "current": name == here} for name, word in words.items()]
    plans = {"label": _("Service intervals"), "url": f"{reverse('customers:plans')}?store={store.pk}", "current": False}
    return [*own, plans]
