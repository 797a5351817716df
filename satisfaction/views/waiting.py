"""What a page shows instead of figures that are too many to be added up while somebody waits."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from satisfaction.queries.summaries import RAW_MONTHS, must_wait
from satisfaction.views.lens import Lens
from satisfaction.views.members import STORE


def is_too_much(lens: Lens, dimension: str = "") -> bool:
    """Whether the figures of a view, parted by a dimension, are too many to be added up while somebody waits."""
    return must_wait(lens.scope, "" if dimension == STORE else dimension)


def waiting_for(request: HttpRequest, lens: Lens, dimension: str = "") -> dict[str, Any] | None:
    """None where the figures, parted by a dimension, can be read at once; else what the waiting panel shows."""
    if not is_too_much(lens, dimension):
        return None
    return {
        "title": _("Too many answers for this combination of filters"),
        "text": _(
            "Sums are kept for one of department, person, model and job type at a time, by the month of the call. "
            "Other combinations are added up answer by answer, for up to %(months)d months."
        )
        % {"months": RAW_MONTHS},
        "url": f"{request.path}?{lens.query(span=RAW_MONTHS)}",
        "link": _("Show three months"),
    }
