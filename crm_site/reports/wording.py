"""The codes of a snapshot in words: series, lines, columns, categories, the month's name."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import Category
from crm_site.accounts.models import Post
from crm_site.reports import rules

Words = str | Promise

SERIES: dict[str, Words] = {
    rules.ADVISOR: gettext_lazy("Service advisors"),
    rules.TECHNICIAN: gettext_lazy("Workshop staff"),
    rules.SALES: gettext_lazy("Sales consultants"),
    rules.OTHER: gettext_lazy("Other posts"),
}
LINES: dict[str, Words] = {
    "department": gettext_lazy("Department liable"),
    "manufacturer": gettext_lazy("Manufacturer liable"),
    "nobody": gettext_lazy("Nobody liable"),
    rules.UNDECIDED: gettext_lazy("Liability undecided"),
}
#: the columns whose numbers open a list of tickets
TICKETS: dict[str, Words] = {
    "direct": gettext_lazy("Complaints, directly liable"),
    "joint": gettext_lazy("Complaints, jointly liable"),
    "grievances": gettext_lazy("Grievances"),
}
#: the columns whose numbers open a list of responses
ANSWERS: dict[str, Words] = {
    "responses": gettext_lazy("Valid responses"),
    "low": gettext_lazy("Responses with a low answer of theirs"),
}


def month_name(month: date) -> str:
    """The month as a title says it: September 2026, 2026 年 9 月."""
    return date_format(month, _("F Y"))


def post_word(code: str) -> str:
    """A post in words; – where none is known."""
    return str(Post(code).label) if code in Post.values else "–"


def category_words(store_id: int) -> dict[str, str]:
    """{top-level category: its words}; '' is “no category”; a store's own row replaces the company's."""
    rows = Category.objects.for_store(store_id).filter(parent=None).order_by("position", "store_id")
    words = {row.code: row.label for row in rows}
    return {**words, "": _("No category")}


def hours(minutes: int) -> str:
    """A span as the table shows it: whole hours, under one hour its minutes."""
    if minutes < 60:
        return _("%(count)d min") % {"count": minutes}
    return _("%(count)d h") % {"count": (minutes + 30) // 60}
