"""The file of a backup: a tar of manifest, database and uploaded files, read and written as a stream, never whole."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

MANIFEST, LIST, FILES, GONE = "manifest.json", "files.sha256", "files", "gone.txt"
#: what is read of a stream at once
BLOCK = 1 << 20


class Counted:
    """A stream that hashes and counts what is read from it, up to a size that the archive has been told already."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self.stream, self.left = stream, size
        self.hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next block; a file that has become shorter meanwhile is filled up, and its hash tells so."""
        wanted = self.left if size < 0 else min(size, self.left)
        block = self.stream.read(wanted)
        self.hash.update(block)
        self.left -= wanted
        return block.ljust(wanted, b"\0")


class Outward:
    """A stream that is only written to, such as a pipe, and knows how far it is, as a tar wants."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.written = stream, 0

    def write(self, block: bytes) -> int:
        """Pass a block on."""
        self.stream.write(block)
        self.written += len(block)
        return len(block)

    def tell(self) -> int:
        """How much has been written."""
        return self.written


class Writer:
    """Writes the parts one after the other; the list of files with their hashes comes last: with it, all is there."""

    def __init__(self, out: BinaryIO, listing: BinaryIO) -> None:
        self.tar = tarfile.TarFile(
            fileobj=Outward(out),  # type: ignore[arg-type]
            mode="w",
            format=tarfile.PAX_FORMAT,
            copybufsize=BLOCK,
        )
        self.listing = listing
        self.files = self.bytes = 0

    def manifest(self, values: dict[str, Any]) -> None:
        """The first part: what is in here."""
        text = json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True).encode()
        self.tar.addfile(_header(MANIFEST, len(text)), io.BytesIO(text))

    def database(self, member: str, source: Path) -> None:
        """The second part."""
        with source.open("rb") as stream:
            self.tar.addfile(_header(member, source.stat().st_size), stream)

    def file(self, root: Path, name: str) -> bool:
        """One uploaded file; gives False for one that has just been removed, whose row knows that soon."""
        try:
            stream = (root / name).open("rb")
        except FileNotFoundError:
            return False
        with stream:
            size = os.fstat(stream.fileno()).st_size
            counted = Counted(stream, size)
            self.tar.addfile(_header(f"{FILES}/{name}", size), counted)
        self.listing.write(f"{counted.hash.hexdigest()}  {name}\n".encode())
        self.files += 1
        self.bytes += size
        return True

    def gone(self, names: Iterable[str]) -> None:
        """Which files were removed while the rest was written: a row of the database's part may still name them."""
        text = "\n".join(sorted(names)).encode()
        self.tar.addfile(_header(GONE, len(text)), io.BytesIO(text))

    def finish(self) -> None:
        """The last part, and the end of the archive."""
        size = self.listing.tell()
        self.listing.seek(0)
        self.tar.addfile(_header(LIST, size), self.listing)
        self.tar.close()


def names_below(root: Path) -> Iterator[str]:
    """The files below a folder in a fixed order, as names with slashes; links are not followed.

    Raises OSError for a folder that may not be looked into: what lies there must not be passed over.
    """
    if not root.is_dir():
        return
    for folder, folders, files in os.walk(root, onerror=_refuse):
        folders.sort()
        for name in sorted(files):
            place = Path(folder, name)
            if place.is_file() and not place.is_symlink():
                yield place.relative_to(root).as_posix()


def _refuse(problem: OSError) -> None:
    if not isinstance(problem, FileNotFoundError):  # removed meanwhile, and empty then
        raise problem


def unpack(stream: BinaryIO, into: Path, accept: Any) -> dict[str, str]:
    """Take an archive apart into a folder; gives {name: SHA-256} of every file and of the database's part.

    `accept(manifest)` is asked before anything else is read. Raises CommandError for what is no archive of ours, for
    one that is cut off, and for a file whose hash is another than the list says.
    """
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            found = _parts(tar, into, accept)
        while stream.read(BLOCK):
            pass  # to its end, so that the command at the other end of a pipe can end well
    except tarfile.TarError as problem:
        raise CommandError(
            _(
                "This is no backup of Huifang, or it is damaged, or encrypted (then --pipe names the command that "
                "opens it): %(reason)s"
            )
            % {"reason": problem}
        ) from problem
    return found


def _parts(tar: tarfile.TarFile, into: Path, accept: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    listed: dict[str, str] | None = None
    for number, member in enumerate(tar):
        content = tar.extractfile(member)
        if content is None:
            raise CommandError(_("The backup holds something that is no file: %(name)s") % {"name": member.name})
        if number == 0:
            accept(_manifest(member, content))
        elif member.name == LIST:
            listed = dict(reversed(line.split("  ", 1)) for line in content.read().decode().splitlines())  # type: ignore[misc]
        else:
            found[member.name] = _extract(content, into / _safe(member.name))
    if listed is None:
        raise CommandError(_("The backup is cut off: its list of files is missing. Take another one."))
    _compare(found, listed)
    return found


def _manifest(member: tarfile.TarInfo, content: Any) -> dict[str, Any]:
    if member.name != MANIFEST:
        raise CommandError(_("This is no backup of Huifang: it does not begin with a manifest."))
    return json.load(content)


def _compare(found: dict[str, str], listed: dict[str, str]) -> None:
    files = {name.removeprefix(f"{FILES}/"): digest for name, digest in found.items() if name.startswith(f"{FILES}/")}
    wrong = sorted(name for name in files.keys() | listed.keys() if files.get(name) != listed.get(name))
    if wrong:
        raise CommandError(
            _("%(count)s files of the backup are not what they were, the first is %(name)s.")
            % {"count": len(wrong), "name": wrong[0]}
        )


def _safe(name: str) -> PurePosixPath:
    """A name inside the folder, never above it."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise CommandError(_("The backup holds a name that leads out of its folder: %(name)s") % {"name": repr(name)})
    return path


def _extract(content: Any, place: Path) -> str:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        while block := content.read(BLOCK):
            digest.update(block)
            target.write(block)
    return digest.hexdigest()


def _header(name: str, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode = size, 0o600
    return header
