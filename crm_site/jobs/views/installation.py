"""The job room: how the installation is, for whoever answers for it; asks again by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts import guard, policy
from crm_site.accounts.places import may_set_company
from crm_site.core import clock
from crm_site.jobs import pulse, standing, wording_room
from crm_site.jobs.models import Job, State
from crm_site.jobs.views.tabs import tabs


@guard.needs("jobs.room")
def room(request: HttpRequest) -> HttpResponse:
    """Schedule, lanes, backups and, for an admin of every store, the machine; the fragment comes every 15 s."""
    now = clock.now()
    beats = pulse.read(now)
    jobs = Job.objects.visible_to(request.user).filter(policy.open_to(request.user, "jobs.room"))
    context = {
        "figures": _figures(request, beats, jobs, now),
        "entries": standing.schedule(now, beats[pulse.SCHEDULER]),
        "lanes": standing.lanes(jobs, now),
        "backup": standing.deed("backup", now, standing.BACKUP_AFTER),
        "drill": standing.deed("drill", now, standing.DRILL_AFTER),
        "machine": standing.machine() if may_set_company(request.user, "jobs.machine") else None,
        "now": now,
        "tabs": tabs(request, "jobs:room"),
    }
    fragment = request.htmx and request.htmx.target == "room"  # type: ignore[attr-defined]
    return render(request, "jobs/room_inside.html" if fragment else "jobs/room.html", context)


def _figures(request: HttpRequest, beats: dict[str, pulse.Pulse], jobs: Any, now: datetime) -> list[dict[str, Any]]:
    """What one looks at first; a director, who has no ledger, gets no links into it."""
    words = {pulse.WORKER: _("Worker"), pulse.SCHEDULER: _("Clock")}
    running, failed = jobs.filter(state=State.RUNNING).count(), standing.failed_lately(jobs, now)
    counted = [
        {"label": _("Running"), "value": running, "note": _("jobs now"), "url": State.RUNNING},
        {"label": _("Jobs failed"), "value": failed, "note": _("in seven days"), "url": State.FAILED,
         "kind": "bad" if failed else ""},
    ]  # fmt: skip
    may_open = policy.allows(request.user, "jobs.view")
    for figure in counted:
        figure["url"] = f"{reverse('jobs:list')}?state={figure['url']}" if may_open else ""
    return [*(_clockwork(words[name], one, now) for name, one in beats.items()), *counted]


def _clockwork(label: str, one: pulse.Pulse, now: datetime) -> dict[str, Any]:
    if one.is_silent:
        note = _("last heard of %(ago)s") % {"ago": wording_room.ago(one.at, now)} if one.at else _("never heard of")
        return {"label": label, "value": _("silent"), "note": note, "kind": "bad", "icon": "exclamation-octagon"}
    note = _("without a pause for %(span)s") % {"span": wording_room.span(now - one.since)} if one.since else ""
    return {"label": label, "value": _("alive"), "note": note, "kind": "ok", "icon": "check-circle"}
