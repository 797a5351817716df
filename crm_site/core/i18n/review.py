"""What is wrong with the translations: missing, contradicting, obsolete, wrongly filled, or Chinese in the code."""

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from crm_site.core.i18n import extract, parts
from crm_site.core.i18n.extract import Found
from crm_site.core.i18n.parts import Entry, Key

#: Where Chinese literals are data rather than words of the interface.
CHINESE_ALLOWED = (
    "crm_site/core/*",  # surnames, plates, words for "empty", units
    "crm_site/demo/*",
    "crm_site/worktime/official.py",
    "*/layouts.py",  # header rows as the trade writes them
    "*/layouts/*",
    "crm_site/reports/export/*",
    "*/aliases.py",
    "*/cells.py",  # what cells say for yes and no
    "*/rules.py",  # shipped tables with label_zh
    "*/rules/*",
    "*/reference.py",
    "*/reference/*",
    "*/defaults.py",
    "*/default_texts.py",
    "*/defaults/*",
    "*/shipped.py",
    "*/shipped/*",
    "*/seeds.py",
    "*/seed/*",
    "crm_site/imports/employees.py",
    "crm_site/imports/reading/*",
)

_PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[-#0 +]*\d*(?:\.\d+)?([sdfi%])|\{(\w*)\}")


def problems(base: Path) -> list[str]:
    """Every finding as one line 'place: what is wrong', in reading order; empty when all is well."""
    entries = parts.read_entries(base)
    used = list(extract.messages(base))
    return [
        *_missing(entries, used),
        *_contradictions(entries),
        *_obsolete(entries, used),
        *_wrong_placeholders(entries),
        *_chinese_msgids(used),
        *_chinese_in_code(base),
    ]


def stubs(base: Path, room: str) -> str:
    """Empty .po entries for the untranslated strings of a room, to be filled in and appended to its part."""
    translated = {entry.key for entry in parts.read_entries(base) if entry.string}
    wanted: dict[Key, Found] = {}
    for found in extract.messages(base):
        if found.key not in translated and extract.room_of(found.path) == room:
            wanted.setdefault(found.key, found)  # type: ignore[arg-type]
    return "\n".join(_stub(key, found) for key, found in wanted.items())


def describe(key: Key) -> str:
    """A message for people: its msgid, singular only."""
    _context, msgid = key
    return msgid if isinstance(msgid, str) else msgid[0]


def _missing(entries: list[Entry], used: list[Found]) -> Iterator[str]:
    translated = {entry.key for entry in entries if entry.string}
    reported: set[Key] = set()
    for found in used:
        if found.key and found.key not in translated and found.key not in reported:
            reported.add(found.key)
            part = f"{extract.room_of(found.path)}.po"
            yield f"{found.path}:{found.line}: no Chinese in {part} for {describe(found.key)!r}"


def _contradictions(entries: list[Entry]) -> Iterator[str]:
    first: dict[Key, Entry] = {}
    for entry in entries:
        known = first.setdefault(entry.key, entry)
        if known is not entry and known.string != entry.string:
            yield (
                f"{entry.part}:{entry.line}: {describe(entry.key)!r} is {entry.string!r} here, "
                f"but {known.string!r} in {known.part}:{known.line}"
            )


def _obsolete(entries: list[Entry], used: list[Found]) -> Iterator[str]:
    wanted = {found.key for found in used}
    for entry in entries:
        if entry.key not in wanted:
            yield f"{entry.part}:{entry.line}: {describe(entry.key)!r} is used nowhere"


def _wrong_placeholders(entries: list[Entry]) -> Iterator[str]:
    for entry in entries:
        if not entry.string:
            continue
        _context, msgid = entry.key
        accepted = [_placeholders(one) for one in ((msgid,) if isinstance(msgid, str) else msgid)]
        if _placeholders(entry.string) not in accepted:
            yield f"{entry.part}:{entry.line}: other placeholders than in {describe(entry.key)!r}: {entry.string!r}"


def _placeholders(text: str) -> list[tuple]:
    """The placeholders of a string in a comparable order; named ones once, '%%' left out."""
    found = [match.groups() for match in _PLACEHOLDER.finditer(text)]
    named = {groups for groups in found if groups[0] or groups[2]}
    plain = [groups for groups in found if groups not in named and groups[1] != "%"]
    return sorted(named, key=str) + plain


def _chinese_msgids(used: list[Found]) -> Iterator[str]:
    for found in used:
        if found.key and extract.CHINESE.search(str(found.key[1])):
            yield f"{found.path}:{found.line}: a msgid must be English: {describe(found.key)!r}"


def _chinese_in_code(base: Path) -> Iterator[str]:
    for found in extract.chinese_literals(base):
        if not any(fnmatch(found.path, allowed) for allowed in CHINESE_ALLOWED):
            yield f"{found.path}:{found.line}: Chinese text outside of the translations: {found.text[:40]!r}"


def _stub(key: Key, found: Found) -> str:
    """One empty entry."""
    context, msgid = key
    lines = [f"# {found.path}:{found.line}"]
    if context:
        lines.append(f"msgctxt {_quoted(context)}")
    if isinstance(msgid, str):
        lines += [f"msgid {_quoted(msgid)}", 'msgstr ""']
    else:
        lines += [f"msgid {_quoted(msgid[0])}", f"msgid_plural {_quoted(msgid[1])}", 'msgstr[0] ""']
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
