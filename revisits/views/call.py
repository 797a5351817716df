"""The call page, the heart of the desk: one page to talk by, one submit that keeps it all; and the lease behind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.turns import in_turn
from revisits import actions, queries
from revisits.actions.tasks import is_held_by_another
from revisits.foresight import consequences
from revisits.forms.call import CallForm
from revisits.forms.draft import heard
from revisits.models import CallAttempt, Channel, Revisit
from revisits.moot import stop_now
from revisits.views.desk import Page
from revisits.views.saved import ask, typed_since

BACK, NEXT = "back", "next"


@require_http_methods(["GET", "HEAD", "POST"])
@guard.needs("revisits.call")
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """The desk for one claimed call; a POST saves it. Who does not hold the call is led to its story."""
    task = guard.get_or_404(queries.for_desk(), request, pk=pk)
    guard.require(request, "revisits.call", task)
    by, now = guard.acting(request, task.store_id), clock.now()
    page = Page(request, task, by, now)
    if request.method == "POST":
        return _save(request, page)
    if not task.is_open or task.claimed_by_id != by.pk or is_held_by_another(task, by, now):
        return redirect("revisits:detail", task.pk)
    return show(page, CallForm(desk=page.desk, now=now, initial=_initial(request, page)))


def _initial(request: HttpRequest, page: Page) -> dict[str, Any]:
    """What stands in the form when it is opened: the draft, and how we speak where the address tells it."""
    task, draft = page.task, page.draft
    initial = {"started_at": page.now.isoformat(), "channel": Channel.PHONE, "phone": task.phone_id}
    if draft is not None:
        initial |= draft.values
        if draft.by_id == page.by.pk and task.claimed_at and draft.started_at >= task.claimed_at:
            initial["started_at"] = draft.started_at.isoformat()
    asked = request.GET.get("channel", "")  # "you rang me?" comes from elsewhere and knows it
    return initial | ({"channel": asked} if asked in Channel.values else {}) | {"submission": uuid4()}


def show(page: Page, form: CallForm, status: int = 200, **more: Any) -> HttpResponse:
    """The page with its form; 422 when something is to be mended, everything typed still there."""
    context = (
        page.context(form)
        | more
        | {
            "foresight": consequences(
                page.task, page.results, page.attempts, more_numbers=len(page.numbers) > 1, now=page.now
            )
        }
    )
    return render(page.request, "revisits/call.html", context, status=status)


def _save(request: HttpRequest, page: Page) -> HttpResponse:
    """Keep the call and go on; a submission that was kept before is not kept twice."""
    made, form = _known(request, page.task), CallForm(request.POST, desk=page.desk, now=page.now)
    if made is not None:
        typed = typed_since(form, made)
        return ask(request, made, typed) if typed else _already(request, page, made)
    if form.is_valid():
        try:
            call = replace(form.call(), unfinished=heard(request.POST))
            made = in_turn(lambda: actions.save_call(page.task.pk, by=page.by, call=call, now=page.now))
            return _go_on(request, made, page.by, page.now)
        except RuleBroken as refused:
            form.refuse(refused)
    return show(page, form, status=422)


def _known(request: HttpRequest, task: Revisit) -> CallAttempt | None:
    """The attempt that this very form has made already (a double click, the back button)."""
    try:
        submission = UUID(request.POST.get("submission", ""))
    except ValueError:
        return None  # the form says what is wrong with it
    return CallAttempt.objects.filter(store_id=task.store_id, submission=submission).first()


def _already(request: HttpRequest, page: Page, made: CallAttempt) -> HttpResponse:
    """On with the call that this person holds meanwhile, else to what was saved."""
    held = _held(page.by, page.now)
    if held is not None:
        return redirect("revisits:call", held.pk)
    messages.info(request, _("This call was saved already; nothing was written twice."))
    return redirect("revisits:detail", made.revisit_id)


def _held(by: Employee, now: datetime) -> Revisit | None:
    return Revisit.objects.open().held_by(by, now).order_by("claimed_at", "pk").first()


def _go_on(request: HttpRequest, made: CallAttempt, by: Employee, now: datetime) -> HttpResponse:
    """To the next call, or back to the list; a bad number leads to the customer's next one at once."""
    messages.success(request, _("The call is saved."))
    if request.POST.get("go") == BACK:
        return _to_list(request)
    role = request.user.role_in(by.store_id)  # type: ignore[union-attr]
    following = (
        _next_number(made, by, role, now)
        or _held(by, now)
        or actions.claim_next(by, role, now=now, today=clock.business_day(now))
    )
    if following is not None:
        return redirect("revisits:call", following.pk)
    messages.info(
        request, _("Nothing waits to be called right now. Calls put off until later come back by themselves.")
    )
    return _to_list(request)


def _to_list(request: HttpRequest) -> HttpResponse:
    """Back to today's list; home for a director, who has none and made the one call that was given to him."""
    return redirect("revisits:today" if policy.allows(request.user, "revisits.desk") else "dashboard:home")


def _next_number(made: CallAttempt, by: Employee, role: str, now: datetime) -> Revisit | None:
    """The same call again, if another number is to be dialled at once and nobody was faster."""
    task = made.revisit
    if not task.is_open or task.not_before is not None or task.phone_id in (None, made.phone_id):
        return None
    try:
        return actions.claim(task.pk, by, role, now=now, today=clock.business_day(now))
    except RuleBroken:
        return None


@require_POST
@guard.needs("revisits.call")
def renew(request: HttpRequest, pk: int) -> JsonResponse:
    """Keep a call for longer, and say what has come up meanwhile; 409 with a message when it is somebody else's now."""
    task = guard.get_or_404(queries.for_desk(), request, pk=pk)
    now = clock.now()
    until = actions.renew_lease(task.pk, guard.acting(request, task.store_id), now=now)
    if until is None:
        text = _("You no longer hold this call. Save to see who took it; what you typed stays on this page.")
        return JsonResponse({"message": text}, status=409)
    stopped = stop_now(task, clock.business_day(now))
    warning = queries.stop_message(stopped.reason) if stopped else ""
    return JsonResponse({"left": int((until - now).total_seconds()), "warning": warning})
