"""The merges that were made: what each moved, whether it can be taken back, and taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm_site.accounts import guard
from crm_site.core import clock, paging
from crm_site.core.errors import RuleBroken
from crm_site.core.urls import with_query
from crm_site.privacy import wording_merges as wording
from crm_site.privacy.actions import unmerging
from crm_site.privacy.models import Merge, MergeRow
from crm_site.privacy.queries import duplicates
from customers.care import pages

CAPABILITY = duplicates.CAPABILITY
#: rows that stayed, as named one by one
MOST = 200


@guard.needs(CAPABILITY)
@never_cache
def merges(request: HttpRequest) -> HttpResponse:
    """The merges of one's stores, newest first."""
    page = paging.paginate(duplicates.merges_for(request.user), order=["-at"], cursor=request.GET.get("cursor", ""))
    context = {
        "tabs": pages.tabs(request.user, "merges"),
        "rows": page.rows,
        "next_url": with_query(request, cursor=page.next) if page.next else "",
        "previous_url": with_query(request, cursor=page.previous) if page.previous else "",
    }
    return render(request, "privacy/merges.html", context)


@guard.needs(CAPABILITY)
@never_cache
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """One merge: what it moved, what stayed when it was taken back, and whether it still can be."""
    row = guard.get_or_404(Merge.objects.select_related("survivor", "merged", "by", "undone_by"), request, pk=pk)
    problem = unmerging.why_not(row, clock.now())
    context = {
        "merge": row,
        "moved": _moved(row),
        "stayed": [wording.stayed(*one) for one in row.stayed[:MOST]],
        "stayed_count": len(row.stayed),
        "problem": problem[1] if problem and row.undone_at is None else "",
        "may_undo": problem is None,
    }
    return render(request, "privacy/merge.html", context)


def _moved(row: Merge) -> list[dict[str, Any]]:
    """How many rows of which table were moved, changed, made or given up."""
    words = {
        MergeRow.Kind.MOVED: _("moved"),
        MergeRow.Kind.CHANGED: _("changed"),
        MergeRow.Kind.DROPPED: _("was there twice"),
        MergeRow.Kind.MADE: _("added"),
    }
    counted = row.rows.order_by().values("kind", "relation").annotate(n=Count("pk"))
    lines: dict[tuple[str, str], int] = {}
    for one in counted:
        key = (wording.table(one["relation"]), str(words[one["kind"]]))
        lines[key] = lines.get(key, 0) + one["n"]
    return [{"term": f"{table} · {what}", "text": str(number)} for (table, what), number in sorted(lines.items())]


@guard.needs(CAPABILITY)
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a merge back; what has to stay is listed on its page."""
    row = guard.get_or_404(Merge.objects, request, pk=pk)
    try:
        done = unmerging.unmerge(pk, guard.acting(request, row.store_id), clock.now())
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        text = _("The merge is taken back. What stayed with the surviving card stands below.")
        messages.success(request, text if done.stayed else _("The merge is taken back. Every row is where it was."))
    return redirect("privacy:merge", pk)
