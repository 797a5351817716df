"""What the calls add to the evidence pack of a complaint: each attempt, its result, and which script was read."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from complaints.evidence.sections import Section
from complaints.models import Complaint
from crm_site.core import phones
from customers.models import Phone
from revisits.models import CallAttempt


def for_complaint(complaint: Complaint) -> list[Section]:
    """For settings.EVIDENCE: the calls about a ticket, the one in which it was found among them, in order."""
    about = Q(complaint=complaint) | Q(revisit__complaint=complaint)
    if complaint.origin_id is not None:
        about |= Q(response=complaint.origin_id)
    calls = CallAttempt.objects.filter(about, store_id=complaint.store_id).distinct().order_by("started_at", "pk")
    calls = calls.select_related("by", "phone__customer", "result", "script_version__script")
    columns = [
        ("started_at", _("Began")), ("ended_at", _("Ended")), ("by", _("Who")), ("channel", _("By")),
        ("number", _("Number")), ("result", _("Result")), ("result_version", _("Version of the result")),
        ("script", _("Script")), ("script_steps", _("Steps shown")), ("note", _("Note")), ("recording", _("Recording")),
    ]  # fmt: skip
    return [Section("calls", _("Calls"), columns, [_row(call) for call in calls])]


def _number(phone: Phone | None) -> str:
    """The number dialled; masked as everywhere where the card is restricted."""
    if phone is None:
        return ""
    return phones.mask(phone.number) if phone.customer.restricted else phone.number


def _row(call: CallAttempt) -> tuple[object, ...]:
    version = call.script_version
    script = f"{version.script.label} v{version.number}" if version else ""
    return (
        call.started_at, call.ended_at, call.by.name, call.get_channel_display(),
        _number(call.phone), call.result.label, call.result_version, script,
        list(call.script_steps), call.note, call.recording,
    )  # fmt: skip
