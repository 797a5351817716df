"""What every page's frame shows: navigation, stores, language, the person, unread notices."""

from types import SimpleNamespace
from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """The `shell` variable of every template; empty before signing in."""
    return {"shell": SimpleNamespace(nav=[], stores=[], store=None, language="", user_label="", theme="light", unread=0)}
