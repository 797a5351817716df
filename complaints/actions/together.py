"""Saves a form that somebody else may have overtaken: what does not overlap is combined, the rest comes back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from complaints.actions import outdated, ticket
from complaints.models import Complaint, Step
from complaints.rules.combining import Fate, fates
from crm_site.core.errors import RuleBroken

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Page:
    """A form as it came back: what it had shown, and what somebody made of it, as texts by field.

    `standing` gives the texts of the fields that a fresh form of the locked ticket would fill; `arguments` gives the
    clean arguments of the action, with some fields put to given texts.
    """

    action: str
    version: int
    shown: Texts
    mine: Texts
    #: names one rendering of the form: the same one sent twice unchanged is one click
    submission: str
    standing: Callable[[Complaint], Texts]
    arguments: Callable[[Complaint, Texts], dict[str, Any]]

    @property
    def mark(self) -> str:
        """The fingerprint of this very sending."""
        sent = json.dumps([self.action, self.submission, sorted(self.mine.items())], ensure_ascii=False)
        return hashlib.sha256(sent.encode()).hexdigest()[:32] if self.submission else ""


@transaction.atomic
def save(
    complaint_id: int,
    do: Callable[..., Complaint],
    page: Page,
    change: ticket.Change,
    *,
    also: Collection[int] = (),
) -> Complaint:
    """Take the step `do` with what `page` brought; `also` names further tickets that the step will lock.

    Fields that only this person changed are written, fields that only others changed are kept. Raises Overlap where
    both changed one, and RuleBroken ("stale") where both move the ticket on. A second click changes nothing.
    """
    # the lower key first, so that two merges in opposite directions cannot wait for each other
    rows = Complaint.objects.select_for_update().filter(pk__in={complaint_id, *also}).order_by("pk")
    complaint = next(row for row in rows if row.pk == complaint_id)
    steps = outdated.missed(complaint, page.version)
    if page.mark and any(step.by == change.by and step.detail.get("sent") == page.mark for step in steps):
        return complaint
    stored = page.standing(complaint) if steps else {}
    kept = _combine(complaint, page, change, steps, stored) if steps else {}
    if kept is None:
        return complaint
    arguments = page.arguments(complaint, kept)
    seen = outdated.Seen.of(page.version, stored)
    try:
        done = do(complaint_id, **arguments, by=change.by, now=change.now, version=seen)
    except RuleBroken as refused:
        if refused.code != "stale":
            raise
        raise outdated.Overlap(refused.message, {}, kept) from refused
    if done.version > complaint.version:
        _sign(done, page.mark)
    return done


def _combine(
    complaint: Complaint, page: Page, change: ticket.Change, steps: Sequence[Step], stored: Texts
) -> dict[str, str] | None:
    """The fields to keep as others left them; None where one's own earlier save has done all of it already."""
    found = fates(page.shown, stored, page.mine)
    if _is_done(page, found, change, steps):
        return None
    kept = {name: stored[name] for name, one in found.items() if one is Fate.THEIRS}
    clashes = {
        name: outdated.Clash(page.shown.get(name), stored.get(name, ""), outdated.step_of(name, steps))
        for name, one in found.items()
        if one is Fate.BOTH
    }
    mover = outdated.moved(complaint, steps, page.action, change.by)
    if mover or clashes:
        step = mover or max((one.step or steps[0] for one in clashes.values()), key=lambda one: one.sequence)
        raise outdated.Overlap(outdated.faster(step, change.by, change.day), clashes, kept)
    return kept


def _is_done(page: Page, found: Mapping[str, Fate], change: ticket.Change, steps: Sequence[Step]) -> bool:
    """Whether the same person has taken the same step meanwhile, and nothing of this form differs from it."""
    own = [step for step in steps if change.by is not None and step.by_id == change.by.pk]
    notes = {"", *(step.note for step in own if step.action == page.action)}
    same = all(one is Fate.SAME or page.mine[name] in notes for name, one in found.items())
    return same and any(step.action == page.action for step in own)


def _sign(complaint: Complaint, mark: str) -> None:
    """Let the step remember which sending made it."""
    if not mark:
        return
    step = complaint.steps.get(sequence=complaint.version)
    step.detail = {**step.detail, "sent": mark}
    step.save(update_fields=["detail"])
