"""Handing calls over when somebody is away or leaves: to a colleague, to several, or to the pool; and undoing it."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.notices.actions import tell
from revisits.models import HandOver, Revisit
from revisits.queries import team


class Kept(NamedTuple):
    """A call that stayed as it was, and why."""

    revisit: Revisit
    reason: str


class Done(NamedTuple):
    """What came of a hand-over, or of undoing one."""

    hand_overs: list[HandOver]
    moved: int
    kept: list[Kept]


@transaction.atomic
def hand_over(
    giver: Employee,
    takers: Sequence[Employee],
    revisit_ids: Collection[int],
    *,
    why: str,
    by: Employee,
    now: datetime,
    submission: uuid.UUID,
) -> Done:
    """Move somebody's open calls to one colleague, in turn to several, or (no takers) back to the pool.

    A promise keeps its time. A call that a taker may not make goes to the next one; what none may make stays, with the
    reason. Calls that are nobody's or no longer the giver's are passed over. The same submission again moves nothing.
    """
    made = list(HandOver.objects.filter(store_id=by.store_id, submission__in=_keys(submission, takers)))
    if made:
        return Done(made, sum(len(one.moved) for one in made), [])
    _check(giver, takers, by, now)
    rows = [row for row in _locked(revisit_ids, by.store_id) if row.is_open and _is_theirs(row, giver)]
    shares, kept = _shares(rows, takers)
    hand_overs = [
        _move(giver, taker, share, why=why, by=by, now=now, submission=_key(submission, taker))
        for taker, share in shares
        if share
    ]
    if not hand_overs:
        text = kept[0].reason if kept else _("Choose at least one call to hand over.")
        raise RuleBroken(text, code="nothing", field="revisits")
    return Done(hand_overs, sum(len(one.moved) for one in hand_overs), kept)


def _check(giver: Employee, takers: Sequence[Employee], by: Employee, now: datetime) -> None:
    today = clock.business_day(now)
    if giver.store_id != by.store_id or any(taker.store_id != by.store_id for taker in takers):
        raise RuleBroken(_("Choose somebody of this store."), field="to")
    if giver in takers:
        raise RuleBroken(_("Choose somebody else than %(name)s.") % {"name": giver.name}, field="to")
    for taker in takers:
        if taker.left_on and taker.left_on < today:
            raise RuleBroken(_("%(name)s has left. Choose somebody else.") % {"name": taker.name}, field="to")


def _locked(revisit_ids: Collection[int], store_id: int) -> list[Revisit]:
    """The calls, locked in one order, most urgent first."""
    rows = Revisit.objects.select_for_update(of=("self",)).filter(pk__in=set(revisit_ids), store_id=store_id)
    locked = list(rows.select_related("customer", "rule").order_by("pk"))
    return sorted(locked, key=lambda row: (row.promised_at is None, row.promised_at or row.created_at, row.expires_on))


def _is_theirs(row: Revisit, giver: Employee) -> bool:
    return giver.pk in (row.assigned_to_id, row.promised_by_id, row.claimed_by_id)


def _shares(
    rows: Sequence[Revisit], takers: Sequence[Employee]
) -> tuple[list[tuple[Employee | None, list[Revisit]]], list[Kept]]:
    """Who gets which calls: in turn, most urgent first, nobody what they may not make."""
    if not takers:
        return [(None, list(rows))], []
    barred = {taker.pk: set(team.barred(rows, taker).values_list("pk", flat=True)) for taker in takers}
    shares: dict[int, list[Revisit]] = defaultdict(list)
    kept = []
    for row in rows:
        able = [taker for taker in takers if row.pk not in barred[taker.pk]]
        if able:
            least = min(able, key=lambda taker: len(shares[taker.pk]))
            shares[least.pk].append(row)
        else:
            text = _("%(names)s served this customer, and the answers are a score.")
            kept.append(Kept(row, text % {"names": _(", ").join(taker.name for taker in takers)}))
    return [(taker, shares[taker.pk]) for taker in takers], kept


def _move(
    giver: Employee,
    taker: Employee | None,
    rows: Sequence[Revisit],
    *,
    why: str,
    by: Employee,
    now: datetime,
    submission: uuid.UUID,
) -> HandOver:
    """Write one hand-over and change its calls."""
    moved = [_moved(row, giver, taker) for row in rows]
    made = HandOver.objects.create(
        store_id=by.store_id, giver=giver, taker=taker, why=why, moved=moved, by=by, at=now, submission=submission
    )
    trail.record(by, "handover.made", made, giver=giver.pk, employee=taker.pk if taker else None, count=len(moved))
    if taker is not None and taker.user is not None and taker.pk != by.pk:
        tell(taker.user, "revisit.handed_over", {"count": len(moved)}, url=reverse("revisits:today"))
    return made


def _moved(row: Revisit, giver: Employee, taker: Employee | None) -> dict[str, Any]:
    """Change whose a call is; gives what it was before, as HandOver keeps it."""
    before = {
        "revisit": row.pk,
        "assigned_to": row.assigned_to_id,
        "promised_by": row.promised_by_id,
        "override_by": row.override_by_id,
        "override_reason": row.override_reason,
    }
    if row.assigned_to_id == giver.pk:
        row.assigned_to = taker
        row.override_by, row.override_reason = None, ""
    if row.promised_by_id == giver.pk:
        row.promised_by = taker
    if row.claimed_by_id == giver.pk:
        row.claimed_by = row.claimed_at = row.lease_until = None
    _write(row)
    return before


def _write(row: Revisit) -> None:
    row.version += 1
    row.save(
        update_fields=[
            "assigned_to", "promised_by", "override_by", "override_reason", "claimed_by", "claimed_at", "lease_until",
            "version",
        ]
    )  # fmt: skip


# ---- taking it back --------------------------------------------------------------------------------------------------


@transaction.atomic
def undo_hand_over(hand_over_id: int, *, by: Employee, now: datetime) -> Done:
    """Give back what was handed over and is still untouched; says which calls are not, and why.

    Undone twice changes nothing. Refuses one of which every call has moved on.
    """
    made = HandOver.objects.select_for_update(of=("self",)).select_related("giver", "taker").get(pk=hand_over_id)
    if made.undone_at:
        return Done([made], 0, [])
    before = {entry["revisit"]: entry for entry in made.moved}
    rows = _locked(before, made.store_id)
    kept = [Kept(row, reason) for row in rows if (reason := _touched_since(row, made, before[row.pk], now))]
    stay = {one.revisit.pk for one in kept}
    back = [row for row in rows if row.pk not in stay]
    if not back:
        raise RuleBroken(_("Every one of these calls has moved on since. There is nothing to take back."), code="gone")
    for row in back:
        _give_back(row, before[row.pk])
    made.undone_at, made.undone_by = now, by
    made.save(update_fields=["undone_at", "undone_by"])
    trail.record(by, "handover.undone", made, count=len(back), kept=len(kept))
    return Done([made], len(back), kept)


def _touched_since(row: Revisit, made: HandOver, before: dict[str, Any], now: datetime) -> str:
    """Why a call cannot go back; '' when it is as the hand-over left it."""
    if not row.is_open:
        return _("It has ended meanwhile.")
    if row.last_attempt_at and row.last_attempt_at > made.at:
        return _("It has been called meanwhile.")
    if row.claimed_by_id is not None and row.lease_until and row.lease_until >= now:
        return _("Somebody is making it now.")
    expected = [made.taker_id if before[name] == made.giver_id else before[name] for name in _OWNERS]
    if [row.assigned_to_id, row.promised_by_id] != expected:
        return _("Somebody gave it to another person meanwhile.")
    return ""


_OWNERS = ("assigned_to", "promised_by")


def _give_back(row: Revisit, before: dict[str, Any]) -> None:
    row.assigned_to_id, row.promised_by_id = before["assigned_to"], before["promised_by"]
    row.override_by_id, row.override_reason = before.get("override_by"), before.get("override_reason", "")
    _write(row)


# ---- one submission, several rows ------------------------------------------------------------------------------------


def _key(submission: uuid.UUID, taker: Employee | None) -> uuid.UUID:
    """The key of one taker's share."""
    return uuid.uuid5(submission, str(taker.pk if taker else 0))


def _keys(submission: uuid.UUID, takers: Sequence[Employee]) -> list[uuid.UUID]:
    return [_key(submission, taker) for taker in takers] or [_key(submission, None)]
