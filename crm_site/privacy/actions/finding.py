"""The nightly look for pairs of cards that may be one customer; what people decided stays decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from itertools import islice
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Store
from crm_site.core import clock
from crm_site.imports.chunks import in_one
from crm_site.jobs.actions import enqueue
from crm_site.jobs.kinds import described
from crm_site.jobs.models import Job
from crm_site.jobs.runner import Run
from crm_site.privacy.actions import merging
from crm_site.privacy.models import DuplicatePair
from crm_site.privacy.queries import duplicates as queries
from crm_site.privacy.rules import duplicates as rules
from crm_site.privacy.rules.duplicates import Pair

KIND = "privacy.duplicates"
#: pairs written in one transaction; SQLite has one writer, and people work meanwhile
CHUNK = 2_000
State = DuplicatePair.State


def ask(store: Store, today: date, *, again: str = "") -> Job:
    """Ask for a store's look of a day, once by the job's key; `again` asks for another one."""
    key = ":".join(filter(None, (str(store.pk), f"{today:%Y-%m-%d}", again)))
    return enqueue(KIND, key, store=store, payload={"store": store.pk}, lane=f"{KIND}:{store.pk}")


def ask_all(today: date) -> int:
    """Ask for the day's look in every active store; safe at any time, and twice."""
    return len([ask(store, today) for store in Store.objects.filter(is_active=True)])


@described(_("Look for duplicate cards"), {"find": _("comparing cards"), "pairs": _("writing pairs")})
def find_duplicates(job: Job, run: Run) -> dict[str, Any]:
    """Find the pairs of a store and keep them; payload {"store": id}. Safe to run again."""
    store_id, today = job.payload["store"], clock.today()
    run.progress(0, 1, "find")
    late = sum(in_one(run, partial(merging.catch_up, card)) for card in merging.left_behind(store_id))
    found = queries.found_in(store_id)
    counts = {"pairs": len(found), "new": 0, "late": late}
    steps = list(_steps(store_id, found, today))
    for done, step in enumerate(steps, start=1):
        counts["new"] += in_one(run, step)
        run.progress(done, len(steps), "pairs")
    return counts


def refresh(store_id: int, today: date) -> int:
    """Find and keep the pairs of a store at once, without a job; gives how many are new or to be looked at again."""
    return sum(step() for step in list(_steps(store_id, queries.found_in(store_id), today)))


def _steps(store_id: int, found: dict[Pair, set[str]], today: date) -> Iterator[Any]:
    """What is to be written, in parts: new pairs, changed ones, and those for which nothing speaks any more."""
    columns = ("pk", "one_id", "other_id", "reasons", "state")
    known = {
        (one, other): (pk, set(reasons), state)
        for pk, one, other, reasons, state in DuplicatePair.objects.filter(store_id=store_id).values_list(*columns)
    }
    for part in _parts(sorted(pair for pair in found if pair not in known)):
        yield partial(_add, store_id, {pair: found[pair] for pair in part}, today)
    moved = [(known[pair], reasons) for pair, reasons in sorted(found.items()) if _is_news(known.get(pair), reasons)]
    for part in _parts(moved):
        yield partial(_change, part, today)
    gone = [pk for pair, (pk, _reasons, state) in known.items() if state == State.OPEN and pair not in found]
    for part in _parts(gone):
        yield partial(_drop, part)


def _is_news(known: tuple[int, set[str], str] | None, reasons: set[str]) -> bool:
    """Whether a pair that stands is to be written anew: an open one that changed, a decided one with a new reason."""
    if known is None:
        return False
    _pk, before, state = known
    if state == State.OPEN:
        return before != reasons
    return state == State.SEPARATE and bool(reasons - before)


def _add(store_id: int, found: dict[Pair, set[str]], today: date) -> int:
    rows = [
        DuplicatePair(
            store_id=store_id, one_id=one, other_id=other, reasons=rules.in_order(reasons),
            score=rules.score(reasons), found_on=today,
        )
        for (one, other), reasons in found.items()
    ]  # fmt: skip
    DuplicatePair.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _change(part: Sequence[tuple[tuple[int, set[str], str], set[str]]], today: date) -> int:
    """A pair that was told apart is asked about again, for what is new; what it had before still counts."""
    reopened = 0
    rows = DuplicatePair.objects.select_for_update().in_bulk([known[0] for known, _reasons in part])
    for (pk, before, state), found in part:
        row, reasons = rows.get(pk), found
        if row is None or row.state != state:  # decided a moment ago
            continue
        if state == State.SEPARATE:
            row.state, row.decided_by, row.decided_at, row.found_on = State.OPEN, None, None, today
            reasons = found | before
            reopened += 1
        row.reasons, row.score = rules.in_order(reasons), rules.score(reasons)
        row.save(update_fields=["state", "decided_by", "decided_at", "found_on", "reasons", "score"])
    return reopened


def _drop(keys: Sequence[int]) -> int:
    DuplicatePair.objects.filter(pk__in=keys, state=State.OPEN).delete()
    return 0


def _parts(rows: Sequence[Any]) -> Iterator[list[Any]]:
    left = iter(rows)
    while part := list(islice(left, CHUNK)):
        yield part
