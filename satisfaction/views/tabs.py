"""The tabs over the pages of scores: overview, one for each comparison, items."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from satisfaction.views.lens import Lens
from satisfaction.views.members import DIMENSIONS, dimensions_of

OVERVIEW, ITEMS, LOYALTY = "overview", "items", "loyalty"


def tabs_of(lens: Lens, here: str) -> list[dict[str, Any]]:
    """Where else the same months and filters can be looked at; the tab that one is in is marked."""
    tabs = [{"label": _("Overview"), "url": lens.url("dashboard"), "current": here == OVERVIEW}]
    tabs += [
        {"label": DIMENSIONS[one], "url": lens.url("breakdown", one, **_without(lens, one)), "current": here == one}
        for one in dimensions_of(lens)
    ]
    items = lens.url("items", factor="", question="")
    tabs.append({"label": _("Rated items"), "url": items, "current": here == ITEMS})
    if lens.scope.get("departments") is None:
        tabs.append({"label": _("Loyalty and loss"), "url": lens.url("loyalty"), "current": here == LOYALTY})
    return tabs


def _without(lens: Lens, dimension: str) -> dict[str, str]:
    """What a comparison cannot be narrowed by: its own dimension; people are compared by their part."""
    own = {dimension: "", "part": ""} if dimension in lens.active else {"part": ""}
    return {**own, "factor": "", "question": ""}
