"""The same matter from two sources: one ticket ends in the main one, which takes over what the other knew."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.actions import priority, ticket
from complaints.actions.opening import open_ticket
from complaints.actions.steering import check_stays, put_level
from complaints.models import ClockEntry, Complaint, State
from complaints.rules import levels
from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from crm_site.notices import actions as notices


@transaction.atomic
def merge(
    complaint_id: int, *, into: Complaint, by: Employee, now: datetime, note: str = "", version: int | None = None
) -> Complaint:
    """The same matter came from two sources: this ticket ends in the main one, and both numbers stay."""
    change = ticket.Change(by, now, version)
    # the lower key first, so that two merges in opposite directions cannot wait for each other
    list(Complaint.objects.select_for_update().filter(pk__in=[complaint_id, into.pk]).order_by("pk"))
    complaint = ticket.begin(complaint_id, "merge", change)
    return _put_into(complaint, into.pk, note, change)


@transaction.atomic
def open_merged(*, into: Complaint, **matter: Any) -> Complaint:
    """Register the same matter from another source and merge it at once; for whoever may register, on intake only.

    `matter` is what open_ticket takes. The same submission a second time gives the ticket it made.
    """
    complaint = open_ticket(**matter)
    if complaint.state == State.MERGED:
        return complaint
    return _put_into(complaint, into.pk, "", ticket.Change(matter["reported_by"], matter["now"]))


def _put_into(complaint: Complaint, main_id: int, note: str, change: ticket.Change) -> Complaint:
    """End a locked ticket in another open one of its store, and let that one take over what this one knew."""
    main = Complaint.objects.get(pk=main_id)
    if main.pk == complaint.pk or main.store_id != complaint.store_id or not main.is_open:
        raise RuleBroken(_("Merge into another open complaint of the same store."), code="main", field="into")
    main = ticket.begin(main.pk, "join", ticket.Change(change.by, change.now))
    complaint.merged_into = main
    # what was merged into this one goes along, so that everybody named in the matter is found at its main ticket
    complaint.merged.update(merged_into=main)
    fields = ["merged_into", *ticket.turn_clock(complaint, ClockEntry.Kind.STOP, change)]
    text = ticket.written(note, 1000, field="note", required=False)
    merged = ticket.finish(complaint, "merge", change, fields=fields, to=State.MERGED, note=text, main=main.pk)
    if main.handler is not None:
        check_stays(main, main.handler, change)
    _take_over(main, complaint, change)
    return merged


def _take_over(main: Complaint, complaint: Complaint, change: ticket.Change) -> None:
    """The main ticket becomes as grave as the graver of both and takes the earlier limit; its handler is told."""
    fields = priority.keep_clear(main, change)
    changes = _outside(main, complaint)
    fields += changes
    if main.level and complaint.level and levels.is_lowering(complaint.level.code, main.level.code):
        fields += put_level(main, complaint.level.code, complaint.number, change)
    note = f"{complaint.number} · {complaint.get_source_display()}" if complaint.source else complaint.number
    private = {"changes": {name: trail.plain(pair) for name, pair in changes.items()}}
    ticket.finish(main, "join", change, fields=fields, note=note, private=private, joined=complaint.pk)
    if main.handler is not None and main.handler.user is not None and main.handler_id != getattr(change.by, "pk", None):
        numbers = {"number": main.number, "other": complaint.number}
        notices.tell(main.handler.user, "complaint.joined", numbers, url=f"/complaints/{main.pk}/go/", kind="warn")


def _outside(main: Complaint, complaint: Complaint) -> dict[str, tuple[Any, Any]]:
    """Let the earliest limit from outside rule that is not answered, with its number; gives what changed, old and new.

    A number without such a limit fills a gap only. What gives way stands in the log.
    """
    ours, theirs = _unanswered(main), _unanswered(complaint)
    wanted: dict[str, Any] = {"external_number": main.external_number or complaint.external_number}
    if theirs is not None and (ours is None or theirs < ours):
        known = main.external_number if main.external_due_at is None else ""
        wanted = {
            "external_number": complaint.external_number or known,
            "external_due_at": theirs,
            "external_replied_at": None,
        }
    changes = {name: (getattr(main, name), value) for name, value in wanted.items()}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    for name, (_before, after) in changes.items():
        setattr(main, name, after)
    return changes


def _unanswered(complaint: Complaint) -> datetime | None:
    return complaint.external_due_at if complaint.external_replied_at is None else None
