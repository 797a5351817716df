"""The present address with some of its query values changed; core has no addresses of its own."""

from typing import Any

from django.http import HttpRequest


def with_query(request: HttpRequest, **changes: Any) -> str:
    """This page's address with some query values changed; None or "" takes one away, a list gives several.

    The order of the others is kept. Query values are codes and ids only, never names or numbers of people.
    """
    query = request.GET.copy()
    for key, value in changes.items():
        values = value if isinstance(value, list | tuple) else [value]
        kept = [str(one) for one in values if one not in (None, "")]
        if kept:
            query.setlist(key, kept)
        else:
            query.pop(key, None)
    text = query.urlencode()
    return f"{request.path}?{text}" if text else request.path
