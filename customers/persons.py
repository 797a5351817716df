"""What the archive knows of a person, and what stays of a card when they are forgotten (settings.PERSONAL_DATA)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_site.core.persons import GONE, Holding, Person, room
from customers.models import ProfileValue


def _of_card(person: Person) -> Q:
    return Q(customer__in=person.customer_ids)


def _of_car(person: Person) -> Q:
    return Q(vehicle__in=person.vehicle_ids)


def _of_own_car(person: Person) -> Q:
    return Q(vehicle__in=person.own_vehicle_ids)


#: where a row came from: the line of a spreadsheet, and what it said
_SOURCE: dict[str, Any] = {"source_values": lambda _row, _value: {}, "sheet": "", "row": None}

#: everything but type, classes, keeper and moments, which figures are counted from
_CARD = {
    "name": GONE, "number": None, "salutation": "", "sex": "", "birthday": None, "province": "", "city": "",
    "district": "", "address": "", "industry": "", "occupation": "", "employer": "", "email": "", "source": "",
    "hobbies": "", "preferred_time": "", "note": "", "marketing_consent": None, "check_phone_since": None,
    "check_phone_reason": "", "address_confirmed_on": None, "address_bad_since": None, **_SOURCE,
}  # fmt: skip

#: what the car is stays for the figures; what leads to it goes (a car without a VIN is allowed)
_CAR = {"vin": None, "plate_no": "", "engine_no": "", **_SOURCE}

_ORDER = {
    "order_number": lambda row, _value: f"anon-{row.pk}", "bringer_name": GONE, "bringer_phone": "",
    "complaint_text": GONE, "items": GONE, "booking_number": "", **_SOURCE,
}  # fmt: skip

HOLDINGS = (
    Holding("customers.Customer", _("Card"), lambda person: Q(pk__in=person.customer_ids), _CARD,
            words=("number", "email")),
    Holding("customers.Contact", _("Contacts"), _of_card,
            {"name": lambda row, _value: f"{GONE}{row.pk}", "sex": "", "birthday": None, "title": ""}),
    Holding("customers.Phone", _("Telephone numbers"), _of_card,
            {"number": lambda row, _value: f"anon-{row.pk}"}, words=("number",)),
    Holding("customers.ContactBan", _("Wishes not to be contacted"), _of_card,
            {"reason": GONE, "lifted_because": GONE}),
    Holding("customers.Consent", _("Consents"), _of_card, {"note": GONE}),
    Holding("customers.ProfileValue", _("Further facts"), _of_card, dropped=True),
    Holding("customers.ProfileRefusal", _("Questions not answered"), _of_card, dropped=True),
    Holding("customers.FactCheck", _("What reception is to ask"), _of_card),
    Holding("customers.Correction", _("Corrections"), _of_card, {"before": "", "before_until": None}),
    Holding("customers.Vehicle", _("Cars"), lambda person: Q(pk__in=person.vehicle_ids), _CAR,
            forgets=lambda person: Q(pk__in=person.own_vehicle_ids), words=("vin", "plate_no", "engine_no")),
    Holding("customers.VehicleRole", _("What they are to which car"), _of_card),
    Holding("customers.FormerPlate", _("Former plates"), _of_car, dropped=True, forgets=_of_own_car,
            words=("plate_no",)),
    Holding("customers.Delivery", _("Deliveries"), lambda person: person.owns(),
            {"picked_up_by": GONE, "payment": "", "note": GONE, **_SOURCE}),
    Holding("customers.RepairOrder", _("Repair orders"), lambda person: person.owns(), _ORDER,
            words=("bringer_phone",)),
    Holding("customers.Booking", _("Bookings"), lambda person: person.owns(), {"what": GONE}),
    Holding("customers.MileageReading", _("Mileages told"), _of_own_car),
    Holding("customers.YearValue", _("Contribution by year"), _of_card),
    Holding("customers.ClassChange", _("Changes of class"), _of_card),
    Holding("customers.Reveal", _("Looks at masked facts"), _of_card, {"note": GONE}),
    Holding("customers.SearchToken", _("Words they are found by"), _of_card, dropped=True),
)  # fmt: skip

_TABLES = room(_("Customer archive"), HOLDINGS)


def _numbers(person: Person) -> Iterator[str]:
    """Every number that leads to the person: telephones, VINs, plates, customer and identity numbers."""
    values = ProfileValue.objects.filter(_of_card(person), field="identity_no").values_list("value", flat=True)
    return chain(_TABLES.words(person), values)


ROOM = replace(_TABLES, words=_numbers)
