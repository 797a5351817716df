"""The page that shows which open tickets today's calendar and limits would move, and moves those that are ticked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints import recount as counting
from complaints import wording
from complaints.actions.recounting import recount_tickets
from complaints.views.place import Place, place_of
from crm_site.accounts import guard
from crm_site.core import clock, formats
from crm_site.core.errors import RuleBroken

CAPABILITY = "complaints.recount"
#: how many tickets a page offers at once; after applying, the next ones come
MOST = 200
BECAUSE = {
    counting.CALENDAR: lambda: _("the calendar has changed"),
    counting.LIMITS: lambda: _("the limits have changed"),
}


@guard.needs(CAPABILITY)
def recount(request: HttpRequest) -> HttpResponse:
    """Open tickets whose deadlines would move, from → to and why; the ticked ones are counted anew."""
    place = place_of(request, CAPABILITY)
    refused = None
    if request.method == "POST":
        try:
            return _apply(request, place)
        except RuleBroken as broken:
            refused = broken
    found = counting.moves(place.store.pk, clock.now())
    ticked = set(request.POST.getlist("ticket"))
    tick_all = refused is None and request.GET.get("all") == "1"
    context = {
        "place": place,
        "rows": [_row(move, ticked, tick_all=tick_all) for move in found[:MOST]],
        "more": max(len(found) - MOST, 0),
        "total": len(found),
        "seen": counting.mark(place.store.pk),
        "reason": request.POST.get("reason", "")[:200],
        "refused": refused,
        "back": place.home,
        "all_url": f"{place.url('complaints:recount')}&all=1",
    }
    status = 200 if refused is None else 409 if refused.code == "stale" else 422
    return render(request, "complaints/settings/recount.html", context, status=status)


def _apply(request: HttpRequest, place: Place) -> HttpResponse:
    chosen = [int(one) for one in request.POST.getlist("ticket") if one.isdecimal() and len(one) < 18]
    reason, seen = request.POST.get("reason", ""), request.POST.get("seen", "")
    by = guard.acting(request, place.store.pk)
    moved = recount_tickets(place.store.pk, chosen, reason=reason, seen=seen, by=by, now=clock.now())
    text = ngettext("%(count)d complaint counted anew.", "%(count)d complaints counted anew.", len(moved))
    messages.success(request, text % {"count": len(moved)} if moved else _("Nothing was left to move."))
    return redirect(place.url("complaints:recount"))


def _row(move: counting.Move, ticked: set[str], *, tick_all: bool) -> dict[str, Any]:
    today = clock.today()
    complaint = move.complaint
    return {
        "ticket": complaint,
        "ticked": tick_all or str(complaint.pk) in ticked,
        "because": _("; ").join(BECAUSE[name]() for name in move.because),
        "changes": [
            {
                "promise": wording.limit(name),
                "before": formats.when(before, today) if before else "–",
                "after": formats.when(after, today) if after else "–",
                "earlier": bool(before and after and after < before),
                "past": bool(after and after < clock.now()),
            }
            for name, before, after in move.changes
        ],
    }
