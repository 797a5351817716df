"""What a row will do, gathered while it is compared: changes, conflicts, and what is to be said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from crm_site.imports.layout import Judgement, Row
from crm_site.imports.models import Verdict
from crm_site.imports.rules import Comparison
from customers.intake.kept import Kept


@dataclass(slots=True)
class Outcome:
    """One row's effect on the archive; `target` is the row of the archive that it is about."""

    row: Row
    target: Kept[Any] | None = None
    changes: dict[str, list[Any]] = field(default_factory=dict)
    conflicts: dict[str, list[Any]] = field(default_factory=dict)
    #: (code, field, value) of warnings; said only once, by the comparison
    warnings: list[tuple[str, str, Any]] = field(default_factory=list)
    #: whom the row may mean: a person is to say it before the row is written
    asked: dict[str, Any] = field(default_factory=dict)

    def add(self, found: Comparison) -> None:
        """Take over what a comparison found."""
        self.changes |= found.changes
        self.conflicts |= found.conflicts

    def change(self, name: str, before: Any, after: Any) -> None:
        """One field more that changes."""
        self.changes[name] = [before, after]

    def warn(self, code: str, name: str = "", value: Any = "") -> None:
        """Something that a reader of the preview should see."""
        self.warnings.append((code, name, value))

    def ask(self, name: str, value: Any, candidates: list[dict[str, Any]]) -> None:
        """Let a person say which of some customers is meant, or that it is nobody of them."""
        self.asked = {"name": name, "value": value, "candidates": candidates}

    @property
    def verdict(self) -> str:
        """New, changed, in conflict or unchanged; a question while it is not clear who is meant."""
        if self.row.is_refused or (self.target is None and not self.asked):
            return Verdict.PROBLEM
        if self.target is None or self.asked:
            return Verdict.ASK
        if self.target.is_new:
            return Verdict.NEW
        if self.changes:
            return Verdict.CHANGED
        return Verdict.CONFLICT if self.conflicts else Verdict.UNCHANGED

    def judgement(self) -> Judgement:
        """The verdict for the engine, with the warnings written into the row."""
        for code, name, value in self.warnings:
            self.row.warn(code, name, value)
        if self.asked:
            self.row.warn("who_is_meant", **self.asked)
        for name, (standing, said) in self.conflicts.items():
            self.row.warn("conflict", name, said, standing=standing)
        verdict = self.verdict
        shown = self.conflicts if verdict == Verdict.CONFLICT else self.changes
        judged = Judgement(self.row, verdict, {} if verdict == Verdict.NEW else dict(shown))
        self.fill_in(judged)
        return judged

    def fill_in(self, judged: Judgement) -> None:
        """Name the row of the archive that this one is, or has become."""
        if self.target is None:
            return
        target: Model = self.target.obj
        judged.target_type = target._meta.label_lower
        judged.target_id = target.pk


def only(names: Mapping[str, str], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of some fields."""
    return {name: value for name, value in facts.items() if name in names}
