"""Whose settings a page shows: one of the stores in which the user sets something, or the company's defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints import company
from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee, Store

CAPABILITY = "complaints.settings"
#: how an address names the company's defaults
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
        """A page of the settings, for the same store."""
        return f"{reverse(name, args=args)}?store={self.key}"

    @property
    def home(self) -> str:
        """The first page of the settings, for the same store."""
        return self.url("complaints:settings")

    @property
    def fields(self) -> list[dict[str, Any]]:
        """The choice of store, where there is one."""
        options = [(str(one.pk), one.short_name) for one in self.stores]
        if self.has_company:
            options.insert(0, (COMPANY, _("Company default")))
        return [{"name": "store", "label": _("Store"), "value": self.key, "options": options}] if options[1:] else []

    def effect(self, part: str, code: str = "") -> str:
        """For which stores a change of the company's holds: those without settings of their own; '' for a store."""
        if not self.is_company:
            return ""
        without, stores = company.stores_without(part, code)
        if not without:
            return _("Every store has its own here; a change reaches none of them.")
        text = ngettext(
            "A change holds for %(without)d of %(count)d store: those that have not set their own here.",
            "A change holds for %(without)d of %(count)d stores: those that have not set their own here.",
            stores,
        )
        return text % {"without": without, "count": stores}


def place_of(request: HttpRequest, capability: str = CAPABILITY, *, company_too: bool = False) -> Place:
    """The store in the address, or the first one; 404 for one in which this user sets nothing."""
    stores = tuple(Store.objects.filter(pk__in=policy.stores_allowing(request.user, capability)).order_by("code"))
    asked, has_company = request.GET.get("store", ""), company_too and may_set_company(request.user)
    if has_company and asked == COMPANY:
        return Place(None, stores, has_company)
    store = next((one for one in stores if str(one.pk) == asked), None) if asked else stores[0]
    if store is None:
        raise Http404
    return Place(store, stores, has_company)


def may_set_company(user: Any) -> bool:
    """Whether somebody sets what holds for every store: an admin of all of them."""
    if not policy.allows(user, "complaints.company"):
        return False
    roles = policy.roles_for("complaints.company")
    mine = {pk for pk, role in user.roles_by_store.items() if role in roles}
    return mine == set(Store.objects.filter(is_active=True).values_list("pk", flat=True))


def acting(request: HttpRequest, place: Place) -> Employee:
    """As whom the user acts there; for the company as the employee of the first store."""
    return guard.acting(request, place.store_id or place.stores[0].pk)
