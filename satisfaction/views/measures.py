"""Improvement measures: what is open by its date, beginning one, ending one, judging its effect."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Store
from crm_site.core import clock, paging
from crm_site.core.dates import FIRST_YEAR, LAST_YEAR
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from satisfaction import actions, effect
from satisfaction.forms import CheckForm, MeasureForm
from satisfaction.models import ImprovementMeasure, Response
from satisfaction.queries.figures import mean_of_rows
from satisfaction.queries.reach import departments_seen
from satisfaction.rules.effect import Window
from satisfaction.shown import Shown
from satisfaction.views import leads
from satisfaction.views.proposals import proposal

#: tab -> its words
TABS = {"": gettext_lazy("Not finished"), "check": gettext_lazy("Effect to be judged"), "ended": gettext_lazy("Ended")}


@guard.needs("satisfaction.view")
def measures(request: HttpRequest) -> HttpResponse:
    """Open measures by their date; what is due for its effectiveness check; what has ended."""
    show = request.GET.get("show", "")
    show = show if show in TABS else ""
    today = clock.today()
    stores, store = _stores_of(request)
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
            "url": _with_query(url, show=code, store=store),
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
        "shows_store": len(stores) > 1,
        "store": Store.objects.get(pk=store) if store else None,
        "leads": leads.tabs(request, "measures"),
    }
    return render(request, "satisfaction/measures.html", context)


def _with_query(url: str, **asked: str) -> str:
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{url}?{query}" if query else url


def _stores_of(request: HttpRequest) -> tuple[list[int], str]:
    """The stores whose measures are listed, and the one that the address names, if it does; 404 for another's."""
    stores, store = policy.stores_allowing(request.user, "satisfaction.view"), request.GET.get("store", "")
    if store and store not in map(str, stores):
        raise Http404
    return ([int(store)] if store else stores), store


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
        "item_url": _item_url(row),
        "kept": row.effect_figures if judged else {},
        "live": None if judged else effect.compare(row, today, departments_seen(request.user, row.store_id)),
        "form": form if is_due and may_check and not is_own else None,
        "is_own": is_own and may_check and not judged,
        "judged": judged,
        "may_edit": policy.allows(request.user, "satisfaction.measures", row.store_id),
    }
    return render(request, "satisfaction/measure.html", context, status=status)


def _item_url(row: ImprovementMeasure) -> str:
    """The page of the item that a measure is about, in the kind that asks it; '' where it is about something else."""
    if row.metric != ImprovementMeasure.Metric.ITEM:
        return ""
    kind = effect.kind_of(row)
    return f"{reverse('satisfaction:item', args=[row.metric_code])}?{urlencode({'kind': kind})}" if kind else ""


@guard.needs("satisfaction.view")
def measure_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The responses from which the figure before or after a measure follows; ?first= and ?last= name the days."""
    row = guard.get_or_404(ImprovementMeasure.objects.select_related("store"), request, pk=pk)
    days = [_day(request.GET.get(name, "")) for name in ("first", "last")]
    if None in days or days[0] > days[1]:  # type: ignore[operator]
        raise Http404
    rows = effect.rows_of(row, Window(*days), departments_seen(request.user, row.store_id))  # type: ignore[arg-type]
    if rows is None:
        raise Http404
    seen = rows.filter(pk__in=Response.objects.visible_to(request.user).values("pk"))
    context = {
        "heading": effect.words_of(row),
        "back": reverse("satisfaction:measure", args=[row.pk]),
        "back_words": row.measure,
        "store": row.store,
        "first": days[0],
        "last": days[1],
        "page": paging.paginate(
            seen.select_related("customer", "vehicle", "version__questionnaire"),
            order=["-called_on"],
            cursor=request.GET.get("page", ""),
        ),
        "shown": Shown(row.metric, mean_of_rows(seen)),
        "total": paging.capped_count(seen),
        "today": clock.today(),
    }
    return render(request, "satisfaction/rows_of_days.html", context)


def _day(written: str) -> date | None:
    """A day of an address, within the years that months can have; None for anything else."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


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
    form = MeasureForm(request.POST or None, store_ids=stores, today=today, initial=proposal(request, today))
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
