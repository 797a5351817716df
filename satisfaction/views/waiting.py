"""What a page shows instead of figures that are too many to be added up while somebody waits."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from satisfaction.views.lens import Lens


def waiting_for(request: HttpRequest, lens: Lens) -> dict[str, Any] | None:
    """None where the figures can be read at once, else what the waiting panel shows."""
    return None
