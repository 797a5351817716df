"""What was changed on a card and its cars: by the names of the facts, and old and new while the old is still kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.audit.models import Entry
from crm_site.core.timeline import CHANGES, Change, Event
from customers import profile
from customers.actions.editing import as_text
from customers.forms import CustomerForm, VehicleForm
from customers.models import Correction, Customer, Phone, Vehicle, VehicleRole
from customers.sight import Sight

MOST = 100
PHONE, CONTACT = "phone", "contact"
#: what stands on the card as it is, though it looks like a number
PLAIN = ("plate_no", "purchased_on", "insurance_until", "inspection_due_on")
#: column or field -> the fact of Sight by which it is masked
SEEN_AS = {"phone": "phone", "address": "address", "birthday": "birthday", "email": "email", "vin": "vin"}

#: action of the trail → what is told of it; actions without a word (looks at a number) are not
TOLD: dict[str, str | Promise] = {
    "customer.created": gettext_lazy("Card made"),
    "customer.changed": gettext_lazy("Facts corrected"),
    "customer.filled_in_call": gettext_lazy("Facts completed in a call"),
    "customer.merged": gettext_lazy("Another card merged into this one"),
    "customer.unmerged": gettext_lazy("Merge taken back"),
    "customer.restricted": gettext_lazy("Card restricted"),
    "customer.unrestricted": gettext_lazy("Restriction taken back"),
    "customer.refuses_calls": gettext_lazy("Wants no more calls"),
    "customer.phone_check_asked": gettext_lazy("Number to be checked at the next visit"),
    "customer.phone_checked": gettext_lazy("Number checked"),
    "customer.address_confirmed": gettext_lazy("Address confirmed"),
    "customer.address_found_bad": gettext_lazy("Address found wrong"),
    "customer.fact_checked": gettext_lazy("Asked at reception"),
    "phone.added": gettext_lazy("Number added"),
    "phone.changed": gettext_lazy("Number corrected"),
    "phone.removed": gettext_lazy("Number removed"),
    "phone.found_good": gettext_lazy("Number good again"),
    "contact.added": gettext_lazy("Contact added"),
    "contact.changed": gettext_lazy("Contact corrected"),
    "consent.given": gettext_lazy("Consent noted"),
    "consent.refused": gettext_lazy("Refusal noted"),
    "customer.keeper_named": gettext_lazy("Named who looks after the customer"),
    "ban.set": gettext_lazy("Wish noted"),
    "ban.lifted": gettext_lazy("Wish taken back"),
    "vehicle.role_added": gettext_lazy("Role on a vehicle noted"),
    "vehicle.role_ended": gettext_lazy("Role on a vehicle ended"),
    "vehicle.created": gettext_lazy("Vehicle entered"),
    "vehicle.changed": gettext_lazy("Vehicle's facts corrected"),
    "vehicle.filled_in_call": gettext_lazy("Vehicle's facts completed in a call"),
    "vehicle.mileage_told": gettext_lazy("Mileage told by the customer"),
    "vehicle.state_changed": gettext_lazy("Vehicle's state changed"),
    "vehicle.sold_on": gettext_lazy("Vehicle sold on"),
}


def changes(user: Any, customer: Customer) -> list[Event]:
    """The changes of a card, of the cards merged into it and of its cars, newest first; a fixed number of queries."""
    cars = list(VehicleRole.objects.filter(customer=customer).values_list("vehicle_id", flat=True))
    cards = [customer.pk, *customer.merged_cards.values_list("pk", flat=True)]  # what was done to merged cards too
    own = Q(subject_type="customers.customer", subject_id__in=cards)
    of_cars = Q(subject_type="customers.vehicle", subject_id__in=cars)
    rows = Entry.objects.filter(own | of_cars, store_id=customer.store_id, action__in=TOLD)
    entries = list(rows.order_by("-at")[:MOST])
    if not entries:
        return []
    told = _Told(customer, cards, cars, Sight.of(user, customer.store_id))
    return [_event(entry, told) for entry in entries]


class _Told:
    """What stood before and after each corrected fact, as far as it is kept and as this reader sees it."""

    def __init__(self, customer: Customer, cards: Sequence[int], cars: Sequence[int], sight: Sight) -> None:
        self.customer, self.sight = customer, sight
        self.labels = {row.code: row.label for row in profile.in_force(customer.store_id)}
        self.phones = dict(Phone.objects.filter(customer=customer).values_list("pk", "number"))
        self.cars = {car.pk: car for car in Vehicle.objects.filter(pk__in=cars)}
        self.kept: dict[int, list[Correction]] = defaultdict(list)
        #: the correction that followed each one, of the same fact
        self.next: dict[int, Correction] = {}
        last: dict[tuple[Any, ...], Correction] = {}
        for row in Correction.objects.filter(customer__in=cards).order_by("-at", "-pk"):
            self.kept[row.entry].append(row)
            place = (row.vehicle_id, row.field)
            if place in last:
                self.next[row.pk] = last[place]
            last[place] = row

    def label(self, name: str) -> str:
        """How a fact is called; '' for one that has no name on a page."""
        return field_label(name) or self.labels.get(name, "")

    def of(self, entry: Entry) -> tuple[Change, ...]:
        """The facts of an entry whose values of before are still kept."""
        return tuple(self._change(row, entry.detail) for row in self.kept.get(entry.pk, ()) if row.before)

    def _change(self, row: Correction, detail: Mapping[str, Any]) -> Change:
        label = {PHONE: _("Phone"), CONTACT: _("Contact")}.get(row.field) or self.label(row.field)
        return Change(label, self._seen(row.field, row.before), self._seen(row.field, self._after(row, detail)))

    def _after(self, row: Correction, detail: Mapping[str, Any]) -> str:
        """What a fact became: what stood before the next correction of it, else what stands now."""
        if row.field == PHONE:  # several numbers: the one that this entry names
            return self.phones.get(detail.get("phone", 0), "")
        following = self.next.get(row.pk)
        if following is not None:
            return following.before
        holder = self.cars.get(row.vehicle_id) if row.vehicle_id else self.customer
        return as_text(getattr(holder, row.field, "")) if holder is not None else ""

    def _seen(self, name: str, text: str) -> str:
        if name in SEEN_AS:
            return self.sight.value(SEEN_AS[name], text)
        return text if name in PLAIN else self.sight.words(text)


def _event(entry: Entry, told: _Told) -> Event:
    shown = told.of(entry)
    named = entry.detail.get("fields")
    labels = [told.label(name) for name in named] if isinstance(named, list) else []
    others = [label for label in labels if label and label not in {change.label for change in shown}]
    body = " · ".join(part for part in (_(", ").join(others), entry.actor_name) if part)
    return Event(entry.at, "pencil", str(TOLD[entry.action]), body=body, tab=CHANGES, changes=shown)


def field_label(name: str) -> str:
    """How a field of a card or a car is called on its form; '' for one that is on neither."""
    field = CustomerForm.base_fields.get(name) or VehicleForm.base_fields.get(name)
    return str(field.label) if field else ""
