"""What becomes of pairs of cards that may be one customer: told apart, merged, or handed on to a survivor."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from crm_site.privacy.actions.notes import Notes
from crm_site.privacy.models import DuplicatePair

State = DuplicatePair.State


@transaction.atomic
def tell_apart(pair_id: int, *, by: Employee, now: datetime) -> DuplicatePair:
    """Two customers: the pair stays decided until something new speaks for it. Refuses a pair that was merged."""
    pair = DuplicatePair.objects.select_for_update().get(pk=pair_id)
    if pair.state == State.MERGED:
        raise RuleBroken(_("These cards were merged meanwhile."), code="merged_already")
    if pair.state == State.OPEN:
        pair.state, pair.decided_by, pair.decided_at = State.SEPARATE, by, now
        pair.save(update_fields=["state", "decided_by", "decided_at"])
        trail.record(by, "duplicate.separate", pair, one=pair.one_id, other=pair.other_id)
    return pair


@transaction.atomic
def ask_again(pair_id: int, *, by: Employee) -> DuplicatePair:
    """Take back that they are two customers: the pair is looked at once more."""
    pair = DuplicatePair.objects.select_for_update().get(pk=pair_id)
    if pair.state == State.SEPARATE:
        pair.state, pair.decided_by, pair.decided_at = State.OPEN, None, None
        pair.save(update_fields=["state", "decided_by", "decided_at"])
        trail.record(by, "duplicate.reopened", pair, one=pair.one_id, other=pair.other_id)
    return pair


def follow(survivor_id: int, merged_id: int, notes: Notes, *, by: Employee, now: datetime) -> None:
    """The pair of two cards that become one is decided; the merged card's other pairs are the survivor's now."""
    one, other = sorted((survivor_id, merged_id))
    rows = DuplicatePair.objects.filter(Q(one_id=merged_id) | Q(other_id=merged_id)).order_by("pk")
    for pair in rows.select_for_update():
        if (pair.one_id, pair.other_id) == (one, other):
            with notes.watching(DuplicatePair.objects.filter(pk=pair.pk)):
                rows.filter(pk=pair.pk).update(state=State.MERGED, decided_by=by, decided_at=now)
        else:
            _hand_on(pair, survivor_id, merged_id, notes)


def _hand_on(pair: DuplicatePair, survivor_id: int, merged_id: int, notes: Notes) -> None:
    third = pair.other_id if pair.one_id == merged_id else pair.one_id
    one, other = sorted((survivor_id, third))
    if DuplicatePair.objects.filter(one_id=one, other_id=other).exists():
        notes.dropped(pair)
        pair.delete()
        return
    with notes.watching(DuplicatePair.objects.filter(pk=pair.pk)):
        DuplicatePair.objects.filter(pk=pair.pk).update(one_id=one, other_id=other)
