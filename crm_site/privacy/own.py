"""What this room itself holds of a person: their requests, the journals of merges, pairs of cards."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_site.core.persons import GONE, Holding, Person, room


def _merges(person: Person, path: str = "") -> Q:
    either = Q(**{f"{path}survivor__in": person.customer_ids})
    return either | Q(**{f"{path}merged__in": person.customer_ids})


def _whole(_row: Any, _value: Any) -> None:
    return None


HOLDINGS = (
    Holding("privacy.DataRequest", _("Requests about data"), lambda person: Q(customer__in=person.customer_ids),
            {"words": GONE, "decision": GONE}),
    Holding("privacy.Merge", _("Merges"), _merges),
    Holding("privacy.MergeRow", _("Journal of merges"), lambda person: _merges(person, "merge__"), {"whole": _whole}),
    Holding("privacy.DuplicatePair", _("Possible duplicates"),
            lambda person: Q(one__in=person.customer_ids) | Q(other__in=person.customer_ids), dropped=True),
)  # fmt: skip

ROOM = room(_("Personal data"), HOLDINGS)
