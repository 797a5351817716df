"""What is typed at intake and not registered yet: kept while it is foreseen, for a day, for whoever typed it.

On the server rather than in the browser: a desk is shared, and what a customer says is no business of whoever sits
there next. A draft is no fact: keeping one leaves no line in the trail.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from complaints.models import Complaint, IntakeDraft
from crm_site.accounts.models import Employee

KEEP = timedelta(hours=24)
#: the longest text of the form, and how many files may wait
LONGEST, MOST = 4_000, 20
#: fields of which one must say something, or there is nothing to keep
TELLING = ("words", "demand", "customer", "customer_name", "customer_phone", "plate_no")
Values = Mapping[str, Sequence[str]]


def keep(values: Values, *, by: Employee, now: datetime) -> IntakeDraft | None:
    """Keep the fields of the form as they stand, in the place of what was kept before; nothing where all is empty."""
    if not any(text.strip() for name in TELLING for text in values.get(name, ())):
        return None
    kept = {name: [text[:LONGEST].replace("\0", "") for text in texts[:MOST]] for name, texts in values.items()}
    new = {"values": kept, "kept_at": now}
    return IntakeDraft.objects.update_or_create(by=by, defaults=new, create_defaults=new | {"store_id": by.store_id})[0]


def of(by: Employee, now: datetime) -> IntakeDraft | None:
    """What somebody has typed and neither registered nor thrown away; nothing after a day."""
    draft = IntakeDraft.objects.filter(by=by, kept_at__gt=now - KEEP).first()
    if draft is None or Complaint.objects.filter(Q(submission=_submission(draft))).exists():
        return None
    return draft


def drop(by: Employee, submission: uuid.UUID | None = None) -> None:
    """Forget what somebody typed; with a submission only if it is that form, not one begun in another window."""
    for draft in IntakeDraft.objects.filter(by=by):
        if submission is None or _submission(draft) == submission:
            draft.delete()


def forget(now: datetime) -> int:
    """Erase what is older than a day; gives how many."""
    return IntakeDraft.objects.filter(kept_at__lte=now - KEEP).delete()[0]


def _submission(draft: IntakeDraft) -> uuid.UUID | None:
    written = next(iter(draft.values.get("submission", ())), "")
    try:
        return uuid.UUID(written)
    except ValueError:
        return None
