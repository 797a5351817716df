"""The rules of a store: what makes a call, when, by whom; their versions, and the form for the next one."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from crm_site.accounts import guard
from crm_site.accounts.models import Store
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from revisits import actions
from revisits.forms.rules import WHOM, RuleForm, whom_code
from revisits.generator.context import StoreRule, store_rules
from revisits.models import RuleVersion
from revisits.queries import impact
from revisits.rules.due import is_reminder
from revisits.views.impact import drawn
from revisits.views.keeping import CAPABILITY, address, store_field, store_of, tabs

#: what a button of the form does: show the effect, save what was looked at, save without looking
LOOK, SAVE, BLIND = "look", "save", "blind"


@guard.needs(CAPABILITY)
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule of one store with the version in force."""
    store, stores = store_of(request)
    day = clock.today()
    lines = [_line(rule, store, day) for rule in store_rules(store.pk)]
    return render(
        request,
        "revisits/rules.html",
        {"store": store, "fields": store_field(store, stores), "tabs": tabs("rules", store), "lines": lines},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@guard.needs(CAPABILITY)
def rule(request: HttpRequest, code: str) -> HttpResponse:
    """One rule: its versions, and the form for the next one. Its effect is shown before it is saved."""
    store, _stores = store_of(request)
    found = next((one for one in store_rules(store.pk) if one.rule.code == code), None)
    if found is None:
        raise Http404
    latest = max(found.versions, key=lambda version: (version.effective_from, version.number))
    form = RuleForm(request.POST or None, store_id=store.pk, version=latest)
    effect = None
    if request.method == "POST" and form.is_valid():
        today = clock.today()
        change = partial(
            actions.change_rule, store.pk, code, form.values(), shown=form.cleaned_data["shown"],
            by=guard.acting(request, store.pk), today=today, start=form.cleaned_data["starts_on"],
        )  # fmt: skip
        try:
            if not _wants_to_look(request, form):
                made = change()
                text = _("The new version holds from %(day)s. Calls made so far keep theirs.")
                messages.success(request, text % {"day": f"{made.effective_from:%Y-%m-%d}"})
                return redirect(address("rule", store, code))
            start = form.cleaned_data["starts_on"] or today + timedelta(days=1)
            effect = drawn(store.pk, today, impact.effects(store.pk, start, change))
        except RuleBroken as refused:
            form.refuse(refused)
    context = {
        "store": store,
        "found": found,
        "form": form,
        "effect": effect,
        "looked": form.digest if effect else "",
        "versions": _history(found, clock.today()),
        "back": address("rules", store),
    }
    return render(request, "revisits/rule.html", context)


def _wants_to_look(request: HttpRequest, form: RuleForm) -> bool:
    """Whether the effect is shown first: asked for, or something was changed after it had been looked at."""
    go = request.POST.get("go", BLIND)
    return go == LOOK or (go == SAVE and form.cleaned_data["looked"] != form.digest)


def _line(found: StoreRule, store: Store, day: date) -> dict[str, Any]:
    """One rule of the list, told by the version in force."""
    version = found.on(day)
    return {
        "rule": found.rule,
        "version": version,
        "url": address("rule", store, found.rule.code),
        "due": _due(version) if version else "",
        "whom": WHOM[whom_code(version.whom)][1] if version else "",
        "is_own": found.rule.store_id is not None,
        "coming": next((one for one in found.versions if one.effective_from > day), None),
    }


def _due(version: RuleVersion) -> str:
    """When a version's calls are due, and how long there is time."""
    days = abs(version.offset_days)
    if is_reminder(version):
        due = ngettext("%(days)d day before", "%(days)d days before", days)
        window = ngettext("%(days)d day of time", "%(days)d days of time", version.window_after)
    else:
        due = ngettext("%(days)d day after", "%(days)d days after", days)
        window = ngettext("%(days)d desk day of time", "%(days)d desk days of time", version.window_after)
    return _("%(due)s, %(window)s") % {"due": due % {"days": days}, "window": window % {"days": version.window_after}}


def _history(found: StoreRule, day: date) -> list[dict[str, Any]]:
    """The versions, newest first, each with what it says."""
    return [
        {
            "version": version,
            "due": _due(version),
            "whom": WHOM[whom_code(version.whom)][1],
            "is_now": version is found.on(day),
            "is_coming": version.effective_from > day,
        }
        for version in reversed(found.versions)
    ]
