"""The pages of duplicates among those of archive care (settings.CARE_PAGES)."""

from django.utils.translation import gettext_lazy as _

from crm_site.privacy.queries import duplicates
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
