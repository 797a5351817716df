"""The start of a shift: my promises and begun calls, what waits, yesterday; and the days ahead with their lists."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Store
from crm_site.core import clock, formats
from crm_site.worktime import calendars
from revisits import actions
from revisits.lines import origin
from revisits.models import CALLABLE_STATES, CallAttempt, Revisit, RevisitRule
from revisits.queries import ahead, lists
from revisits.queries.ahead import Ahead, Day
from revisits.queries.drafts import interrupted
from revisits.wording import ASKED_BEFORE

#: how many foreseen calls a list shows
MOST = 200


@guard.needs("revisits.desk")
def shift(request: HttpRequest) -> HttpResponse:
    """What awaits me today, how yesterday went, and what the week brings."""
    now, today = clock.now(), clock.today()
    store = Store.objects.filter(pk__in=policy.stores_allowing(request.user, "revisits.desk")).order_by("code").first()
    due = lists.due_list(request.user, now, today)
    context = {
        "today": today,
        "promises": _promises(request.user, now, today),
        "held": list(interrupted(request.user, now)),
        "given": _given(request.user, today),
        "kinds": _kinds(due),
        "yesterday": _yesterday(request.user, store, today) if store else None,
        "forecast": forecast(ahead.of_store(store, now=now, today=today), store, today) if store else None,
    }
    return render(request, "revisits/shift.html", context)


def _promises(user: Any, now: datetime, today: date) -> list[dict[str, Any]]:
    """My promises of today and those I have not kept, by their time."""
    _start, tomorrow = clock.day_bounds(today)
    rows = Revisit.objects.visible_to(user).filter(promised_by__user=user, state__in=CALLABLE_STATES)
    rows = rows.filter(promised_at__lt=tomorrow).select_related("customer", "complaint", "repair_order")
    rows = rows.prefetch_related("rule", "rule_version", "delivery__sales_consultant").order_by("promised_at", "pk")
    return [
        {
            "task": row,
            "at": formats.when(row.promised_at, today),
            "is_late": row.promised_at is not None and row.promised_at < now,
            "origin": origin(row),
        }
        for row in rows
    ]


def _given(user: Any, today: date) -> int:
    """How many calls a manager has given to me."""
    rows = Revisit.objects.visible_to(user).filter(assigned_to__user=user, promised_at=None)
    return lists.on_list(rows, today).count()


def _kinds(due: Any) -> list[dict[str, Any]]:
    """What waits on my list by rule, the most urgent first; each opens exactly its lines."""
    counted = dict(due.order_by().values_list("rule__code").annotate(count=Count("pk")))
    rules = RevisitRule.objects.filter(store=None, code__in=counted).order_by("priority", "code")
    return [
        {"word": rule.label, "count": counted[rule.code], "url": f"{reverse('revisits:today')}?rule={rule.code}"}
        for rule in rules
    ]


def _yesterday(user: Any, store: Store, today: date) -> dict[str, Any]:
    """What I dialled, reached and completed on the last desk day before today."""
    day = calendars.desk_calendar(store.pk, last=today).previous_desk_day(today)
    rows = CallAttempt.objects.filter(by__user=user, called_on=day)
    done = Q(result__saves_answers=True)
    reached = Q(result__reached=True)
    counts = rows.aggregate(dialled=Count("pk"), reached=Count("pk", filter=reached), done=Count("pk", filter=done))
    return {"day": day, **counts}


# ---- the days ahead --------------------------------------------------------------------------------------------------


def forecast(found: Ahead, store: Store, today: date) -> dict[str, Any]:
    """The days ahead as the table draws them; every figure with its list."""
    lines = [_day_line(day, store, today) for day in found.days]
    short = [day for day in found.days if day.left < 0]
    return {
        "store": store,
        "lines": lines,
        "looked_at": found.looked_at,
        "others": found.others,
        "short": len(short),
        "worst": max((-day.left for day in short), default=0),
    }


def _day_line(day: Day, store: Store, today: date) -> dict[str, Any]:
    due = sum(day.due.values())
    here = f"{reverse('revisits:ahead')}?store={store.pk}&day={day.on}"
    return {
        "day": day,
        "name": formats.day_name(day.on, today),
        "due": due,
        "due_url": here if due else "",
        "returning_url": f"{here}&show=returning" if day.returning else "",
        "carried_url": f"{reverse('revisits:today')}?owner=desk" if day.on == today else "",
        "left": abs(day.left),
        "is_short": day.left < 0,
        "is_closed": not day.is_desk_day,
    }


@guard.needs("revisits.desk")
def days_ahead(request: HttpRequest) -> HttpResponse:
    """The foreseen calls of one day, by rule: the list behind a figure of the forecast."""
    store = _store(request)
    day = _day(request.GET.get("day", ""))
    look = ahead.latest(store.pk, clock.today())
    if request.GET.get("show") == "returning":
        return _returning(request, store, day)
    rule = request.GET.get("rule", "")[:20]
    calls = ahead.calls_of(look, day, rule) if look else []
    shown = calls[:MOST]
    subjects = ahead.subjects_of(request.user, [key for _rule, key in shown])
    labels = {one.code: one.label for one in RevisitRule.objects.filter(store=None)}
    counts = look.result["counts"].get(f"{day}", {}) if look else {}
    chosen = [("", _("All rules")), *((code, f"{labels.get(code, code)} · {count}") for code, count in counts.items())]
    context = {
        "store": store,
        "day": day,
        "lines": [{"rule": labels.get(code, code), **subjects[key]} for code, key in shown],
        "count": counts.get(rule, 0) if rule else sum(counts.values()),
        "fields": [{"name": "rule", "label": _("Rule"), "value": rule, "options": chosen}],
        "hidden": [("store", store.pk), ("day", day)],
        "looked_at": look.ended_at if look else None,
        "may_why": policy.allows(request.user, "revisits.why"),
    }
    return render(request, "revisits/ahead.html", context)


def _returning(request: HttpRequest, store: Store, day: date) -> HttpResponse:
    """The calls that were promised for a day, or put off to it."""
    found = ahead.returning_calls(store.pk, [clock.today(), day], clock.now())
    ids = [pk for on, pk in found if on == day]
    rows = Revisit.objects.visible_to(request.user).filter(pk__in=ids[:MOST]).select_related("customer", "vehicle")
    context = {
        "store": store,
        "day": day,
        "is_returning": True,
        "lines": [
            {"rule": row.rule.label, "customer": row.customer, "vehicle": row.vehicle, "task": row}
            for row in rows.prefetch_related("rule").order_by("not_before", "pk")
        ],
        "count": len(ids),
    }
    return render(request, "revisits/ahead.html", context)


def _store(request: HttpRequest) -> Store:
    """The store of the address; a foreign one is not found."""
    asked = request.GET.get("store", "")
    stores = Store.objects.visible_to(request.user)
    if asked.isdecimal() and len(asked) < 10:
        return guard.get_or_404(stores, request, pk=int(asked))
    first = stores.filter(pk__in=policy.stores_allowing(request.user, "revisits.desk")).first()
    if first is None:
        raise Http404
    return first


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return clock.today() + timedelta(days=1)


@require_POST
@guard.needs("revisits.manage")
def look_ahead(request: HttpRequest) -> HttpResponse:
    """Ask for a look ahead anew in the stores that the user manages."""
    now = clock.now()
    asked = [
        actions.request_look_ahead(store, by=guard.acting(request, store.pk), now=now)
        for store in Store.objects.filter(pk__in=policy.stores_allowing(request.user, "revisits.manage"))
    ]
    if any(job.created_at >= now for job in asked):
        messages.success(request, _("The days ahead are being reckoned. Reload in a moment."))
    else:
        messages.info(request, ASKED_BEFORE)
    return redirect("revisits:team")
