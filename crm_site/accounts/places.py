"""Whose settings or lists a page shows: one of the stores in which the user may, or the company's defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Store

#: how an address names the company
COMPANY = "company"


@dataclass(frozen=True)
class Place:
    """One store, or (None) the company; and the stores between which the user may choose."""

    chosen: Store | None
    stores: tuple[Store, ...]
    #: whether the company's defaults are among the choices
    has_company: bool = False

    @property
    def store(self) -> Store:
        """The store; 404 where a page is of stores only."""
        if self.chosen is None:
            raise Http404
        return self.chosen

    @property
    def store_id(self) -> int | None:
        """The store's key; None for the company."""
        return self.chosen.pk if self.chosen else None

    @property
    def is_company(self) -> bool:
        """Whether it is the company's defaults."""
        return self.chosen is None

    @property
    def key(self) -> str:
        """How an address names it."""
        return str(self.chosen.pk) if self.chosen else COMPANY

    @property
    def name(self) -> str:
        """The store's short name, or the company's."""
        return self.chosen.short_name if self.chosen else _("Company default")

    def url(self, name: str, *args: Any) -> str:
        """A page for the same place."""
        return f"{reverse(name, args=args)}?store={self.key}"

    @property
    def fields(self) -> list[dict[str, Any]]:
        """The choice of place, where there is one."""
        options = [(str(one.pk), one.short_name) for one in self.stores]
        if self.has_company:
            options.insert(0, (COMPANY, _("Company default")))
        return [{"name": "store", "label": _("Store"), "value": self.key, "options": options}] if options[1:] else []


def place_of(request: HttpRequest, capability: str, *, company: str = "") -> Place:
    """The store in the address, else the first one in which the user has the capability; 404 for any other.

    `company` is the capability that opens the company's defaults too, '' on pages that have none.
    """
    stores = tuple(Store.objects.filter(pk__in=policy.stores_allowing(request.user, capability)).order_by("code"))
    asked, has_company = request.GET.get("store", ""), bool(company) and may_set_company(request.user, company)
    if has_company and asked == COMPANY:
        return Place(None, stores, has_company)
    store = next((one for one in stores if str(one.pk) == asked), None) if asked else next(iter(stores), None)
    if store is None:
        raise Http404
    return Place(store, stores, has_company)


def require_company(request: HttpRequest, capability: str) -> None:
    """Refuse with 403 whoever may not set what holds for every store."""
    if not may_set_company(request.user, capability):
        guard.refuse(request, "role")


def may_set_company(user: Any, capability: str) -> bool:
    """Whether somebody sets what holds for every store: who has the capability in all of them."""
    if not policy.allows(user, capability):
        return False
    roles = policy.roles_for(capability)
    mine = {pk for pk, role in user.roles_by_store.items() if role in roles}
    return mine == set(Store.objects.filter(is_active=True).values_list("pk", flat=True))
