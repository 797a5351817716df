"""The months of a store's report, one month's page, and what a manager does with it: build, publish, reopen."""

from __future__ import annotations

import uuid
from datetime import date
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
from crm_site.jobs.models import Job
from crm_site.reports import actions, board, rules, wording, work
from crm_site.reports.forms import BuildForm, ReopenForm
from crm_site.reports.lens import Lens
from crm_site.reports.models import MonthlyReport, ReportState
from crm_site.reports.snapshot import compose
from crm_site.reports.views.reach import reach
from crm_site.worktime import calendars


@guard.needs("reports.view")
def months(request: HttpRequest) -> HttpResponse:
    """Every month by store, newest first; while one is being counted the table asks again."""
    return _months(request, None)


def _months(request: HttpRequest, form: BuildForm | None) -> HttpResponse:
    stores = policy.stores_allowing(request.user, "reports.view")
    publishable = policy.stores_allowing(request.user, "reports.publish")
    reports = MonthlyReport.objects.visible_to(request.user).filter(store_id__in=stores)
    reports = _filtered(request, reports).select_related("store", "published_by")
    page = paging.paginate(
        reports, order=["-month", "store_id", "-revision"], cursor=request.GET.get("after", ""), size=24
    )
    if publishable and form is None:
        initial = {"submission": uuid.uuid4(), "store": publishable[0]}
        form = BuildForm(stores=publishable, today=clock.today(), initial=initial)
    context = {
        "page": page,
        "rows": [_line(report) for report in page],
        "is_filtered": bool(request.GET.get("state") or request.GET.get("ended")),
        "form": form,
        "building": Job.objects.visible_to(request.user).filter(kind=work.KIND, store_id__in=stores).open().count(),
    }
    fragment = request.htmx and request.htmx.target == "months"  # type: ignore[attr-defined]
    return render(request, "reports/months.html" if fragment else "reports/list.html", context)


def _filtered(request: HttpRequest, reports: Any) -> Any:
    """Narrowed by ?state=draft and ?ended=1 (months that are over), as the tile on the home page asks."""
    if request.GET.get("state") in ReportState.values:
        reports = reports.filter(state=request.GET["state"])
    if request.GET.get("ended"):
        reports = reports.filter(month__lt=rules.month_start(clock.today()))
    return reports


def _line(report: MonthlyReport) -> dict[str, Any]:
    """A month in the list."""
    found = rules.sum_of(report.snapshot) if report.snapshot else None
    return {"report": report, "name": wording.month_name(report.month), "sum": found, **_state(report)}


def _state(report: MonthlyReport) -> dict[str, str]:
    """The state's word and mark."""
    marks = {ReportState.PUBLISHED: "ok", ReportState.DRAFT: "now", ReportState.SUPERSEDED: "line"}
    return {"state_word": report.get_state_display(), "state_kind": marks[ReportState(report.state)]}


@require_POST
@guard.needs("reports.publish")
def build(request: HttpRequest) -> HttpResponse:
    """Ask for a draft now; the same form sent twice asks once."""
    stores = policy.stores_allowing(request.user, "reports.publish")
    form = BuildForm(request.POST, stores=stores, today=clock.today())
    if not form.is_valid():
        return _months(request, form)
    store, month = form.cleaned_data["store"], form.cleaned_data["month"]
    newest = MonthlyReport.objects.filter(store=store, month=month).first()
    if newest is not None and newest.state != ReportState.DRAFT:
        messages.error(request, _("This month is published and frozen. Reopen it to count anew."))
        return redirect("reports:report", newest.pk)
    by = guard.acting(request, store.pk)
    work.ask_for_draft(store, month, f"by-hand-{form.cleaned_data['submission']}", by)
    text = _("The report of %(month)s is being counted. It appears here when it is done.")
    messages.success(request, text % {"month": wording.month_name(month)})
    return redirect("reports:list")


@guard.needs("reports.view")
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """One store's month: figures, chart, the sum, one line for each employee."""
    return _report(request, reach(request, pk), ReopenForm())


def _report(request: HttpRequest, lens: Lens, reopening: ReopenForm) -> HttpResponse:
    report, today = lens.report, clock.today()
    may_publish = policy.allows(request.user, "reports.publish", report.store_id)
    context = {
        "lens": lens,
        "report": report,
        "title": wording.month_name(report.month),
        "figures": board.figures(lens),
        "groups": board.groups(lens),
        "sum": board.sum_line(lens),
        "chart": _chart(request, lens),
        "chart_words": board.chart_words(lens),
        "categories": board.categories(lens),
        "is_intact": rules.digest(report.snapshot) == report.sha256,
        "moved": _moved(lens),
        "may_publish": may_publish,
        "is_over": rules.is_over(report.month, today),
        "publish_day": rules.publish_day(report.month, calendars.legal_calendar(report.month)),
        "newer": _newer(report),
        "reopening": reopening,
        "range": (report.month, _last_day(report.month)),
        **_state(report),
    }
    return render(request, "reports/report.html", context, status=422 if reopening.errors else 200)


def _chart(request: HttpRequest, lens: Lens) -> dict[str, str]:
    """The addresses of the picture in the person's theme; the hash lets browsers keep it."""
    base = reverse("reports:chart", args=[lens.report.pk])
    theme = "dark" if request.user.theme == "dark" else "light"  # type: ignore[union-attr]
    mark = lens.report.sha256[:12]
    return {shape: f"{base}?theme={theme}&shape={shape}&v={mark}" for shape in ("wide", "narrow")}


def _moved(lens: Lens) -> list[dict[str, Any]]:
    """What a recount today would change in a published month; a draft is recounted anyway."""
    if lens.report.state != ReportState.PUBLISHED or not lens.is_whole:
        return []
    live = compose(lens.report.store_id, lens.report.month)
    return [
        {"who": one.who or wording.LINES[one.line], "before": one.before, "now": one.now}
        for one in rules.moved(lens.snapshot, live)
    ]


def _newer(report: MonthlyReport) -> MonthlyReport | None:
    """A later revision of the same month."""
    later = MonthlyReport.objects.filter(store_id=report.store_id, month=report.month, revision__gt=report.revision)
    return later.order_by("-revision").first()


def _last_day(month: date) -> date:
    return date.fromordinal(rules.month_start(month, -1).toordinal() - 1)


@require_POST
@guard.needs("reports.publish")
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Freeze the draft that the manager has seen."""
    lens = reach(request, pk, "reports.publish")
    try:
        actions.publish(
            pk, by=guard.acting(request, lens.report.store_id), now=clock.now(), sha256=request.POST.get("sha256", "")
        )
    except RuleBroken as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Published. These figures no longer change."))
    return redirect("reports:report", pk)


@require_POST
@guard.needs("reports.publish")
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a further revision, with a reason."""
    lens = reach(request, pk, "reports.publish")
    by = guard.acting(request, lens.report.store_id)
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return _report(request, lens, form)
    try:
        draft = actions.reopen(pk, by=by, reason=form.cleaned_data["reason"], now=clock.now())
    except RuleBroken as refused:
        messages.error(request, refused.message)
        return redirect("reports:report", pk)
    messages.success(
        request, _("Reopened as a draft. The published figures stay readable until this one is published.")
    )
    return redirect("reports:report", draft.pk)
