"""The scripts of a store: the list, one script's steps with a live preview, its versions beside each other."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm_site.accounts import guard
from crm_site.accounts.models import Store
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from revisits import actions, variables
from revisits.forms.scripts import Steps, StepsFormSet, initial_of
from revisits.generator.context import store_rules
from revisits.models import ScriptVersion
from revisits.queries.scripts import readers, scripts_of
from revisits.rules.comparison import StepText, compare
from revisits.scripts import PROGRESS, StepValues, script_of, values_of
from revisits.views.keeping import CAPABILITY, address, store_field, store_of, tabs
from revisits.wording import BRANCHES


@guard.needs(CAPABILITY)
def scripts(request: HttpRequest) -> HttpResponse:
    """Every script of one store with the rules that read it."""
    store, stores = store_of(request)
    by_rule = readers(store_rules(store.pk), clock.today())
    lines = [
        {
            "script": row,
            "url": address("script", store, row.code),
            "rules": by_rule.get(row.code, []),
            "is_own": row.store_id is not None,
            "is_progress": row.code == PROGRESS,
        }
        for row in scripts_of(store.pk)
    ]
    context = {
        "store": store,
        "fields": store_field(store, stores),
        "tabs": tabs("scripts", store),
        "lines": lines,
    }
    return render(request, "revisits/scripts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@guard.needs(CAPABILITY)
def script(request: HttpRequest, code: str) -> HttpResponse:
    """One script: its steps, the preview, and its versions; a POST makes the next version."""
    store, _stores = store_of(request)
    current = _current(store, code)
    steps = _formset(request.POST or None, initial=initial_of(current))
    if request.method == "POST" and steps.is_valid():
        try:
            actions.save_script(
                store.pk, code, steps.values(), shown=_number(request, "shown"),
                by=guard.acting(request, store.pk), now=clock.now(),
            )  # fmt: skip
            messages.success(request, _("The new version is read from the next call on. Calls made keep theirs."))
            return redirect(address("script", store, code))
        except RuleBroken as refused:
            steps.refuse(refused)
    return render(request, "revisits/script.html", _page(request, store, current, steps))


@require_POST
@guard.needs(CAPABILITY)
def script_preview(request: HttpRequest, code: str) -> HttpResponse:
    """The steps as they stand in the form, read to an example customer; nothing is kept."""
    store, _stores = store_of(request)
    _current(store, code)
    steps = _formset(request.POST)
    steps.is_valid()  # what is wrong is told when it is saved; here every row that can be read is shown
    return render(request, "revisits/script_preview.html", {"steps": _preview(_typed(steps))})


@require_POST
@guard.needs(CAPABILITY)
def script_restore(request: HttpRequest, code: str) -> HttpResponse:
    """Read an earlier version again, as a new one."""
    store, _stores = store_of(request)
    _current(store, code)
    number = _number(request, "number")
    try:
        actions.restore_script(
            store.pk, code, number, shown=_number(request, "shown"),
            by=guard.acting(request, store.pk), now=clock.now(),
        )  # fmt: skip
        messages.success(request, _("Version %(number)s is read again, as a new version.") % {"number": number})
    except RuleBroken as refused:
        messages.error(request, refused.message)
    return redirect(address("script", store, code))


@guard.needs(CAPABILITY)
def script_compare(request: HttpRequest, code: str) -> HttpResponse:
    """Two versions of a script beside each other; the last two unless the address names others."""
    store, _stores = store_of(request)
    versions = list(_current(store, code).script.versions.prefetch_related("steps").select_related("made_by"))
    by_number = {str(version.number): version for version in versions}
    new = by_number.get(request.GET.get("new", ""), versions[0])
    old = by_number.get(request.GET.get("old", ""), versions[1] if len(versions) > 1 else versions[0])
    context = {
        "store": store,
        "script": new.script,
        "old": old,
        "new": new,
        "fields": _version_fields(versions, old, new),
        "hidden": [("store", store.pk)],
        "rows": [_words(row) for row in compare(_texts(old), _texts(new))],
        "back": address("script", store, code),
    }
    return render(request, "revisits/script_compare.html", context)


# ---- what the pages show ---------------------------------------------------------------------------------------------


def _page(request: HttpRequest, store: Store, current: ScriptVersion, steps: StepsFormSet) -> dict[str, Any]:
    code = current.script.code
    shown = _preview(_typed(steps) if steps.is_bound else values_of(current))
    rules = readers(store_rules(store.pk), clock.today()).get(code, [])
    return {
        "store": store,
        "script": current.script,
        "current": current,
        "steps": steps,
        "shown": request.POST.get("shown") or current.pk,
        "preview": shown,
        "variables": variables.VARIABLES,
        "example": variables.example(),
        "rules": rules,
        "is_progress": code == PROGRESS,
        "versions": list(current.script.versions.select_related("made_by")),
        "preview_url": address("script_preview", store, code),
        "restore_url": address("script_restore", store, code),
        "compare_url": address("script_compare", store, code),
        "back": address("scripts", store),
    }


def _formset(data: Any, **options: Any) -> StepsFormSet:
    return cast("StepsFormSet", Steps(data, prefix="steps", **options))


def _preview(steps: list[StepValues]) -> list[dict[str, Any]]:
    """Each step filled in for the example customer, with when it is read and what nobody knows."""
    values = variables.example()
    return [
        {
            "label": step.label_en if (get_language() or "").startswith("en") else step.label_zh,
            "when": BRANCHES.get(step.when, step.when) if step.when else "",
            "pieces": variables.pieces(step.body, values),
            "odd": _(", ").join(variables.unknown(step.body)),
        }
        for step in steps
        if step.body
    ]


def _typed(steps: StepsFormSet) -> list[StepValues]:
    """The rows of a form as they stand, also those that would be refused."""
    rows = [form.cleaned_data for form in steps.forms if form.is_step]
    rows.sort(key=lambda said: said.get("place") or 99)
    return [StepValues(*(said.get(name) or "" for name in ("label_zh", "label_en", "when", "body"))) for said in rows]


def _current(store: Store, code: str) -> ScriptVersion:
    """The version that is read now; 404 for an unknown script."""
    found = script_of(store.pk, code)
    if found is None:
        raise Http404
    return found.versions.select_related("script").prefetch_related("steps").get(is_current=True)


def _number(request: HttpRequest, name: str) -> int:
    sent = request.POST.get(name, "")
    return int(sent) if sent.isdecimal() and len(sent) < 12 else 0


def _texts(version: ScriptVersion) -> list[StepText]:
    return [StepText(step.label, step.when, step.body) for step in version.steps.all()]


def _words(row: Any) -> dict[str, Any]:
    """One pair of steps for the page."""
    return {
        "row": row,
        "label": (row.new or row.old).label,
        "when_old": BRANCHES.get(row.old.when, row.old.when) if row.old else "",
        "when_new": BRANCHES.get(row.new.when, row.new.when) if row.new else "",
    }


def _version_fields(versions: list[ScriptVersion], old: ScriptVersion, new: ScriptVersion) -> list[dict[str, Any]]:
    """The choice of two versions for the filter bar."""
    options = [(version.number, _("version %(number)s") % {"number": version.number}) for version in versions]
    return [
        {"name": "old", "label": _("Older version"), "value": old.number, "options": options},
        {"name": "new", "label": _("Newer version"), "value": new.number, "options": options},
    ]
