"""A call page that was saved before and comes again: nothing is written twice, and nothing typed since is dropped."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from revisits import actions
from revisits.forms.call import CallForm
from revisits.models import CallAttempt
from satisfaction.models import Answer
from satisfaction.rules import Given


def typed_since(form: CallForm, made: CallAttempt) -> str:
    """What the page says now and the saved call does not; '' when they agree (a double click, a lost answer)."""
    form.is_valid()
    note = str(form.data.get("note") or "").strip()
    added = list(_changes(form, made))
    return "\n".join([note, *added] if note else added) if added or note != made.note else ""


def _changes(form: CallForm, made: CallAttempt) -> Iterator[str]:
    """The result and the answers that differ, one line each."""
    result = form.chosen_result()
    if result is not None and result.pk != made.result_id:
        yield _("Result: %(result)s") % {"result": result.label}
    if result is None or not result.saves_answers or made.response is None:
        return
    saved = {answer.question.code: answer for answer in made.response.answers.select_related("question")}
    words = {question.code: question.label for question in form.desk.questions}
    for given in form.answers():
        if _differs(given, saved.get(given.question_code)):
            value = given.text or ("" if given.value is None else str(given.value))
            yield f"{words[given.question_code]}: {' '.join(part for part in (value, given.reason) if part)}"


def _differs(given: Given, saved: Answer | None) -> bool:
    if saved is None:
        return True
    return (given.value, given.text.strip(), given.reason.strip()) != (saved.value, saved.text, saved.reason)


def ask(request: HttpRequest, made: CallAttempt, typed: str, *, problem: str = "", status: int = 200) -> HttpResponse:
    """Show what was saved beside what was typed since, and offer to put that under the call."""
    context = {"attempt": made, "task": made.revisit, "typed": typed, "problem": problem}
    return render(request, "revisits/saved.html", context, status=status)


@require_POST
@guard.needs("revisits.call")
def amend(request: HttpRequest, pk: int) -> HttpResponse:
    """Put another note under a saved call of one's own."""
    rows = CallAttempt.objects.select_related("result", "revisit__customer", "revisit__rule")
    made = guard.get_or_404(rows, request, pk=pk)
    by, note = guard.acting(request, made.store_id), request.POST.get("note", "").replace("\0", "")
    try:
        actions.change_note(made.pk, note=note, by=by, today=clock.today())
    except RuleBroken as refused:
        return ask(request, made, note, problem=refused.message, status=422)
    messages.success(request, _("The note is saved."))
    return redirect("revisits:detail", made.revisit_id)
