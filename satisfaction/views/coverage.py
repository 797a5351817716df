"""Coverage beside the scores: from how many of those to be asked the answers come, told by the room that calls."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from crm_site.core import hooks
from crm_site.core.panels import Panel
from satisfaction.views.lens import Lens


def panels_of(request: HttpRequest, lens: Lens) -> list[Panel]:
    """What higher rooms show beside the score, such as coverage; each hook is called with (request, scope)."""
    panels = [panel for hook in hooks.load("SATISFACTION_PANELS") for panel in hook(request, lens.scope)]
    return sorted(panels, key=lambda panel: panel.position)


def of_stores(request: HttpRequest, lens: Lens) -> dict[str, list[dict[str, Any]]]:
    """The steps of coverage by store: word, count and share of the step's part of the first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for hook in hooks.load("COVERAGE_STEPS"):
        for store_id, steps in hook(request, lens.scope).items():
            first = steps[0][1] if steps else 0
            found[str(store_id)] = [
                {"word": word, "count": count, "share": count / first if first else None} for word, count in steps
            ]
    return found
