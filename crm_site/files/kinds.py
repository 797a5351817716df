"""What an attachment really is, told by its content: pictures, papers, recordings and plain text, and nothing else."""

from __future__ import annotations

import re
import zipfile
from pathlib import PurePosixPath
from typing import IO, NamedTuple

HEAD = 4096
#: an archive ends with its directory; at most a comment of 64 KB follows
TAIL = 66 * 1024


class Kind(NamedTuple):
    """Content that may be attached: the type it is served as, and the endings that fit (the first is ours)."""

    content_type: str
    endings: tuple[str, ...]


class Unfit(Exception):
    """Content that is not taken; `code` is a key of the messages in files.actions."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


_OPEN_XML = "application/vnd.openxmlformats-officedocument"
PNG, JPEG = Kind("image/png", (".png",)), Kind("image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif"))
GIF, WEBP = Kind("image/gif", (".gif",)), Kind("image/webp", (".webp",))
HEIC, AVIF = Kind("image/heic", (".heic", ".heif")), Kind("image/avif", (".avif",))
BMP, TIFF = Kind("image/bmp", (".bmp",)), Kind("image/tiff", (".tif", ".tiff"))
PDF, TEXT = Kind("application/pdf", (".pdf",)), Kind("text/plain", (".txt",))
DOCX = Kind(f"{_OPEN_XML}.wordprocessingml.document", (".docx",))
XLSX = Kind(f"{_OPEN_XML}.spreadsheetml.sheet", (".xlsx",))
PPTX = Kind(f"{_OPEN_XML}.presentationml.presentation", (".pptx",))
DOC, XLS = Kind("application/msword", (".doc", ".wps")), Kind("application/vnd.ms-excel", (".xls", ".et"))
PPT = Kind("application/vnd.ms-powerpoint", (".ppt", ".dps"))
MP3, WAV, AMR = Kind("audio/mpeg", (".mp3",)), Kind("audio/wav", (".wav",)), Kind("audio/amr", (".amr",))
OGG, FLAC, AAC = Kind("audio/ogg", (".ogg", ".opus")), Kind("audio/flac", (".flac",)), Kind("audio/aac", (".aac",))
M4A, MP4 = Kind("audio/mp4", (".m4a",)), Kind("video/mp4", (".mp4", ".m4v"))
MOV, GPP = Kind("video/quicktime", (".mov",)), Kind("video/3gpp", (".3gp", ".3gpp"))
AVI, MKV = Kind("video/x-msvideo", (".avi",)), Kind("video/x-matroska", (".mkv", ".webm"))
WMV = Kind("video/x-ms-wmv", (".wmv", ".wma", ".asf"))

#: what the file chooser of a form offers
ACCEPT = "image/*,audio/*,video/*,.heic,.heif,.pdf,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.wps,.et,.amr,.txt"

_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"%PDF-", PDF),
    (b"ID3", MP3),
    (b"#!AMR", AMR),
    (b"OggS", OGG),
    (b"fLaC", FLAC),
    (b"\x1a\x45\xdf\xa3", MKV),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", WMV),
)
_RIFF = {b"WEBP": WEBP, b"WAVE": WAV, b"AVI ": AVI}
#: the four letters behind `ftyp`; an unknown brand of this container is taken as a film
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), HEIC),
    **dict.fromkeys((b"avif", b"avis"), AVIF),
    **dict.fromkeys((b"M4A ", b"M4B "), M4A),
    **dict.fromkeys((b"qt  ",), MOV),
    **dict.fromkeys((b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3ge6", b"3gg6", b"3g2a"), GPP),
    **dict.fromkeys((b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV"), MP4),
}
#: shell scripts, and programs of Windows, Linux, macOS, Java and Android
_PROGRAMS = (
    b"#!/",
    b"#! /",
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"\xfe\xed\xfa\xce",
    b"dex\n",
)
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"MSCF")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: what a browser or a script host would run if it were handed the text as its own
_MARKUP = re.compile(
    rb"<\s*(?:!doctype|html|head|body|script|svg|iframe|object|embed|\?xml|\?php|xml|math|meta|link)\b|javascript:",
    re.I,
)
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_OLE_PARTS = (("WordDocument", DOC), ("Workbook", XLS), ("Book", XLS), ("PowerPoint Document", PPT))


def look(stream: IO[bytes], name: str) -> Kind:
    """The kind of a file by its content; raises Unfit for what is not taken. The stream is left at its beginning.

    `name` counts in one case only: text must call itself .txt, so that nothing is kept as text by mistake.
    """
    try:
        return _look(stream, name)
    finally:
        stream.seek(0)


def fitting_name(name: str, kind: Kind) -> str:
    """The name with an ending that says what the content is: a HEIC picture called x.jpg becomes x.heic."""
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
    return name if suffix.lower() in kind.endings else (stem or "file") + kind.endings[0]


def _look(stream: IO[bytes], name: str) -> Kind:
    head = _read(stream, 0, HEAD)
    if not head:
        raise Unfit("empty")
    if head.startswith(_PROGRAMS):
        raise Unfit("program")
    if head.startswith(_ARCHIVES):
        raise Unfit("archive")
    if head.startswith(_ZIP):
        return _office(stream)
    if head.startswith(_OLE):
        return _old_office(stream)
    kind = _by_head(head)
    if kind is None:
        return _text(stream, name)
    _check_single(stream, head)
    return kind


def _by_head(head: bytes) -> Kind | None:
    """Pictures, PDF and recordings by their first bytes."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], MP4)
    if head[:2] == b"BM" and int.from_bytes(head[6:10], "little") == 0 and len(head) > 54:
        return BMP
    return _frames(head)


