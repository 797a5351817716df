"""One inspection: the call as it was written down beside the sheet; and putting a call on the list by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee
from crm_site.core import clock, formats, masking
from crm_site.core.errors import RuleBroken
from revisits import variables
from revisits.actions import inspections as actions
from revisits.forms.inspection import InspectForm
from revisits.lines import origin
from revisits.models import CallAttempt, Inspection, Revisit
from revisits.queries import inspections as queries
from revisits.rules import inspection as rules
from revisits.views.quality import words
from revisits.views.quality.inspections import INSPECTS, SEES_ALL, may_see
from satisfaction.models import Response
from satisfaction.views import sheet as answers_sheet

#: what the form is filled with from what was saved before
WRITTEN = ("method", "verdict", *actions.WRITTEN)
#: seconds under which a length is told in seconds
MINUTE = 60


@require_http_methods(["GET", "HEAD", "POST"])
@guard.needs("revisits.inspections")
def inspection(request: HttpRequest, pk: int) -> HttpResponse:
    """The call and the sheet; a POST keeps what was found. A caller reads what came of the own call."""
    row = guard.get_or_404(queries.loaded(Inspection.objects.all()), request, pk=pk)
    if not may_see(request, row):
        raise Http404
    if request.method == "POST":
        guard.require(request, INSPECTS, row)
        return _save(request, row, guard.acting(request, row.store_id))
    return _show(request, row, _form(row))


def _form(row: Inspection, data: Any = None) -> InspectForm:
    people = Employee.objects.filter(store_id=row.store_id).employed_on(clock.today()).order_by("name", "pk")
    initial: dict[str, Any] = {"version": row.version}
    if row.inspected_at:
        initial |= {name: getattr(row, name) for name in WRITTEN}
        initial |= {f"points_{code}": mark["points"] for code, mark in row.marks.items()}
    return InspectForm(data, sheet=actions.sheet_of(row.store_id), people=people, initial=initial)


def _save(request: HttpRequest, row: Inspection, by: Employee) -> HttpResponse:
    form = _form(row, request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            done = actions.inspect(
                row.pk,
                method=said["method"],
                verdict=said["verdict"],
                points=form.points(),
                written={name: said[name] for name in actions.WRITTEN},
                shown=said["version"],
                by=by,
                now=clock.now(),
            )
            return _go_on(request, row, done)
        except RuleBroken as refused:
            form.refuse(refused)
    return _show(request, row, form, status=422)


def _go_on(request: HttpRequest, row: Inspection, done: Inspection) -> HttpResponse:
    """To the next open one of the same week, else back to the list; a false record first shows what follows."""
    if done.verdict == rules.FALSE:
        messages.warning(
            request, _("A false record: its answers have left the scores, and the caller's month is checked again.")
        )
        return redirect("revisits:inspection", row.pk)
    messages.success(request, _("The inspection is saved."))
    waiting = Inspection.objects.filter(store_id=row.store_id, week=row.week, inspected_at=None)
    me = guard.acting(request, row.store_id)
    following = waiting.exclude(caller=me).order_by("caller_id", "pk").first()
    if following is not None:
        return redirect("revisits:inspection", following.pk)
    return redirect(f"{reverse('revisits:inspections')}?week={row.week:%Y-%m-%d}")


def _show(request: HttpRequest, row: Inspection, form: InspectForm, status: int = 200) -> HttpResponse:
    own = row.caller.user_id == request.user.pk
    may_inspect = policy.allows(request.user, INSPECTS, row.store_id) and not own and row.verdict != rules.FALSE
    sees_all = policy.allows(request.user, SEES_ALL, row.store_id)
    record = Record(request, _call(row.attempt_id))
    context = {
        "row": row,
        "status": words.status(row),
        "why": words.drawn_for(row),
        "form": form,
        "may_inspect": may_inspect,
        "is_own": own,
        "sees_all": sees_all,
        "found": _found(row) if row.inspected_at else [],
        "marks": _marks(row),
        "passes_at": rules.PASSES_AT,
        **record.context(),
    }
    return render(request, "revisits/quality/inspection.html", context, status=status)


def _call(attempt_id: int) -> CallAttempt:
    return CallAttempt.objects.select_related(
        "by", "result", "phone", "script_version__script", "complaint", "revisit__rule", "revisit__rule_version",
        "revisit__customer", "revisit__vehicle", "revisit__delivery__sales_consultant", "revisit__repair_order",
        "revisit__complaint", "revisit__store",
    ).get(pk=attempt_id)  # fmt: skip


def _found(row: Inspection) -> list[dict[str, Any]]:
    """What the inspection found, as rows."""
    rows = [
        {"term": _("How it was inspected"), "text": row.get_method_display()},
        {"term": _("Verdict of the inspection"), "text": row.get_verdict_display()},
        {"term": _("Strengths"), "text": masking.said(row.strengths)},
        {"term": _("Weaknesses"), "text": masking.said(row.weaknesses)},
        {"term": _("Cause and measure"), "text": masking.said(row.measure)},
    ]
    if row.measure:
        due = f"{row.measure_due_on:%Y-%m-%d}" if row.measure_due_on else ""
        rows.append({"term": _("Responsible"), "text": row.responsible.name if row.responsible else "", "note": due})
    rows.append({"term": _("Note"), "text": masking.said(row.note)})
    by = row.inspector.name if row.inspector else ""
    return [*rows, {"term": _("Inspected by"), "text": by, "note": formats.when(row.inspected_at)}]


def _marks(row: Inspection) -> list[dict[str, Any]]:
    """The points by line as they were given."""
    labels = {item.code: item.label for item in actions.sheet_of(row.store_id)}
    return [{"label": labels.get(code, code), **mark} for code, mark in row.marks.items()]


@dataclass
class Record:
    """The call as it was written down."""

    request: HttpRequest
    attempt: CallAttempt

    def context(self) -> dict[str, Any]:
        """The template's variables."""
        task, response = self.attempt.revisit, self._response()
        return {
            "attempt": self.attempt,
            "task": task,
            "facts": self._facts(task),
            "steps": self._steps(task, len(response.version.questions.all()) if response else 0),
            "response": response,
            "factors": answers_sheet.factors(response, None) if response else [],
            "extras": answers_sheet.extras(response, None) if response else [],
            "may_reveal": policy.allows(self.request.user, "customers.reveal", task.store_id),
            "sees_response": policy.allows(self.request.user, "satisfaction.view", task.store_id),
        }

    def _response(self) -> Response | None:
        """The answers that this call brought, with everything that their list shows."""
        if self.attempt.response_id is None:
            return None
        return answers_sheet.loaded(Response.objects.filter(pk=self.attempt.response_id)).first()

    def _facts(self, task: Revisit) -> list[dict[str, Any]]:
        """What the call was about, when, how long, by which way."""
        made = self.attempt
        began = clock.local(made.started_at)
        rows: list[dict[str, Any]] = [
            {"term": _("Call"), "text": task.rule.label, "url": reverse("revisits:detail", args=[task.pk])},
            {"term": _("Fact"), "text": origin(task)},
            {"term": _("Caller"), "text": made.by.name},
            {"term": _("Begun"), "text": f"{began:%Y-%m-%d %H:%M}", "num": True},
            {"term": _("Length"), "text": length(made), "num": True},
            {"term": _("How you spoke"), "text": made.get_channel_display()},
            {"term": _("Result"), "text": made.result.label},
            {"term": _("Note"), "text": masking.said(made.note)},
            {"term": _("Recording"), "text": made.recording or _("no reference was kept")},
        ]
        if made.complaint:
            rows.append({"term": _("Complaint"), "text": made.complaint.number})
        return rows

    def _steps(self, task: Revisit, questions: int) -> list[dict[str, Any]]:
        """The steps of the script that stood on the page, as they were read."""
        version, places = self.attempt.script_version, set(self.attempt.script_steps)
        if version is None:
            return []
        values = variables.values_for(task, me=self.attempt.by.name, contact=None, questions=questions)
        read = [step for step in version.steps.all() if (step.position in places if places else not step.when)]
        return [{"label": step.label, "pieces": variables.pieces(step.body, values)} for step in read]


def length(attempt: CallAttempt) -> str:
    """How long a call took, to the second where it was short."""
    seconds = int((attempt.ended_at - attempt.started_at).total_seconds())
    if seconds < MINUTE:
        return _("%(seconds)s s") % {"seconds": seconds}
    return _("%(minutes)s min %(seconds)s s") % {"minutes": seconds // MINUTE, "seconds": seconds % MINUTE}


@require_POST
@guard.needs("revisits.inspect")
def inspect_call(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one call on the list by hand and open it."""
    attempt = guard.get_or_404(CallAttempt.objects, request, pk=pk)
    try:
        row = actions.draw_by_hand(attempt.pk, by=guard.acting(request, attempt.store_id), now=clock.now())
    except RuleBroken as refused:
        messages.error(request, refused.message)
        return redirect("revisits:detail", attempt.revisit_id)
    return redirect("revisits:inspection", row.pk)
