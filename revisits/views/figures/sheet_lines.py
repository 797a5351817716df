"""The columns of 维修客户回访统计表 and what stands in them, the same on screen, on paper and in the workbook."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.models import Complaint
from crm_site.core import formats, masking
from revisits.queries.sheet import SheetLine, car_words
from revisits.wording import reason_word
from satisfaction.models import Answer


class SheetColumn(NamedTuple):
    """One column: code, head, width in characters, kind for the workbook."""

    code: str
    title: str
    width: int
    kind: str = "text"


def columns() -> list[SheetColumn]:
    """The columns in the order of the trade's form; the running number stands before them."""
    return [
        SheetColumn("called_on", _("Called on"), 11, "date"),
        SheetColumn("customer", _("Customer"), 10),
        SheetColumn("phone", _("Phone"), 13),
        SheetColumn("plate", _("Plate"), 10),
        SheetColumn("car", _("Model"), 14),
        SheetColumn("order", _("Repair order"), 14),
        SheetColumn("job", _("Kind of work"), 10),
        SheetColumn("released_on", _("Handed back on"), 11, "date"),
        SheetColumn("advisor", _("Service advisor"), 9),
        SheetColumn("technicians", _("Lead technician"), 10),
        SheetColumn("result", _("Result"), 10),
        SheetColumn("answers", _("Marks"), 34),
        SheetColumn("low", _("Low items and words"), 34),
        SheetColumn("ticket", _("Question, grievance, complaint"), 18),
        SheetColumn("handler", _("Handed to"), 9),
        SheetColumn("handling", _("What came of it"), 18),
        SheetColumn("second", _("Second call"), 10),
        SheetColumn("corrected", _("Archive corrected"), 8),
        SheetColumn("caller", _("Caller"), 9),
    ]


def cells(line: SheetLine) -> dict[str, Any]:
    """{column: text or day} of one line, with the address of its call."""
    task, order, ticket = line.task, line.order, line.ticket
    return {
        "url": reverse("revisits:detail", args=[task.pk]),
        "called_on": line.called_on,
        "customer": task.customer.listed_name if task.customer else "",
        "phone": formats.masked_phone(task.phone.number) if task.phone else "",
        "plate": task.vehicle.plate_no if task.vehicle else "",
        "car": car_words(task.vehicle),
        "order": order.order_number if order else "",
        "job": str(order.get_job_type_display()) if order else "",
        "released_on": order.released_on if order else None,
        "advisor": _advisor(line),
        "technicians": ", ".join(line.technicians),
        "result": task.last_result.label if task.last_result else "",
        "answers": " · ".join(f"{one.question.label} {_mark(one)}" for one in line.answers),
        "low": "; ".join(f"{one.question.label}: {masking.said(one.reason)}" for one in line.low),
        "ticket": f"{ticket.get_kind_display()} {ticket.number}" if ticket else "",
        "handler": ticket.handler.name if ticket and ticket.handler else "",
        "handling": _handling(line, ticket),
        "second": _second(ticket),
        "corrected": _("yes") if line.is_corrected else "",
        "caller": line.caller.name if line.caller else "",
    }


def _advisor(line: SheetLine) -> str:
    if line.order is None:
        return ""
    return line.order.service_advisor.name if line.order.service_advisor else line.order.service_advisor_name


def _mark(answer: Answer) -> str:
    """An answer as the customer gave it: 9, 5 of words as 5, yes as 1."""
    return formats.number(answer.value)


def _handling(line: SheetLine, ticket: Complaint | None) -> str:
    """The ticket's state and solution; without one, what was decided about the low answers, or why it failed."""
    if ticket:
        return " · ".join(part for part in (str(ticket.get_state_display()), masking.said(ticket.solution)) if part)
    return masking.said(line.decision) if line.low else reason_word(line.task.reason)


def _second(ticket: Complaint | None) -> str:
    """What the customer said in the confirming call."""
    return str(ticket.get_result_display()) if ticket and ticket.result else ""
