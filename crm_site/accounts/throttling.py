"""How wrong sign-ins are counted: by the name as the user is found by it, so that no spelling gets tries of its own."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest


def tried_name(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """The sign-in name that was tried, in lower case: names are matched without regard to case."""
    typed = (credentials or {}).get("username") or request.POST.get("username", "")
    return str(typed).strip().lower()
