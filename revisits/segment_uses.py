"""Which rules ask for which segments: in force or planned, of one store."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from revisits.generator.context import store_rules
from revisits.rules.conditions import segment_of


def of_rules(store_id: int, today: date) -> dict[int, list[str]]:
    """{segment: rules by name} of the versions of a store that hold now or will; two queries."""
    found: dict[int, list[str]] = defaultdict(list)
    for rule in store_rules(store_id):
        for version in rule.versions:
            wanted = segment_of(version.conditions)
            is_over = version.effective_until is not None and version.effective_until < today
            if wanted and not is_over and rule.rule.label not in found[wanted.segment_id]:
                found[wanted.segment_id].append(rule.rule.label)
    return dict(found)
