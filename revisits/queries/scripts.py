"""The scripts as they hold in a store, and which rules read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Count, Prefetch

from revisits.generator.context import StoreRule
from revisits.models import RevisitRule, Script, ScriptVersion


def scripts_of(store_id: int) -> list[Script]:
    """Every script of a store with `.current`, its version with the number of steps; the store's own row goes first."""
    current = ScriptVersion.objects.filter(is_current=True).select_related("made_by").annotate(count=Count("steps"))
    rows = Script.objects.for_store(store_id).prefetch_related(Prefetch("versions", current, to_attr="now"))
    by_code = {row.code: row for row in sorted(rows, key=lambda row: row.store_id is not None)}
    found: list[Script] = sorted(by_code.values(), key=lambda row: row.code)
    for script in found:
        script.current = script.now[0]  # type: ignore[attr-defined]
    return found


def readers(rules: Iterable[StoreRule], today: date) -> dict[str, list[RevisitRule]]:
    """{code of a script: the rules that read it today}."""
    found: dict[str, list[RevisitRule]] = defaultdict(list)
    for rule in rules:
        begun = [version for version in rule.versions if version.effective_from <= today] or rule.versions[:1]
        version = begun[-1]
        if version.script:
            found[version.script.code].append(rule.rule)
    return found
