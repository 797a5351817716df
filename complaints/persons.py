"""What a person complained about, and what stays of it: level, category, moments, money (settings.PERSONAL_DATA)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.actions.evidence import KIND
from complaints.models import Attachment, Complaint, IntakeDraft
from crm_site.core.persons import GONE, Holding, Person, Section, room, without_words
from crm_site.files import actions as files
from crm_site.files.models import StoredFile
from crm_site.jobs.models import Job


def _nothing(_row: Any, _value: Any) -> dict[str, Any]:
    return {}


def _of_ticket(person: Person) -> Q:
    of_car = Q(complaint__customer=None, complaint__vehicle__in=person.own_vehicle_ids)
    return Q(complaint__customer__in=person.customer_ids) | of_car


#: what customers and the people who handled it wrote; the number is ours and stays, others' numbers go
_TICKET = {
    **dict.fromkeys(
        ("customer_name", "topic", "note", "result_words", "words", "demand", "cause", "solution", "review_note",
         "grave_words"), GONE
    ),
    **dict.fromkeys(("customer_phone", "order_number", "plate_no", "vin", "external_number", "sheet"), ""),
    "source_values": _nothing, "row": None,
}  # fmt: skip

HOLDINGS = (
    Holding("complaints.Complaint", _("Complaints"), lambda person: person.owns(), _TICKET,
            words=("customer_phone", "vin", "external_number")),
    Holding("complaints.Step", _("Steps of a complaint"), _of_ticket, {"note": GONE, "detail": without_words}),
    Holding("complaints.ClockEntry", _("Clock of a complaint"), _of_ticket, {"reason": GONE}),
    Holding("complaints.Confirmation", _("Confirming calls"), _of_ticket),
    Holding("complaints.Liability", _("Who answers for it"), _of_ticket),
    Holding("complaints.Attachment", _("Attachments"), _of_ticket, {"note": GONE}),
    Holding("complaints.Presence", _("Who has it open"), _of_ticket, dropped=True),
)  # fmt: skip

_TABLES = room(_("Complaints"), HOLDINGS)


def _export(person: Person) -> list[Section]:
    sections = list(_TABLES.export(person))
    drafts = _drafts(person)
    if drafts:
        rows = [[draft.kept_at, str(draft.by), draft.values] for draft in drafts]
        sections.append(
            Section("complaints.intakedraft", _("Complaints being written"), ("kept_at", "by", "values"), rows)
        )
    held = [one.file for one in Attachment.objects.filter(_of_ticket(person)).select_related("file")]
    files_of = [(f"{stored.pk} {stored.name}", stored) for stored in held if stored.removed_at is None]
    return [replace(one, files=files_of) if one.code == "complaints.attachment" else one for one in sections]


def _erase(person: Person) -> dict[str, int]:
    counts = {"complaints.intakedraft": len(drafts := _drafts(person))}
    IntakeDraft.objects.filter(pk__in=[draft.pk for draft in drafts]).delete()
    stored = [*_attached(person), *_packs(person)]
    for one in stored:
        files.forget(one, now=person.now)
    return {**_TABLES.erase(person), **counts, "files.storedfile": len(stored)}


def _attached(person: Person) -> list[StoredFile]:
    """The files that belong to the person's tickets."""
    return [one.file for one in Attachment.objects.filter(_of_ticket(person)).select_related("file")]


def _packs(person: Person) -> list[StoredFile]:
    """The evidence packs of the person's tickets that are still kept."""
    tickets = list(Complaint.objects.filter(person.owns()).values_list("pk", flat=True))
    jobs = Job.objects.filter(kind=KIND, store_id=person.store_id, payload__complaint__in=tickets)
    made = [job.result["file"] for job in jobs if job.result.get("file")]
    return list(StoredFile.objects.filter(pk__in=made))


def _drafts(person: Person) -> list[IntakeDraft]:
    """What is being typed about one of the cards, or names a number of theirs."""
    cards = {str(pk) for pk in person.customer_ids}
    return [
        draft
        for draft in IntakeDraft.objects.filter(store_id=person.store_id)
        if cards & set(draft.values.get("customer", ())) or any(word in str(draft.values) for word in person.words)
    ]


ROOM = replace(_TABLES, export=_export, erase=_erase)
