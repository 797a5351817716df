"""Packs an evidence zip: the same state of a ticket gives the same bytes, and a list of hashes proves each file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from complaints.evidence.gathering import BLOCK, Enclosed, enclosed, sections
from complaints.evidence.sections import Section
from complaints.models import Complaint

FORMAT = 1
#: what the attachments of one pack may weigh together, in bytes
LIMIT = 512 * 1024 * 1024
#: a fixed date, so that the hour of packing does not change the file
EPOCH = (1980, 1, 1, 0, 0, 0)


class TooBig(Exception):
    """The attachments weigh more than a pack may."""


@dataclass
class _Pack:
    """A zip that is being written, and the hashes of what is in it."""

    zip: ZipFile
    hashes: list[dict[str, Any]] = field(default_factory=list)

    def text(self, name: str, content: str) -> None:
        """Add a text."""
        raw = content.encode()
        self._note(name, len(raw), hashlib.sha256(raw).hexdigest())
        self.zip.writestr(_entry(name, ZIP_DEFLATED), raw)

    def file(self, name: str, path: Path) -> None:
        """Add a file as it lies on disk, piece by piece."""
        digest, size = hashlib.sha256(), 0
        with path.open("rb") as source, self.zip.open(_entry(name, ZIP_STORED), "w", force_zip64=True) as target:
            while block := source.read(BLOCK):
                digest.update(block)
                size += len(block)
                target.write(block)
        self._note(name, size, digest.hexdigest())

    def _note(self, name: str, size: int, sha256: str) -> None:
        self.hashes.append({"path": name, "size": size, "sha256": sha256})


def weight(complaint: Complaint) -> int:
    """What the attachments weigh together, in bytes."""
    return sum(complaint.attachments.values_list("file__size", flat=True))


def write(complaint: Complaint, out: Path, tell: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Write the pack of a ticket in the active language; `tell` hears of the files done. Raises TooBig."""
    if weight(complaint) > LIMIT:
        raise TooBig
    files = enclosed(complaint)
    found = sections(complaint, files)
    with ZipFile(out, "w") as zipped:
        pack = _Pack(zipped)
        for name, content in _texts(complaint, found):
            pack.text(name, content)
        for done, one in enumerate(_present(files), start=1):
            pack.file(one.name, one.path)
            tell(done, len(files))
        manifest = {"format": FORMAT, "number": complaint.number, "version": complaint.version, "files": pack.hashes}
        sums = "".join(f"{one['sha256']}  {one['path']}\n" for one in pack.hashes)
        pack.text("SHA256SUMS.txt", sums)
        pack.text("manifest.json", _json(manifest))


def _present(files: list[Enclosed]) -> list[Enclosed]:
    return [one for one in files if one.state != "missing"]


def _texts(complaint: Complaint, found: list[Section]) -> Iterator[tuple[str, str]]:
    """The papers of the pack: to be read, and the same for machines."""
    context = {
        "ticket": complaint,
        "parts": [{"section": one, "rows": one.as_texts()} for one in found],
        "warning": _("This file holds personal data in full. It is for courts, authorities and legal counsel only."),
    }
    yield "evidence.html", render_to_string("complaints/evidence/pack.html", context)
    yield "evidence.json", _json({one.code: one.as_json() for one in found})


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _entry(name: str, how: int) -> ZipInfo:
    """An entry of a fixed date, made nowhere in particular."""
    entry = ZipInfo(name, EPOCH)
    entry.compress_type = how
    entry.create_system = 3
    entry.external_attr = 0o600 << 16
    return entry
