"""申诉: raised from a list of the draft, listed by month, decided by the manager or the director."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from complaints.models import Complaint
from crm_site.accounts import guard
from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.reports import actions, judged, parts, reading, wording
from crm_site.reports.forms.appeals import AppealForm, DecideForm
from crm_site.reports.models import Appeal, MonthlyReport
from satisfaction.models import EmployeeScore, Response


@guard.needs("reports.appeal")
def object_to(request: HttpRequest, pk: int) -> HttpResponse:
    """Raise an appeal: ?employee= with ?complaint= or ?response= say against what.

    Outside the public days nothing of it is shown, only when appeals are taken; what was written by then stays.
    """
    report = guard.get_or_404(MonthlyReport.objects.select_related("store"), request, pk=pk)
    by, now = guard.acting(request, report.store_id), clock.now()
    employee, about = _subject(report, request.GET)
    if not parts.may_appeal(report, employee, by, clock.business_day(now)):
        raise Http404
    if request.method != "POST":
        try:
            actions.check_open(report, now)
        except RuleBroken as closed:
            messages.info(request, closed.message)
            return redirect("reports:mine")
    form = AppealForm(request.POST or None, initial={"submission": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        try:
            appeal = actions.raise_appeal(report.pk, employee=employee, **about, **form.cleaned_data, by=by, now=now)
        except RuleBroken as refused:
            form.add_error(refused.field or None, refused.message)
        else:
            messages.success(request, _("The appeal is raised. You are told when it is decided."))
            return redirect("reports:appeal", appeal.pk)
    context = {
        "report": report,
        "month": wording.month_name(report.month),
        "employee": employee,
        "form": form,
        **_facts(report, employee, about),
    }
    return render(request, "reports/object.html", context, status=422 if form.is_bound else 200)


def _subject(report: MonthlyReport, query: Any) -> tuple[Employee, dict[str, Any]]:
    """The employee and what the appeal is about; 404 for what does not stand in the employee's lines."""
    keys = {name: query.get(name, "") for name in ("employee", "complaint", "response")}
    numbers = {name: int(value) for name, value in keys.items() if value.isdecimal() and len(value) < 19}
    rows = [row for row in reading.upgraded(report.snapshot)["rows"] if row["employee"] == numbers.get("employee")]
    complaint, response = numbers.get("complaint"), numbers.get("response")
    if complaint and any(complaint in row[name] for row in rows for name in wording.LIABLE):
        about: dict[str, Any] = {"complaint": Complaint.objects.filter(pk=complaint, store_id=report.store_id).first()}
    elif response and any(response in row["responses"] for row in rows):
        about = {"response": Response.objects.filter(pk=response, store_id=report.store_id).first()}
    else:
        raise Http404
    return Employee.objects.get(pk=numbers["employee"], store_id=report.store_id), about


def _facts(report: MonthlyReport, employee: Employee, about: dict[str, Any]) -> dict[str, Any]:
    """What the page says of the ticket or the response; no customer in it."""
    response = about.get("response")
    own = EmployeeScore.objects.filter(employee=employee, response=response).first() if response else None
    facts = {"complaint": about.get("complaint"), "response": response, "own": own}
    if response is not None:
        facts |= {"items": judged.items_of(employee, response), "job": judged.job_of(response)}
    return facts


@guard.needs("reports.view")
def appeals(request: HttpRequest, pk: int) -> HttpResponse:
    """The appeals of a month; a head sees those of the own people."""
    report = guard.get_or_404(MonthlyReport.objects.select_related("store"), request, pk=pk)
    rows = Appeal.objects.visible_to(request.user).filter(store_id=report.store_id, report__month=report.month)
    rows = rows.select_related("employee", "raised_by", "decided_by", "complaint", "response")
    context = {"report": report, "month": wording.month_name(report.month), "rows": list(rows)}
    return render(request, "reports/appeals.html", context)


@guard.needs("reports.appeals")
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """One appeal, and the form that decides it for whoever decides."""
    rows = Appeal.objects.select_related(
        "report__store", "employee__user", "raised_by__user", "decided_by", "complaint__category", "response"
    )
    return _page(request, guard.get_or_404(rows, request, pk=pk), None)


def _page(request: HttpRequest, row: Appeal, form: DecideForm | None) -> HttpResponse:
    may_decide = row.state == Appeal.State.OPEN and parts.may_decide(row, request.user)  # type: ignore[arg-type]
    context = {
        "appeal": row,
        "report": row.report,
        "month": wording.month_name(row.report.month),
        "form": (form or DecideForm(appeal=row, today=clock.today())) if may_decide else None,
        "directors": parts.is_directors(row),
        **_facts(row.report, row.employee, {"complaint": row.complaint, "response": row.response}),
    }
    return render(request, "reports/appeal.html", context, status=422 if form is not None else 200)


@guard.needs("reports.decide")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept or reject an appeal."""
    rows = Appeal.objects.select_related("report__store", "employee__user", "raised_by__user", "complaint", "response")
    row = guard.get_or_404(rows, request, pk=pk)
    if request.method != "POST":
        return redirect("reports:appeal", pk)
    if not parts.may_decide(row, request.user):  # type: ignore[arg-type]
        guard.refuse(request, "role", row)
    form = DecideForm(request.POST, appeal=row, today=clock.today())
    if not form.is_valid():
        return _page(request, row, form)
    try:
        actions.decide(pk, **form.arguments(), by=guard.acting(request, row.store_id), now=clock.now())
    except RuleBroken as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        return _page(request, row, form)
    messages.success(request, _("Decided. Whoever raised it has been told."))
    return redirect("reports:appeal", pk)
