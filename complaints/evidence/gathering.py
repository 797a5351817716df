"""Gathers what an evidence pack holds: facts, everything that was done, and what higher rooms know of the matter."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from complaints import changes, wording
from complaints.evidence.sections import Section
from complaints.models import Attachment, Complaint, Step
from crm_site.accounts.models import Post
from crm_site.audit.models import Entry
from crm_site.core import clock, hooks, phones
from crm_site.files.actions import path_of
from crm_site.files.rules import safe_name

BLOCK = 1024 * 1024
#: entries of the access log in one pack; more are counted, not listed
MOST_ENTRIES = 5000


@dataclass(frozen=True)
class Enclosed:
    """An attachment of the pack: its name inside, and what became of the file since it was stored."""

    attachment: Attachment
    name: str
    #: unchanged | changed | missing
    state: str

    @property
    def path(self) -> Path:
        """Where the content lies on this machine."""
        return path_of(self.attachment.file)


def sections(complaint: Complaint, files: list[Enclosed]) -> list[Section]:
    """Every part of the pack, in the reader's language and in the order in which it is read."""
    return [
        _facts(complaint, "facts", _("The complaint")),
        _steps(complaint, "timeline", _("What happened")),
        *_merged(complaint),
        _clock(complaint),
        _liabilities(complaint),
        _confirmations(complaint),
        *_answers(complaint),
        *(section for gather in hooks.load("EVIDENCE") for section in gather(complaint)),
        _files(files),
        _access(complaint),
    ]


def enclosed(complaint: Complaint) -> list[Enclosed]:
    """The attachments, withdrawn ones too, each compared with the hash that it was stored with."""
    rows = complaint.attachments.select_related("file", "added_by", "withdrawn_by").order_by("added_at", "pk")
    return [
        Enclosed(row, f"files/{number:03d}-{safe_name(row.file.name)}", _state(row))
        for number, row in enumerate(rows, start=1)
    ]


def _state(row: Attachment) -> str:
    path = path_of(row.file)
    if not path.exists():
        return "missing"
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return "unchanged" if digest.hexdigest() == row.file.sha256 else "changed"


def _merged(complaint: Complaint) -> Iterator[Section]:
    """The same matter from other sources: tickets that were merged into this one."""
    for other in complaint.merged.select_related("store").order_by("pk"):
        title = _("Merged: %(number)s") % {"number": other.number}
        yield _facts(other, f"facts-{other.number}", title)
        yield _steps(other, f"timeline-{other.number}", _("%(title)s, what happened") % {"title": title})


def _facts(complaint: Complaint, code: str, title: str) -> Section:
    rows = [(code, str(words), value) for code, words, value in _known(complaint) if value not in (None, "")]
    return Section(
        code, title, [("code", ""), ("label", _("Fact of the complaint")), ("value", _("What is known"))], rows
    )


def _known(complaint: Complaint) -> Iterator[tuple[str, str, Any]]:
    """(code, words, value) of everything that the ticket itself says."""
    level, category = complaint.level, complaint.category
    yield "number", _("Number"), complaint.number
    yield "store", _("Store"), complaint.store.name
    yield "kind", _("Nature"), complaint.get_kind_display()
    yield "state", _("State"), complaint.get_state_display()
    yield "level", _("Level"), f"{level.code} {level.label}" if level else ""
    yield "category", _("Category"), category.label if category else ""
    yield "source", _("Source"), complaint.get_source_display()
    yield "department", _("Department"), complaint.get_department_display()
    yield "words", _("In the customer's words"), complaint.words
    yield "demand", _("What the customer asks for"), complaint.demand
    yield "customer", _("Customer"), complaint.customer.listed_name if complaint.customer else complaint.customer_name
    yield "phones", _("Phone"), _numbers(complaint)
    yield "vehicle", _("Vehicle"), _car(complaint)
    yield "job", _("Delivery or repair order"), _job(complaint)
    for code in ("reported_by", "handler", "accused", "approved_by"):
        person = getattr(complaint, code)
        yield code, _people()[code], f"{person.name} ({person.number})" if person else ""
    for code, words in _moments().items():
        yield code, words, getattr(complaint, code)
    yield "external_number", _("External number"), complaint.external_number
    yield "cause_class", _("Cause class"), complaint.get_cause_class_display()
    yield "cause", _("Cause"), complaint.cause
    yield "solution", _("Solution"), complaint.solution
    yield "compensation", _("Compensation"), complaint.compensation
    yield "claim_amount", _("Claim"), complaint.claim_amount
    yield "validity", _("Validity"), complaint.get_validity_display()
    yield "result", _("Confirming call"), complaint.get_result_display()
    yield "review_note", _("Review note"), complaint.review_note
    merged = list(complaint.merged.order_by("pk").values_list("number", flat=True))
    yield "merged", _("Merged into this one"), ", ".join(merged)
    yield "main", _("Main complaint"), complaint.merged_into.number if complaint.merged_into else ""
    yield "repeat_of", _("Renewed complaint"), complaint.repeat_of.number if complaint.repeat_of else ""


