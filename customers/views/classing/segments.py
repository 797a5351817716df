"""Segments: the filters of the list under a name, how many they leave now, and which rules ask for them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm_site.accounts import guard
from crm_site.accounts.places import place_of
from crm_site.core import clock, paging
from crm_site.core.errors import RuleBroken
from crm_site.core.urls import with_query
from customers import filtering
from customers.actions import segments as actions
from customers.care import pages
from customers.forms.classing import SegmentForm
from customers.models import Customer, Segment
from customers.views.access import form_page, try_to

CAPABILITY = "customers.segments"


@guard.needs(CAPABILITY)
@never_cache
def segments(request: HttpRequest) -> HttpResponse:
    """The segments of a store by name; how many each leaves is counted when its row has come."""
    place, retired = place_of(request, CAPABILITY), request.GET.get("state") == "retired"
    rows = Segment.objects.visible_to(request.user).filter(store=place.store, retired_on__isnull=not retired)
    page = paging.paginate(rows.select_related("created_by"), order=["name"], cursor=request.GET.get("at", ""))
    used = actions.uses(place.store.pk, clock.today())
    context = {
        "place": place,
        "tabs": pages.tabs(request.user, "segments"),
        "fields": [
            *place.fields,
            {"name": "state", "label": _("State"), "value": "retired" if retired else "",
             "options": [("", _("In use")), ("retired", _("Retired"))]},
        ],
        "lines": [_line(one, place.store.pk, used) for one in page],
        "is_retired": retired,
        "next_url": with_query(request, at=page.next) if page.next else "",
        "previous_url": with_query(request, at=page.previous) if page.previous else "",
    }  # fmt: skip
    return render(request, "customers/classing/segments.html", context)


def _line(segment: Segment, store_id: int, used: dict[int, list[str]]) -> dict[str, Any]:
    return {
        "segment": segment,
        "filters": filtering.describe(filtering.parse(segment.query), stores=[store_id]),
        "rules": used.get(segment.pk, []),
        "url": f"{reverse('customers:list')}?segment={segment.pk}",
    }


@guard.needs(CAPABILITY)
@never_cache
def count(request: HttpRequest, pk: int) -> HttpResponse:
    """How many customers a segment leaves now, as a piece of its row."""
    segment = guard.get_or_404(Segment.objects, request, pk=pk)
    return render(
        request, "customers/classing/count.html", {"count": _members(request, segment.store_id, segment.query)}
    )


def _members(request: HttpRequest, store_id: int, query: str) -> paging.Count:
    rows = Customer.objects.visible_to(request.user).filter(store_id=store_id)
    found = filtering.narrow(rows, filtering.parse(query), today=clock.today(), stores=[store_id])
    return paging.capped_count(found)


@guard.needs(CAPABILITY)
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """Keep the filters in the address (those of the list page) under a name."""
    place = place_of(request, CAPABILITY)
    asked = filtering.parse(request.GET)
    query = urlencode(asked)
    form = SegmentForm(request.POST or None, initial={"query": query})
    if request.method == "POST" and form.is_valid():
        query = form.cleaned_data["query"]
        by = guard.acting(request, place.store.pk)
        act = lambda: actions.create_segment(  # noqa: E731 - tried by try_to
            place.store.pk, name=form.cleaned_data["name"], query=query, by=by, now=clock.now()
        )
        if try_to(form, act):
            messages.success(request, _("The segment is there. Rules and the list can ask for it."))
            return redirect(place.url("customers:segments"))
    asked = filtering.parse(dict(parse_qsl(query)))
    context = {
        "form": form,
        "place": place,
        "filters": filtering.describe(asked, stores=[place.store.pk]),
        "count": _members(request, place.store.pk, query) if asked else None,
        "back": f"{reverse('customers:list')}?{query}",
        "hidden": list(asked.items()),
    }
    return form_page(request, "customers/classing/segment_new.html", context)


@guard.needs(CAPABILITY)
@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer a segment no more, unless a rule asks for it."""
    segment = guard.get_or_404(Segment.objects, request, pk=pk)
    by = guard.acting(request, segment.store_id)
    try:
        actions.retire_segment(segment.pk, by=by, on=clock.today())
        messages.success(request, _("The segment is retired."))
    except RuleBroken as refused:
        messages.error(request, refused.message)
    return redirect(f"{reverse('customers:segments')}?store={segment.store_id}")
