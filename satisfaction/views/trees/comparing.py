"""Two versions beside each other: what was added, left out, weighed, worded and attributed otherwise."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm_site.accounts import guard, policy
from satisfaction.models import QuestionnaireVersion
from satisfaction.queries import designs as reading
from satisfaction.views.trees import drawing, rights


@guard.needs(rights.CAPABILITY)
def tree_compare(request: HttpRequest) -> HttpResponse:
    """Version `old` and version `new` (ids); both have to be in sight, else 404."""
    new = rights.version_to_read(request, _asked(request, "new"))
    old = rights.version_to_read(request, _asked(request, "old"))
    context = {
        "old": old,
        "new": new,
        "fields": _fields(request, old, new),
        "differences": drawing.differences(reading.design_of(old), reading.design_of(new), whole=True),
    }
    return render(request, "satisfaction/tree_compare.html", context)


def _asked(request: HttpRequest, name: str) -> int:
    sent = request.GET.get(name, "")
    if not sent.isdecimal() or len(sent) > 12:
        raise Http404
    return int(sent)


def _fields(request: HttpRequest, old: QuestionnaireVersion, new: QuestionnaireVersion) -> list[dict]:
    """The choice of two versions: those of both questionnaires, in every store in sight."""
    codes = {old.questionnaire.code, new.questionnaire.code}
    mine = policy.open_to(request.user, rights.CAPABILITY, "questionnaire__store")
    rows = QuestionnaireVersion.objects.visible_to(request.user).filter(mine, questionnaire__code__in=codes)
    rows = rows.select_related("questionnaire__store").order_by(
        "questionnaire__code", "questionnaire__store", "-number"
    )
    options = [(row.pk, _named(row)) for row in rows]
    return [
        {"name": "old", "label": _("Older version"), "value": old.pk, "options": options},
        {"name": "new", "label": _("Newer version"), "value": new.pk, "options": options},
    ]


def _named(row: QuestionnaireVersion) -> str:
    store = row.questionnaire.store
    place = f" · {store.short_name}" if store else ""
    number = _("version %(number)s") % {"number": row.number}
    return f"{row.questionnaire.code}{place} · {number} · {row.get_state_display()}"
