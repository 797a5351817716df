"""One person's data as one file: a page to read and print, the same as JSON, and the files that belong to them."""

from __future__ import annotations

import csv
import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from crm_site.core import clock
from crm_site.core.persons import Person, Section
from crm_site.files.actions import path_of
from crm_site.privacy.persons import rooms

#: the person reads Chinese, whoever of ours has the file made
LANGUAGE = "zh-hans"
_BLOCK = 1024 * 1024
_EMPTY = (None, "", {}, [])


@dataclass(frozen=True)
class Part:
    """What one room knows."""

    title: str
    sections: Sequence[Section]


def gather(person: Person) -> list[Part]:
    """Everything that every room knows of a person, room by room; rooms that know nothing are left out."""
    found = []
    for room in rooms():
        person.still()
        found.append(Part(str(room.title), list(room.export(person))))
    return [part for part in found if part.sections]


def write(person: Person, out: Path, *, title: str, reason: str, now: datetime) -> int:
    """Write the parcel of a person as a zip file; gives how many rows are in it. Every member carries the same date."""
    with translation.override(LANGUAGE):
        parts = gather(person)
        context = {"title": title, "reason": reason, "made_at": now, "parts": _shown(parts)}
        page = render_to_string("privacy/parcel.html", context)
        told = json.dumps(_plain(parts, now), ensure_ascii=False, indent=1, default=_json)
    stamp = max(clock.local(now).timetuple()[:6], (1980, 1, 1, 0, 0, 0))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        sums = [_put(archive, "index.html", page.encode(), stamp), _put(archive, "data.json", told.encode(), stamp)]
        for part in parts:
            for section in part.sections:
                sums += [_put_file(archive, f"files/{name}", stored, stamp) for name, stored in section.files]
        archive.writestr(zipfile.ZipInfo("SHA256SUMS.txt", stamp), "".join(sums))
    return sum(len(section.rows) for part in parts for section in part.sections)


@cache
def column_words(language: str) -> dict[str, str]:
    """What columns are called; one that is not named there says how rows hang together and stands in the JSON only."""
    with (Path(__file__).parent / "columns.csv").open(encoding="utf-8", newline="") as stream:
        return {row["code"]: row["zh" if language.startswith("zh") else "en"] for row in csv.DictReader(stream)}


def _shown(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """The parts as tables of texts, without the columns that nobody reads and those that are empty throughout."""
    words = column_words(LANGUAGE)
    return [{"title": part.title, "tables": [_table(one, words) for one in part.sections]} for part in parts]


def _table(section: Section, words: dict[str, str]) -> dict[str, Any]:
    filled = [
        place
        for place, code in enumerate(section.columns)
        if code in words and any(row[place] not in _EMPTY for row in section.rows)
    ]
    return {
        "title": str(section.title),
        "heads": [words[section.columns[place]] for place in filled],
        "rows": [[_text(row[place]) for place in filled] for row in section.rows],
        "files": [name for name, _stored in section.files],
    }


def _text(value: Any) -> str:
    """A value as a reader expects it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(_("yes")) if value else str(_("no"))
    if isinstance(value, datetime):
        return clock.local(value).strftime("%Y-%m-%d %H:%M")
    return json.dumps(value, ensure_ascii=False, default=_json) if isinstance(value, dict | list) else str(value)


def _plain(parts: Sequence[Part], now: datetime) -> dict[str, Any]:
    return {
        "made_at": now.isoformat(),
        "parts": [
            {
                "title": part.title,
                "tables": [_told(one) for one in part.sections],
            }
            for part in parts
        ],
    }


def _told(section: Section) -> dict[str, Any]:
    rows = [dict(zip(section.columns, row, strict=True)) for row in section.rows]
    return {"code": section.code, "title": str(section.title), "rows": rows}


def _json(value: Any) -> str:
    """What JSON does not know: days and moments as ISO text, money and keys as text."""
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _put(archive: zipfile.ZipFile, name: str, content: bytes, stamp: Any) -> str:
    """Add a member; gives its line of the list of hashes."""
    member = zipfile.ZipInfo(name, stamp)
    member.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(member, content)
    return f"{hashlib.sha256(content).hexdigest()}  {name}\n"


def _put_file(archive: zipfile.ZipFile, name: str, stored: Any, stamp: Any) -> str:
    """Add a stored file block by block."""
    digest, member = hashlib.sha256(), zipfile.ZipInfo(name, stamp)
    member.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(member, "w") as target, path_of(stored).open("rb") as source:
        while block := source.read(_BLOCK):
            digest.update(block)
            target.write(block)
    return f"{digest.hexdigest()}  {name}\n"
