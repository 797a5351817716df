"""The page's heartbeat: says that it is open, and hears who else is there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from complaints import wording
from complaints.actions import presence
from complaints.models import Complaint
from crm_site.accounts import guard
from crm_site.core import clock

MOST_NAMES = 3


@guard.heartbeat
@require_POST
@guard.needs("complaints.view")
def beat(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that this person looks at the ticket, or has left it; answers with who else does."""
    now = clock.now()
    if "leave" in request.POST:
        presence.leave(pk, request.user)
        return HttpResponse(status=204)
    writing = request.POST.get("writing", "")
    if not presence.renew(pk, request.user, writing=writing, now=now):
        ticket = guard.get_or_404(Complaint.objects, request, pk=pk)
        presence.enter(ticket, guard.acting(request, ticket.store_id), writing=writing, now=now)
    return render(request, "complaints/presence.html", {"there": there(pk, request.user, now)})


def there(complaint_id: int, user: Any, now: datetime) -> list[dict[str, str]]:
    """Who else is there, in words: each who writes with what, the others in one line."""
    rows = list(presence.others(complaint_id, user, now))
    writing = [
        {
            "icon": "pencil",
            "words": _("%(name)s is writing: %(what)s")
            % {"name": row.employee.name, "what": wording.step(row.writing)},
        }
        for row in rows
        if row.writing
    ]
    names = [row.employee.name for row in rows if not row.writing]
    return writing + ([{"icon": "eye", "words": _looking(names)}] if names else [])


def _looking(names: list[str]) -> str:
    if len(names) > MOST_NAMES:
        first = _(", ").join(names[:MOST_NAMES])
        return _("%(names)s and others are looking too (%(count)s)") % {"names": first, "count": len(names)}
    if len(names) == 1:
        return _("%(name)s is looking too") % {"name": names[0]}
    return _("%(names)s are looking too") % {"names": _(", ").join(names)}
