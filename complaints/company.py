"""How far the company's defaults for tickets reach: which stores have set something of their own."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from complaints.models import Category, Escalation, Level, Phrase, Text, TicketSettings
from crm_site.accounts.models import Store


def stores_without(part: str, code: str = "") -> tuple[int, int]:
    """(stores that follow the company, all stores) for a part: numbers, level, phrases, category or text.

    `code` names the level, the category (its whole branch counts) or the text.
    """
    stores = Store.objects.filter(is_active=True)
    owners: set[int | None] = set()
    for rows in _OWN[part](code):
        owners |= set(rows.exclude(store=None).values_list("store_id", flat=True))
    return stores.exclude(pk__in=[pk for pk in owners if pk is not None]).count(), stores.count()


def _levels(code: str) -> list[QuerySet]:
    return [Level.objects.filter(code=code), Escalation.objects.filter(level_code=code)]


def _branch(code: str) -> list[QuerySet]:
    top = code.partition(".")[0]
    return [Category.objects.filter(Q(code=top) | Q(code__startswith=f"{top}."))]


_OWN = {
    "numbers": lambda _code: [TicketSettings.objects.all()],
    "level": _levels,
    "phrases": lambda _code: [Phrase.objects.all()],
    "category": _branch,
    "text": lambda code: [Text.objects.filter(code=code)],
}
