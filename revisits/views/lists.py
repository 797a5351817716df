"""The due list, taking the next call, all calls, and why somebody is not on the list."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Store
from crm_site.core import clock, paging
from crm_site.core.errors import RuleBroken
from revisits import actions, queries
from revisits.lines import line, origin, state_status
from revisits.models import Channel, Revisit, State
from revisits.queries import lists
from revisits.queries.coverage import KINDS
from revisits.queries.drafts import interrupted
from revisits.queries.lists import BUCKETS, DUE, LAST_DAY, OVERDUE, PROMISED, DueFilters
from revisits.rules import outcomes
from revisits.views import choices
from revisits.wording import ASKED_BEFORE, quiet_word, reason_word

#: how many lines the due list shows, and adds with each step
LINES = 40
MOST_LINES = 400


@guard.needs("revisits.desk")
def today(request: HttpRequest) -> HttpResponse:
    """Today's calls: what may be called now and in which order, in figures and lines."""
    now, day = clock.now(), clock.today()
    whole = lists.due_list(request.user, now, day).filter(store_id__in=_stores(request))
    filters = _filters(request)
    rows = lists.narrowed(whole, filters, request.user, now)
    counts = lists.figures(lists.narrowed(whole, _without_bucket(filters), request.user, now))
    shown = _shown(request)
    first = _first_waiting(request, now, day)
    found = list(lists.in_order(rows, day)[:shown])
    total = counts[filters.bucket] if filters.bucket in BUCKETS else counts["total"]
    context = {
        "figures": _figures(request, filters, counts, now, day),
        "groups": _groups(found, counts, now, day, first),
        "fields": choices.due_fields(whole, filters, request.user.store_ids),
        "hidden": [("bucket", filters.bucket)] if filters.bucket else [],
        "is_narrowed": filters != DueFilters(),
        "next": first,
        "held": list(interrupted(request.user, now)),
        "shown": len(found),
        "total": total,
        "more": min(LINES, max(total - shown, 0)) if shown < MOST_LINES else 0,
        "more_to": shown + LINES,
        "meta": _meta(request, now, day),
        "quiet": quiet_word(now),
        "last_run": lists.last_run(request.user),
        "may_manage": policy.allows(request.user, "revisits.manage"),
        "may_why": policy.allows(request.user, "revisits.why"),
        "today": day,
    }
    return render(request, "revisits/today.html", context)


def _filters(request: HttpRequest) -> DueFilters:
    names = ("bucket", "rule", "owner", "result", "series")
    return DueFilters(**{name: request.GET.get(name, "")[:60] for name in names})


def _without_bucket(filters: DueFilters) -> DueFilters:
    return DueFilters("", filters.rule, filters.owner, filters.result, filters.series)


def _shown(request: HttpRequest) -> int:
    wanted = request.GET.get("show", "")
    return min(int(wanted), MOST_LINES) if wanted.isdecimal() and len(wanted) < 6 and int(wanted) > 0 else LINES


def _stores(request: HttpRequest) -> list[int]:
    """The stores in which the user calls."""
    return policy.stores_allowing(request.user, "revisits.desk")


def _first_waiting(request: HttpRequest, now: datetime, day: date) -> Revisit | None:
    """The call that the button would take."""
    for store_id in _stores(request):
        employee = request.user.employee_in(store_id)
        if employee:
            rows = queries.waiting_for(employee, request.user.role_in(store_id), now=now, today=day)
            found = rows.select_related("customer").first()
            if found:
                return found
    return None


