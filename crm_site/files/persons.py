"""Kept files in which a number of a person stands: told by name, and removed when the person is forgotten."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from django.utils.translation import gettext_lazy as _

from crm_site.core.persons import Person, Room, Section
from crm_site.files import actions
from crm_site.files.models import StoredFile

#: lists of many people; what belongs to a ticket goes with the ticket, reports name nobody
LISTS = (StoredFile.Purpose.IMPORT, StoredFile.Purpose.ERRORS, StoredFile.Purpose.EXPORT)
#: how much of a file, unpacked, is looked through; files are limited to 50 MB when they come
MOST = 256 * 1024 * 1024
BLOCK = 1024 * 1024
#: how an archive says that it is damaged, locked or packed in a way that nobody knows: nothing in it can be read
BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError, ValueError)
_ENCODINGS = ("utf-8", "gb18030", "utf-16-le")


class _TooMuch(Exception):
    """More is packed in a file than is looked through."""


def _found(person: Person, *, if_too_much: bool) -> list[StoredFile]:
    """The kept lists of the store in whose content or name a number of the person stands.

    `if_too_much`: whether one counts that nobody can look through to its end, such as an archive that is a bomb.
    """
    rows = StoredFile.objects.filter(store=person.store_id, purpose__in=LISTS, removed_at=None).order_by("pk")
    wanted = {word.encode(encoding) for word in person.words for encoding in _ENCODINGS}
    return [one for one in rows if wanted and _is_about(one, person, wanted, if_too_much=if_too_much)]


def _is_about(one: StoredFile, person: Person, wanted: set[bytes], *, if_too_much: bool) -> bool:
    person.still()
    if any(word in one.name for word in person.words):
        return True
    try:
        return _mentions(actions.path_of(one), wanted)
    except _TooMuch:
        return if_too_much


def _mentions(path: Path, wanted: set[bytes]) -> bool:
    """Whether one of the texts stands in a file, or in a part of it where it is an archive such as xlsx.

    Raises _TooMuch where it does not stand in the first MOST bytes of all parts together.
    """
    overlap, left = max(map(len, wanted)) - 1, MOST
    for part in _parts(path):
        end = b""
        with suppress(*BROKEN):
            while block := part.read(min(BLOCK, left + 1)):
                left -= len(block)
                if left < 0:
                    raise _TooMuch
                text = end + block
                if any(word in text for word in wanted):
                    return True
                end = text[-overlap:]
    return False


def _parts(path: Path) -> Iterator[IO[bytes]]:
    """The file as it lies there, then what is packed in it; none of one that is gone."""
    if not path.exists():
        return
    with path.open("rb") as stream:
        yield stream
    if zipfile.is_zipfile(path):
        with suppress(*BROKEN), zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                with suppress(*BROKEN), archive.open(member) as part:
                    yield part


def _export(person: Person) -> list[Section]:
    rows = [
        [one.name, one.get_purpose_display(), one.created_at, one.expires_on]
        for one in _found(person, if_too_much=False)
    ]
    columns = ("name", "purpose", "created_at", "expires_on")
    return [Section("files.storedfile", _("Lists that hold a number of theirs"), columns, rows)] if rows else []


def _erase(person: Person) -> dict[str, int]:
    found = _found(person, if_too_much=True)  # rather one list too many than a number that stays
    for one in found:
        actions.forget(one, now=person.now)
    return {"files.storedfile": len(found)} if found else {}


ROOM = Room(_("Files"), _export, _erase)
