"""Every file that enters or leaves: checked, stored under a name of our own, and removed when its time is over."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.persons import GONE
from crm_site.files import rules
from crm_site.files.models import StoredFile

HEAD = 4096
MEGABYTE = 1024 * 1024
#: as `_write` names what it writes
_OUR_NAME = re.compile(r"[0-9a-f]{40}")
#: no transaction is open for so long
_WRITTEN_WITHIN = timedelta(days=1)


def accept(
    upload: UploadedFile,
    *,
    store: Store,
    owner: Employee,
    purpose: str,
    capability: str,
    now: datetime,
    limit: int | None = None,
    keep_days: int | None = rules.KEEP_DAYS,
    content_type: str = "",
) -> StoredFile:
    """Store an uploaded file; `capability` is what somebody needs in the store to fetch it again.

    `keep_days` None keeps it for as long as it is needed; `content_type` is for who has looked closer than its head.

    Refuses (RuleBroken, field "file") one without content and one over the limit in bytes, before reading it.
    """
    limit = limit or settings.MAX_UPLOAD_BYTES
    if upload.size is None or upload.size > limit:
        raise RuleBroken(
            _("The file is larger than %(limit)s MB. Split it, for instance by month.") % {"limit": limit // MEGABYTE},
            code="too_big",
            field="file",
        )
    if upload.size == 0:
        raise RuleBroken(
            _("The file has no content (0 bytes). Export it again, and check that it opens."),
            code="empty",
            field="file",
        )
    written = _write(upload.chunks())
    values = {"store": store, "owner": owner, "purpose": purpose, "capability": capability, "created_at": now}
    return _record(written, upload.name or "", values, keep_days, content_type)


def keep(
    content: bytes | Path,
    name: str,
    *,
    store: Store,
    owner: Employee | None,
    purpose: str,
    capability: str,
    now: datetime,
    keep_days: int = rules.KEEP_DAYS,
) -> StoredFile:
    """Store a file that Huifang itself has made, such as a report's workbook; a large one is given by its path."""
    values = {"store": store, "owner": owner, "purpose": purpose, "capability": capability, "created_at": now}
    return _record(_write(_blocks(content)), name, values, keep_days)


def path_of(stored: StoredFile) -> Path:
    """Where a file lies on this machine; for reading only, never shown."""
    return Path(settings.MEDIA_ROOT) / stored.path


@transaction.atomic
def hand_out(stored: StoredFile, *, by: Employee) -> Path:
    """Log that somebody fetches a file, and give its place; refuses one whose time is over."""
    if stored.removed_at is not None or not path_of(stored).exists():
        raise RuleBroken(_("This file is no longer kept. Bring it again if you still have it."), code="removed")
    trail.record(by, "file.fetched", stored, purpose=stored.purpose, size=stored.size, sha256=stored.sha256)
    return path_of(stored)


def left_behind(now: datetime) -> list[Path]:
    """Files of a day ago and older that no row names: what made them broke off after they were written."""
    found: list[Path] = []
    for folder in sorted(Path(settings.MEDIA_ROOT).glob("[0-9a-f][0-9a-f]")):
        old = {f"{folder.name}/{one.name}": one for one in folder.iterdir() if _is_old(one, now)}
        named = StoredFile.objects.filter(path__in=old).values_list("path", flat=True)
        found += [old[path] for path in sorted(old.keys() - set(named))]
    return found


def _is_old(one: Path, now: datetime) -> bool:
    """Whether a file bears a name of ours and was written so long ago that its row would be there."""
    return bool(_OUR_NAME.fullmatch(one.name)) and one.stat().st_mtime < (now - _WRITTEN_WITHIN).timestamp()


def sweep(now: datetime) -> int:
    """Remove what was left behind; gives how many files. Safe to run again."""
    found = left_behind(now)
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def remove(stored: StoredFile, *, now: datetime) -> int:
    """Remove the content of one file; gives 1 for the first who does. Safe to run again."""
    with suppress(FileNotFoundError):
        path_of(stored).unlink()
    return StoredFile.objects.filter(pk=stored.pk, removed_at=None).update(removed_at=now)


def forget(stored: StoredFile, *, now: datetime | None = None) -> None:
    """Remove a file's content before its time because a person is forgotten; its name goes too. Safe to run again."""
    with suppress(FileNotFoundError):
        path_of(stored).unlink()
    name = GONE + PurePosixPath(stored.name).suffix
    gone = stored.removed_at or now or clock.now()
    StoredFile.objects.filter(pk=stored.pk).update(name=name, removed_at=gone)


@dataclass(frozen=True)
class _Written:
    """A file on disk before it has a row."""

    path: str
    size: int
    sha256: str
    head: bytes


def _blocks(content: bytes | Path) -> Iterator[bytes]:
    """The content piece by piece."""
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as stream:
        while block := stream.read(MEGABYTE):
            yield block


def _write(chunks: Iterable[bytes]) -> _Written:
    """Write to a new file of a random name that only this system's user can read; nothing stays when that fails."""
    name = secrets.token_hex(20)
    relative = f"{name[:2]}/{name}"
    target = Path(settings.MEDIA_ROOT) / relative
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        size, digest, head = _pour(target, iter(chunks))
    except OSError as problem:
        with suppress(OSError):
            target.unlink()
        raise RuleBroken(
            _("The file could not be stored: the disk is full or not writable. Tell whoever looks after the server."),
            code="disk",
            field="file",
        ) from problem
    return _Written(relative, size, digest, head)


def _pour(target: Path, chunks: Iterator[bytes]) -> tuple[int, str, bytes]:
    """Write all chunks; gives size, sha256 and the first bytes."""
    digest, size, head = hashlib.sha256(), 0, b""
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        for chunk in chunks:
            stream.write(chunk)
            digest.update(chunk)
            size += len(chunk)
            if len(head) < HEAD:
                head = (head + chunk)[:HEAD]
    return size, digest.hexdigest(), head


def _record(
    written: _Written, name: str, values: dict[str, Any], keep_days: int | None, content_type: str = ""
) -> StoredFile:
    """The row of a written file; the content goes again when the row cannot be made."""
    made = False
    try:
        with transaction.atomic():
            stored = StoredFile.objects.create(
                name=rules.safe_name(name),
                path=written.path,
                content_type=content_type or rules.content_type(rules.sniff(written.head), name),
                size=written.size,
                sha256=written.sha256,
                expires_on=None if keep_days is None else rules.expiry(_day(values), keep_days),
                **values,
            )
            trail.record(stored.owner, "file.stored", stored, purpose=stored.purpose, sha256=stored.sha256)
        made = True
    finally:
        if not made:
            (Path(settings.MEDIA_ROOT) / written.path).unlink(missing_ok=True)
    return stored


def _day(values: dict[str, Any]) -> date:
    """The business day on which a file came or was made."""
    return clock.business_day(values["created_at"])
