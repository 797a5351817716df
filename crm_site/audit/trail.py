"""Writes the trail: one call beside every change, in the change's own transaction."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from django.db import models
from django.utils import timezone

from crm_site.audit.models import Entry, Refusal
from crm_site.core import masking

#: details that a person writes: numbers in them are hidden, for an entry can never be changed
FREE_WORDS = frozenset({"reason", "note"})


class Actor(Protocol):
    """Whoever acts: an employee or a user; both have a key and a name to print."""

    pk: int

    @property
    def audit_name(self) -> str: ...


def record(
    by: Actor | None, action: str, subject: models.Model, *, store_id: int | None = None, **detail: Any
) -> Entry:
    """Add one entry to the trail.

    `by` is None for the system itself. `action` is "<subject>.<what happened>", e.g. "revisit.postponed".
    `detail` holds ids, codes and (before, after) pairs; for personal fields give the field's name only.
    The store is the subject's own unless `store_id` says otherwise.
    """
    made = entry(by, action, subject, store_id=store_id, **detail)
    made.save(force_insert=True)
    return made


def entry(by: Actor | None, action: str, subject: models.Model, *, store_id: int | None = None, **detail: Any) -> Entry:
    """The same, not yet written: for another database than the house's own, as one that is being restored."""
    own_store = store_id if store_id is not None else getattr(subject, "store_id", None)
    return Entry(
        at=timezone.now(),
        store_id=own_store,
        actor_type=by._meta.label_lower if isinstance(by, models.Model) else "system",
        actor_id=by.pk if by else None,
        actor_name=by.audit_name if by else "",
        action=action,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        detail={key: _told(key, value) for key, value in detail.items()},
    )


def record_refusal(*, user_id: int | None, url_name: str, method: str, reason: str, subject: Any = None) -> None:
    """Remember a refused request; `subject` is the row that was out of reach, if one was named."""
    Refusal.objects.create(
        at=timezone.now(),
        user_id=user_id,
        url_name=url_name[:100],
        method=method[:10],
        reason=reason,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
    )


def _told(key: str, value: Any) -> Any:
    """A detail as it is kept; telephone numbers, VINs and the like that somebody wrote into a reason are masked."""
    return masking.words(value) if key in FREE_WORDS and isinstance(value, str) else plain(value)


def plain(value: Any) -> Any:
    """Reduce a value to what JSON can hold: dates to ISO text, decimals to text, rows to their key."""
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value
