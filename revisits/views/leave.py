"""Somebody is away or leaves: which calls wait for them, handing these over, and taking a hand-over back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from crm_site.accounts import guard
from crm_site.accounts.models import Employee
from crm_site.core import clock, formats
from crm_site.core.errors import RuleBroken
from crm_site.worktime.models import Absence
from revisits import actions
from revisits.actions.handover import Done, Kept
from revisits.forms.team import HandOverForm
from revisits.lines import origin
from revisits.models import HandOver, Revisit
from revisits.queries import leaving, pool
from revisits.queries.leaving import Span

#: calls shown, and handed over in one go
MOST = 200
#: calls of own customers shown; they move by themselves
MOST_OWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@guard.needs("revisits.manage")
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """The calls that an absence touches, and handing them over."""
    absence = guard.get_or_404(Absence.objects.select_related("employee", "store"), request, pk=pk)
    title = _("%(name)s is away") % {"name": absence.employee.name}
    days = f"{absence.first:%Y-%m-%d} – {absence.last:%m-%d}"
    texts = {"title": title, "days": days, "kind": absence.get_kind_display()}
    return _page(request, absence.employee, Span(absence.first, absence.last), HandOver.Why.LEAVE, texts)


@require_http_methods(["GET", "HEAD", "POST"])
@guard.needs("revisits.manage")
def leaver(request: HttpRequest, pk: int) -> HttpResponse:
    """All calls that wait for one person, and handing them over: who leaves, or has too much."""
    employee = guard.get_or_404(Employee.objects.select_related("store"), request, pk=pk)
    why = HandOver.Why.LEFT if employee.left_on else HandOver.Why.OTHER
    texts = {"title": _("Calls of %(name)s") % {"name": employee.name}, "days": "", "kind": ""}
    if employee.left_on:
        texts |= {"days": f"{employee.left_on:%Y-%m-%d}", "kind": _("Last day")}
    return _page(request, employee, Span(clock.today()), why, texts)


def _page(request: HttpRequest, employee: Employee, span: Span, why: str, texts: dict[str, str]) -> HttpResponse:
    """The preview with its form; a POST hands over."""
    now = clock.now()
    rows = leaving.touched(employee, span, now=now)
    colleagues = list(
        pool.callers([employee.store_id], clock.today(), ["specialist", "manager"]).exclude(pk=employee.pk)
    )
    form = HandOverForm(request.POST or None, rows=rows, colleagues=colleagues)
    if request.method == "POST" and form.is_valid():
        answer = _hand_over(request, employee, form, why)
        if answer is not None:
            return answer
    context = {
        "texts": texts,
        "employee": employee,
        "lines": [_line(row, employee, span) for row in _shown(rows)],
        "own": _own(employee, span),
        "form": form,
        "ticked": set(form.data.getlist("revisits")) if form.is_bound else None,  # type: ignore[attr-defined]
        "away": pool.away(employee.store_id, clock.today()).everybody,
        "hand_overs": hand_overs(request, giver=employee),
    }
    status = 422 if form.is_bound else 200
    return render(request, "revisits/leave.html", context, status=status)


def _hand_over(request: HttpRequest, employee: Employee, form: HandOverForm, why: str) -> HttpResponse | None:
    """Hand over and come back here; None when it was refused (the form says why)."""
    said = form.cleaned_data
    try:
        done = actions.hand_over(
            employee,
            list(said["takers"]),
            form.ids,
            why=why,
            by=guard.acting(request, employee.store_id),
            now=clock.now(),
            submission=said["submission"],
        )
    except RuleBroken as refused:
        form.add_error("takers" if refused.field == "to" else "revisits", refused.message)
        return None
    _say(request, done)
    return redirect(request.path)


def _say(request: HttpRequest, done: Done) -> None:
    """What moved and what did not."""
    told = ngettext("%(count)d call is handed over.", "%(count)d calls are handed over.", done.moved)
    messages.success(request, told % {"count": done.moved})
    _say_kept(request, done.kept)


def _say_kept(request: HttpRequest, kept: Sequence[Kept]) -> None:
    for one in kept:
        name = one.revisit.customer.listed_name if one.revisit.customer else "–"
        words = {"name": name, "rule": one.revisit.rule.label, "why": one.reason}
        messages.warning(request, _("%(name)s, %(rule)s: %(why)s") % words)


def _shown(rows: Any) -> list[Revisit]:
    found = rows.select_related("customer", "vehicle", "complaint").prefetch_related(
        "rule", "rule_version", "delivery__sales_consultant", "repair_order", "claimed_by"
    )
    return list(found[:MOST])


def _line(row: Revisit, employee: Employee, span: Span) -> dict[str, Any]:
    """One call that waits for the person: as what, until when, and whether it can wait."""
    waits = leaving.can_wait(row, employee, span)
    if row.promised_at and row.promised_by_id == employee.pk:
        kind, when = _("Promised"), formats.when(row.promised_at)
    elif row.assigned_to_id == employee.pk:
        kind, when = _("Given to them"), _("until %(day)s") % {"day": f"{row.expires_on:%m-%d}"}
    else:
        kind, when = _("In their hands"), formats.when(row.claimed_at) if row.claimed_at else ""
    note = _("can wait until they are back") if waits else ""
    return {"task": row, "kind": kind, "when": when, "note": note, "checked": not waits, "origin": origin(row)}


def _own(employee: Employee, span: Span) -> dict[str, Any]:
    """The calls to a consultant's own customers, which move by themselves."""
    rows = leaving.own_customers(employee, span)
    shown = rows.select_related("customer").prefetch_related("rule").order_by("due_on", "pk")[:MOST_OWN]
    return {"rows": list(shown), "count": rows.count()}


def hand_overs(request: HttpRequest, **filters: Any) -> list[HandOver]:
    """The latest hand-overs that the user may see."""
    rows = HandOver.objects.visible_to(request.user).filter(**filters)
    return list(rows.select_related("giver", "taker", "by", "undone_by")[:10])


@require_POST
@guard.needs("revisits.manage")
def undo_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a hand-over back as far as nothing has happened since; says what stays, and why."""
    made = guard.get_or_404(HandOver.objects, request, pk=pk)
    guard.require(request, "revisits.manage", made)
    try:
        done = actions.undo_hand_over(made.pk, by=guard.acting(request, made.store_id), now=clock.now())
    except RuleBroken as refused:
        messages.error(request, refused.message)
        return _back(request, made)
    if done.moved:
        told = ngettext("%(count)d call is given back.", "%(count)d calls are given back.", done.moved)
        messages.success(request, told % {"count": done.moved})
    else:
        messages.info(request, _("This hand-over was taken back already."))
    _say_kept(request, done.kept)
    return _back(request, made)


def _back(request: HttpRequest, made: HandOver) -> HttpResponse:
    """To the page that the button stood on: the person's, or the team's."""
    if request.POST.get("from") == "team":
        return redirect("revisits:team")
    absence = Absence.objects.filter(employee=made.giver_id, cancelled_at=None).order_by("-last").first()
    if made.why == HandOver.Why.LEAVE and absence:
        return redirect("revisits:leave", absence.pk)
    return redirect(reverse("revisits:leaver", args=[made.giver_id]))
