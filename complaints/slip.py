"""The 客户投诉处理单: one A4 page of a ticket, with what is long cut so that it stays one page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from complaints.models import Complaint, Liability
from complaints.rules.texts import shortened
from complaints.texts import car_words
from crm_site.core import clock, formats, masking

#: signs that fit into the long fields of the page: about seven lines, three of the rest, two of a short one
LONG, SHORT, LINE = 330, 150, 50


@dataclass(frozen=True)
class Field:
    """One field of the form: its label, and what is filled in (empty: room to write by hand)."""

    label: str
    text: str
    #: lines of empty room kept for the pen
    room: int = 1


def short_fields(complaint: Complaint) -> list[Field]:
    """The facts in two columns: ticket, customer, car, job, people and promises."""
    return [Field(label, shortened(text, LINE)) for label, text in [*_ticket(complaint), *_customer(complaint)]]


def long_fields(complaint: Complaint) -> list[Field]:
    """The words of everybody, each with room for the pen where nothing is written yet."""
    return [
        Field(_("In the customer's words"), shortened(masking.said(complaint.words), LONG), 4),
        Field(_("What the customer asks for"), shortened(masking.said(complaint.demand), SHORT), 2),
        Field(_("Cause"), _joined(complaint.get_cause_class_display(), masking.said(complaint.cause)), 3),
        Field(_("Solution"), shortened(masking.said(complaint.solution), LONG), 3),
        Field(_("What the customer said to it"), _answer(complaint), 1),
        Field(_("Who is liable"), shortened(_liable(complaint), SHORT), 1),
        Field(_("Confirming call"), complaint.get_result_display() if complaint.result else "", 1),
        Field(_("Review note"), shortened(masking.said(complaint.review_note), SHORT), 2),
    ]


def signatures() -> list[str]:
    """Who signs the page (domain 6.2)."""
    return [
        pgettext("signature", "Person concerned"),
        pgettext("signature", "Department"),
        pgettext("signature", "Customer service"),
        pgettext("signature", "General manager"),
    ]


def _ticket(complaint: Complaint) -> list[tuple[str, str]]:
    level, category = complaint.level, complaint.category
    above = f"{category.parent.label} / " if category and category.parent else ""
    return [
        (_("Number"), complaint.number),
        (_("Nature"), str(complaint.get_kind_display())),
        (_("Level"), f"{level.code} {level.label}" if level else ""),
        (_("Category"), f"{above}{category.label}" if category else ""),
        (_("Source"), str(complaint.get_source_display())),
        (_("External number"), complaint.external_number),
        (_("Received"), _moment(complaint.received_at)),
        (_("Reported by"), complaint.reported_by.name if complaint.reported_by else complaint.reported_by_name),
        (_("First response until"), _moment(complaint.response_due_at)),
        (_("First proposal until"), _moment(complaint.proposal_due_at)),
        (_("Closing until"), _moment(complaint.closing_due_at)),
        (_("Tell by law until"), f"{complaint.legal_due_on:%Y-%m-%d}" if complaint.legal_due_on else ""),
    ]


def _customer(complaint: Complaint) -> list[tuple[str, str]]:
    customer, car, order = complaint.customer, complaint.vehicle, complaint.repair_order
    phone = next((one.number for one in customer.phones.all()), "") if customer else complaint.customer_phone
    plate, vin = (car.plate_no, car.vin or "") if car else (complaint.plate_no, complaint.vin)
    words = car_words(car) if car else complaint.car_words
    job = order.order_number if order else complaint.delivery and f"{complaint.delivery.delivered_on:%Y-%m-%d}"
    return [
        (
            _("Customer"),
            f"{customer.listed_name} {customer.salutation}".strip() if customer else complaint.customer_name,
        ),
        (_("Phone"), formats.masked_phone(phone) if phone else ""),
        (_("Vehicle"), f"{plate} {words}".strip()),
        (_("VIN"), formats.masked_vin(vin) if vin else ""),
        (_("Repair order or delivery"), job or complaint.order_number),
        (_("Person complained about"), complaint.accused.name if complaint.accused else ""),
        (_("Handler"), complaint.handler.name if complaint.handler else complaint.handler_name),
        (_("Compensation"), formats.money(complaint.compensation) if complaint.compensation is not None else ""),
    ]


def _liable(complaint: Complaint) -> str:
    """Everybody named, the directly liable first."""
    rows = sorted(complaint.liabilities.all(), key=lambda row: row.kind != Liability.Kind.DIRECT)
    names = [
        f"{row.get_kind_display()}: {row.employee.name if row.employee else row.get_party_display()}" for row in rows
    ]
    return "   ".join(names) or complaint.liable_name


def _answer(complaint: Complaint) -> str:
    if complaint.customer_accepts is None:
        return ""
    return _("accepts the solution") if complaint.customer_accepts else _("does not accept it")


def _joined(head: str, text: str) -> str:
    return shortened(f"{head}: {text}" if head and text else head or text, SHORT)


def _moment(at: datetime | None) -> str:
    return f"{clock.local(at):%Y-%m-%d %H:%M}" if at else ""