def _figures(
    request: HttpRequest, filters: DueFilters, counts: dict[str, Any], now: datetime, day: date
) -> list[dict[str, Any]]:
    """The five tabs; the last four add up to the first."""
    done = lists.done_on(request.user, day)
    notes = {
        "": _("%(done)s done today, %(all)s in all") % {"done": done, "all": done + counts["total"]},
        PROMISED: _promise_note(counts, now),
        OVERDUE: choices.oldest_note(counts["oldest"], day),
        DUE: ngettext("%(count)s satisfaction call", "%(count)s satisfaction calls", counts["scored"])
        % {"count": counts["scored"]},
        LAST_DAY: _("late after today"),
    }
    tabs = [
        ("", _("All to call"), "", "", True),
        (PROMISED, _("Promised"), "accent", "clock", True),
        (OVERDUE, _("Overdue"), "bad", "exclamation-octagon", False),
        (DUE, pgettext("call", "Due today"), "", "calendar-check", False),
        (LAST_DAY, pgettext("call", "Last day"), "warn", "hourglass-split", False),
    ]
    return [
        {
            "label": label,
            "value": counts[code or "total"],
            "note": notes[code],
            "url": choices.url_with(request, bucket=code, show=""),
            "current": filters.bucket == code,
            "kind": kind if counts[code or "total"] else "",
            "icon": icon,
            "wide": wide,
        }
        for code, label, kind, icon, wide in tabs
    ]


def _promise_note(counts: dict[str, Any], now: datetime) -> str:
    at = counts["next_promise"]
    if not at:
        return _("none for today")
    return _("first at %(time)s") % {"time": f"{clock.local(at):%H:%M}"}


_GROUP_WORDS = {
    PROMISED: (lambda: _("Promised"), lambda: _("by the promised time")),
    OVERDUE: (lambda: _("Overdue"), lambda: _("by priority")),
    LAST_DAY: (lambda: pgettext("call", "Last day"), lambda: _("late after today")),
    DUE: (lambda: pgettext("call", "Due today"), lambda: _("by priority")),
}


def _groups(
    found: list[Revisit], counts: dict[str, Any], now: datetime, day: date, first: Revisit | None
) -> list[dict[str, Any]]:
    """The lines under their headings."""
    next_id = first.pk if first else None
    groups = []
    for place, rows in groupby(found, key=lambda task: task.bucket):  # type: ignore[attr-defined]
        bucket = BUCKETS[place]
        title, note = _GROUP_WORDS[bucket]
        lines = [line(task, bucket, now=now, today=day, next_id=next_id) for task in rows]
        heading = _("%(count)s, %(how)s") % {"count": counts[bucket], "how": note()}
        groups.append({"title": title(), "note": heading, "lines": lines})
    return groups


def _meta(request: HttpRequest, now: datetime, day: date) -> list[str]:
    """The line under the heading: the band of the day, and what the user has dialled."""
    band = outcomes.band_of(now)
    dialled, reached = lists.attempts_of(request.user, day)
    facts = []
    if band:
        facts.append(_("Calling band %(band)s") % {"band": f"{band.begins:%H:%M}–{band.ends:%H:%M}"})
    if dialled:
        share = round(100 * reached / dialled)
        words = {"dialled": dialled, "reached": reached, "share": share}
        facts.append(_("Dialled %(dialled)s today, reached %(share)s%% (%(reached)s / %(dialled)s)") % words)
    return facts


# ---- taking a call ---------------------------------------------------------------------------------------------------


@require_POST
@guard.needs("revisits.desk")
def take_next(request: HttpRequest) -> HttpResponse:
    """Claim the most urgent call and go to the desk; says so when nothing waits."""
    now, day = clock.now(), clock.today()
    for store_id in _stores(request):
        employee = request.user.employee_in(store_id)
        if employee is None:
            continue
        taken = actions.claim_next(employee, request.user.role_in(store_id), now=now, today=day)
        if taken:
            return redirect("revisits:call", taken.pk)
    messages.info(
        request, _("Nothing waits to be called right now. Calls put off until later come back by themselves.")
    )
    return redirect("revisits:today")


@require_POST
@guard.needs("revisits.call")
def open_call(request: HttpRequest, pk: int) -> HttpResponse:
    """Claim one certain call and go to the desk; says why when it cannot be had."""
    task = guard.get_or_404(Revisit.objects, request, pk=pk)
    guard.require(request, "revisits.call", task)
    by = guard.acting(request, task.store_id)
    channel = request.POST.get("channel", "")
    try:
        actions.claim(
            task.pk, by, request.user.role_in(task.store_id), now=clock.now(), today=clock.today(),
            called_us=channel in {Channel.INCOMING, Channel.FACE},
        )  # fmt: skip
    except RuleBroken as refused:
        messages.error(request, refused.message)
        return redirect("revisits:detail", task.pk)
    known = f"?{urlencode({'channel': channel})}" if channel in Channel.values else ""  # "you rang me?"
    return redirect(f"{reverse('revisits:call', args=[task.pk])}{known}")


