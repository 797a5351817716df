"""Whether a confirmed row still does what its preview has shown; if not, a person looks at it before it is written."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from crm_site.imports.journal import Journal
from crm_site.imports.layout import Judgement, Row
from crm_site.imports.models import AppliedChunk, ImportBatch, StagedRow, Verdict

WRITES = frozenset({Verdict.NEW, Verdict.CHANGED})


class Agreement:
    """What was shown of a batch's rows, held against what they would do now.

    A difference that comes from an earlier row of the same file (the customer whom it has just made) is none.
    """

    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch
        self._own: dict[str, set[int]] | None = None

    def bind(self, staged: StagedRow, row: Row) -> None:
        """Let a row that changes something change only what was shown."""
        if staged.verdict == Verdict.CHANGED:
            row.agreed = frozenset(staged.changes)

    def flag(self, staged: StagedRow, judged: Judgement) -> bool:
        """Turn a row that would do something else than shown into a conflict that says so; gives whether it did."""
        if judged.row.is_refused or not differs(staged, judged) or self._is_own(judged):
            return False
        judged.row.warn("changed_meanwhile")
        judged.verdict = Verdict.CONFLICT
        return True

    def written(self, journal: Journal) -> None:
        """Remember which rows the batch has written."""
        if self._own is not None:
            _add(self._own, journal.touched())

    def _is_own(self, judged: Judgement) -> bool:
        """Whether the row is about one that this very batch has made or changed; asked only where effects differ."""
        if self._own is None:
            own = self._own = defaultdict(set)
            for seals in AppliedChunk.objects.filter(batch=self.batch).values_list("seals", flat=True).iterator():
                _add(own, ((label, int(key)) for label, keys in seals.items() for key in keys))
        return judged.target_id in self._own.get(judged.target_type, ())


def _add(own: dict[str, set[int]], keys: Any) -> None:
    for label, key in keys:
        own[label].add(key)


def differs(staged: StagedRow, judged: Judgement) -> bool:
    """Whether a row would do now what its preview did not show.

    It may do less, where somebody has entered the same value meanwhile.
    """
    if judged.verdict in (Verdict.UNCHANGED, Verdict.ASK):
        return False
    if judged.verdict == Verdict.CONFLICT:
        return True
    if judged.verdict != staged.verdict:
        return True
    if judged.verdict == Verdict.NEW:
        return False
    in_conflict = {one["field"] for one in judged.row.findings if one["code"] == "conflict"}
    shown = staged.changes
    return bool(in_conflict & shown.keys()) or any(shown.get(name) != pair for name, pair in judged.changes.items())
