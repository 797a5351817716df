"""Two people at one card: edits that do not overlap are both kept, one that would overwrite another is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from crm_site.core.errors import RuleBroken


class Overlap(RuleBroken):
    """Somebody has changed the same fields since the form was opened; `standing` is {field: the value there now}."""

    def __init__(self, standing: Mapping[str, str]) -> None:
        super().__init__(
            _("Somebody changed this while you wrote. Both values stand below; saving again keeps yours."),
            code="overlap",
        )
        self.standing = dict(standing)


class Parts:
    """Several parts of one card that are put together: their overlaps are told at once."""

    def __init__(self) -> None:
        self.standing: dict[str, str] = {}

    def of(self, put: Callable[[], list[str]]) -> list[str]:
        """What a part changed; an overlap of it is kept for the end."""
        try:
            return put()
        except Overlap as overlap:
            self.standing |= overlap.standing
            return []


@contextmanager
def together() -> Iterator[Parts]:
    """Put several parts; raises Overlap at the end where any of them overlapped."""
    parts = Parts()
    yield parts
    if parts.standing:
        raise Overlap(parts.standing)


def as_text(value: Any) -> str:
    """A value as a form shows it, to compare what was shown with what stands."""
    if value is None:
        return ""
    if isinstance(value, models.Model):
        return str(value.pk)
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def put(row: models.Model, values: Mapping[str, Any], seen: Mapping[str, str]) -> list[str]:
    """Set what a person changed; gives the names of the fields that differ from what stood.

    `seen` is the text that each field had when the form was opened; without it nothing is held to have been changed
    meanwhile. Raises Overlap for fields that are neither as seen nor as wanted.
    """
    standing = {name: as_text(getattr(row, name)) for name in values}
    overlapping = {
        name: text for name, text in standing.items() if text not in (seen.get(name, text), as_text(values[name]))
    }
    if overlapping:
        raise Overlap(overlapping)
    changed = [name for name, value in values.items() if as_text(value) != standing[name]]
    for name in changed:
        setattr(row, name, values[name])
    return changed


def save(row: Any, changed: Iterable[str], *, clash: RuleBroken) -> None:
    """Write the changed fields with the next version; a broken unique key becomes `clash`."""
    row.version += 1
    try:
        with transaction.atomic():
            row.save(update_fields=[*changed, "version"])
    except IntegrityError as broken:
        raise clash from broken
