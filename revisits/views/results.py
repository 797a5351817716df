"""The call results of a store: the keypad, what each result causes, and the form for its next version."""

from __future__ import annotations

from datetime import datetime, time
from itertools import zip_longest
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm_site.accounts import guard
from crm_site.accounts.models import Store
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.worktime import calendars
from crm_site.worktime.rules import SHANGHAI
from revisits import actions
from revisits.actions.results import stamp
from revisits.foresight import Examples
from revisits.forms.results import ResultForm, initial_of
from revisits.models import CallResult, NextStep, ResultVersion
from revisits.queries.results import has_calls, results_of
from revisits.views.keeping import CAPABILITY, address, store_field, store_of, tabs

#: the hour of the day for which the pages say what follows
EXAMPLE_HOUR = time(10)
SAVE = "save"


@guard.needs(CAPABILITY)
def results(request: HttpRequest) -> HttpResponse:
    """The keypad of one store, each result with its consequences on the first and on the last try."""
    store, stores = store_of(request)
    examples = _examples(store)
    rows = results_of(store.pk)
    groups = [
        {"title": title, "lines": [_line(row, store, examples) for row in rows if row.group == code]}
        for code, title in CallResult.Group.choices
    ]
    context = {
        "store": store,
        "fields": store_field(store, stores),
        "tabs": tabs("results", store),
        "groups": groups,
        "tries": examples.tries,
        "add_url": address("result_new", store),
    }
    return render(request, "revisits/results.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@guard.needs(CAPABILITY)
def result(request: HttpRequest, code: str) -> HttpResponse:
    """One result: what follows from it, its versions, and the form for the next one."""
    store, _stores = store_of(request)
    found = next((row for row in results_of(store.pk) if row.code == code), None)
    if found is None:
        raise Http404
    initial = initial_of(found) | {"shown": stamp(found)}
    form = ResultForm(request.POST or None, initial=initial, fixed=has_calls(store.pk, code))
    if request.method == "POST" and form.is_valid() and request.POST.get("go") == SAVE:
        try:
            actions.change_result(
                store.pk, code, form.values(), shown=form.cleaned_data["shown"],
                by=guard.acting(request, store.pk), now=clock.now(),
            )  # fmt: skip
            messages.success(request, _("The new version holds from the next call on. Calls made so far keep theirs."))
            return redirect(address("result", store, code))
        except RuleBroken as refused:
            form.refuse(refused)
    return render(request, "revisits/result.html", _page(store, form, found))


@require_http_methods(["GET", "HEAD", "POST"])
@guard.needs(CAPABILITY)
def result_new(request: HttpRequest) -> HttpResponse:
    """The form for a result that only this store has."""
    store, _stores = store_of(request)
    initial = {"group": CallResult.Group.NOT_REACHED, "next_step": NextStep.RETRY_OTHER_BAND, "is_active": True}
    form = ResultForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and request.POST.get("go") == SAVE:
        try:
            made = actions.add_result(store.pk, form.values(), by=guard.acting(request, store.pk), now=clock.now())
            messages.success(request, _("The result is on the keypad from now on."))
            return redirect(address("result", store, made.code))
        except RuleBroken as refused:
            form.refuse(refused)
    return render(request, "revisits/result.html", _page(store, form, None))


def _page(store: Store, form: ResultForm, found: CallResult | None) -> dict[str, Any]:
    """The variables of the form's page; what follows is told by what was typed, once it can be read."""
    row = found
    if form.is_bound and not form.errors:
        row = CallResult(code=found.code if found else "", **form.values())
    return {
        "store": store,
        "result": found,
        "form": form,
        "effects": _examples(store).of(row) if row else [],
        "is_typed": form.is_bound,
        "versions": _history(found) if found else [],
        "back": address("results", store),
    }


def _examples(store: Store) -> Examples:
    """Calls at ten in the morning of the next desk day."""
    day = clock.today()
    calendar = calendars.desk_calendar(store.pk, first=day)
    return Examples(datetime.combine(calendar.shift_later(day), EXAMPLE_HOUR, SHANGHAI), calendar)


def _line(row: CallResult, store: Store, examples: Examples) -> dict[str, Any]:
    return {
        "result": row,
        "url": address("result", store, row.code),
        "effects": examples.of(row),
        "is_own": row.store_id is not None,
    }


def _history(found: CallResult) -> list[dict[str, Any]]:
    """The versions, newest first, each with what it changed."""
    rows = list(found.versions.select_related("made_by"))
    return [{"version": row, "changes": _changes(row, older)} for row, older in zip_longest(rows, rows[1:])]


def _changes(row: ResultVersion, older: ResultVersion | None) -> list[dict[str, str]]:
    """What a version changed against the one before it, in words."""
    if older is None:
        return []
    return [
        {"field": str(ResultForm.base_fields[name].label), "old": _word(name, older), "new": _word(name, row)}
        for name in row.values
        if row.values[name] != older.values.get(name)
    ]


def _word(name: str, version: ResultVersion) -> str:
    value = version.values.get(name)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    choices = dict(getattr(ResultForm.base_fields[name], "choices", ()))
    return str(choices.get(value, "" if value is None else value))
