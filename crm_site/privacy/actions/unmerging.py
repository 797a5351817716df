"""Taking a merge back from its journal: every row as it was, and a list of what had to stay where it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.turns import in_turn
from crm_site.imports.journal import stored
from crm_site.privacy.actions import leftovers, refusals
from crm_site.privacy.actions.notes import columns_of, put
from crm_site.privacy.models import DuplicatePair, Merge, MergeRow
from crm_site.privacy.relations import resolve
from crm_site.privacy.rules.merging import RECKONED, Why
from customers import search
from customers.models import Customer
from revisits.models import Revisit

Kind = MergeRow.Kind
#: a version never repeats once somebody has moved it on
VERSION = "version"


def unmerge(merge_id: int, by: Employee, now: datetime) -> Merge:
    """Take a merge back: the journalled rows stand as before, rows born since stay with the survivor and are listed.

    What somebody has changed since is kept and listed too (`Merge.stayed`). Raises RuleBroken where a later merge
    stands on this one, or where the journal is forgotten.
    """
    return in_turn(lambda: _unmerge(merge_id, by, now))


def _unmerge(merge_id: int, by: Employee, now: datetime) -> Merge:
    merge = Merge.objects.get(pk=merge_id)
    ids = sorted((merge.survivor_id, merge.merged_id))
    _lock(ids, now)
    merge = Merge.objects.select_for_update().get(pk=merge_id)
    if merge.undone_at is not None:
        return merge
    problem = why_not(merge, now)
    if problem:
        raise RuleBroken(problem[1], code=problem[0])
    undo = _Undo(merge)
    undo.run()
    stayed = undo.stayed + leftovers.born_since(merge, undo.made)
    leftovers.settle(merge, stayed)
    refusals.hold_for_both(merge, stayed, by=by, now=now)
    merge.stayed, merge.undone_at, merge.undone_by = stayed, now, by
    merge.save(update_fields=["stayed", "undone_at", "undone_by"])
    pair = DuplicatePair.objects.filter(one_id=ids[0], other_id=ids[1])
    pair.update(state=DuplicatePair.State.SEPARATE, decided_by=by, decided_at=now)
    search.refresh(ids)
    trail.record(by, "customer.unmerged", merge.survivor, merged=merge.merged_id, merge=merge.pk, stayed=len(stayed))
    return merge


def _lock(ids: list[int], now: datetime) -> None:
    calls = Revisit.objects.filter(Q(customer_id__in=ids) | Q(phone__customer_id__in=ids)).open()
    for call in calls.order_by("pk").select_for_update(of=("self",)).select_related("claimed_by"):
        if call.claimed_by is not None and call.lease_until is not None and call.lease_until >= now:
            text = _("%(name)s is calling this customer right now. Take the merge back when the call is saved.")
            raise RuleBroken(text % {"name": call.claimed_by.name}, code="call_under_way")
    list(Customer.objects.filter(pk__in=ids).order_by("pk").select_for_update())


def why_not(merge: Merge, now: datetime) -> tuple[str, str] | None:
    """(code, words) why a merge cannot be taken back; None where it can."""
    if merge.undone_at is not None:
        return "undone", _("This merge was taken back already.")
    above = Merge.objects.filter(undone_at=None, pk__gt=merge.pk)
    later = above.filter(Q(survivor_id=merge.survivor_id) | Q(merged_id=merge.survivor_id)).order_by("-pk").first()
    if later is not None:
        text = _("A later merge stands on this one (of %(day)s). Take that one back first.")
        return "later_merge", text % {"day": clock.local(later.at).date().isoformat()}
    rows = MergeRow.objects.filter(merge=merge)
    forgotten = rows.filter(Q(whole__isnull=True) | Q(whole=None)).exists() or not rows.exists()
    if forgotten or clock.business_day(now) > merge.undo_until:
        text = _("This merge could be taken back until %(day)s. What it took to do so is forgotten.")
        return "expired", text % {"day": merge.undo_until.isoformat()}
    return None


class _Undo:
    """Walks the journal backwards."""

    def __init__(self, merge: Merge) -> None:
        self.merge = merge
        self.stayed: list[list[Any]] = []
        #: {card: its customer number now} where the merge changed it and nobody since
        self.numbers: dict[int, str | None] = {}
        #: rows that the merge made and that are gone again or were kept: none of them is born since
        self.made: set[tuple[str, int]] = set()

    def run(self) -> None:
        """Every row, the last one first; rows that went the same way together."""
        Customer.objects.filter(pk__in=self._renumbered()).update(number=None)
        rows = MergeRow.objects.filter(merge=self.merge).order_by("-position").iterator(chunk_size=2000)
        for (kind, relation), some in groupby(rows, key=lambda row: (row.kind, row.relation)):
            model, column = resolve(relation)
            if kind == Kind.MOVED:
                self._point_back(model, column, list(some))
                continue
            for row in some:
                {Kind.CHANGED: self._restore, Kind.DROPPED: self._insert, Kind.MADE: self._remove}[Kind(kind)](
                    model, row
                )

    def _stay(self, row: MergeRow, why: Why) -> None:
        self.stayed.append([row.relation, row.row, why.value])

    # ---- moved ------------------------------------------------------------------------------------------------------

    def _point_back(self, model: type[Model], column: str, rows: list[MergeRow]) -> None:
        for old, some in groupby(rows, key=lambda row: row.old_key):
            group = list(some)
            where = dict(model._base_manager.filter(pk__in=[row.row for row in group]).values_list("pk", column))
            back = [row for row in group if self._is_where(row, where)]
            if back and not self._has(model, column, old):
                for row in back:
                    self._stay(row, Why.ELSEWHERE)
            elif back:
                model._base_manager.filter(pk__in=[row.row for row in back]).update(**{column: old})

    def _is_where(self, row: MergeRow, where: dict[int, int | None]) -> bool:
        """Whether a row still points to where the merge pointed it; else it is listed."""
        if row.row not in where:
            self._stay(row, Why.GONE)
        elif where[row.row] != (row.whole or {}).get("key"):
            self._stay(row, Why.ELSEWHERE)
        else:
            return True
        return False

    def _has(self, model: type[Model], column: str, key: int | None) -> bool:
        target: Any = model._meta.get_field(column).related_model
        return key is None or target._base_manager.filter(pk=key).exists()

    # ---- changed ----------------------------------------------------------------------------------------------------

    def _renumbered(self) -> list[int]:
        """The cards whose customer number the merge has changed and nobody since: two cards never share one."""
        rows = MergeRow.objects.filter(merge=self.merge, kind=Kind.CHANGED, relation="customers.customer")
        now = dict(Customer.objects.filter(pk__in=[row.row for row in rows]).values_list("pk", "number"))
        self.numbers = {row.row: now.get(row.row) for row in rows if "number" in (row.whole or {})}
        kept = all(self.numbers[row.row] == (row.whole or {})["number"][1] for row in rows if row.row in self.numbers)
        if not kept:
            self.numbers = {}
        return list(self.numbers)

    def _restore(self, model: type[Model], row: MergeRow) -> None:
        found = model._base_manager.filter(pk=row.row).first()
        if found is None:
            self._stay(row, Why.GONE)
            return
        values = dict(self._columns_back(found, row))
        if not values:
            return
        put(found, values)
        for names in (list(values), [name for name in values if name != "number"]):
            try:
                with transaction.atomic():
                    found.save(update_fields=names)
                return
            except IntegrityError:  # somebody else has the old customer number by now: all the rest goes back
                self._stay(row, Why.TAKEN)

    def _columns_back(self, found: Model, row: MergeRow) -> Iterator[tuple[str, Any]]:
        """The columns that still hold what the merge wrote, with what they held before; others are listed."""
        for name, (before, after) in (row.whole or {}).items():
            now = stored(found, name, getattr(found, name))
            if now == after or (name == "number" and found.pk in self.numbers and isinstance(found, Customer)):
                yield name, before
            elif name == VERSION:
                yield name, now + 1
            elif name not in RECKONED:
                self.stayed.append([f"{row.relation}.{name}", row.row, Why.EDITED.value])

    # ---- dropped and made -------------------------------------------------------------------------------------------

    def _insert(self, model: type[Model], row: MergeRow) -> None:
        """A row that had given way stands again, unless another has taken its place or what it hung on is gone."""
        back = model()
        put(back, row.whole or {})
        keys = [field for field in model._meta.concrete_fields if field.is_relation]
        if not all(self._has(model, field.attname, getattr(back, field.attname)) for field in keys):
            self._stay(row, Why.GONE)
            return
        try:
            with transaction.atomic():
                model._base_manager.bulk_create([back])
        except IntegrityError:
            self._stay(row, Why.TAKEN)

    def _remove(self, model: type[Model], row: MergeRow) -> None:
        """A row that the merge made goes, unless somebody has changed it since."""
        found = model._base_manager.filter(pk=row.row).first()
        self.made.add((row.relation, row.row))
        if found is None:
            return
        if columns_of(found) == row.whole:
            model._base_manager.filter(pk=row.row).delete()
        else:
            self._stay(row, Why.EDITED)
