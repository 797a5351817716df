"""How the variables of a text are filled in: only those that are known, and no line about nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from crm_site.core import masking

_VARIABLE = re.compile(r"\{\s*([A-Za-z_]+)\s*\}")


def fill(text: str, facts: Mapping[str, str]) -> str:
    """The text with its variables replaced. A line whose variables are all empty is left out; nothing is evaluated."""
    lines = []
    for line in text.splitlines():
        named = [name for name in _VARIABLE.findall(line) if name in facts]
        if named and not any(facts[name] for name in named):
            continue
        lines.append(_VARIABLE.sub(lambda found: facts.get(found[1], found[0]), line).rstrip())
    return "\n".join(lines)


def unknown(text: str, known: Collection[str]) -> list[str]:
    """The variables in a text that nothing is known of, in the order in which they stand."""
    return [name for name in dict.fromkeys(_VARIABLE.findall(text)) if name not in known]


def masked(words: str) -> str:
    """Free text for a group chat: numbers of persons and VINs in it are hidden like those in fields."""
    return masking.said(words)


def shortened(words: str, limit: int) -> str:
    """The words on one line, cut where they are too long."""
    line = " ".join(words.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def masked_name(name: str, salutation: str = "") -> str:
    """A customer for strangers' eyes: 张女士 where the salutation is known, else 张**."""
    if not name:
        return ""
    return f"{name[0]}{salutation}" if salutation else f"{name[0]}{'*' * min(2, max(1, len(name) - 1))}"


def masked_plate(plate: str) -> str:
    """A plate by its place and its last three signs: 渝A***345."""
    return f"{plate[:2]}***{plate[-3:]}" if len(plate) > 5 else plate
