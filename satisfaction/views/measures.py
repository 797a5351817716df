"""Improvement measures: what is open by its date, beginning one, ending one, judging its effect."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.core import clock, paging
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from satisfaction import actions, effect
from satisfaction.forms import CheckForm, MeasureForm
from satisfaction.models import ImprovementMeasure

#: tab -> its words
TABS = {"": gettext_lazy("Not finished"), "check": gettext_lazy("Effect to be judged"), "ended": gettext_lazy("Ended")}


@guard.needs("satisfaction.view")
def measures(request: HttpRequest) -> HttpResponse:
    """Open measures by their date; what is due for its effectiveness check; what has ended."""
    show = request.GET.get("show", "")
    show = show if show in TABS else ""
    today = clock.today()
    stores = policy.stores_allowing(request.user, "satisfaction.view")
    own = ImprovementMeasure.objects.visible_to(request.user).filter(store_id__in=stores)
    rows = {"": own.open(), "check": own.to_check(today), "ended": own.exclude(state=ImprovementMeasure.State.OPEN)}
    page = paging.paginate(
        rows[show].select_related("responsible", "created_by", "store"),
        order=["-due_on" if show == "ended" else "due_on"],
        cursor=request.GET.get("page", ""),
    )
    url = reverse("satisfaction:measures")
    tabs = [
        {
            "label": words,
            "url": f"{url}?show={code}" if code else url,
            "count": rows[code].count() if code != "ended" else None,
            "current": code == show,
        }
        for code, words in TABS.items()
    ]
    context = {
        "page": page,
        "tabs": tabs,
        "show": show,
        "ended": show == "ended",
        "today": today,
        "may_edit": policy.allows(request.user, "satisfaction.measures"),
        "shows_store": len(request.user.store_ids) > 1,  # type: ignore[union-attr]
    }
    return render(request, "satisfaction/measures.html", context)


@guard.needs("satisfaction.view")
def measure(request: HttpRequest, pk: int) -> HttpResponse:
    """One measure: what was wrong, what was done, how it was before and after, and what somebody found."""
    rows = ImprovementMeasure.objects.select_related("responsible", "created_by", "checked_by", "store")
    row = guard.get_or_404(rows, request, pk=pk)
    return _page(request, row, CheckForm())


def _page(request: HttpRequest, row: ImprovementMeasure, form: CheckForm, status: int = 200) -> HttpResponse:
    today = clock.today()
    judged = row.effect not in ("", ImprovementMeasure.Effect.UNCLEAR)
    is_due = row.state == ImprovementMeasure.State.DONE and not judged
    may_check = policy.allows(request.user, "satisfaction.check", row.store_id)
    is_own = getattr(row.responsible, "user_id", None) == request.user.pk
    context = {
        "row": row,
        "today": today,
        "measured": effect.words_of(row),
        "kept": row.effect_figures if judged else {},
        "live": None if judged else effect.compare(row, today),
        "form": form if is_due and may_check and not is_own else None,
        "is_own": is_own and may_check and not judged,
        "judged": judged,
        "may_edit": policy.allows(request.user, "satisfaction.measures", row.store_id),
    }
    return render(request, "satisfaction/measure.html", context, status=status)


@require_POST
@guard.needs("satisfaction.check")
def measure_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide whether a measure had an effect."""
    row = guard.get_or_404(ImprovementMeasure.objects.select_related("responsible", "store"), request, pk=pk)
    guard.require(request, "satisfaction.check", row)
    by, today = guard.acting(request, row.store_id), clock.today()
    form = CheckForm(request.POST)
    if form.is_valid():
        found = effect.compare(row, today)
        try:
            actions.check_measure(
                row.pk, **form.cleaned_data, figures=found.frozen() if found else {}, by=by, today=today,
                check_after_days=effect.check_after_days(row.store_id),
            )  # fmt: skip
        except RuleBroken as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Your judgement is kept with the figures as they stand now."))
            return redirect("satisfaction:measure", pk=row.pk)
    return _page(request, row, form, status=422)


@guard.needs("satisfaction.measures")
def measure_new(request: HttpRequest) -> HttpResponse:
    """Begin a measure in the store of the responsible person; `question` proposes an item as the cause."""
    today = clock.today()
    stores = policy.stores_allowing(request.user, "satisfaction.measures")
    form = MeasureForm(request.POST or None, store_ids=stores, today=today, initial=_proposal(request))
    if request.method == "POST" and form.is_valid():
        store_id = form.cleaned_data["responsible"].store_id
        by = guard.acting(request, store_id)
        try:
            actions.create_measure(store_id=store_id, by=by, at=clock.now(), today=today, **form.cleaned_data)
        except RuleBroken as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("The measure stands on the list until it is done."))
            return redirect("satisfaction:measures")
    return render(request, "satisfaction/measure_form.html", {"form": form})


def _proposal(request: HttpRequest) -> dict[str, Any]:
    """What a measure is meant for, from an item or a line of a Pareto: the first words of its cause, and its metric."""
    metric, code = request.GET.get("metric", ""), request.GET.get("code", "")
    if request.GET.get("question"):
        metric, code = "item", request.GET["question"]
    known = effect.metrics().get(metric)
    stores = policy.stores_allowing(request.user, "satisfaction.measures")
    named = dict(known.options(stores)).get(code) if known else None
    return {"cause": _("%(item)s: ") % {"item": named}, "measured_by": f"{metric}:{code}"} if named else {}


@require_POST
@guard.needs("satisfaction.measures")
def measure_finish(request: HttpRequest, pk: int) -> HttpResponse:
    """End an open measure as done or dropped."""
    row = guard.get_or_404(ImprovementMeasure.objects, request, pk=pk)
    guard.require(request, "satisfaction.measures", row)
    by = guard.acting(request, row.store_id)
    try:
        actions.finish_measure(
            row.pk, state=request.POST.get("state", ""), by=by, today=clock.today(),
            check_after_days=effect.check_after_days(row.store_id),
        )  # fmt: skip
    except RuleBroken as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The measure has ended. It is kept under “Ended”."))
    return redirect("satisfaction:measures")
