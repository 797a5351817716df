"""The rules of a store: what makes a call, when, by whom; their versions, and the form for the next one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_site.accounts import guard
from crm_site.accounts.models import Store
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from revisits import actions
from revisits.forms.rules import WHOM, RuleForm, whom_code
from revisits.generator.context import StoreRule, store_rules
from revisits.models import RuleVersion
from revisits.views.keeping import CAPABILITY, address, store_field, store_of, tabs


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


@guard.needs(CAPABILITY)
def rule(request: HttpRequest, code: str) -> HttpResponse:
    """One rule: its versions, and the form that makes the next one, in force from tomorrow."""
    store, _stores = store_of(request)
    found = next((one for one in store_rules(store.pk) if one.rule.code == code), None)
    if found is None:
        raise Http404
    latest = max(found.versions, key=lambda version: (version.effective_from, version.number))
    form = RuleForm(request.POST or None, store_id=store.pk, version=latest)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_rule(
                store.pk, code, form.values(), shown=form.cleaned_data["shown"],
                by=guard.acting(request, store.pk), today=clock.today(),
            )  # fmt: skip
            messages.success(request, _("The new version holds from tomorrow. Calls made so far keep theirs."))
            return redirect(address("rule", store, code))
        except RuleBroken as refused:
            form.add_error(None, refused.message)
    context = {
        "store": store,
        "found": found,
        "form": form,
        "versions": _history(found, clock.today()),
        "back": address("rules", store),
    }
    return render(request, "revisits/rule.html", context)


def _line(found: StoreRule, store: Store, day: date) -> dict[str, Any]:
    """One rule of the list, told by the version in force."""
    version = _in_force(found, day)
    return {
        "rule": found.rule,
        "version": version,
        "url": address("rule", store, found.rule.code),
        "due": _due(version),
        "whom": WHOM[whom_code(version.whom)][1],
        "is_own": found.rule.store_id is not None,
        "coming": next((one for one in found.versions if one.effective_from > day), None),
    }


def _in_force(found: StoreRule, day: date) -> RuleVersion:
    begun = [version for version in found.versions if version.effective_from <= day]
    return begun[-1] if begun else found.versions[0]


def _due(version: RuleVersion) -> str:
    days = ngettext("%(days)d day after", "%(days)d days after", version.offset_days) % {"days": version.offset_days}
    window = ngettext("%(days)d desk day of time", "%(days)d desk days of time", version.window_after)
    return _("%(due)s, %(window)s") % {"due": days, "window": window % {"days": version.window_after}}


def _history(found: StoreRule, day: date) -> list[dict[str, Any]]:
    """The versions, newest first, each with what it says."""
    return [
        {
            "version": version,
            "due": _due(version),
            "whom": WHOM[whom_code(version.whom)][1],
            "is_now": version is _in_force(found, day),
            "is_coming": version.effective_from > day,
        }
        for version in reversed(found.versions)
    ]
