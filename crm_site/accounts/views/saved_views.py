"""Saved views: a page's filters under a name, one's own or shared with a store; any list or dashboard may offer them.

A page takes part by its line in SAVED_VIEW_PAGES and by `menu(request, page, …)` in its context, shown with
`components/saved_views.html`. What a view keeps is codes and keys; the page reads them like any other address, so a
shared view never shows more than who opens it may see.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_site.accounts import actions, guard, policy
from crm_site.accounts.models import SavedView, Store
from crm_site.core import clock
from crm_site.core.errors import RuleBroken

#: what is no filter: places in a list, the month (a view shows the running one), words typed to find somebody
NOT_KEPT = ("page", "after", "filters", "month", "q", "search", "csrfmiddlewaretoken")
LONGEST_QUERY = 500
_NAME = re.compile(r"[a-z_]{1,30}")


def menu(request: HttpRequest, page: str, *args: str, store_id: int | None = None) -> dict[str, Any]:
    """What `components/saved_views.html` needs on a page: its views, and what saving this one would keep.

    `page` is a URL name of SAVED_VIEW_PAGES with its arguments; `store_id` the store that the page is about, the
    user's first unless told. One query.
    """
    stores = policy.stores_allowing(request.user, _capability(page))
    key = " ".join((page, *args))
    query = kept(request.GET.urlencode())
    visible = SavedView.objects.visible_to(request.user).filter(page=key, store_id__in=stores)
    rows = [_line(request, row) for row in visible.select_related("owner").order_by("name", "pk")]
    return {
        "rows": rows,
        "page": key,
        "query": query,
        "store": store_id if store_id in stores else next(iter(stores), ""),
        "current": next((row for row in rows if row["query"] == query), None),
    }


def kept(query: str) -> str:
    """The filters of an address in their own order by name, without what is no filter; '' where nothing is left."""
    pairs = sorted({(name, value) for name, value in parse_qsl(query) if name not in NOT_KEPT})
    written = urlencode(pairs)
    fits = len(written) <= LONGEST_QUERY and all(_NAME.fullmatch(name) and "\0" not in value for name, value in pairs)
    return written if fits else ""


def _capability(page: str) -> str:
    """The capability behind a page; 404 for one that takes no part."""
    capability = settings.SAVED_VIEW_PAGES.get(page)
    if capability is None:
        raise Http404
    return capability


def _address(page: str, query: str) -> str:
    """Where a view leads; 404 for a page that is not there, or whose name is longer than a view can keep."""
    if len(page) > (SavedView._meta.get_field("page").max_length or 0):
        raise Http404
    name, *args = page.split(" ")
    _capability(name)
    try:
        path = reverse(name, args=args)
    except NoReverseMatch as unknown:
        raise Http404 from unknown
    return f"{path}?{query}" if query else path


def _line(request: HttpRequest, row: SavedView) -> dict[str, Any]:
    is_own = row.owner_id == request.user.pk
    return {
        "pk": row.pk,
        "name": row.name,
        "url": _address(row.page, row.query),
        "query": row.query,
        "is_own": is_own,
        "is_shared": row.is_shared,
        "owner": "" if is_own else row.owner.name,
    }


@guard.needs("profile")
def views(request: HttpRequest) -> HttpResponse:
    """One's own views with what can be done about each, and those that colleagues share."""
    known = [name for name, capability in settings.SAVED_VIEW_PAGES.items() if policy.allows(request.user, capability)]
    visible = SavedView.objects.visible_to(request.user).filter(store_id__in=request.user.store_ids)  # type: ignore[union-attr]
    rows = [row for row in visible.select_related("owner", "store") if row.page.split(" ")[0] in known]
    lines = [{**_line(request, row), "store": row.store.short_name} for row in rows]
    context = {
        "own": [line for line in lines if line["is_own"]],
        "shared": [line for line in lines if not line["is_own"]],
        "shows_store": len(request.user.store_ids) > 1,  # type: ignore[union-attr]
    }
    return render(request, "accounts/views.html", context)


@require_POST
@guard.needs("profile")
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filters of a page under a name, and go back to it."""
    page, query = request.POST.get("page", ""), kept(request.POST.get("query", ""))
    capability, target = _capability(page.split(" ")[0]), _address(page, query)
    store = _store(request, capability)
    try:
        view, is_new = actions.save_view(
            request.user,  # type: ignore[arg-type]
            store_id=store.pk,
            page=page,
            query=query,
            name=request.POST.get("name", ""),
            is_shared=request.POST.get("is_shared") == "1",
            at=clock.now(),
        )
    except RuleBroken as refused:
        messages.error(request, refused.message)
    else:
        text = _("Saved as “%(name)s”.") if is_new else _("“%(name)s” now shows these filters.")
        messages.success(request, text % {"name": view.name})
    return redirect(target)


def _store(request: HttpRequest, capability: str) -> Store:
    """The store that a view belongs to, one of those in which the user may open the page; else 404."""
    stores = policy.stores_allowing(request.user, capability)
    if not stores:
        guard.refuse(request, "role")
    written = request.POST.get("store", "")
    key = next((pk for pk in stores if str(pk) == written), None)
    if key is None:
        raise Http404
    return Store.objects.get(pk=key)


@require_POST
@guard.needs("profile")
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a view of one's own, share it or withdraw it."""
    row = _own(request, pk)
    try:
        actions.change_view(
            row,
            name=request.POST.get("name", ""),
            is_shared=request.POST.get("is_shared") == "1",
            by=request.user,  # type: ignore[arg-type]
        )
    except RuleBroken as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The view is changed."))
    return redirect("accounts:views")


@require_POST
@guard.needs("profile")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a view of one's own."""
    actions.delete_view(_own(request, pk), by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("The view is deleted."))
    return redirect("accounts:views")


def _own(request: HttpRequest, pk: int) -> SavedView:
    """A view of this user; a colleague's shared one is 403, anything else 404."""
    row = guard.get_or_404(SavedView.objects, request, pk=pk)
    if row.owner_id != request.user.pk:
        guard.refuse(request, "owner", row)
    return row
