"""What a file is by its first bytes, what it may be called, and how long it is kept."""

import re
import unicodedata
from datetime import date, timedelta
from pathlib import PurePosixPath

#: Days that a file is kept unless its purpose says otherwise.
KEEP_DAYS = 90
NAME_LENGTH = 120

EMPTY, ZIP, OLE, TEXT, UNKNOWN = "empty", "zip", "ole", "text", "unknown"

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"%PDF", "pdf"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"SQLite format 3", "sqlite"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
)
#: BIFF2–BIFF5 workbooks without a container begin with a BOF record of their version.
_OLD_XLS = re.compile(rb"\x09[\x00\x02\x04\x08][\x04\x06\x08\x10]\x00")
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_TYPES = {
    ZIP: "application/zip",
    OLE: "application/vnd.ms-excel",
    TEXT: "text/plain",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "pdf": "application/pdf",
}
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f/\\:*?\"<>|\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def sniff(head: bytes) -> str:
    """What the content is by its first bytes: empty, zip (also xlsx), ole (also xls), png, …, text or unknown."""
    if not head:
        return EMPTY
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if _OLD_XLS.match(head):
        return OLE
    if head.startswith(_BOMS):
        return TEXT
    controls = sum(byte < 9 or 13 < byte < 32 for byte in head)
    looks_utf16 = head[1::2].count(0) * 3 > len(head[1::2]) or head[0::2].count(0) * 3 > len(head[0::2])
    return TEXT if looks_utf16 or controls * 50 < len(head) else UNKNOWN


def content_type(kind: str, name: str = "") -> str:
    """The type that a file is served with, by its content and then its ending; anything unusual is bytes."""
    if kind == ZIP and name.lower().endswith(".xlsx"):
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _TYPES.get(kind, "application/octet-stream")


def safe_name(name: str) -> str:
    """A file's name for people: no folders, no control or direction characters, at most 120 characters, ending kept."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    plain = _UNSAFE.sub("", plain).strip(" .") or "file"
    suffix = PurePosixPath(plain).suffix[:10]
    stem = plain[: -len(suffix)] if suffix else plain
    return stem[: NAME_LENGTH - len(suffix)] + suffix


def expiry(day: date, keep_days: int = KEEP_DAYS) -> date:
    """The last day on which a file brought on a day is kept."""
    return day + timedelta(days=keep_days)
