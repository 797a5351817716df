"""Where a card stands in the list that it was opened from: the cards before and after it, and the way back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from customers.models import Customer
from customers.views import lists

LONGEST_QUERY = 1_000


def of_card(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """The neighbours of a card in the list whose query stands in `?in=`; None for a card that was opened otherwise.

    The query holds codes and keys only. Each neighbour is one step of the list's own order; a card that the filters
    no longer leave has none, and the way back is still there.
    """
    if "in" not in request.GET:
        return None
    query = request.GET["in"][:LONGEST_QUERY]
    listing = lists.listing_of(request.user, QueryDict(query))
    before, after = (_beside(listing, f"{direction}{customer.pk}") for direction in "bn")
    return {
        "previous_url": _card_url(before, query),
        "next_url": _card_url(after, query),
        "list_url": f"{reverse('customers:list')}?{query}" if query else reverse("customers:list"),
    }


def _beside(listing: Any, cursor: str) -> int | None:
    """The key of the next card in a direction; None at the end, and where the cursor is not in the list."""
    page = listing.page(cursor, 1)
    came_from = page.next if cursor.startswith("b") else page.previous
    return page.rows[0].pk if page.rows and came_from else None


def _card_url(key: int | None, query: str) -> str:
    return f"{reverse('customers:card', args=[key])}?{urlencode({'in': query})}" if key else ""
