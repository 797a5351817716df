"""The filters that a link has set and the filter bar has no field for, as words with a way to take each away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from complaints import wording
from complaints.models import Kind, State
from complaints.queries.groups import AGES, DIMENSIONS, NONE
from complaints.views.filters import Filters
from complaints.views.lens import REGISTERS
from crm_site.accounts.models import Employee
from crm_site.core import formats
from satisfaction.models import ImprovementMeasure


def chips(filters: Filters, *, but: tuple[str, ...] = ()) -> list[dict[str, str]]:
    """One chip for each filter without a field; `but` names filters that something else on the page says."""
    known = filters.shown() | set(but) | {"store"}
    return [
        {"label": label, "url": without(filters.request, name)}
        for name, value in filters.chosen.items()
        if name not in known and (label := _label(name, value, filters))
    ]


def without(request: Any, *names: str) -> str:
    """The present address without some of its values, on its first page."""
    kept = {key: value for key, value in request.GET.items() if key not in (*names, "at")}
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def _label(name: str, value: str, filters: Filters) -> str:
    """The words of one filter; '' for a value that narrows nothing."""
    request = filters.request
    if name in DIMENSIONS:
        dimension = DIMENSIONS[name]
        if name == "liable" and value.isdecimal() and not _sees(request, value):
            return f"{dimension.label}: {value}"
        word = _("not known") if value == NONE else dimension.names([value], filters.store_id).get(value, value)
        return f"{dimension.label}: {word}"
    make = _LABELS.get(name)
    return make(value, request) if make else ""


def _sees(request: Any, key: str) -> bool:
    """Whether the reader may know an employee by name; addresses hold any number."""
    return Employee.objects.visible_to(request.user).filter(pk=int(key)).exists()


def _day(value: str, _request: Any) -> str:
    try:
        return _("Received %(day)s") % {"day": formats.day(date.fromisoformat(value))}
    except ValueError:
        return ""


def _age(value: str, _request: Any) -> str:
    return age_words(value) if value in AGES else ""


def age_words(code: str) -> str:
    """2–3 days, more than 30 days."""
    least, most = AGES[code]
    if most is None:
        return _("over %(days)s days") % {"days": least - 1}
    return _("%(first)s–%(last)s days") % {"first": least, "last": most}


def _measure(value: str, request: Any) -> str:
    """The measure by its own words, where the reader may see it."""
    rows = ImprovementMeasure.objects.visible_to(request.user)
    row = rows.filter(pk=int(value)).first() if value.isdecimal() else None
    return _("Measure: %(measure)s") % {"measure": row} if row else _("Measure")


_LABELS: dict[str, Callable[[str, Any], str]] = {
    "day": _day,
    "age": _age,
    "measure": _measure,
    "stage": lambda value, _request: str(wording.STAGES.get(value) or dict(State.choices).get(value, "")),
    "kind": lambda value, _request: str(dict(Kind.choices).get(value, "")),
    "size": lambda value, _request: {"complaint": _("Complaints"), "grievance": _("Grievances")}.get(value, ""),
    "register": lambda value, _request: str(REGISTERS.get(value, "")),
}
