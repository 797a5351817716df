"""Whose complaint settings a page shows: a store's or the company's, and which stores a change of these reaches."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints import company
from crm_site.accounts import guard, places
from crm_site.accounts.models import Employee

CAPABILITY = "complaints.settings"


class Place(places.Place):
    """One store, or (None) the company, in the settings of complaints."""

    @property
    def home(self) -> str:
        """The first page of the settings, for the same store."""
        return self.url("complaints:settings")

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
    found = places.place_of(request, capability, company="complaints.company" if company_too else "")
    return Place(found.chosen, found.stores, found.has_company)


def acting(request: HttpRequest, place: Place) -> Employee:
    """As whom the user acts there; for the company as the employee of the first store."""
    return guard.acting(request, place.store_id or place.stores[0].pk)
