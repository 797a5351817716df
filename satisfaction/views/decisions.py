"""Low answers that wait for a decision: the list, oldest first, and the page on which one is decided."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from crm_site.accounts import guard, policy
from crm_site.core import clock, paging
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from satisfaction import actions
from satisfaction.forms.decisions import DecideForm
from satisfaction.models import Decision, QuestionnaireVersion, Response
from satisfaction.queries import decisions as queries
from satisfaction.views import leads, sheet

#: after so many hours a decision is late
LATE_HOURS = 24


@guard.needs("satisfaction.decide")
def decisions(request: HttpRequest) -> HttpResponse:
    """Every response whose low answers nobody has decided about, oldest first; a head sees his departments'."""
    rows = queries.awaiting(request.user)
    page = paging.paginate(
        queries.with_low_answers(rows, request.user), order=["answered_at"], cursor=request.GET.get("page", "")
    )
    context = {
        "page": page,
        "rows": [_line(row) for row in page],
        "total": paging.capped_count(rows),
        "tabs": leads.tabs(request, "decisions"),
        "shows_store": len(policy.stores_allowing(request.user, "satisfaction.decide")) > 1,
    }
    return render(request, "satisfaction/decisions.html", context)


def _line(row: Response) -> dict[str, Any]:
    hours = max(int((clock.now() - row.answered_at).total_seconds() // 3600), 0)
    return {"response": row, "hours": hours, "days": hours // 24, "is_late": hours >= LATE_HOURS}


@guard.needs("satisfaction.decide")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """One response with its low answers and the customer's words, and the form that decides."""
    row = guard.get_or_404(queries.with_low_answers(Response.objects.all(), request.user), request, pk=pk)
    if not queries.in_reach(request.user).filter(pk=row.pk).exists():
        raise Http404
    by = guard.acting(request, row.store_id)
    form = DecideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.decide(row.pk, **form.cleaned_data, by=by, at=clock.now())
        except RuleBroken as refused:
            if refused.code == "decided":
                messages.warning(request, refused.message)
                return redirect("satisfaction:decisions")
            refuse(form, refused)
        else:
            messages.success(request, _done(form.cleaned_data["decision"]))
            return redirect("satisfaction:decisions")
    context = {
        **_line(row),
        "form": form if row.decision == Decision.PENDING else None,
        "answers": [{"answer": one, **_answer(row.version, one)} for one in row.low_answers],
        "facts": sheet.facts(row),
        "may_open": policy.allows(request.user, "satisfaction.view", row.store_id),
    }
    return render(request, "satisfaction/decide.html", context, status=422 if form.is_bound else 200)


def _answer(version: QuestionnaireVersion, answer: Any) -> dict[str, str]:
    return {"raw": sheet.raw_words(version, answer.question.kind, answer), "judges": sheet.judged_words(answer)}


def _done(decision: str) -> str:
    if decision in (Decision.GRIEVANCE, Decision.COMPLAINT):
        return _("Decided. A ticket has been opened with the customer's words.")
    return _("Decided. It is kept with the response.")
