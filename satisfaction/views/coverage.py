"""Coverage beside the scores: from how many of those to be asked the answers come, told by the room that calls."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from crm_site.core import hooks
from crm_site.core.panels import Panel
from satisfaction.views.lens import Lens

#: word, count, share of the first step
Step = dict[str, Any]


def panels_of(request: HttpRequest, lens: Lens) -> list[Panel]:
    """What higher rooms show beside the score, such as coverage; each hook is called with (request, scope)."""
    panels = [panel for hook in hooks.load("SATISFACTION_PANELS") for panel in hook(request, lens.scope)]
    return sorted(panels, key=lambda panel: panel.position)


def chain_of(request: HttpRequest, lens: Lens, found: dict[str, list[Step]] | None = None) -> list[Step]:
    """The steps of all stores together; `found` where they are read already. Filters do not narrow them."""
    counts: dict[str, int] = {}
    for steps in (of_stores(request, lens) if found is None else found).values():
        for step in steps:
            counts[step["word"]] = counts.get(step["word"], 0) + step["count"]
    return _shares(list(counts.items()))


def of_stores(request: HttpRequest, lens: Lens) -> dict[str, list[Step]]:
    """The steps of coverage by store: word, count and share of the first."""
    found: dict[str, list[Step]] = {}
    for hook in hooks.load("COVERAGE_STEPS"):
        for store_id, steps in hook(request, lens.scope).items():
            found[str(store_id)] = _shares(steps)
    return found


def _shares(steps: list[tuple[Any, int]]) -> list[Step]:
    first = steps[0][1] if steps else 0
    return [{"word": word, "count": count, "share": count / first if first else None} for word, count in steps]
