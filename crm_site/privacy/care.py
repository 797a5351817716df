"""What this room adds to archive care: the pages of duplicates, and the check that a card is no duplicate."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm_site.privacy.models import DuplicatePair
from crm_site.privacy.queries import duplicates
from customers.care.items import Item
from customers.care.pages import CarePage

PAGES: list[CarePage] = [
    CarePage(
        "duplicates", _("Duplicate cards"), "privacy:duplicates", duplicates.CAPABILITY, group="duplicates",
        icon="intersect", note=_("Two cards that may be one customer: compare, merge, or tell apart."),
        count=duplicates.count,
    ),
    CarePage(
        "merges", _("Merged cards"), "privacy:merges", duplicates.CAPABILITY, group="duplicates",
        icon="arrow-counterclockwise", note=_("What was merged, and the way back."),
    ),
]  # fmt: skip


def _in_an_open_pair(_today: date) -> Q:
    pairs = DuplicatePair.objects.filter(state=DuplicatePair.State.OPEN)
    return Q(Exists(pairs.filter(one=OuterRef("pk")))) | Q(Exists(pairs.filter(other=OuterRef("pk"))))


ITEMS: list[Item] = [
    Item(
        "single", _("No duplicate"),
        _("Cards that stand in no pair of possible duplicates waiting to be looked at."),
        _("Waits as a possible duplicate"), _in_an_open_pair,
    ),
]  # fmt: skip
