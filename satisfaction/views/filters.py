"""The filter bar of the pages of satisfaction, and the words for what a head is narrowed to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.accounts.models import Department, Store
from crm_site.core.dates import month_of, months_between
from customers.models import NO_VISIT, JobType
from satisfaction import queries
from satisfaction.models import Questionnaire, QuestionnaireVersion
from satisfaction.views.asked import version_words
from satisfaction.views.lens import KIND_OF, KINDS, SPANS, Lens

#: which day decides the month of a response
BASES = [
    ("", gettext_lazy("By month of the call")),
    (queries.OCCASION, gettext_lazy("By month of delivery or hand-back")),
]
SPAN_WORDS = {1: gettext_lazy("One month"), 3: gettext_lazy("Rolling 3 months"), 12: gettext_lazy("Twelve months")}
#: how many months back the month picker goes
MONTHS_BACK = 24
Field = dict[str, Any]


def filter_bar(lens: Lens, path: str, **kept: Any) -> dict[str, Any]:
    """The bar of one page: its fields, a chip with × for every other filter that is set, and what the form keeps.

    `path` is the page's address without its query; `kept` are choices of the page itself, such as a sort order.
    """
    fields = filter_fields(lens)
    named = {one["name"] for one in fields}
    chips = [
        {"label": words, "url": f"{path}?{lens.query(**{name: None}, **kept)}"}
        for name, words in lens.words.items()
        if name not in named
    ]
    hidden = [(name, value) for name, value in lens.hidden if name not in named]
    return {"fields": fields, "chips": chips, "hidden": hidden + [(k, v) for k, v in kept.items() if v]}


def filter_fields(lens: Lens) -> list[Field]:
    """Months, kind, basis, and the choices of store, department and job type that there are."""
    newest = max(month_of(lens.today), lens.month)
    months = list(months_between(min(newest.shift(-MONTHS_BACK), lens.month), newest))[::-1]
    fields = [
        _field("month", _("Month"), lens.month, [(month, month) for month in months]),
        _field("span", _("How many months"), lens.span, [(span, SPAN_WORDS[span]) for span in SPANS]),
        _field("kind", _("What is judged"), lens.kind, [(kind, KINDS[kind]) for kind in lens.kinds]),
        _field("basis", _("Which month counts"), lens.basis, BASES),
    ]
    return fields + _store(lens) + _department(lens) + _job_type(lens) + _version(lens)


def _field(name: str, label: str, value: Any, options: list[tuple[Any, Any]]) -> Field:
    return {"name": name, "label": label, "value": value, "options": options}


def _store(lens: Lens) -> list[Field]:
    """One of the user's stores, where there are several."""
    if len(lens.stores) < 2:
        return []
    rows = Store.objects.filter(pk__in=lens.stores).order_by("code")
    options = [("", _("All stores")), *((row.pk, row.short_name) for row in rows)]
    return [_field("store", _("Store"), lens.scope.get("store", ""), options)]


def departments_of(lens: Lens) -> list[str]:
    """The departments that the kind judges, as far as a head's reach goes."""
    reach = lens.scope.get("departments")
    return [code.value for code, kind in KIND_OF.items() if kind == lens.kind and (reach is None or code in reach)]


def _department(lens: Lens) -> list[Field]:
    known = departments_of(lens)
    if len(known) < 2:
        return []
    options = [("", _("All departments")), *((code, Department(code).label) for code in known)]
    return [_field("department", _("Department"), lens.scope.get("department", ""), options)]


def _job_type(lens: Lens) -> list[Field]:
    """The kinds of repair after which customers are asked."""
    if lens.kind != Questionnaire.Kind.SERVICE:
        return []
    options = [("", _("All job types")), *((code, label) for code, label in JobType.choices if code not in NO_VISIT)]
    return [_field("job_type", _("Job type"), lens.active.get("job_type", ""), options)]


def _version(lens: Lens) -> list[Field]:
    """The versions that were asked in these months, where there are several, and the chosen one in any case."""
    keys = queries.asked_versions(lens.scope) | {lens.scope.get("version")} - {None}
    rows = QuestionnaireVersion.objects.filter(pk__in=keys).select_related("questionnaire")
    if len(keys) < 2 and not lens.scope.get("version"):
        return []
    known = rows.order_by("questionnaire__code", "-number")
    options = [("", _("All versions")), *((row.pk, version_words(row)) for row in known)]
    return [_field("version", _("Version of the questionnaire"), lens.scope.get("version", ""), options)]


def department_words(lens: Lens) -> list[str]:
    """The departments to which a head's view is narrowed, in words."""
    return named_departments(lens.departments)


def named_departments(codes: Iterable[str] | None) -> list[str]:
    """Departments in words; none for None, which is everything."""
    return [str(Department(code).label) for code in codes or ()]
