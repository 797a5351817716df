"""The list of inspections by week and caller, what they say of strong and weak lines, and everybody's own results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee, Store
from crm_site.core import clock, formats, paging
from revisits.actions import inspections as actions
from revisits.models import Inspection
from revisits.queries import inspections as queries
from revisits.views.quality import words

SEES_ALL, INSPECTS = "revisits.inspections_all", "revisits.inspect"
#: measures shown under the analysis
MOST_MEASURES = 20


@dataclass(frozen=True)
class Asked:
    """Which stores, weeks, caller and part of the list; read from the address."""

    stores: Sequence[Store]
    choosable: Sequence[Store]
    #: None = the last WEEKS weeks
    monday: date | None
    today: date
    caller: Employee | None
    show: str

    @property
    def weeks(self) -> tuple[date, date]:
        """The first and the last Monday."""
        newest, *_between, oldest = queries.weeks(self.today)
        return (self.monday, self.monday) if self.monday else (oldest, newest)

    @property
    def kept(self) -> list[tuple[str, Any]]:
        """What the filter bar carries along."""
        return [("show", self.show), *([("caller", self.caller.pk)] if self.caller else [])]

    def url(self, **changes: Any) -> str:
        """The same page asked otherwise."""
        kept = {
            "week": self.monday.isoformat() if self.monday else queries.ALL_WEEKS,
            "store": self.stores[0].pk if len(self.stores) < len(self.choosable) else "",
            "caller": self.caller.pk if self.caller else "",
            "show": self.show,
        } | changes
        return f"{reverse('revisits:inspections')}?{urlencode({name: v for name, v in kept.items() if v != ''})}"


@guard.needs("revisits.inspections")
def inspections(request: HttpRequest) -> HttpResponse:
    """The inspections of a week; who does not see everybody's, sees the results of their own calls."""
    if not policy.stores_allowing(request.user, SEES_ALL):
        return _own(request)
    asked = _asked(request)
    rows = queries.of_weeks([one.pk for one in asked.stores], *asked.weeks)
    callers = queries.by_caller(rows)
    narrowed = rows.filter(caller=asked.caller) if asked.caller else rows
    listed = queries.shown(narrowed, asked.show)
    page = paging.paginate(queries.loaded(listed), order=["-week", "pk"], cursor=request.GET.get("after", ""))
    context = {
        "asked": asked,
        "fields": _fields(asked),
        "figures": _figures(asked, callers),
        "callers": [_caller_row(asked, line) for line in callers],
        "tabs": _tabs(asked),
        "lines": [words.line(row) for row in page],
        "page": page,
        "count": paging.capped_count(listed),
        "earlier": _earlier(asked),
        "may_draw": bool(policy.stores_allowing(request.user, INSPECTS)),
        "is_fair_shown": bool(policy.stores_allowing(request.user, INSPECTS)),
        **analysis(asked, narrowed, [line.caller for line in callers]),
    }
    return render(request, "revisits/quality/inspections.html", context)


def _asked(request: HttpRequest) -> Asked:
    """Read the address; 404 for what does not exist or is not this user's to see."""
    choosable = list(Store.objects.filter(pk__in=policy.stores_allowing(request.user, SEES_ALL)))
    stores, today = choosable, clock.today()
    if request.GET.get("store"):
        stores = [one for one in choosable if str(one.pk) == request.GET["store"]]
    if not stores:
        raise Http404
    show = request.GET.get("show", queries.OPEN)
    return Asked(stores, choosable, _week(request, today), today, _caller(request, stores), show)


def _week(request: HttpRequest, today: date) -> date | None:
    """The Monday asked for, the running week unless told; None for all weeks."""
    written = request.GET.get("week", "")
    if written == queries.ALL_WEEKS:
        return None
    try:
        day = date.fromisoformat(written) if written else today
    except ValueError as unknown:
        raise Http404 from unknown
    return actions.monday_of(day)


def _caller(request: HttpRequest, stores: Sequence[Store]) -> Employee | None:
    written = request.GET.get("caller", "")
    if not written:
        return None
    people = Employee.objects.filter(store__in=stores)
    found = people.filter(pk=int(written)).first() if written.isdecimal() and len(written) < 19 else None
    if found is None:
        raise Http404
    return found


def _fields(asked: Asked) -> list[dict[str, Any]]:
    """Week, store and caller as the filter bar wants them."""
    offered = queries.weeks(asked.today)
    if asked.monday and asked.monday not in offered:
        offered.append(asked.monday)
    options = [(one.isoformat(), f"{one:%m-%d} – {one + timedelta(days=6):%m-%d}") for one in offered]
    options.append((queries.ALL_WEEKS, _("The last %(weeks)s weeks") % {"weeks": queries.WEEKS}))
    chosen = asked.monday.isoformat() if asked.monday else queries.ALL_WEEKS
    fields: list[dict[str, Any]] = [{"name": "week", "label": _("Week"), "value": chosen, "options": options}]
    if len(asked.choosable) > 1:
        store = asked.stores[0].pk if len(asked.stores) < len(asked.choosable) else ""
        stores = [("", _("All stores")), *((one.pk, one.short_name) for one in asked.choosable)]
        fields.append({"name": "store", "label": _("Store"), "value": store, "options": stores})
    return fields