@require_POST
@guard.needs("revisits.manage")
def generate_now(request: HttpRequest) -> HttpResponse:
    """Ask for a run of the generator in every store that the user manages."""
    now = clock.now()
    asked = [
        actions.request_generation(store, by=guard.acting(request, store.pk), now=now)
        for store in Store.objects.filter(pk__in=policy.stores_allowing(request.user, "revisits.manage"))
    ]
    if any(job.created_at >= now for job in asked):
        messages.success(request, _("The list is being brought up to date. Reload in a moment."))
    else:
        messages.info(request, ASKED_BEFORE)
    return redirect("revisits:today")


# ---- all calls, and the ones that are not made -----------------------------------------------------------------------


@guard.needs("revisits.view")
def all_calls(request: HttpRequest) -> HttpResponse:
    """Every call by rule, state, reason and period."""
    day = clock.today()
    whole = lists.all_calls(request.user)
    if store := choices.store(request):
        whole = whole.filter(store_id=store)
    rows = _narrowed_calls(request, whole, day)
    if rows is whole:
        page = paging.paginate(rows, order=["-due_on"], cursor=request.GET.get("after", ""))
    else:
        # sorted, not walked: from today back to the month that was asked for lie millions of others
        sorted_rows = rows.annotate(day=Coalesce("due_on", "expires_on"))
        page = paging.paginate(sorted_rows, order=["-day"], cursor=request.GET.get("after", ""))
    context = {
        "lines": [{"task": task, "origin": origin(task), "status": state_status(task, day)} for task in page],
        "page": page,
        "count": paging.capped_count(rows),
        "fields": choices.call_fields(request),
        "reason": reason_word(request.GET.get("reason", "")),
    }
    return render(request, "revisits/calls.html", context)


def _narrowed_calls(request: HttpRequest, rows: QuerySet[Revisit], day: date) -> QuerySet[Revisit]:
    asked = request.GET
    kind = KINDS.get(asked.get("kind", ""))
    if kind:
        rows = rows.filter(rule__code__in=kind.rules)
    if asked.get("done") == "today":
        rows = rows.filter(pk__in=lists.done_rows(request.user, day).values("pk"))
    if asked.get("allowed"):
        rows = rows.filter(override_by__isnull=False)
    if asked.get("rule"):
        rows = rows.filter(rule__code=asked["rule"])
    if asked.get("state") in State.values:
        rows = rows.filter(state=asked["state"])
    if asked.get("reason"):
        rows = rows.filter(reason=asked["reason"])
    month = choices.month(request)
    if month is None:
        return rows
    return rows.filter(anchor_on__gte=month.shift(1 - choices.span(request)).start, anchor_on__lt=month.end)


@guard.needs("revisits.view")
def not_called(request: HttpRequest) -> HttpResponse:
    """Facts that made no call, with the reason."""
    rows = lists.skips(request.user)
    if request.GET.get("reason"):
        rows = rows.filter(reason=request.GET["reason"])
    if request.GET.get("rule"):
        rows = rows.filter(rule__code=request.GET["rule"])
    month = choices.month(request)
    if month:
        rows = rows.filter(anchor_on__gte=month.start, anchor_on__lt=month.end)
    page = paging.paginate(rows, order=["-due_on"], cursor=request.GET.get("after", ""))
    context = {
        "lines": [{"skip": skip, "reason": reason_word(skip.reason)} for skip in page],
        "page": page,
        "count": paging.capped_count(rows),
        "fields": choices.skip_fields(request),
        "may_why": policy.allows(request.user, "revisits.why"),
    }
    return render(request, "revisits/not_called.html", context)
