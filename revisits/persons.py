"""What was called about and said to a person, and what stays of it: that there was a call (settings.PERSONAL_DATA)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_site.core.persons import GONE, Holding, Person, room


def _of_revisit(person: Person, path: str = "revisit") -> Q:
    of_car = Q(**{f"{path}__customer": None, f"{path}__vehicle__in": person.own_vehicle_ids})
    return Q(**{f"{path}__customer__in": person.customer_ids}) | of_car


def _nothing(_row: Any, _value: Any) -> dict[str, Any]:
    return {}


_PAST = {
    **dict.fromkeys(("customer_name", "words", "note", "result_text", "score_text"), GONE),
    **dict.fromkeys(("number", "phone", "plate_no", "vin", "order_number", "sheet"), ""),
    "source_values": _nothing, "row": None,
}  # fmt: skip

HOLDINGS = (
    Holding("revisits.Revisit", _("Revisits"), lambda person: person.owns(), {"override_reason": GONE}),
    Holding("revisits.CallAttempt", _("Calls"), _of_revisit, {"note": GONE, "recording": ""}),
    Holding("revisits.AttemptPurpose", _("Further purposes of a call"), _of_revisit, {"note": GONE}),
    Holding("revisits.CallDraft", _("Calls being written"), _of_revisit, dropped=True),
    Holding("revisits.Inspection", _("Inspections of calls"), lambda person: _of_revisit(person, "attempt__revisit"),
            dict.fromkeys(("strengths", "weaknesses", "measure", "note"), GONE)),
    Holding("revisits.Skip", _("Occasions that made no call"), lambda person: person.owns()),
    Holding("revisits.PastCall", _("Calls from old lists"), lambda person: person.owns(), _PAST,
            words=("phone", "vin")),
)  # fmt: skip

ROOM = room(_("Revisits"), HOLDINGS)
