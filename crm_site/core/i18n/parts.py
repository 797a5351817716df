"""The Chinese catalogue: read from one .po part a room, merged, written as the .mo that Django loads."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

LOCALE = "zh_Hans"

_LINE = re.compile(r'(?:#.*|\s*|(?:msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?)?\s*"(?:[^"\\]|\\.)*"\s*)')

#: A message's identity: context (or None) and msgid; a plural message is known by its singular and plural.
Key = tuple[str | None, str | tuple[str, str]]


class BrokenPart(Exception):
    """A part that is no valid .po file; the text names file and line."""


@dataclass(frozen=True)
class Entry:
    """One translated message and the part that it stands in."""

    part: str
    key: Key
    string: str
    line: int


def folder(base: Path) -> Path:
    """Where the parts lie, below the project's root."""
    return base / "locale" / LOCALE


def read_entries(base: Path) -> list[Entry]:
    """Every message of every part, in order of file and line; raises BrokenPart."""
    return [entry for path in sorted(folder(base).glob("*.po")) for entry in _read_part(path)]


def compile_catalogue(base: Path) -> tuple[Path, int]:
    """Merge the parts into LC_MESSAGES/django.mo; gives its path and the number of messages.

    Where parts disagree the first one wins (`i18n check` reports it). Written to a side file first, so that a running
    server never reads half a catalogue.
    """
    catalogue = Catalog(locale=LOCALE, project="Huifang", charset="utf-8")
    translated = {entry.key: entry.string for entry in reversed(read_entries(base)) if entry.string}
    for (context, msgid), string in translated.items():
        catalogue.add(msgid, (string,) if isinstance(msgid, tuple) else string, context=context)
    target = folder(base) / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_suffix(".mo.new")
    with aside.open("wb") as stream:
        write_mo(stream, catalogue)
    aside.replace(target)
    return target, len(translated)


def prune(base: Path, used: set[Key | None]) -> int:
    """Drop the entries that no code asks for any more; gives how many. Comments above an entry go with it."""
    dropped = 0
    for path in sorted(folder(base).glob("*.po")):
        obsolete = {entry.line for entry in _read_part(path) if entry.key not in used}
        kept = [block for start, block in _blocks(path.read_text(encoding="utf-8")) if start not in obsolete]
        if obsolete:
            path.write_text("\n".join(kept), encoding="utf-8")
            dropped += len(obsolete)
    return dropped


def _read_part(path: Path) -> Iterator[Entry]:
    """The messages of one file; babel merges repeated msgids, so each entry is read on its own."""
    text = path.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        if not _LINE.fullmatch(line):  # babel reads a line without its closing quote and loses a character
            raise BrokenPart(f"{path.name}:{number}: this is no line of a .po file: {line}")
    for start, block in _blocks(text):
        try:
            catalogue = read_po(block.splitlines(keepends=True), locale=LOCALE, charset="utf-8", abort_invalid=True)
        except (PoFileError, ValueError) as error:
            raise BrokenPart(f"{path.name}:{start}: {error}") from error
        for message in catalogue:
            if message.id:
                string = message.string[0] if isinstance(message.string, tuple | list) else message.string
                yield Entry(path.name, (message.context, _msgid(message.id)), string or "", start)


def _msgid(found: str | tuple | list) -> str | tuple[str, str]:
    return (found[0], found[1]) if isinstance(found, tuple | list) else found


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """The file's entries with their line numbers; an entry begins after a blank line or at a msgid after a msgstr."""
    lines: list[str] = []
    start, complete = 1, False
    for number, line in enumerate(text.splitlines(), start=1):
        begins = not line.strip() or (complete and line.startswith(("#", "msgctxt", "msgid ")))
        if begins and lines:
            yield start, "\n".join(lines) + "\n"
            lines, complete = [], False
        if line.strip():
            if not lines:
                start = number
            lines.append(line)
            complete = complete or line.startswith("msgstr")
    if lines:
        yield start, "\n".join(lines) + "\n"
