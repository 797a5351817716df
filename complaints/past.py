"""What the page of a complaint from an old register shows: the register's people, moments and words, and its import."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.models import Complaint
from crm_site.accounts import policy
from crm_site.core import formats, masking, plates
from crm_site.core.formats import masked_phone, masked_vin

Line = tuple[str, str, bool]


def origin(complaint: Complaint, reader: Any) -> dict[str, str]:
    """Who took it over when, from which row of which file; the importer is not the author."""
    batch = complaint.batch
    if batch is None:
        return {}
    importer = batch.applied_by or batch.uploaded_by
    words = {
        "who": importer.name,
        "when": formats.when(batch.applied_at or batch.uploaded_at),
        "file": batch.file.name,
        "row": complaint.row,
    }
    text = _("Imported by %(who)s (%(when)s) from “%(file)s”, row %(row)s. It runs no clock and causes no calls.")
    may_open = policy.allows(reader, "imports.run", complaint.store_id)
    return {"text": text % words, "url": reverse("imports:batch", args=[batch.pk]) if may_open else ""}


def people(complaint: Complaint) -> list[dict[str, str]]:
    """The people of the register as it names them; who is on the roster stands there by the roster's name."""
    named = [
        (complaint.handler, complaint.handler_name, _("Handler")),
        (complaint.reported_by, complaint.reported_by_name, _("Registered it")),
    ]
    found = [{"name": person.name if person else name, "role": role} for person, name, role in named if person or name]
    if complaint.liable_name and not complaint.liabilities.all():
        found.append({"name": complaint.liable_name, "role": _("Liable, as the register says; not on the roster")})
    return found


def events(complaint: Complaint, today: date) -> list[dict[str, Any]]:
    """What the register says happened, newest first."""
    author = complaint.reported_by.name if complaint.reported_by else complaint.reported_by_name
    handler = complaint.handler.name if complaint.handler else complaint.handler_name
    result = complaint.result_words or complaint.get_result_display()
    opened = [_("Registered"), complaint.get_source_display()]
    told = [
        ("confirmed_at", "telephone-outbound", "ok", _("Confirming call"), result, ""),
        ("closed_at", "check2", "ok", _("Closed"), "", ""),
        ("solved_at", "wrench", "", _("Handled"), _joined(handler, complaint.solution), ""),
        ("received_at", "chat-left-text", "bad", " · ".join(filter(None, opened)), author, complaint.words),
    ]
    rows = []
    for name, icon, kind, title, body, quote in told:
        moment: datetime | None = getattr(complaint, name)
        if moment is None:
            continue
        when = formats.day(moment, today) if name in complaint.day_only else formats.when(moment, today)
        rows.append((moment, {"title": title, "when": when, "icon": icon, "kind": kind, "body": body, "quote": quote}))
    rows.sort(key=lambda row: row[0], reverse=True)
    return [row for _moment, row in rows]


def facts(complaint: Complaint) -> list[Line]:
    """What the register says beside keys of ours: (term, text, whether it is a number)."""
    said = complaint.source_values
    unjoined = complaint.customer_id is None
    return [
        (_("Customer in the register"), complaint.customer_name if unjoined else "", False),
        (_("Phone"), masked_phone(complaint.customer_phone) if unjoined and complaint.customer_phone else "", True),
        (_("Car in the register"), complaint.car_words, False),
        (_("Plate"), plates.grouped(complaint.plate_no) if complaint.vehicle_id is None else "", True),
        ("VIN", masked_vin(complaint.vin) if complaint.vin and complaint.vehicle_id is None else "", True),
        (_("Repair order"), complaint.order_number if complaint.repair_order_id is None else "", True),
        (_("Subject in the register"), masking.said(complaint.topic), False),
        (_("Closed loop"), _("no") if said.get("state") == "recorded" and said.get("solved_at") else "", False),
        (_("Solution"), masking.said(complaint.solution) if complaint.solved_at is None else "", False),
        (_("Confirming call's result"), complaint.result_words if complaint.confirmed_at is None else "", False),
        (_("Note"), masking.said(complaint.note), False),
    ]


def _joined(*words: str) -> str:
    filled = [word for word in words if word]
    return _("%(who)s: %(note)s") % {"who": filled[0], "note": filled[1]} if len(filled) == 2 else "".join(filled)
