"""Setting the numbers by which customers are classed, with the effect before saving, and reckoning at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crm_site.accounts import guard
from crm_site.accounts.models import Store
from crm_site.accounts.places import Place, place_of
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from customers import class_wording as wording
from customers.actions import definitions
from customers.classing import numbers_of
from customers.forms.classing import DefinitionForm
from customers.models import ClassDefinition
from revisits import classes
from revisits.queries.class_effect import Effect, effect

CAPABILITY = "customers.set_classes"
#: what a button of the form does
LOOK, SAVE = "look", "save"


@require_http_methods(["GET", "HEAD", "POST"])
@guard.needs(CAPABILITY)
@never_cache
def definition(request: HttpRequest, scheme: str) -> HttpResponse:
    """The numbers of one scheme for a store or the company; what they would do is shown before they are saved."""
    if scheme not in wording.SCHEMES:
        raise Http404
    place = place_of(request, CAPABILITY, company="customers.company_classes")
    if request.method == "POST" and "reset" in request.POST:
        return _reset(request, place, scheme)
    form = _form(place, scheme, request.POST or None)
    found = None
    if request.method == "POST" and form.is_valid():
        try:
            definitions.refuse_odd(scheme, form.numbers())
            if not _wants_to_look(request, form):
                _save(request, place, scheme, form)
                return redirect(place.url("customers:classes") if place.chosen else reverse("customers:classes"))
            found = effect(_stores(place, scheme), scheme, form.numbers(), clock.today())
        except RuleBroken as refused:
            refuse(form, refused)
    return render(request, "revisits/classes/definition.html", _context(place, scheme, form, found))


def _form(place: Place, scheme: str, data: Any) -> DefinitionForm:
    version = definitions.version_of(place.store_id, scheme)
    return DefinitionForm(data, scheme=scheme, numbers=numbers_of(place.store_id)[scheme], version=version)


def _wants_to_look(request: HttpRequest, form: DefinitionForm) -> bool:
    """Whether the effect is shown first: asked for, or something was changed after it had been looked at."""
    return request.POST.get("go", SAVE) == LOOK or form.cleaned_data["looked"] != form.digest


def _save(request: HttpRequest, place: Place, scheme: str, form: DefinitionForm) -> None:
    by = guard.acting(request, place.store_id or place.stores[0].pk)
    version = form.cleaned_data["version"]
    definitions.save_definition(place.store_id, scheme, form.numbers(), version=version, by=by, now=clock.now())
    for store in Store.objects.filter(pk__in=_stores(place, scheme)):
        classes.ask_now(store, by)
    messages.success(request, _("Saved. The classes are being reckoned anew in the background."))


def _reset(request: HttpRequest, place: Place, scheme: str) -> HttpResponse:
    """The company's numbers hold again."""
    by = guard.acting(request, place.store.pk)
    definitions.reset_definition(place.store.pk, scheme, by=by)
    classes.ask_now(place.store, by)
    messages.success(request, _("The company's numbers hold again. The classes are being reckoned anew."))
    return redirect(place.url("customers:classes"))


def _stores(place: Place, scheme: str) -> list[int]:
    """The stores in which a change holds: one, or all active ones without numbers of their own."""
    if place.store_id:
        return [place.store_id]
    own = ClassDefinition.objects.filter(scheme=scheme, store__isnull=False).values("store")
    return list(Store.objects.filter(is_active=True).exclude(pk__in=own).values_list("pk", flat=True))


def _context(place: Place, scheme: str, form: DefinitionForm, found: Effect | None) -> dict[str, Any]:
    numbers = numbers_of(place.store_id)
    return {
        "place": place,
        "fields": place.fields,
        "label": wording.SCHEMES[scheme],
        "form": form,
        "effect": _drawn(scheme, found) if found else None,
        "looked": form.digest if found else "",
        "is_own": definitions.version_of(place.store_id, scheme) > 0 and place.store_id is not None,
        "reach": _reach(place, scheme),
        "rules": wording.rules(scheme, numbers),
        "more": wording.after_words(scheme, numbers),
        "back": place.url("customers:classes") if place.chosen else reverse("customers:classes"),
    }


def _reach(place: Place, scheme: str) -> str:
    """For how many stores a change of the company's numbers holds; '' for a store."""
    if place.store_id:
        return ""
    count = len(_stores(place, scheme))
    text = ngettext(
        "A change holds for %(n)d store: those without numbers of their own.",
        "A change holds for %(n)d stores: those without numbers of their own.",
        count,
    )
    return text % {"n": count}


def _drawn(scheme: str, found: Effect) -> dict[str, Any]:
    """The effect as a table from class to class, the greatest moves first."""
    ordered = sorted(found.moves.items(), key=lambda one: (-one[1], one[0]))
    return {
        "moved": found.moved,
        "customers": found.customers,
        "looked_at": found.looked_at,
        "is_sample": found.is_sample,
        "rows": [
            {
                "before": wording.word(scheme, before) if before else _("Not classed"),
                "after": wording.word(scheme, after) if after else _("Not classed"),
                "number": found.of_all(number),
            }
            for (before, after), number in ordered
        ],
    }


@guard.needs(CAPABILITY)
@require_POST
def now(request: HttpRequest) -> HttpResponse:
    """Reckon the classes of a store at once."""
    place = place_of(request, CAPABILITY)
    classes.ask_now(place.store, guard.acting(request, place.store.pk))
    messages.success(request, _("The classes are being reckoned anew in the background."))
    return redirect(place.url("customers:classes"))
