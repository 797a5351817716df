"""Two cards as somebody reads them side by side: facts that differ, and what hangs on either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import Complaint
from crm_site.core import formats
from crm_site.privacy.rules import merging as rules
from customers import profile
from customers.models import ContactBan, Customer, Delivery, Phone, RepairOrder, VehicleRole
from customers.sight import Sight
from revisits.models import CallAttempt
from satisfaction.models import Response

#: the choices as they are called
LABELS: dict[str, str | Promise] = {
    "number": gettext_lazy("Customer number"),
    "name": gettext_lazy("Name"),
    "customer_type": gettext_lazy("Customer type"),
    "salutation": gettext_lazy("Salutation"),
    "sex": gettext_lazy("Sex"),
    "birthday": gettext_lazy("Birthday"),
    "address": gettext_lazy("Address"),
    "email": gettext_lazy("E-mail"),
    "preferred_time": gettext_lazy("Preferred time"),
    "employer": gettext_lazy("Employer"),
    "industry": gettext_lazy("Industry"),
    "occupation": gettext_lazy("Occupation"),
    "hobbies": gettext_lazy("Hobbies"),
    "source": gettext_lazy("Customer source"),
    "value_class": gettext_lazy("Customer class"),
    "potential": gettext_lazy("Potential"),
    "keeper": gettext_lazy("Named owner"),
}


@dataclass(frozen=True)
class Fact:
    """One line of the comparison; `code` is its choice, `side` the card from which it comes unless one chooses."""

    code: str
    label: str | Promise
    own: str
    other: str
    side: str
    #: whether the two cards say the same, as far as the viewer sees, and in truth
    same: bool


def facts(survivor: Customer, merged: Customer, chosen: Mapping[str, str], sight: Sight) -> list[Fact]:
    """The facts of both cards; those that stand on neither are left out."""
    found = []
    for code, columns in rules.CHOICES.items():
        read = columns[:4] if code == "address" else columns[:1]
        own, other = (tuple(getattr(card, name) for name in read) for card in (survivor, merged))
        if any(not rules.is_empty(value) for value in (*own, *other)):
            side = rules.side_of(code, chosen, own[0], other[0])
            texts = [_text(card, code, sight) for card in (survivor, merged)]
            found.append(Fact(code, LABELS[code], *texts, side=side, same=own == other))
    return found + _own_facts(survivor, merged, chosen, sight)


def _text(card: Customer, code: str, sight: Sight) -> str:
    if code == "keeper":
        return card.keeper.name if card.keeper else ""
    if code == "address":
        region = " ".join(dict.fromkeys(filter(None, (card.province, card.city, card.district))))
        return f"{region} {sight.value('address', card.address)}".strip()
    if code in ("birthday", "email"):
        return sight.value(code, getattr(card, code))
    display = getattr(card, f"get_{code}_display", None)
    return sight.words(str(display() if display else getattr(card, code) or ""))


def _own_facts(survivor: Customer, merged: Customer, chosen: Mapping[str, str], sight: Sight) -> list[Fact]:
    """The facts without a column: the fields that a store asks for."""
    values = profile.values_of([survivor.pk, merged.pk])
    own, other = values.get(survivor.pk, {}), values.get(merged.pk, {})
    rows = {row.code: row for row in profile.in_force(survivor.store_id)}
    found = []
    for code in sorted({*own, *other}, key=lambda code: (rows[code].position if code in rows else 999, code)):
        row, choice = rows.get(code), f"{rules.PROFILE}{code}"
        label = row.label if row else code
        side = rules.side_of(choice, chosen, own.get(code, ""), other.get(code, ""))
        texts = [_words(row, said.get(code, ""), sight) for said in (own, other)]
        found.append(Fact(choice, label, *texts, side=side, same=own.get(code) == other.get(code)))
    return found


def _words(row: Any, text: str, sight: Sight) -> str:
    if row is None or not text:
        return text and "****"
    fact = profile.fact_of(row)
    return sight.value(fact, text) if fact else sight.words(profile.words_of(row, text))


def belongings(card: Customer, sight: Sight) -> list[dict[str, Any]]:
    """What hangs on a card, as {term, text} lines: numbers, people, cars, and how much has happened."""
    numbers = Phone.objects.filter(customer=card).order_by("rank", "pk").values_list("number", flat=True)
    people = card.contacts.order_by("name").values_list("name", flat=True)
    cars = VehicleRole.objects.filter(customer=card, contact=None).select_related("vehicle").order_by("pk")
    plates = dict.fromkeys(f"{role.vehicle} {role.vehicle.series}".strip() for role in cars)
    bans = ContactBan.objects.filter(customer=card, lifted_at=None).count()
    counts = [
        (_("Deliveries"), Delivery.objects.filter(customer=card)),
        (_("Repair orders"), RepairOrder.objects.filter(customer=card)),
        (_("Calls"), CallAttempt.objects.filter(revisit__customer=card)),
        (_("Answers"), Response.objects.filter(customer=card)),
        (_("Complaints"), Complaint.objects.filter(customer=card)),
    ]
    return [
        {"term": _("Phone"), "text": _(", ").join(sight.value("phone", number) for number in numbers)},
        {"term": _("Contacts"), "text": _(", ").join(people)},
        {"term": _("Vehicles"), "text": _(", ").join(plates)},
        {"term": _("Wishes not to be contacted"), "text": formats.number(bans)},
        *({"term": term, "text": formats.number(rows.count())} for term, rows in counts),
    ]
