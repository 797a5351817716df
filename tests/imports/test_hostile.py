"""Bombs, odd workbooks and broken files against the real reading child: in time, in memory, without a trace left."""

import json
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from crm_site.core import dates
from crm_site.files import rules as files
from crm_site.imports.reading import reader
from crm_site.imports.reading.reader import Unreadable
from crm_site.imports.wording import REFUSALS
from tests.core import vectors
from tests.imports import gallery, nasty

ODD = vectors.SHARED / "xlsx-odd"
#: A slow machine that does other work meanwhile is no failure of the reader.
PATIENCE = 4
#: Runs a command and says at the end how much memory it took at most (a fresh process, or the forker's would count).
MEASURED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print("\\n", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, code)
"""


class Outcome(NamedTuple):
    """What the child made of a file: why it refused, rows it gave, megabytes and seconds it took."""

    refusal: str
    rows: int
    megabytes: int
    seconds: float


def child(path: Path) -> Outcome:
    """What the reading child makes of a file, measured."""
    kind = files.sniff(path.read_bytes()[:4096])
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-c",
            MEASURED,
            sys.executable,
            "-I",
            str(reader.CHILD),
            str(path),
            kind,
            folder,
            "{}",
        ]
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
    *lines, last = ended.stdout.strip().splitlines()
    megabytes, code = map(int, last.split())
    messages = [json.loads(line) for line in lines if line.strip()]
    refusal = next((one["refused"] for one in messages if "refused" in one), "" if code == 0 else "too_heavy")
    rows = sum(len(one.get("rows", [])) for one in messages)
    return Outcome(refusal, rows, megabytes, time.monotonic() - started)


def through_reader(path: Path) -> str:
    """Why the reader refuses a file, '' when it reads it to its end."""
    try:
        for _part in reader.read(path):
            pass
    except Unreadable as refused:
        return refused.code
    return ""


def blanks() -> bytes:
    """Honest in its sizes: a hundred megabytes of blanks behind a few rows."""
    return nasty.book(gallery.LINES, after=" " * (100 << 20))


BOMBS: dict[str, Callable[[], bytes]] = {
    "a member of a gigabyte": nasty.big_member,
    "100,000 members": nasty.many_members,
    "overlapping members": nasty.overlapping,
    "a workbook that says it is small": lambda: nasty.false_size(nasty.book([gallery.HEADER, *gallery.PLAIN * 500])),
    "nested archives": gallery.STRANGERS["zip in a zip"].build,
    "billion laughs in the sheet": gallery.STRANGERS["billion laughs"].build,
    "foreign file": gallery.STRANGERS["external entity"].build,
    "blanks": blanks,
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_at_once_and_in_little_memory(tmp_path, kind):
    path = tmp_path / "bomb"
    path.write_bytes(BOMBS[kind]())
    found = child(path)
    assert found.refusal in REFUSALS, found
    assert found.seconds < 2 * PATIENCE
    assert found.megabytes < 120  # an empty Python with the reader takes 40, many names of members their own


@pytest.mark.parametrize("kind", ["one cell at the far end", "says it is a billion cells", "16,384 columns"])
def test_a_false_size_takes_little_time_and_memory(tmp_path, kind):
    path = tmp_path / "book"
    path.write_bytes(gallery.SHAPES[kind].build())
    found = child(path)
    assert found.seconds < 5 * PATIENCE
    assert found.megabytes < 400


@pytest.mark.parametrize("tenth", range(10))
def test_a_workbook_cut_at_any_of_fifty_points_is_refused(tmp_path, tenth):
    content = nasty.book([gallery.HEADER, *gallery.PLAIN * 20])
    path = tmp_path / "cut"
    for point in range(tenth * 5, tenth * 5 + 5):
        path.write_bytes(content[: len(content) * point // 50])
        started = time.monotonic()
        assert through_reader(path) in REFUSALS, point
        assert time.monotonic() - started < 2 * PATIENCE


def test_a_text_file_cut_anywhere_gives_no_garbled_sign(tmp_path):
    content = gallery.text(encoding="gb18030")()
    path = tmp_path / "cut"
    whole = content.decode("gb18030")
    for point in range(1, 20):
        path.write_bytes(content[: len(content) * point // 20])
        cells = []
        with suppress(Unreadable):
            for part in reader.read(path):
                cells += [cell for _row, row in part for cell in row if cell] if isinstance(part, list) else []
        assert all(str(cell) in whole for cell in cells), point


@pytest.mark.skipif(not ODD.exists(), reason="the corpus of odd workbooks is not here")
@pytest.mark.parametrize("path", sorted(ODD.glob("*.xls*")) if ODD.exists() else [], ids=lambda path: path.name[:50])
def test_every_odd_workbook_is_read_or_refused_within_its_limits(path):
    found = child(path)
    assert found.refusal == "" or found.refusal in REFUSALS, found
    assert found.seconds < 20
    assert found.megabytes <= 400, found
    assert found.refusal or found.rows or _is_empty(path), "success with nothing read"


def _is_empty(path: Path) -> bool:
    """Whether no worksheet of a workbook holds a value, by its markup."""
    with zipfile.ZipFile(path) as archive:
        parts = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    return not any(b"<v>" in part or b"<is>" in part for part in parts)


def test_no_reading_leaves_a_file_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = tmp_path / "book.bin"
    for kind in ("xlsx", "csv gbk", "html named xls", "mac roman"):
        path.write_bytes(gallery.ENCODINGS[kind].build())
        through_reader(path)
    for kind in ("png", "rar", "cut in the middle", "billion laughs"):
        path.write_bytes(gallery.STRANGERS[kind].build())
        through_reader(path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["1900.xls", "1900.xlsx", "1904.xls", "1904.xlsx"])
def test_every_date_of_both_systems_is_the_one_printed_beside_it(name):
    parts = list(reader.read(vectors.path(f"xlsx-odd/sheetjs__{name}")))
    assert parts[0].is_1904 == name.startswith("1904")
    rows = [cells for part in parts if isinstance(part, list) for _number, cells in part]
    assert len(rows) >= 5
    for serial, day, printed, *_more in rows:
        assert day.isoformat()[:10] == printed
        if serial > 10_000:
            assert dates.parse_date(serial, is_1904=parts[0].is_1904).isoformat() == printed
