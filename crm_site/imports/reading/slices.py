"""A large xlsx sheet in slices of some thousand rows, each a small workbook of its own in memory.

The reader holds a whole sheet at once, and tells its first row when it has read the last. In slices 200,000 rows take
no more memory than 20,000, and the first thousand are cleaned and compared while the others are still read. Loaded by
the child as a plain script's neighbour: standard library only.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

#: A sheet is cut when its markup is longer than this, into pieces of at least the other length.
FROM, EACH = 8 << 20, 2 << 20
#: What a workbook can be read without.
_NEEDLESS = re.compile(
    r"(?:^|/)(?:worksheets|media|drawings|charts|chartsheets|embeddings|externalLinks|pivotTables|pivotCache|"
    r"printerSettings|docProps|customXml|threadedComments)/",
    re.IGNORECASE,
)
_HEAD = b"<sheetData>"
_TAIL = b"</sheetData></worksheet>"
_LONGEST_HEAD = 4 << 20


def can_cut(path: Path, member: str) -> bool:
    """Whether a sheet is large, and its rows and cells say where they stand, so that they may be torn apart."""
    with zipfile.ZipFile(path) as archive:
        if archive.getinfo(member).file_size < FROM:
            return False
        with archive.open(member) as stream:
            start = stream.read(_LONGEST_HEAD)
    first = start.partition(_HEAD)[2][:4000]
    return re.match(rb"\s*<row\b[^>]*\br=\"\d+\"[^>]*>\s*<c\b[^>]*\br=\"[A-Z]+\d+\"", first) is not None


def cut(path: Path, member: str) -> Iterator[io.BytesIO]:
    """The workbook again and again, each time with the next rows of the sheet."""
    with zipfile.ZipFile(path) as archive:
        others = [(name, archive.read(name)) for name in archive.namelist() if not _NEEDLESS.search(name)]
        each = max(EACH, sum(len(content) for _name, content in others))  # the texts are read with every slice
        with archive.open(member) as stream:
            head, rest = _head(stream)
            while True:
                part = rest + stream.read(each)
                end = part.rfind(b"</row>") + 6
                if end < 6:
                    return
                yield _workbook([*others, (member, head + part[:end] + _TAIL)])
                rest = part[end:]


def _head(stream: IO[bytes]) -> tuple[bytes, bytes]:
    """The markup before the rows, and what was read beyond it."""
    start = stream.read(_LONGEST_HEAD)
    before, mark, after = start.partition(_HEAD)
    return before + mark, after


def _workbook(members: list[tuple[str, bytes]]) -> io.BytesIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    packed.seek(0)
    return packed