def _numbers(complaint: Complaint) -> str:
    """The customer's numbers; masked as everywhere where the card is restricted, as its name is."""
    customer = complaint.customer
    if customer is None:
        return complaint.customer_phone
    numbers = list(customer.phones.values_list("number", flat=True)) or [complaint.customer_phone]
    return ", ".join(map(phones.mask, numbers) if customer.restricted else numbers)


def _people() -> dict[str, str]:
    return {
        "reported_by": _("Reported it"),
        "handler": _("Handler"),
        "accused": _("Person complained about"),
        "approved_by": _("Approved by"),
    }


def _moments() -> dict[str, str]:
    return {
        "received_at": _("First heard at"),
        "accepted_at": _("Accepted at"),
        "responded_at": _("First response"),
        "proposed_at": _("First proposal"),
        "solved_at": _("Solved at"),
        "closed_at": _("Closed at"),
        "response_due_at": _("First response due"),
        "proposal_due_at": _("First proposal due"),
        "closing_due_at": _("Closing due"),
        "legal_due_on": _("Tell by law until"),
        "external_due_at": _("External deadline"),
        "external_replied_at": _("Replied to them at"),
    }


def _car(complaint: Complaint) -> str:
    car = complaint.vehicle
    if car is None:
        return " ".join(filter(None, [complaint.car_words, complaint.plate_no, complaint.vin]))
    return " ".join(filter(None, [car.plate_no, car.vin, car.brand, car.series, car.model]))


def _job(complaint: Complaint) -> str:
    if complaint.repair_order:
        return f"{complaint.repair_order.checked_in_on} {complaint.repair_order.order_number}"
    return f"{complaint.delivery.delivered_on}" if complaint.delivery else complaint.order_number


def _who(person: Any) -> str:
    return person.name if person else _("The system")


def _steps(complaint: Complaint, code: str, title: str) -> Section:
    steps = list(complaint.steps.select_related("by").order_by("sequence"))
    corrected = changes.of_steps(steps, complaint.received_on)
    columns = [
        ("sequence", _("No.")), ("at", _("When")), ("by", _("Who")), ("step", _("Step")), ("from", _("State before")),
        ("to", _("State after")), ("note", _("Note")), ("changes", _("Corrected")),
    ]  # fmt: skip
    rows = [_step(complaint, step, corrected.get(step.pk, [])) for step in steps]
    return Section(code, title, columns, rows)


def _step(complaint: Complaint, step: Step, corrected: list[changes.Change]) -> tuple[Any, ...]:
    words = dict(complaint._meta.get_field("state").flatchoices)
    texts = [f"{one.label}: {one.old or '–'} → {one.new or '–'}" for one in corrected]
    return (
        step.sequence, step.at, _who(step.by), wording.done(step.action), str(words.get(step.from_state, "")),
        str(words.get(step.to_state, "")), step.note, texts,
    )  # fmt: skip


def _clock(complaint: Complaint) -> Section:
    columns = [
        ("sequence", _("No.")), ("at", _("When")), ("noted_at", _("Written at")), ("by", _("Who")),
        ("kind", _("What")), ("level", _("Level")), ("until", _("Until")), ("reason", _("Reason")),
        ("response_due_at", _("First response due")), ("proposal_due_at", _("First proposal due")),
        ("closing_due_at", _("Closing due")), ("calendar_sha256", ""),
    ]  # fmt: skip
    rows = [
        (
            one.sequence, one.at, one.noted_at, _who(one.by), one.get_kind_display(), one.level_code, one.until,
            one.reason, one.response_due_at, one.proposal_due_at, one.closing_due_at,
            one.calendar.sha256 if one.calendar else "",
        )
        for one in complaint.clock.select_related("by", "calendar").order_by("sequence")
    ]  # fmt: skip
    return Section("clock", _("The ledger of the clock"), columns, rows)


def _liabilities(complaint: Complaint) -> Section:
    columns = [
        ("kind", _("Kind")), ("party", _("Party")), ("employee", _("Employee")), ("post", _("Post then")),
        ("confirmed_at", _("Confirmed at")), ("confirmed_by", _("Confirmed by")),
    ]  # fmt: skip
    rows = [
        (
            one.get_kind_display(), one.get_party_display(), one.employee.name if one.employee else "",
            str(dict(Post.choices).get(one.post, one.post)),
            one.confirmed_at, one.confirmed_by.name if one.confirmed_by else "",
        )
        for one in complaint.liabilities.select_related("employee", "confirmed_by").order_by("kind", "pk")
    ]  # fmt: skip
    return Section("liabilities", _("Who answers for it"), columns, rows)


