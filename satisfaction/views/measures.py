"""Improvement measures: what is open by its date, beginning one, ending one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.core import clock, paging
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from satisfaction import actions
from satisfaction.forms import MeasureForm
from satisfaction.models import ImprovementMeasure, Question


@guard.needs("satisfaction.view")
def measures(request: HttpRequest) -> HttpResponse:
    """Open measures by their date; ended ones on the second tab."""
    ended = request.GET.get("show") == "ended"
    stores = policy.stores_allowing(request.user, "satisfaction.view")
    own = ImprovementMeasure.objects.visible_to(request.user).filter(store_id__in=stores)
    rows = own.exclude(state=ImprovementMeasure.State.OPEN) if ended else own.open()
    page = paging.paginate(
        rows.select_related("responsible", "created_by", "store"),
        order=["-due_on" if ended else "due_on"],
        cursor=request.GET.get("page", ""),
    )
    tabs = [
        {
            "label": _("Not finished"),
            "url": reverse("satisfaction:measures"),
            "count": own.open().count(),
            "current": not ended,
        },
        {"label": _("Ended"), "url": reverse("satisfaction:measures") + "?show=ended", "current": ended},
    ]
    context = {
        "page": page,
        "tabs": tabs,
        "ended": ended,
        "today": clock.today(),
        "may_edit": policy.allows(request.user, "satisfaction.measures"),
        "shows_store": len(request.user.store_ids) > 1,  # type: ignore[union-attr]
    }
    return render(request, "satisfaction/measures.html", context)


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
    """The item that a measure is meant for, as the first words of its cause."""
    question = Question.objects.filter(code=request.GET.get("question", "")).order_by("version_id").first()
    return {"cause": _("%(item)s: ") % {"item": question.label}} if question else {}


@require_POST
@guard.needs("satisfaction.measures")
def measure_finish(request: HttpRequest, pk: int) -> HttpResponse:
    """End an open measure as done or dropped."""
    row = guard.get_or_404(ImprovementMeasure.objects, request, pk=pk)
    guard.require(request, "satisfaction.measures", row)
    by = guard.acting(request, row.store_id)
    try:
        actions.finish_measure(row.pk, state=request.POST.get("state", ""), by=by, today=clock.today())
    except RuleBroken as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The measure has ended. It is kept under “Ended”."))
    return redirect("satisfaction:measures")
