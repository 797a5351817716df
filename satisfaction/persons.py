"""What a person answered, and what stays of it: the marks that scores are made of (settings.PERSONAL_DATA)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_site.core.persons import GONE, Holding, Person, room


def _of_response(person: Person) -> Q:
    of_car = Q(response__customer=None, response__vehicle__in=person.own_vehicle_ids)
    return Q(response__customer__in=person.customer_ids) | of_car


def _nothing(_row: Any, _value: Any) -> dict[str, Any]:
    return {}


HOLDINGS = (
    Holding("satisfaction.Response", _("Responses"), lambda person: person.owns(),
            {"decision_reason": GONE, "excluded_reason": GONE}),
    Holding("satisfaction.Answer", _("Answers"), _of_response, {"text": GONE, "reason": GONE}),
    Holding("satisfaction.Sitting", _("Answers given face to face, not sent yet"),
            lambda person: person.owns() | Q(delivery__customer__in=person.customer_ids)
            | Q(repair_order__customer__in=person.customer_ids), {"draft": _nothing}),
)  # fmt: skip

ROOM = room(_("Satisfaction"), HOLDINGS)
