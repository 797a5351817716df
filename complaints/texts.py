"""The desk's texts about a ticket: read out to the customer, copied to a group chat, sent to the manufacturer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from complaints.models import Complaint, Text
from complaints.rules import texts as rules
from crm_site.core import clock, phones
from customers.models import ContactBan, Vehicle

#: what may stand in a text, and what it becomes
VARIABLES: dict[str, Promise] = {
    "number": gettext_lazy("the complaint's number"),
    "customer": gettext_lazy("the customer; in a group chat masked"),
    "phone": gettext_lazy("the customer's phone, masked"),
    "vehicle": gettext_lazy("the car; its plate is masked in a group chat"),
    "vin": gettext_lazy("the VIN in full, for the manufacturer; masked elsewhere"),
    "level": gettext_lazy("the level"),
    "category": gettext_lazy("the category"),
    "source": gettext_lazy("the source"),
    "external": gettext_lazy("the external number"),
    "words": gettext_lazy("the customer's words; numbers in them are masked"),
    "demand": gettext_lazy("what the customer asks for"),
    "handler": gettext_lazy("the handler"),
    "received": gettext_lazy("when we first heard of it"),
    "deadline": gettext_lazy("the promise that ends next"),
    "legal": gettext_lazy("the day until which the law wants an answer"),
    "hotline": gettext_lazy("the store's hotline"),
    "store": gettext_lazy("the store"),
    "link": gettext_lazy("the address of the complaint's page"),
}
LONGEST_WORDS = 300
#: texts that leave the house: people and plates in them are masked
OUTSIDE = frozenset({Text.Code.DISPATCH, Text.Code.MANUFACTURER})
GRAVE = "L4"


@dataclass(frozen=True)
class Ready:
    """One text, filled in and ready to be copied."""

    code: str
    title: str
    hint: str
    text: str

    @property
    def rows(self) -> int:
        """Lines that its field needs."""
        return max(3, sum(1 + len(line) // 46 for line in self.text.splitlines()))


HINTS: dict[str, Promise] = {
    Text.Code.ACKNOWLEDGE: gettext_lazy("read it out, or send it to the customer"),
    Text.Code.DISPATCH: gettext_lazy("masked; for the group chat"),
    Text.Code.MANUFACTURER: gettext_lazy("L4: to be reported today"),
}


def in_force(store_id: int | None) -> dict[str, Text]:
    """The texts of a store: its own before the company's; None asks for the company's alone."""
    rows = Text.objects.for_store(store_id).order_by(F("store_id").asc(nulls_first=True))
    return {row.code: row for row in rows}


def ready(complaint: Complaint, link: str, today: date, *, whole_vin: bool) -> list[Ready]:
    """The texts of a ticket in the reader's language; the manufacturer's only for one of level L4.

    `whole_vin`: whether the reader may see the VIN of that one in full. The hint says by which way the customer
    wants no message.
    """
    found = in_force(complaint.store_id)
    is_grave = complaint.level is not None and complaint.level.code == GRAVE
    codes = [code for code in Text.Code if code in found and (is_grave or code != Text.Code.MANUFACTURER)]
    return [
        Ready(
            code,
            str(code.label),
            _hint(code, complaint, today),
            rules.fill(_language(found[code]), facts(complaint, code, link, whole_vin=whole_vin)),
        )
        for code in codes
    ]


def _hint(code: Text.Code, complaint: Complaint, today: date) -> str:
    """What the text is for; of one for the customer, which ways they refuse (any contact: a complaint is an answer)."""
    if code != Text.Code.ACKNOWLEDGE or complaint.customer_id is None:
        return str(HINTS[code])
    wishes = ContactBan.objects.in_force(today).filter(
        customer_id=complaint.customer_id, purpose=ContactBan.Purpose.ALL
    )
    told = set(wishes.about(complaint.vehicle_id).values_list("channel", flat=True))
    ways = [ContactBan.Channel.SMS, ContactBan.Channel.WECHAT]
    refused = [str(way.label) for way in ways if told & {way, ContactBan.Channel.ALL}]
    if not refused:
        return str(HINTS[code])
    return _("read it out; do not send it: the customer does not want %(ways)s") % {"ways": _(", ").join(refused)}


def facts(complaint: Complaint, code: str, link: str, *, whole_vin: bool) -> dict[str, str]:
    """The value of each variable for a text of this kind; what is not known is empty."""
    outside = code in OUTSIDE
    return {
        **_people(complaint, outside=outside),
        **_car(complaint, outside=outside, whole_vin=whole_vin and code == Text.Code.MANUFACTURER),
        **_matter(complaint),
        "deadline": spoken(complaint.due_at) if complaint.due_at else "",
        "legal": spoken_day(complaint.legal_due_on) if complaint.legal_due_on else "",
        "received": spoken(complaint.received_at),
        "hotline": complaint.store.hotline,
        "store": complaint.store.name,
        "link": link,
    }


def spoken(at: datetime) -> str:
    """A moment for a text that is read later, elsewhere: 11月22日 16:40."""
    moment = clock.local(at)
    return f"{spoken_day(moment.date())} {moment:%H:%M}"


def spoken_day(day: date) -> str:
    """A day for a text that is read later: 11月22日, in English November 22."""
    return date_format(day, "MONTH_DAY_FORMAT")


def _people(complaint: Complaint, *, outside: bool) -> dict[str, str]:
    customer = complaint.customer
    name = customer.listed_name if customer else complaint.customer_name
    salutation = customer.salutation if customer else ""
    if customer and customer.restricted:
        outside, salutation = False, ""  # the word that stands for the name is no name
    number = next((phone.number for phone in customer.phones.all()), "") if customer else complaint.customer_phone
    return {
        "customer": rules.masked_name(name, salutation) if outside else f"{name}{salutation}",
        "phone": phones.mask(number),
        "handler": complaint.handler.name if complaint.handler else "",
    }


def _car(complaint: Complaint, *, outside: bool, whole_vin: bool) -> dict[str, str]:
    car = complaint.vehicle
    plate, vin = (car.plate_no or "", car.vin or "") if car else (complaint.plate_no, complaint.vin)
    words = car_words(car) if car else complaint.car_words
    shown = rules.masked_plate(plate) if outside else plate
    return {"vehicle": f"{shown} {words}".strip(), "vin": vin if whole_vin else f"…{vin[-6:]}" if vin else ""}


def car_words(car: Vehicle) -> str:
    """Series and model, once where the model names its series."""
    return car.model if car.series in car.model else f"{car.series} {car.model}".strip()


def _matter(complaint: Complaint) -> dict[str, str]:
    category, level = complaint.category, complaint.level
    above = f"{category.parent.label} / " if category and category.parent else ""
    return {
        "number": complaint.number,
        "level": f"{level.code} {level.label}" if level else complaint.get_kind_display(),
        "category": f"{above}{category.label}" if category else "",
        "source": complaint.get_source_display(),
        "external": complaint.external_number,
        "words": rules.masked(rules.shortened(complaint.words, LONGEST_WORDS)),
        "demand": rules.masked(rules.shortened(complaint.demand, LONGEST_WORDS)),
    }


def example(text: str) -> str:
    """A text with invented facts, to see what an editor's words become."""
    return rules.fill(text, {name: str(word) for name, word in _EXAMPLE.items()})


_EXAMPLE: dict[str, str | Promise] = {
    "number": "TS-261118-007", "customer": gettext_lazy("Ms Qiu"), "phone": "133****4107",
    "vehicle": gettext_lazy("Yu A***345 Yuanlan V7"), "vin": "LSVAA4182E2384217",
    "level": gettext_lazy("L2 Ordinary complaint"), "category": gettext_lazy("Repair quality / Not fixed"),
    "source": gettext_lazy("Customer called"), "external": "", "words": gettext_lazy("The smell is back after a day."),
    "demand": gettext_lazy("Do it again, free of charge."), "handler": gettext_lazy("He Zhiyuan"),
    "received": "11-18 16:40", "deadline": "11-18 17:40", "legal": "11-27", "hotline": "023-6000 1234",
    "store": gettext_lazy("our store"), "link": "https://…/complaints/7/",
}  # fmt: skip


def _language(row: Text) -> str:
    return row.text_en if _is_english() else row.text_zh


def _is_english() -> bool:
    return (get_language() or "").startswith("en")
