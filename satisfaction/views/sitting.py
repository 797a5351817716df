"""The customer's page of a questionnaire: open to whoever holds its key, once, for a while, and to nothing else."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from satisfaction import actions
from satisfaction.forms.tablet import NA, SILENT, WORDS, Sheet, marks, phrases
from satisfaction.models import Question, QuestionKind, Sitting

#: what the ends of a scale of numbers mean
QUALITY = (_("very bad"), _("excellent"))
LIKELY = (_("not at all"), _("certainly"))
ENDS = {QuestionKind.NPS: LIKELY, QuestionKind.LOYALTY: LIKELY}


@guard.public
@never_cache
def sitting(request: HttpRequest, key: UUID) -> HttpResponse:
    """One step of the questionnaire; the same words for a key that is unknown, used or too old."""
    row = _found(key)
    if row is None or row.ended_at is not None or row.expires_at <= clock.now():
        return _closed(request, row)
    if request.user.is_authenticated:
        return _give_away(request)
    with translation.override(row.language or translation.get_language()):
        return _answer(request, row) if request.method == "POST" else _page(request, row, _step(request.GET, row))


def _found(key: UUID) -> Sitting | None:
    rows = Sitting.objects.select_related("store", "version__questionnaire", "vehicle", "delivery", "repair_order")
    return rows.prefetch_related("version__questions__factor").filter(key=key).first()


def _closed(request: HttpRequest, row: Sitting | None) -> HttpResponse:
    """A click sent twice ends where the first one did; any other visit learns only that this is over."""
    if row is not None and row.response_id and request.method == "POST":
        return _thank(row)
    return render(request, "satisfaction/tablet/closed.html", status=410)


def _give_away(request: HttpRequest) -> HttpResponse:
    """Somebody is signed in on this device: first the session ends, then the customer may have it."""
    if request.method == "POST":
        logout(request)
        return redirect(request.path)
    return render(request, "satisfaction/tablet/give_away.html")


@guard.public
@never_cache
def sitting_thanks(request: HttpRequest) -> HttpResponse:
    """Thanks, and give the device back; whoever works here signs in again."""
    spoken = request.GET.get("lang", "")
    with translation.override(spoken if spoken in dict(settings.LANGUAGES) else translation.get_language()):
        return render(request, "satisfaction/tablet/thanks.html", {"declined": "declined" in request.GET})


def _thank(row: Sitting, **more: str) -> HttpResponse:
    """To the thanks, in the language of the questionnaire; the address says nothing of whose it was."""
    return redirect(f"{reverse('satisfaction:sitting_thanks')}?{urlencode({'lang': row.language, **more})}")


# ---- one step --------------------------------------------------------------------------------------------------------


def _answer(request: HttpRequest, row: Sitting) -> HttpResponse:
    """Keep what was ticked, then go where the button says."""
    place, go = _step(request.POST, row), request.POST.get("go", "")
    sheet = Sheet(row.version, row.draft)
    said = sheet.read(sheet.steps[place], request.POST)
    language = go if go in dict(settings.LANGUAGES) else row.language or (translation.get_language() or "")
    try:
        if go == "decline":
            actions.decline(row.pk, at=clock.now())
            return _thank(row, declined="1")
        row = actions.keep_draft(row.pk, said, language=language, at=clock.now())
    except RuleBroken:
        return _closed(request, Sitting.objects.get(pk=row.pk))
    if go == "keep":
        return HttpResponse(status=204)
    return _go(request, _found(row.key) or row, place, go)


def _go(request: HttpRequest, row: Sitting, place: int, go: str) -> HttpResponse:
    """Back, on, to the other language, or the end; what is missing in a step keeps the customer there."""
    sheet = Sheet(row.version, row.draft)
    if go in ("next", "finish", "anyway"):
        checked = [place] if go == "next" else range(len(sheet.steps))
        wrong = next((step for step in checked if sheet.problems(sheet.steps[step])), None)
        if wrong is not None:
            return _page(request, row, wrong, problems=sheet.problems(sheet.steps[wrong]))
    if go == "finish" and 0 < sheet.done < len(sheet.questions):
        return _page(request, row, place, asks_left=True)
    if go in ("finish", "anyway"):
        return _finish(request, row, sheet, place)
    target = place + {"next": 1, "back": -1}.get(go, 0)
    return redirect(f"{request.path}?step={min(max(target, 0), len(sheet.steps) - 1) + 1}")


def _finish(request: HttpRequest, row: Sitting, sheet: Sheet, place: int) -> HttpResponse:
    try:
        actions.finish(row.pk, sheet.givens(), at=clock.now())
    except RuleBroken as refused:
        if refused.code == "closed":
            return _closed(request, Sitting.objects.get(pk=row.pk))
        return _page(request, row, place, refused=refused.message)
    return _thank(row)


def _page(
    request: HttpRequest,
    row: Sitting,
    place: int,
    *,
    problems: dict[str, str] | None = None,
    refused: str = "",
    asks_left: bool = False,
) -> HttpResponse:
    """One step as the customer sees it."""
    sheet = Sheet(row.version, row.draft)
    step = sheet.steps[place]
    context = {
        "sitting": row,
        "on": row.delivery.delivered_on if row.delivery else row.repair_order and row.repair_order.released_on,
        "step": step,
        "place": place + 1,
        "count": len(sheet.steps),
        "done": sheet.done,
        "total": len(sheet.questions),
        "questions": [_question(sheet, one, (problems or {}).get(one.code, "")) for one in step.questions],
        "is_last": place == len(sheet.steps) - 1,
        "refused": refused,
        "left": len(sheet.questions) - sheet.done if asks_left else 0,
        "first_left": f"?step={next((at for at, one in enumerate(sheet.steps, 1) if sheet.lacks(one)), 1)}",
        "other": "zh-hans" if translation.get_language() == "en" else "en",
    }
    return render(request, "satisfaction/tablet/sitting.html", context, status=422 if problems or refused else 200)


def _question(sheet: Sheet, question: Question, error: str) -> dict[str, Any]:
    """One question as the template draws it."""
    answers = marks(sheet.version, question)
    said = sheet.said(question, "answer")
    return {
        "code": question.code,
        "text": question.label,
        "is_text": question.kind == QuestionKind.TEXT,
        "is_number": bool(answers) and answers[0][1] == str(answers[0][0]),
        "ends": ENDS.get(question.kind, QUALITY),
        "said": said,
        "answers": [
            {"value": value, "word": word, "is_low": is_low, "checked": str(value) == said}
            for value, word, is_low in answers
        ],
        "can_be_low": any(is_low for _value, _word, is_low in answers),
        "phrases": [
            {"code": code, "word": WORDS[code], "checked": code in sheet.said(question, "why")}
            for code in phrases(question)
        ],
        "words": sheet.said(question, "words"),
        "error": error,
        "na": NA,
        "silent": SILENT,
    }


def _step(sent: Any, row: Sitting) -> int:
    """The step asked for, kept within the questionnaire; counted from 0."""
    written = sent.get("step", "")
    last = len(Sheet(row.version, {}).steps) - 1
    return min(max(int(written) - 1, 0), last) if written.isdecimal() and len(written) < 4 else 0
