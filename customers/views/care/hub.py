"""档案管理: what is to be mended in the archive today, and the way to every page that mends it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from crm_site.accounts import guard
from crm_site.core import clock
from customers.care import pages


@guard.needs("customers.care")
@never_cache
def hub(request: HttpRequest) -> HttpResponse:
    """The day's figures, each the length of the list that it opens, and the pages in their groups."""
    today = clock.today()
    shown = [_line(page, request, today) for page in pages.allowed(request.user)]
    groups = [
        {"title": title, "lines": [line for line in shown if line["page"].group == code]}
        for code, title in pages.GROUPS.items()
    ]
    context = {
        "figures": [line["figure"] for line in shown if line["figure"]],
        "groups": [group for group in groups if group["lines"]],
        "today": today,
    }
    return render(request, "customers/care/hub.html", context)


def _line(page: pages.CarePage, request: HttpRequest, today: Any) -> dict[str, Any]:
    found = page.count(request.user, today) if page.count else None
    figure = None
    if found is not None:
        figure = {
            "label": page.label,
            "value": str(found),
            "url": page.url,
            "kind": "warn" if found else "ok",
            "icon": page.icon,
            "code": page.code,
        }
    return {"page": page, "count": found, "figure": figure}
