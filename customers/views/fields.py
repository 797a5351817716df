"""Facts of the card: what the cards of a store hold, what counts as complete, and what calls ask in passing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm_site.accounts import guard
from crm_site.accounts.models import Employee
from crm_site.accounts.places import Place, place_of
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse, tell_standing
from customers import profile, questions
from customers.actions import fields
from customers.actions.editing import Overlap
from customers.forms.fields import FieldForm, FieldsForm, NewFieldForm, OwnFieldForm, options_to_lines
from customers.models import Group, ProfileField
from customers.rules import profile as rules
from customers.views.access import form_page, show_overlap

CAPABILITY = "customers.fields"
#: which groups the page shows: codes in the address
KINDS = ("person", "org", "cars", "own")


@guard.needs(CAPABILITY)
@never_cache
def table(request: HttpRequest) -> HttpResponse:
    """Every field of one kind with its switches; `?kind=` person, org, cars or own."""
    place, kind = _place(request), _kind(request)
    rows = _rows(place, kind)
    form = FieldsForm(request.POST or None, rows=rows)
    if request.method == "POST" and form.is_valid():
        try:
            changed = fields.save_fields(place.store_id, form.wanted(), form.seen(), by=_acting(request, place))
        except Overlap as overlap:
            form = show_overlap(form, FieldsForm(rows=rows), overlap)
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            _tell(request, changed)
            return redirect(_url(place, kind))
    context = {
        "place": place,
        "form": form,
        "groups": _groups(form, rows, place),
        "tabs": _tabs(place, kind),
        "asked": _asked(place, rules.ORG if kind == "org" else rules.PERSON),
        "is_own": kind == "own",
        "own_left": _own_left(place),
        "new_url": place.url("customers:field_new") if place.store_id else "",
    }
    return render(request, "customers/fields.html", context, status=422 if form.is_bound else 200)


@guard.needs(CAPABILITY)
@never_cache
def change(request: HttpRequest, code: str) -> HttpResponse:
    """One field: its switches and the wording of its question; of an own field also its names and entries."""
    place = _place(request)
    row = next((row for row in _in_force(place) if row.code == code), None)
    if row is None:
        raise Http404
    form = (OwnFieldForm if row.is_custom else FieldForm).of(row, request.POST or None)
    back = _url(place, _kind_of(row))
    if request.method == "POST" and form.is_valid():
        try:
            fields.save_field(place.store_id, code, form.wanted(), form.seen(), by=_acting(request, place))
        except Overlap as overlap:
            form = _with_overlap(form, row, overlap)
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    context = {"place": place, "row": row, "form": form, "back": back, "group": _group_title(row)}
    if row.store_id and not row.is_custom:
        context["reset_url"] = place.url("customers:field_reset", code)
    return form_page(request, "customers/field.html", context)


def _with_overlap(form: FieldForm, row: ProfileField, overlap: Overlap) -> FieldForm:
    """The form again with what stands at the fields that somebody else changed meanwhile."""
    standing = {name.removesuffix(f"_{row.code}"): text for name, text in overlap.standing.items()}
    if "options" in standing:
        standing["options"] = options_to_lines(row.options)
    again = type(form).of(row, form.data_over(type(form).of(row)))
    again.is_valid()
    refuse(again, overlap)
    tell_standing(again, standing)
    return again


@guard.needs(CAPABILITY)
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """A field of the store's own, at most rules.MOST_OWN."""
    place = _place(request)
    if place.store_id is None:
        raise Http404
    form = NewFieldForm(request.POST or None)
    back = _url(place, "own")
    if request.method == "POST" and form.is_valid():
        try:
            fields.add_field(place.store, form.values(), by=_acting(request, place))
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, _("The field is there. It stands on every card of the store."))
            return redirect(back)
    context = {
        "place": place,
        "row": None,
        "form": form,
        "back": back,
        "own_left": _own_left(place),
        "store": place.store,
    }
    return form_page(request, "customers/field.html", context)


@guard.needs(CAPABILITY)
@require_POST
def reset(request: HttpRequest, code: str) -> HttpResponse:
    """Let the company's row of a field hold in the store again."""
    place = _place(request)
    fields.reset_field(place.store.pk, code, by=_acting(request, place))
    messages.success(request, _("The company's setting holds again."))
    return redirect(_url(place, _kind(request)))


# ---- whose ----------------------------------------------------------------------------------------------------------


def _place(request: HttpRequest) -> Place:
    return place_of(request, CAPABILITY, company="customers.company_classes")


def _acting(request: HttpRequest, place: Place) -> Employee:
    """As whom the user acts there; for the company as the employee of the first store."""
    return guard.acting(request, place.store_id or place.stores[0].pk)


def _in_force(place: Place) -> list[ProfileField]:
    return profile.in_force(place.store_id) if place.store_id else list(ProfileField.objects.filter(store=None))


# ---- what is shown --------------------------------------------------------------------------------------------------


def _kind(request: HttpRequest) -> str:
    asked = request.GET.get("kind", "")
    return asked if asked in KINDS else KINDS[0]


def _kind_of(row: ProfileField) -> str:
    """Under which tab a field stands."""
    if row.group == Group.OWN:
        return "own"
    if profile.is_of_cars(row):
        return "cars"
    return "org" if row.customer_type == rules.ORG else "person"


def _rows(place: Place, kind: str) -> list[ProfileField]:
    return [row for row in _in_force(place) if _kind_of(row) == kind]


def _url(place: Place, kind: str) -> str:
    return f"{place.url('customers:fields')}&kind={kind}"


def _tabs(place: Place, kind: str) -> list[dict[str, Any]]:
    words = {
        "person": _("Individuals"), "org": _("Enterprises"), "cars": _("Of each car"), "own": _("Own fields"),
    }  # fmt: skip
    shown = [code for code in KINDS if code != "own" or place.store_id]
    return [{"label": words[code], "url": _url(place, code), "current": code == kind} for code in shown]


def _groups(form: FieldsForm, rows: list[ProfileField], place: Place) -> list[dict[str, Any]]:
    """The fields group by group, each with its switches: [{title, lines}]."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(_group_title(row), []).append(_line(form, row, place))
    return [{"title": title, "lines": lines} for title, lines in found.items()]


def _group_title(row: ProfileField) -> str:
    return _("Of each car") if profile.is_of_cars(row) else profile.group_title(row.group)


def _line(form: FieldsForm, row: ProfileField, place: Place) -> dict[str, Any]:
    return {
        "row": row,
        "is_on": form[f"is_on_{row.code}"],
        "counts": form[f"counts_{row.code}"],
        "ask_position": form[f"ask_position_{row.code}"],
        "question": questions.question_of(row) if row.question_zh else "",
        "is_own": row.store_id is not None,
        "url": place.url("customers:field", row.code),
    }


def _asked(place: Place, customer_type: str) -> list[str]:
    """The questions put to a person or an enterprise in their order, by the names of their fields."""
    rows = [row for row in _in_force(place) if row.is_on and row.customer_type in ("", customer_type)]
    rows = [row for row in rows if questions.is_askable(row)]
    return [row.label for row in profile.in_order_of_asking(rows)]


def _own_left(place: Place) -> int:
    own = sum(row.is_custom and row.is_on for row in _in_force(place))
    return max(0, rules.MOST_OWN - own)


def _tell(request: HttpRequest, changed: list[str]) -> None:
    if changed:
        messages.success(request, _("Saved. Cards show it at once; lists and figures follow in the night."))
    else:
        messages.info(request, _("Nothing was changed."))
