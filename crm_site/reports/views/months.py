"""The months of a store's report, one month's page, and what a manager does with it: build, publish, reopen."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.db.models.fields.json import KT
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.core import clock, paging
from crm_site.core.errors import RuleBroken
from crm_site.jobs.models import Job
from crm_site.reports import actions, appealing, board, boxes, calendar, periods, rules, wording, work
from crm_site.reports.forms import BuildForm, ReopenForm
from crm_site.reports.lens import Lens
from crm_site.reports.models import Appeal, MonthlyReport, ReportState
from crm_site.reports.views.reach import reach


@guard.needs("reports.view")
def months(request: HttpRequest) -> HttpResponse:
    """Every month by store, newest first; while one is being counted the table asks again."""
    return _months(request, None)


def _months(request: HttpRequest, form: BuildForm | None) -> HttpResponse:
    stores = policy.stores_allowing(request.user, "reports.view")
    publishable = policy.stores_allowing(request.user, "reports.publish")
    reports = MonthlyReport.objects.visible_to(request.user).filter(store_id__in=stores)
    reports = _filtered(request, reports).select_related("store", "published_by").defer("snapshot")
    reports = reports.annotate(written_sum=KT("snapshot__sum"))
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
        reports = reports.filter(month__lt=periods.month_start(clock.today()))
    return reports


def _line(report: MonthlyReport) -> dict[str, Any]:
    """A month in the list; its sum is read from the whole snapshot only where an old one does not name it."""
    written = getattr(report, "written_sum", None)
    if written:
        found = json.loads(written)
    else:
        found = rules.sum_of(report.snapshot).as_json() if report.snapshot else None
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
    report = lens.report
    context = {
        **_contents(lens),
        "chart": _chart(request, lens),
        "categories": boxes.categories(lens),
        "moved": boxes.moved_since(lens),
        "may_publish": policy.allows(request.user, "reports.publish", report.store_id),
        "obstacles": actions.obstacles(report, clock.today()),
        "is_shown": appealing.is_open(report, clock.today()),
        "appeals": _appeals(request, report),
        "newer": _newer(report),
        "reopening": reopening,
    }
    return render(request, "reports/report.html", context, status=422 if reopening.errors else 200)


def _contents(lens: Lens) -> dict[str, Any]:
    """What the page and the paper share: everything that is read from the snapshot."""
    report = lens.report
    return {
        "lens": lens,
        "report": report,
        "title": wording.month_name(report.month),
        "period": calendar.period_of_report(report),
        "version": rules.version_of(report.snapshot),
        "is_intact": rules.digest(report.snapshot) == report.sha256,
        "figures": boxes.figures(lens),
        "groups": board.groups(lens),
        "sum": boxes.sum_line(lens),
        "handling": boxes.handling(lens),
        "money": boxes.money(lens),
        "adjusted": boxes.adjusted(lens),
        "absorbed": boxes.absorbed(lens),
        "definitions": boxes.definitions(lens),
        "provisional": calendar.period_of_report(report).last + timedelta(days=rules.SOLVED_DAYS),
        "chart_words": board.chart_words(lens),
        **_state(report),
    }


@guard.needs("reports.view")
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The month on paper: A4 across, everything of the snapshot."""
    lens = reach(request, pk)
    context = {**_contents(lens), "chart": _chart(request, lens, theme="light")["wide"]}
    return render(request, "reports/print.html", context)


def _appeals(request: HttpRequest, report: MonthlyReport) -> dict[str, int]:
    """How many appeals of the month this user sees, and how many of them are open."""
    rows = Appeal.objects.visible_to(request.user).filter(store_id=report.store_id, report__month=report.month)
    return rows.order_by().aggregate(all=Count("pk"), open=Count("pk", filter=Q(state=Appeal.State.OPEN)))


def _chart(request: HttpRequest, lens: Lens, theme: str = "") -> dict[str, str]:
    """The addresses of the picture in the person's theme; the hash lets browsers keep it."""
    base = reverse("reports:chart", args=[lens.report.pk])
    theme = theme or ("dark" if request.user.theme == "dark" else "light")  # type: ignore[union-attr]
    mark = lens.report.sha256[:12]
    return {shape: f"{base}?theme={theme}&shape={shape}&v={mark}" for shape in ("wide", "narrow")}


def _newer(report: MonthlyReport) -> MonthlyReport | None:
    """A later revision of the same month."""
    later = MonthlyReport.objects.filter(store_id=report.store_id, month=report.month, revision__gt=report.revision)
    return later.order_by("-revision").first()


@require_POST
@guard.needs("reports.publish")
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Freeze the draft that the manager has seen."""
    lens = reach(request, pk, "reports.publish")
    by = guard.acting(request, lens.report.store_id)
    seen = request.POST.get("sha256") or "-"  # who sends no hash has seen no draft
    try:
        actions.publish(pk, by=by, now=clock.now(), sha256=seen)
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
