"""Two versions of a text beside each other: which steps belong together, and which characters went and came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple


class Fate(StrEnum):
    """What became of a stretch of text, or of a step."""

    KEPT = "kept"
    GONE = "gone"
    NEW = "new"
    CHANGED = "changed"


class Stretch(NamedTuple):
    """Some characters and whether they are in both texts, only in the old or only in the new one."""

    text: str
    fate: Fate


class StepText(NamedTuple):
    """One step as it is compared."""

    label: str
    when: str
    body: str


class Compared(NamedTuple):
    """An old and a new step that belong together; one of them is None for a step that went or came."""

    old: StepText | None
    new: StepText | None
    fate: Fate
    body: list[Stretch]


def compare(old: Sequence[StepText], new: Sequence[StepText]) -> list[Compared]:
    """The steps of both versions in their order: those with the same name and branch belong together."""
    before, after = ([(step.label, step.when) for step in steps] for steps in (old, new))
    found: list[Compared] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [_pair(one, other) for one, other in zip(old[a:b], new[c:d], strict=True)]
        else:
            found += _replaced(old[a:b], new[c:d])
    return found


def _replaced(old: Sequence[StepText], new: Sequence[StepText]) -> Iterator[Compared]:
    """Steps that were renamed stay beside each other, as far as there are as many."""
    for place in range(max(len(old), len(new))):
        yield _pair(old[place] if place < len(old) else None, new[place] if place < len(new) else None)


def _pair(old: StepText | None, new: StepText | None) -> Compared:
    body = stretches(old.body if old else "", new.body if new else "")
    if old is None or new is None:
        return Compared(old, new, Fate.NEW if old is None else Fate.GONE, body)
    return Compared(old, new, Fate.KEPT if old == new else Fate.CHANGED, body)


def stretches(old: str, new: str) -> list[Stretch]:
    """A text and its successor as one row of characters kept, gone and new."""
    found = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Stretch(old[a:b], Fate.KEPT))
            continue
        found += [Stretch(text, fate) for text, fate in ((old[a:b], Fate.GONE), (new[c:d], Fate.NEW)) if text]
    return found
