"""Practice mode: ten invented customers on the real call page; nothing stays but what was right and what was missed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from revisits.actions import practice as actions
from revisits.actions.calls import save_call
from revisits.defaults.practice import BY_CODE, CASES, Case
from revisits.forms.call import CallForm
from revisits.models import Channel, PracticeCall, RevisitRule
from revisits.rules import practice as rules
from revisits.rules.practice import Moment, Said
from revisits.said import Call
from revisits.views.call import show
from revisits.views.desk import Page
from revisits.views.quality import practice_words
from satisfaction.rules import GIVEN

CAPABILITY = "revisits.practice"


def _me(request: HttpRequest) -> Employee:
    """As whom this user practises: in the first store in which they call."""
    return guard.acting(request, min(policy.stores_allowing(request.user, CAPABILITY)))


def label(case: Case) -> str:
    """The title of a case in the language of the page."""
    return case.label_zh if (get_language() or "").startswith("zh") else case.label_en


@guard.needs(CAPABILITY)
def practice(request: HttpRequest) -> HttpResponse:
    """The ten cases with how often one has tried each and what came of the last time."""
    me = _me(request)
    made: dict[str, list[PracticeCall]] = {}
    for row in PracticeCall.objects.filter(employee=me).order_by("-made_at", "-pk"):
        made.setdefault(row.case, []).append(row)
    rules_by_code = {rule.code: rule.label for rule in RevisitRule.objects.filter(store=None)}
    cases: list[dict[str, Any]] = [
        {
            "code": case.code,
            "label": label(case),
            "rule": rules_by_code.get(case.rule, case.rule),
            "tries": len(made.get(case.code, ())),
            "last": _score(made[case.code][0]) if case.code in made else None,
        }
        for case in CASES
    ]
    done = sum(1 for case in cases if case["last"] and case["last"]["is_whole"])
    following = next((case for case in cases if not case["last"] or not case["last"]["is_whole"]), cases[0])
    context = {"cases": cases, "done": done, "following": following}
    return render(request, "revisits/quality/practice.html", context)


def _score(row: PracticeCall) -> dict[str, Any]:
    right, missed = row.findings.get("right", []), row.findings.get("missed", [])
    return {"row": row, "right": len(right), "of": len(right) + len(missed), "is_whole": not missed}


@require_http_methods(["GET", "HEAD", "POST"])
@guard.needs(CAPABILITY)
def practice_call(request: HttpRequest, code: str) -> HttpResponse:
    """The real call page for an invented customer; a POST saves by the real action, and nothing of it stays."""
    case = BY_CODE.get(code)
    if case is None:
        raise Http404
    me, now = _me(request), clock.now()
    if request.method == "POST":
        return _save(request, case, me, now)
    with actions.invented(case, by=me, now=now) as task:
        page = Page(request, task, me, now)
        first = {"started_at": now.isoformat(), "channel": Channel.PHONE, "phone": task.phone_id}
        form = CallForm(desk=page.desk, now=now, initial=first | {"submission": uuid4()})
        return _show(page, case, form)


def _show(page: Page, case: Case, form: CallForm, status: int = 200) -> HttpResponse:
    practising = {
        "url": reverse("revisits:practice_call", args=[case.code]),
        "label": label(case),
        "lines": case.said,
    }
    return show(page, form, status, practice=practising)


def _save(request: HttpRequest, case: Case, me: Employee, now: datetime) -> HttpResponse:
    """Save within the invented world; then keep the review alone."""
    with actions.invented(case, by=me, now=now) as task:
        page = Page(request, task, me, now)
        form = CallForm(request.POST, desk=page.desk, now=now)
        call = _saved(page, form)
        if call is None:
            return _show(page, case, form, status=422)
        said = _said(call, form, page, now)
    found = rules.review(case.expected, said)
    seconds = max(0, int((now - call.started_at).total_seconds()))
    row = actions.keep(
        case, found, result=call.result_code, seconds=seconds, submission=call.submission, by=me, now=now
    )
    return redirect("revisits:practice_done", row.pk)


def _saved(page: Page, form: CallForm) -> Call | None:
    """What was written down, if the real action takes it; None with the refusals in the form."""
    if not form.is_valid():
        return None
    call = form.call()
    try:
        with transaction.atomic():
            save_call(page.task.pk, by=page.by, call=call, now=page.now)
    except RuleBroken as refused:
        form.refuse(refused)
        return None
    return call


def _said(call: Call, form: CallForm, page: Page, now: datetime) -> Said:
    """The record in the terms of the review."""
    low = set(form.low_codes())
    return Said(
        result=call.result_code,
        answers=sum(given.state == GIVEN for given in call.answers),
        low={given.question_code: given.reason for given in call.answers if given.question_code in low},
        decision=call.decision if low else "",
        agreed=_moment(call.agreed_at, now),
        refuses_calls=call.refuses_calls,
        contact=call.contact_phone,
        booking_days=(call.booking.on - clock.business_day(now)).days if call.booking else None,
        purposes=_purposes(call, page),
        note=call.note,
    )


def _moment(agreed: datetime | None, now: datetime) -> Moment | None:
    if agreed is None:
        return None
    local = clock.local(agreed)
    return Moment((local.date() - clock.business_day(now)).days, local.hour, local.minute)


def _purposes(call: Call, page: Page) -> tuple[str, ...]:
    return tuple(str(call.purposes.get(task.pk, "")) for task in page.joined)


@guard.needs(CAPABILITY)
def practice_done(request: HttpRequest, pk: int) -> HttpResponse:
    """What was right and what was missed in one's own practice call."""
    row = guard.get_or_404(PracticeCall.objects.select_related("employee"), request, pk=pk)
    case = BY_CODE.get(row.case)
    if case is None or row.employee.user_id != request.user.pk:
        raise Http404
    score = _score(row)
    place = CASES.index(case)
    context = {
        "row": row,
        "label": label(case),
        "lines": case.said,
        "score": score,
        "right": [practice_words.RIGHT[code] for code in row.findings.get("right", []) if code in practice_words.RIGHT],
        "missed": [practice_words.missed(code, case) for code in row.findings.get("missed", [])],
        "verdict": _("Everything is right.") if score["is_whole"] else _("Nearly. Look at what was missed."),
        "following": CASES[(place + 1) % len(CASES)].code,
    }
    return render(request, "revisits/quality/practice_done.html", context)
