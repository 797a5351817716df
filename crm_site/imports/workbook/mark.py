"""The mark by which an error workbook is known again: a very hidden sheet whose name holds the batch, signed.

A sheet's name survives saving by every spreadsheet program and in every format; the same text stands in the document's
properties. It is looked for in the bytes of the parts that name the sheets, before the file is read.
"""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from pathlib import Path

from django.utils.crypto import constant_time_compare, salted_hmac

from crm_site.imports.workbook import words

SALT = "crm_site.imports.workbook"
_MARK = re.compile(r"huifang-(\d{1,12})-([0-9a-f]{8})")
#: where the names of sheets and the properties stand: xlsx, xlsb, ods
_PARTS = ("xl/workbook.xml", "xl/workbook.bin", "docProps/custom.xml", "meta.xml", "content.xml")
_MOST = 4 << 20
#: what unpacking a broken or protected archive may raise
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, ValueError, NotImplementedError, RuntimeError,
           EOFError)  # fmt: skip


def of(batch_id: int) -> str:
    """The mark of a batch, at most 31 characters as a sheet's name may have; every installation has its own."""
    return f"huifang-{batch_id}-{_seal(batch_id)}"


def is_mark(name: str) -> bool:
    """Whether a sheet's name looks like a mark, whosever it is."""
    return _MARK.fullmatch(name) is not None


def is_ours(name: str) -> bool:
    """Whether we have added the sheet: a mark, the summary of an error workbook, the instructions of a template."""
    return is_mark(name) or words.says(words.SUMMARY, name) or words.says(words.HOW_TO, name)


def find(path: Path) -> int | None:
    """The batch whose error workbook a file is; None for every other file, and for another installation's."""
    for content in _places(path):
        for found in _MARK.finditer(content.replace(b"\0", b"").decode("latin-1")):
            batch_id = int(found[1])
            if constant_time_compare(found[2], _seal(batch_id)):
                return batch_id
    return None


def _places(path: Path) -> list[bytes]:
    """The bytes in which a mark may stand; a broken archive has none."""
    with path.open("rb") as stream:
        head = stream.read(8)
    if not head.startswith(b"PK"):
        return [path.read_bytes()] if head.startswith(b"\xd0\xcf\x11\xe0") else []
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            return [_beginning(archive, name) for name in _PARTS if name in names]
    except _BROKEN:
        return []


def _beginning(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(_MOST)


def _seal(batch_id: int) -> str:
    return salted_hmac(SALT, str(batch_id)).hexdigest()[:8]