def _confirmations(complaint: Complaint) -> Section:
    columns = [
        ("round", _("Round")), ("at", _("When")), ("by", _("Who")), ("result", _("Result")),
        ("recovery_score", _("Recovery score")),
    ]  # fmt: skip
    rows = [
        (one.round, one.at, one.by.name, one.get_result_display(), one.recovery_score)
        for one in complaint.confirmations.select_related("by").order_by("round", "pk")
    ]
    return Section("confirmations", _("Confirming calls"), columns, rows)


def _answers(complaint: Complaint) -> Iterator[Section]:
    """The answers in which it was found, and those of its confirming calls; the first are never overwritten."""
    found = [("answers", _("The answers in which it was found"), complaint.origin)]
    for one in complaint.confirmations.exclude(response=None).select_related("response").order_by("round", "pk"):
        title = _("Answers of confirming call %(round)s") % {"round": one.round}
        found.append((f"answers-confirming-{one.round}", title, one.response))
    columns = [
        ("question", _("Question")),
        ("value", _("Answer")),
        ("text", _("Text")),
        ("reason", _("In their words")),
    ]
    for code, title, response in found:
        if response is None:
            continue
        answers = response.answers.select_related("question").order_by("question__position", "pk")
        rows = [(one.question.label, one.value, one.text, one.reason) for one in answers]
        yield Section(code, title, columns, rows, note=f"{clock.local(response.answered_at):%Y-%m-%d %H:%M}")


def _files(files: list[Enclosed]) -> Section:
    columns = [
        ("path", _("File")), ("name", _("Name")), ("size", _("Bytes")), ("sha256", _("SHA-256 when stored")),
        ("state", _("Since then")), ("added_at", _("When")), ("added_by", _("Who")), ("note", _("Note")),
        ("withdrawn_at", _("Withdrawn at")),
    ]  # fmt: skip
    words = {"unchanged": _("unchanged"), "changed": _("changed"), "missing": _("no longer kept")}
    rows = [
        (
            one.name if one.state != "missing" else "", one.attachment.file.name, one.attachment.file.size,
            one.attachment.file.sha256, words[one.state], one.attachment.added_at, one.attachment.added_by.name,
            one.attachment.note, one.attachment.withdrawn_at,
        )
        for one in files
    ]  # fmt: skip
    return Section("files", _("Files"), columns, rows)


def _access(complaint: Complaint) -> Section:
    """The trail: every recorded change of the ticket, fetched file, shown number and earlier pack."""
    files = list(complaint.attachments.values_list("file_id", flat=True))
    numbers = list(complaint.customer.phones.values_list("pk", flat=True)) if complaint.customer else []
    about = Q(subject_type="complaints.complaint", subject_id=complaint.pk)
    about |= Q(subject_type="files.storedfile", subject_id__in=files)
    about |= Q(subject_type="customers.phone", subject_id__in=numbers, action="phone.revealed")
    rows = Entry.objects.filter(about, store_id=complaint.store_id).order_by("at", "pk")
    columns = [("at", _("When")), ("by", _("Who")), ("code", ""), ("action", _("Entry")), ("subject", _("Entry about"))]
    names = dict(complaint.attachments.values_list("file_id", "file__name"))
    listed = [_entry(one, complaint, names) for one in rows[:MOST_ENTRIES]]
    note = _("Changes, fetched files, shown numbers and earlier packs; merely opening the page is not recorded.")
    return Section("access", _("Trail and access"), columns, listed, note=note)


def _entry(entry: Entry, complaint: Complaint, files: dict[int, str]) -> tuple[Any, ...]:
    """One entry of the trail: by whom, what in words, and about which file or number."""
    words = {
        "complaint.opened": wording.done("open"),
        "complaint.evidence_asked": _("Evidence pack asked for"),
        "complaint.evidence_made": _("Evidence pack made"),
        "file.fetched": _("File downloaded"),
        "file.stored": _("File stored"),
        "phone.revealed": _("Number looked at"),
    }
    action = words.get(entry.action) or wording.done(entry.action.removeprefix("complaint."))
    about = {"files.storedfile": files.get(entry.subject_id or 0, ""), "customers.phone": _("Phone")}
    subject = about.get(entry.subject_type, complaint.number)
    return entry.at, entry.actor_name or _("The system"), entry.action, action, subject
