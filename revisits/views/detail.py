"""One call: why it exists, how its days came about, what was tried; and what a manager may do with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Role
from crm_site.core import clock, formats, masking
from crm_site.core.errors import RuleBroken
from revisits import actions, queries
from revisits.forms.ending import EndForm
from revisits.lines import origin, state_status
from revisits.models import Revisit, State
from revisits.rules import due
from revisits.rules.codes import Reason
from revisits.views.quality.beside import inspections_of
from revisits.wording import reason_word


@guard.needs("revisits.view")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The story of one call."""
    task = guard.get_or_404(queries.for_desk(), request, pk=pk)
    return _page(request, task, EndForm())


def _page(request: HttpRequest, task: Revisit, form: EndForm) -> HttpResponse:
    day = clock.today()
    by = request.user.employee_in(task.store_id)
    may_call = policy.allows(request.user, "revisits.call", task.store_id) and by is not None and task.is_open
    why_not = queries.why_not(task, by, request.user.role_in(task.store_id)) if may_call and by else ""
    context = {
        "task": task,
        "status": state_status(task, day),
        "origin": origin(task),
        "reason": reason_word(task.reason),
        "why": why(task),
        "people": _people(task, sees_complaints=policy.allows(request.user, "complaints.view", task.store_id)),
        "attempts": [_event(attempt) for attempt in task.attempts.select_related("by", "result")],
        "inspections": inspections_of(request, task),
        "further": list(task.further_orders.select_related("repair_order")),
        "may_call": may_call and not why_not and task.state != State.NO_NUMBER,
        "why_not": why_not,
        "is_held": task.claimed_by_id is not None and task.lease_until and task.lease_until >= clock.now(),
        "may_manage": policy.allows(request.user, "revisits.manage", task.store_id),
        "form": form,
        "today": day,
    }
    return render(request, "revisits/detail.html", context)


def why(task: Revisit) -> list[dict[str, Any]]:
    """How the call and its days came about, step by step."""
    version = task.rule_version
    return [
        {
            "term": _("Rule"),
            "text": task.rule.label,
            "note": _("version %(number)s") % {"number": version.number},
        },
        {"term": _("Fact"), "text": origin(task), "note": f"{task.anchor_on:%Y-%m-%d}"},
        {"term": _("Due on"), "text": f"{task.due_on:%Y-%m-%d}", "note": due_note(task)},
        {"term": _("Deadline"), "text": f"{task.expires_on:%Y-%m-%d}", "note": deadline_note(task)},
        {"term": _("Tries"), "text": f"{task.tries_made} / {version.tries}"},
        {"term": _("Who calls"), "text": str(Role(version.owner_role).label)},
        {"term": _("Form asked"), "text": _questionnaire(task)},
        *_owner(task),
    ]


def _owner(task: Revisit) -> list[dict[str, Any]]:
    """To whom a manager has given the call, and why somebody makes it who served."""
    rows = []
    if task.assigned_to is not None:
        rows.append({"term": _("Given to"), "text": task.assigned_to.name})
    if task.override_by is not None:
        note = _("allowed by %(name)s") % {"name": task.override_by.name}
        rows.append({"term": _("Permission"), "text": task.override_reason, "note": note})
    return rows


def deadline_note(task: Revisit) -> str:
    """The sum behind the deadline: so many days after the due day, or anew for a fact learned late."""
    if task.late and task.reason == Reason.MISSED:
        return _("over when we learned of it")
    version = task.rule_version
    days = version.window_after
    if due.is_reminder(version):
        return ngettext("%(days)d day after", "%(days)d days after", days) % {"days": days}
    if task.late and not due.ends_with_its_window(version):
        return _("imported late: counted anew from the next desk day")
    return ngettext("%(days)d desk day after", "%(days)d desk days after", days) % {"days": days}


def due_note(task: Revisit) -> str:
    """The sum behind the due day."""
    offset = task.rule_version.offset_days
    if offset < 0:
        plain = ngettext("%(days)d day ahead", "%(days)d days ahead", -offset) % {"days": -offset}
    else:
        plain = ngettext("%(days)d day after the fact", "%(days)d days after the fact", offset) % {"days": offset}
    moved = due.shifted_by(task.anchor_on, offset, task.due_on)
    if not moved:
        return plain
    return _("%(sum)s; %(moved)s") % {"sum": plain, "moved": _moved_note(moved)}


def _moved_note(moved: int) -> str:
    """Why it is not due on that day itself: nobody calls then, or the calls after a closure or a start are spread."""
    days = abs(moved)
    if moved < 0:
        words = ngettext(
            "moved %(days)d day earlier: nobody calls then", "moved %(days)d days earlier: nobody calls then", days
        )
    else:
        words = ngettext("moved by %(days)d day: nobody calls then", "moved by %(days)d days: nobody calls then", days)
    return words % {"days": days}


def _questionnaire(task: Revisit) -> str:
    if task.questionnaire_version:
        return task.questionnaire_version.questionnaire.label
    return _("none")


def _people(task: Revisit, *, sees_complaints: bool) -> list[dict[str, Any]]:
    """Customer, car and number; the number masked."""
    rows = []
    if task.customer:
        rows.append({"term": _("Customer"), "text": task.customer.listed_name})
    rows.append(
        {"term": _("Phone"), "text": formats.masked_phone(task.phone.number if task.phone else ""), "num": True}
    )
    if task.vehicle:
        rows.append({"term": _("Plate"), "text": task.vehicle.plate_no})
        rows.append({"term": _("Car"), "text": task.vehicle.model or task.vehicle.series})
        rows.append({"term": "VIN", "text": formats.masked_vin(task.vehicle.vin), "num": True})
    if task.complaint:
        url = reverse("complaints:detail", args=[task.complaint_id]) if sees_complaints else ""
        rows.append({"term": _("Complaint"), "text": task.complaint.number, "url": url})
    return rows


def _event(attempt: Any) -> dict[str, Any]:
    """One attempt on the timeline."""
    return {
        "title": attempt.result.label,
        "when": formats.when(attempt.started_at),
        "icon": "telephone" if attempt.result.reached else "telephone-x",
        "kind": "ok" if attempt.result.saves_answers else "",
        "text": " · ".join(part for part in (attempt.by.name, masking.said(attempt.note)) if part),
    }


@require_POST
@guard.needs("revisits.call")
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a call back to the pool; a manager also for somebody else."""
    task = guard.get_or_404(Revisit.objects, request, pk=pk)
    by = guard.acting(request, task.store_id)
    try:
        actions.release(task.pk, by, for_another=policy.allows(request.user, "revisits.manage", task.store_id))
        messages.success(request, _("The call is back in the pool."))
    except RuleBroken as refused:
        messages.error(request, refused.message)
    return redirect("revisits:detail", task.pk)


@require_POST
@guard.needs("revisits.manage")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel or excuse a call with a reason."""
    task = guard.get_or_404(queries.for_desk(), request, pk=pk)
    guard.require(request, "revisits.manage", task)
    form = EndForm(request.POST)
    if form.is_valid():
        state, reason = form.cleaned_data["how"]
        try:
            actions.end_by_hand(
                task.pk, state=state, reason=reason, by=guard.acting(request, task.store_id), now=clock.now()
            )
            messages.success(request, _("The call is off the list."))
            return redirect("revisits:detail", task.pk)
        except RuleBroken as refused:
            form.add_error("how", refused.message)
    return _page(request, task, form)
