"""Keeps and forgets the draft of an open call; the call page asks for it every few seconds while something changes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from revisits import actions
from revisits.forms.draft import DraftForm
from revisits.models import Revisit


@require_POST
@guard.needs("revisits.call")
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the draft and say when; 409 with a message where it is not to be kept any more, 400 for no draft at all."""
    task = guard.get_or_404(Revisit.objects, request, pk=pk)
    by, now = guard.acting(request, task.store_id), clock.now()
    form = DraftForm(request.POST)
    if not form.is_valid():
        return JsonResponse({}, status=400)
    try:
        kept = actions.keep_draft(
            task.pk,
            by=by,
            values=form.values(),
            number=form.cleaned_data["number"],
            started_at=form.started(now),
            now=now,
        )
    except RuleBroken as refused:
        return JsonResponse({"message": refused.message, "code": refused.code}, status=409)
    return JsonResponse({"number": kept.number, "at": f"{clock.local(kept.kept_at):%H:%M:%S}"})


@require_POST
@guard.needs("revisits.call")
def start_afresh(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget the draft and show the empty call page."""
    task = guard.get_or_404(Revisit.objects, request, pk=pk)
    try:
        actions.discard_draft(task.pk, by=guard.acting(request, task.store_id), now=clock.now())
    except RuleBroken:
        return redirect("revisits:detail", task.pk)
    return redirect("revisits:call", task.pk)
