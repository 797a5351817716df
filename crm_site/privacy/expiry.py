"""What is kept for a while only: found by kind, counted for a trial run, and removed by the nightly one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from axes.models import AccessFailureLog
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.actions import drafts
from complaints.models import IntakeDraft
from crm_site.accounts import data_rules
from crm_site.accounts.models import Session, Store
from crm_site.core import clock
from crm_site.core.persons import unheard
from crm_site.files import actions as files
from crm_site.files.models import StoredFile
from crm_site.imports.actions import batches, halfway
from crm_site.imports.models import AppliedChunk, StagedRow, UndoCase
from crm_site.privacy.models import MergeRow
from customers.models import Correction
from revisits.models import CallDraft
from satisfaction.models import Sitting

#: files that are made or brought for a while; attachments and empty sheets live as long as their record
PASSING = (StoredFile.Purpose.IMPORT, StoredFile.Purpose.ERRORS, StoredFile.Purpose.EXPORT)
#: wrong tries to sign in count for a day; a month of them tells who tried
TRIES_ARE_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Term:
    """For which store it is asked, when, and for how many days things are kept there."""

    store_id: int
    now: datetime
    keep_days: int

    @classmethod
    def of(cls, store_id: int, now: datetime) -> Term:
        """By the rules of the store."""
        return cls(store_id, now, data_rules.of_store(store_id).keep_days)

    @property
    def today(self) -> date:
        """The business day."""
        return clock.business_day(self.now)

    @property
    def before(self) -> datetime:
        """What is older than this is over."""
        return self.now - timedelta(days=self.keep_days)


@dataclass(frozen=True)
class Passing:
    """One kind of thing: its rows whose time is over, and how they go. `remove` takes just those rows."""

    code: str
    title: Promise
    rows: Callable[[Term], QuerySet]
    remove: Callable[[QuerySet, Term], object]


def _delete(rows: QuerySet, _term: Term) -> object:
    return rows.delete()


def _files(term: Term) -> QuerySet:
    over = Q(expires_on__lt=term.today) | Q(purpose__in=PASSING, created_at__lt=term.before)
    return StoredFile.objects.filter(over, store=term.store_id, removed_at=None)


def _remove_files(rows: QuerySet, term: Term) -> None:
    for stored in rows.iterator():
        files.remove(stored, now=term.now)


def _of_old_batches(model: type) -> Callable[[Term], QuerySet]:
    return lambda term: model.objects.filter(batch__in=batches.ended_before(term.before, term.store_id))


def _end_halfway(rows: QuerySet, term: Term) -> None:
    for batch_id in list(rows.values_list("pk", flat=True)):
        halfway.end(batch_id, now=term.now)


def _forget_lines(_rows: QuerySet, term: Term) -> None:
    batches.forget_rows(before=term.before, store_id=term.store_id)


def _sittings(term: Term) -> QuerySet:
    return Sitting.objects.filter(store=term.store_id, expires_at__lt=term.before).exclude(draft={})


def _merge_rows(term: Term) -> QuerySet:
    rows = MergeRow.objects.filter(merge__store=term.store_id, whole__isnull=False)
    return rows.filter(merge__undo_until__lt=term.today)


# Month reports and their files of record are kept, and so are the logs of looks, exports and changes: they are the
# proof that the rest was done rightly, and hold no fact of a person.
#: in the order in which they go: files before the rows that name them, undo before the lines it needs, and what was
#: left half-way is ended while its lines still tell how far it came
KINDS: Sequence[Passing] = (
    Passing("files", _("Uploads, error workbooks, exports and packs"), _files, _remove_files),
    Passing("undo", _("Questions of an undo"), _of_old_batches(UndoCase), _delete),
    Passing(
        "halfway",
        _("Imports and undos left half-way"),
        lambda term: halfway.left(term.store_id, before=term.before, now=term.now),
        _end_halfway,
    ),
    Passing("journals", _("What imports changed"), _of_old_batches(AppliedChunk), _delete),
    Passing("lines", _("Lines of spreadsheets"), _of_old_batches(StagedRow), _forget_lines),
    Passing(
        "call_drafts",
        _("Calls being written"),
        lambda term: CallDraft.objects.filter(store=term.store_id, kept_at__lt=term.before),
        _delete,
    ),
    Passing(
        "intake_drafts",
        _("Complaints being written"),
        lambda term: IntakeDraft.objects.filter(store=term.store_id, kept_at__lte=term.now - drafts.KEEP),
        _delete,
    ),
    Passing(
        "sittings",
        _("Answers given face to face, not sent yet"),
        _sittings,
        lambda rows, _term: rows.update(draft={}),
    ),
    Passing(
        "merges",
        _("Journal of merges"),
        _merge_rows,
        lambda rows, _term: rows.update(whole=None),
    ),
    Passing(
        "corrections",
        _("What stood before corrections"),
        lambda term: Correction.objects.filter(store=term.store_id, before_until__lt=term.today),
        lambda rows, _term: rows.update(before="", before_until=None),
    ),
)


def due(term: Term) -> dict[str, int]:
    """{kind: how many rows or files would go now}; nothing is written."""
    return {kind.code: kind.rows(term).count() for kind in KINDS}


def expire(term: Term, *, still: Callable[[], object] = unheard) -> dict[str, int]:
    """Remove what is over; gives {kind: how many went}, the very numbers that `due` said just before.

    `still` is called before each kind, for who waits.
    """
    gone = {}
    for kind in KINDS:
        still()
        rows = kind.rows(term)
        gone[kind.code] = rows.count()
        if gone[kind.code]:
            kind.remove(rows, term)
    return gone


def over_sessions(now: datetime) -> QuerySet:
    """Sign-ins that are over, of everybody; they hold messages at most."""
    return Session.objects.filter(expire_date__lt=now)


def over_tries(now: datetime) -> QuerySet:
    """Wrong tries to sign in that nobody needs any more: they hold an address and a hashed name."""
    return AccessFailureLog.objects.filter(attempt_time__lt=now - TRIES_ARE_KEPT)


def stores() -> list[Store]:
    """Every store, closed ones as well: what was entrusted to them is kept no longer."""
    return list(Store.objects.order_by("code"))
