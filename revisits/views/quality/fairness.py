"""Whether a caller's answers look like everybody else's: three checks of a month, their calls, and drawing those."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from crm_site.accounts import guard
from crm_site.accounts.models import Employee
from crm_site.core import clock, formats, paging
from revisits.actions import inspections as actions
from revisits.lens import Lens, lens_of
from revisits.models import CallAttempt
from revisits.queries import fairness as queries
from revisits.queries import inspections as listed
from revisits.queries.fairness import Checked
from revisits.rules import fairness as rules
from revisits.rules.inspection import draw
from revisits.views.quality.inspection import length
from satisfaction.models import Questionnaire

CAPABILITY = "revisits.inspect"
#: of a figure's calls at most so many are drawn at once, by lot
MOST_DRAWN = 20
#: a chance below this is told as "less than"
LEAST_CHANCE = 0.0001

TITLES = {
    rules.DRIFT: gettext_lazy("Score drift"),
    rules.ALL_TENS: gettext_lazy("Runs of full marks"),
    rules.TOO_SHORT: gettext_lazy("Calls that were too short"),
}
WHAT = {
    rules.DRIFT: gettext_lazy("Mean score beside the mean of all others on the same form (rank-sum test)."),
    rules.ALL_TENS: gettext_lazy("Longest unbroken run of responses with nothing but full marks."),
    rules.TOO_SHORT: gettext_lazy(
        "Share of scored calls shorter than 15 seconds and 4 seconds for each answer (Fisher's exact test)."
    ),
}


def _lens(request: HttpRequest) -> Lens:
    return lens_of(request, CAPABILITY, now=clock.now(), today=clock.today())


@guard.needs(CAPABILITY)
def fairness(request: HttpRequest) -> HttpResponse:
    """Each caller and check of a month: own figure, that of the others, n, chance, alarm."""
    lens = _lens(request)
    found = _checked(lens)
    people = Employee.objects.in_bulk({row.caller_id for row in found})
    forms = {one.code: one.label for one in Questionnaire.objects.filter(store=None)}
    context = {
        "lens": lens,
        "groups": [_group(lens, check, found, people, forms) for check in queries.CHECKS],
        "alarms": sum(bool(row.finding and row.finding.alarm) for row in found),
        "judged": sum(row.finding is not None for row in found),
        "is_empty": not found,
        "rate": formats.percent(rules.ALARM_RATE),
        "enough": rules.ENOUGH,
    }
    return render(request, "revisits/quality/fairness.html", context)


def _checked(lens: Lens) -> list[Checked]:
    scope = lens.scope
    return queries.checked(queries.samples(scope.stores, scope.start, scope.last))


def _group(lens: Lens, check: str, found: list[Checked], people: dict, forms: dict) -> dict[str, Any]:
    """One check with its rows, and what its stated rate means for one caller."""
    rows = [row for row in found if row.check == check]
    comparisons = max((row.comparisons for row in rows), default=0)
    held = formats.percent(rules.ALARM_RATE / comparisons, 2) if comparisons else ""
    return {
        "check": check,
        "title": TITLES[check],
        "what": WHAT[check],
        "comparisons": comparisons,
        "held": held,
        "rows": [_row(lens, row, people[row.caller_id].name, forms.get(row.form, row.form)) for row in rows],
    }


def _row(lens: Lens, row: Checked, name: str, form: str) -> dict[str, Any]:
    found = row.finding
    return {
        "name": name,
        "form": form,
        "row": row,
        "own": _figure(row.check, found.own) if found else "–",
        "others": _figure(row.check, found.others) if found else "–",
        "chance": _chance(found.chance) if found else "",
        "alarm": bool(found and found.alarm),
        "url": _calls_url(lens, row) if row.calls else "",
        "draw_url": _address(lens, "fairness_draw", row) if row.calls else "",
    }


def _figure(check: str, value: float) -> str:
    """A mean score, a length of a run, a share."""
    if check == rules.DRIFT:
        return formats.score(value)
    return formats.percent(value) if check == rules.TOO_SHORT else formats.number(value)


def _chance(value: float) -> str:
    """The chance of such a figure for an honest caller."""
    if value < LEAST_CHANCE:
        return f"< {formats.percent(LEAST_CHANCE, 2)}"
    return formats.percent(value, 2)


def _calls_url(lens: Lens, row: Checked) -> str:
    return _address(lens, "fairness_calls", row)


def _address(lens: Lens, name: str, row: Checked) -> str:
    return lens.url(name, check=row.check, caller=row.caller_id, form=row.form)


def _asked(request: HttpRequest) -> tuple[Lens, Checked]:
    """The one figure that the address names; 404 for one that there is not."""
    lens, asked = _lens(request), request.GET
    for row in _checked(lens):
        named = (row.check, str(row.caller_id), row.form)
        if named == (asked.get("check"), asked.get("caller"), asked.get("form", "")):
            return lens, row
    raise Http404


@guard.needs(CAPABILITY)
def fairness_calls(request: HttpRequest) -> HttpResponse:
    """The calls behind one figure, with their scores and lengths; one click draws them."""
    lens, row = _asked(request)
    rows = CallAttempt.objects.filter(pk__in=row.calls).select_related(
        "response", "result", "revisit__customer", "revisit__rule", "inspection"
    )
    page = paging.paginate(rows, order=["started_at", "pk"], cursor=request.GET.get("after", ""))
    context = {
        "lens": lens,
        "title": TITLES[row.check],
        "caller": Employee.objects.get(pk=row.caller_id),
        "lines": [{"attempt": one, "length": length(one)} for one in page],
        "page": page,
        "count": paging.capped_count(rows),
        "back": lens.url("fairness"),
        "draw_url": _address(lens, "fairness_draw", row),
        "most": MOST_DRAWN,
    }
    return render(request, "revisits/quality/fairness_calls.html", context)


@require_POST
@guard.needs(CAPABILITY)
def fairness_draw(request: HttpRequest) -> HttpResponse:
    """Put the calls behind a figure on the list of inspections; of many MOST_DRAWN by lot."""
    lens, row = _asked(request)
    keys = draw(row.calls, MOST_DRAWN, salt=f"{row.check}:{lens.month}:{row.caller_id}")
    made = actions.draw_several(keys, by=guard.acting(request, row.store_id), now=clock.now())
    text = ngettext("%(count)s call was added to the list.", "%(count)s calls were added to the list.", made)
    messages.success(request, text % {"count": made} if made else _("These calls are on the list already."))
    shown = listed.ALL_WEEKS
    return redirect(f"{reverse('revisits:inspections')}?week={shown}&show=open&caller={row.caller_id}")