def _figures(asked: Asked, callers: Sequence[queries.CallerWeek]) -> list[dict[str, Any]]:
    """Drawn, open, passed and false records of the whole period."""
    drawn, done = sum(line.drawn for line in callers), sum(line.done for line in callers)
    scored, passed = sum(line.scored for line in callers), sum(line.passed for line in callers)
    false = sum(line.false for line in callers)
    share = formats.percent(passed / scored if scored else None)
    return [
        {"label": _("To be inspected"), "value": drawn - done, "kind": "accent" if drawn > done else "",
         "note": _("of %(drawn)s drawn") % {"drawn": drawn}, "url": asked.url(show=queries.OPEN)},
        {"label": _("Already inspected"), "value": done, "url": asked.url(show=queries.DONE)},
        {"label": _("Passed"), "value": share, "note": _("80 points or more; %(n)s scored") % {"n": scored}},
        {"label": _("False records"), "value": false, "kind": "bad" if false else "",
         "note": _("their answers left the scores")},
    ]  # fmt: skip


def _caller_row(asked: Asked, line: queries.CallerWeek) -> dict[str, Any]:
    is_chosen = asked.caller is not None and asked.caller.pk == line.caller.pk
    return {
        "line": line,
        "share": line.passed / line.scored if line.scored else None,
        "url": asked.url(caller="" if is_chosen else line.caller.pk),
        "is_chosen": is_chosen,
    }


def _tabs(asked: Asked) -> list[dict[str, Any]]:
    choices = (
        (queries.OPEN, _("To be inspected")),
        (queries.DONE, _("Already inspected")),
        (queries.ALL_WEEKS, _("All")),
    )
    return [{"label": word, "url": asked.url(show=code), "current": asked.show == code} for code, word in choices]


def _earlier(asked: Asked) -> dict[str, Any]:
    """How many of the weeks before are still open, with the way to them; {} for none."""
    if asked.monday is None:
        return {}
    oldest = queries.weeks(asked.today)[-1]
    rows = queries.of_weeks([one.pk for one in asked.stores], oldest, asked.monday - timedelta(weeks=1))
    count = queries.shown(rows, queries.OPEN).count()
    text = ngettext(
        "%(count)s call of the weeks before is still to be inspected.",
        "%(count)s calls of the weeks before are still to be inspected.",
        count,
    )
    if not count:
        return {}
    return {"text": text % {"count": count}, "url": asked.url(week=queries.ALL_WEEKS, show=queries.OPEN)}


def analysis(asked: Asked, rows: Any, callers: Sequence[Employee]) -> dict[str, Any]:
    """优势项目 and 劣势项目: each line of the sheet, of all and by caller, and the measures taken."""
    found = queries.lines(rows, actions.sheet_of(asked.stores[0].pk))
    judged = {caller for line in found for caller in line.by_caller}
    people = [one for one in callers if one.pk in judged]
    return {
        "sheet": [{"line": line, "cells": [line.by_caller.get(one.pk) for one in people]} for line in found],
        "sheet_people": people,
        "strong": [line for line in found if line.standing == "strong"],
        "weak": [line for line in found if line.standing == "weak"],
        "measures": list(queries.measures(rows)[:MOST_MEASURES]),
    }


def _own(request: HttpRequest) -> HttpResponse:
    """The results of one's own calls: score and words, not those of colleagues."""
    me: Any = request.user
    people = list(Employee.objects.filter(user=me, store_id__in=me.store_ids))
    rows = queries.own([one.pk for one in people])
    page = paging.paginate(queries.loaded(rows), order=["-inspected_at", "-pk"], cursor=request.GET.get("after", ""))
    found = queries.lines(rows, actions.sheet_of(people[0].store_id)) if people else []
    context = {
        "lines": [words.line(row) for row in page],
        "page": page,
        "count": paging.capped_count(rows),
        "sheet": [{"line": line, "cells": []} for line in found],
        "summary": queries.by_caller(rows),
    }
    return render(request, "revisits/quality/own.html", context)


@require_POST
@guard.needs("revisits.inspect")
def draw_now(request: HttpRequest) -> HttpResponse:
    """Draw the calls of the running week and of the week before, in every store that this user manages."""
    now, today = clock.now(), clock.today()
    stores = policy.stores_allowing(request.user, INSPECTS)
    made = sum(actions.draw_lately(store_id, today, now=now) for store_id in sorted(stores))
    text = ngettext("%(count)s call was added to the list.", "%(count)s calls were added to the list.", made)
    messages.success(request, text % {"count": made} if made else _("Everything that is to be inspected is listed."))
    return redirect("revisits:inspections")


def may_see(request: HttpRequest, row: Inspection) -> bool:
    """Whether this user may read an inspection: everybody's in one's store, or the result of an own call."""
    if policy.allows(request.user, SEES_ALL, row.store_id):
        return True
    return row.caller.user_id == request.user.pk and row.inspected_at is not None
