"""How many customers of a store stand in which class, and by which numbers."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from crm_site.accounts import guard, policy
from crm_site.accounts.places import Place, may_set_company, place_of
from customers import class_wording as wording
from customers import classed
from customers.care import pages
from customers.classing import numbers_of
from customers.models import ClassDefinition, Potential
from customers.rules.definitions import LIFECYCLE, LOYALTY, VALUE

CAPABILITY = "customers.classes"


@guard.needs(CAPABILITY)
@never_cache
def classes(request: HttpRequest) -> HttpResponse:
    """Every scheme of one store: the classes with their figures, the rules in words, and the way to change them."""
    place = place_of(request, CAPABILITY)
    numbers, found = numbers_of(place.store_id), classed.counts(request.user, place.store.pk)
    own = set(ClassDefinition.objects.filter(store=place.store).values_list("scheme", flat=True))
    may_set = policy.allows(request.user, "customers.set_classes", place.store_id)
    context = {
        "place": place,
        "fields": place.fields,
        "tabs": pages.tabs(request.user, "loyalty"),
        "schemes": [
            {
                "code": scheme,
                "label": wording.SCHEMES[scheme],
                "lines": _lines(place, scheme, found[scheme]),
                "rules": wording.rules(scheme, numbers),
                "more": wording.after_words(scheme, numbers),
                "is_own": scheme in own,
                "url": place.url("revisits:class_definition", scheme) if may_set else "",
                "company_url": f"{reverse('revisits:class_definition', args=[scheme])}?store=company"
                if may_set_company(request.user, "customers.company_classes")
                else "",
            }
            for scheme in (VALUE, LOYALTY, LIFECYCLE)
        ],
        "potential": _potential(place, found[classed.POTENTIAL]),
        "job": classed.last_reckoned(place.store.pk),
        "may_set": may_set,
        "now_url": place.url("revisits:classes_now"),
    }
    return render(request, "customers/classing/overview.html", context)


def _lines(place: Place, scheme: str, found: Counter[str]) -> list[dict[str, Any]]:
    """The classes of a scheme with how many stand there; each opens the list of them."""
    everybody = sum(found.values())
    codes = [*wording.CLASSES[scheme].values, ""]
    return [
        {
            "word": wording.word(scheme, code) if code else _("Not classed"),
            "kind": wording.KINDS.get(code, "line"),
            "number": found[code],
            "share": found[code] / everybody if everybody else None,
            "url": _list_url(scheme, code),
        }
        for code in codes
    ]


def _potential(place: Place, found: Counter[str]) -> list[dict[str, Any]]:
    return [
        {"word": word, "number": found[code], "url": _list_url("potential", code)} for code, word in Potential.choices
    ]


def _list_url(name: str, code: str) -> str:
    return f"{reverse('customers:list')}?{name}={code or '-'}"
