"""The targets that hold for some stores, a role and a month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import Q

from revisits.models import Target
from revisits.rules.targets import Place, effective


def targets_for(store_ids: Sequence[int], role: str, month: date) -> dict[str, Target]:
    """{indicator: the target that holds}; where stores differ, what the company has set."""
    rows = list(Target.objects.filter(Q(store=None) | Q(store_id__in=store_ids)))
    places = [effective(rows, Place(store_id, role, month)) for store_id in store_ids]
    company = effective(rows, Place(None, role, month))
    found = dict(company)
    for code in {code for place in places for code in place}:
        own = [place.get(code) for place in places]
        values = {target.value for target in own if target}
        first = own[0]
        if first is not None and len(values) == 1 and None not in own:
            found[code] = first
    return found
