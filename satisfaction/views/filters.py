"""The filter bar of the pages of satisfaction, and the words for what a head is narrowed to."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.accounts.models import Department
from crm_site.core.dates import month_of, months_between
from satisfaction import queries
from satisfaction.views.lens import KINDS, Lens

#: which day decides the month of a response
BASES = [
    ("", gettext_lazy("By month of the call")),
    (queries.OCCASION, gettext_lazy("By month of delivery or hand-back")),
]
#: how many months back the month picker goes
MONTHS_BACK = 24


def filter_fields(lens: Lens) -> list[dict[str, Any]]:
    """Month and kind as the filter bar wants them."""
    newest = max(month_of(lens.today), lens.month)
    months = list(months_between(min(newest.shift(-MONTHS_BACK), lens.month), newest))[::-1]
    kinds = [(kind, KINDS[kind]) for kind in lens.kinds]
    return [
        {"name": "month", "label": _("Month"), "value": lens.month, "options": [(month, month) for month in months]},
        {"name": "kind", "label": _("What is judged"), "value": lens.kind, "options": kinds},
        {"name": "basis", "label": _("Which month counts"), "value": lens.basis, "options": BASES},
    ]


def department_words(lens: Lens) -> list[str]:
    """The departments to which a head's view is narrowed, in words."""
    return [str(Department(code).label) for code in lens.departments or ()]