def _frames(head: bytes) -> Kind | None:
    """Audio without a header begins with a frame: eleven bits set, then version and layer."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:
        return AAC
    is_layer_3 = head[1] & 0x06 == 0x02 and head[1] & 0x18 != 0x08
    return MP3 if is_layer_3 and head[2] & 0xF0 not in (0, 0xF0) else None


def _check_single(stream: IO[bytes], head: bytes) -> None:
    """Refuse a file that is two things at once: markup in front, or an archive behind a picture."""
    if _MARKUP.search(head[:1445]) and not head.startswith(b"%PDF-"):
        raise Unfit("hidden")
    if b"PK\x05\x06" in _tail(stream) and zipfile.is_zipfile(stream):
        raise Unfit("hidden")


def _office(stream: IO[bytes]) -> Kind:
    """Word, Excel or PowerPoint by the parts in the container; macros and other archives are refused."""
    try:
        with zipfile.ZipFile(stream) as container:
            parts = container.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as broken:
        raise Unfit("broken") from broken
    if "[Content_Types].xml" not in parts:
        raise Unfit("archive")
    if any(part.lower().endswith(("vbaproject.bin", ".exe", ".dll", ".js", ".vbs")) for part in parts):
        raise Unfit("macros")
    for main, kind in (("word/document.xml", DOCX), ("xl/workbook.xml", XLSX), ("ppt/presentation.xml", PPTX)):
        if main in parts:
            return kind
    raise Unfit("archive")


def _old_office(stream: IO[bytes]) -> Kind:
    """The formats of Office 97 and WPS by the names in the container's directory; macros are refused."""
    stream.seek(0)
    content = stream.read()
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise Unfit("macros")
    for part, kind in _OLE_PARTS:
        if (part + "\0").encode("utf-16-le") in content:
            return kind
    raise Unfit("unknown")


def _text(stream: IO[bytes], name: str) -> Kind:
    """Plain text: it decodes, holds no control signs, no markup, and says .txt of itself."""
    stream.seek(0)
    content = stream.read()
    text = _decoded(content)
    if text is None:
        raise Unfit("unknown")
    if _MARKUP.search(text.encode()):
        raise Unfit("markup")
    if not name.lower().endswith(".txt"):
        raise Unfit("not_txt")
    return TEXT


def _decoded(content: bytes) -> str | None:
    """The text in UTF-8, UTF-16 (with its mark) or GB 18030; None for anything with control signs."""
    encodings = [name for mark, name in _BOMS if content.startswith(mark)] or ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if any(sign < " " and sign not in "\t\n\r\f" for sign in text) else text
    return None


def _read(stream: IO[bytes], start: int, length: int) -> bytes:
    stream.seek(start)
    return stream.read(length)


def _tail(stream: IO[bytes]) -> bytes:
    size = stream.seek(0, 2)
    return _read(stream, max(0, size - TAIL), TAIL)
