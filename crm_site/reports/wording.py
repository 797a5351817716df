"""The codes of a snapshot in words: series, lines, columns, categories, the month's name."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import Category
from crm_site.accounts.models import Department, Post
from crm_site.reports import rules
from crm_site.reports.models import Appeal

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
#: the columns whose numbers open a list of tickets; those of how they were handled after the first three
TICKETS: dict[str, Words] = {
    "direct": gettext_lazy("Complaints, directly liable"),
    "joint": gettext_lazy("Complaints, jointly liable"),
    "grievances": gettext_lazy("Grievances"),
    "response_due": gettext_lazy("First response due in the month"),
    "response_met": gettext_lazy("Responded on time"),
    "closing_due": gettext_lazy("Closing due in the month"),
    "closing_met": gettext_lazy("Closed on time"),
    "closed": gettext_lazy("Received and closed in the month"),
    "finished": gettext_lazy("Closed in the month"),
    "solved": gettext_lazy("Solved at once"),
    "repeats": gettext_lazy("Repeated complaints"),
    "confirmed": gettext_lazy("Confirmed with the customer"),
    "content": gettext_lazy("Satisfied with the handling"),
}
#: what may be appealed against
LIABLE = ("direct", "joint", "grievances")
#: share -> (its part, its whole): the pairs of columns that are shown as “2 / 3”
SHARES: dict[str, tuple[str, str]] = {
    "responded": ("response_met", "response_due"),
    "on_time": ("closing_met", "closing_due"),
    "closing": ("closed", "direct"),
    "at_once": ("solved", "finished"),
    "repeated": ("repeats", "direct"),
    "handling": ("content", "confirmed"),
}
#: the columns whose numbers open a list of responses
ANSWERS: dict[str, Words] = {
    "responses": gettext_lazy("Valid responses"),
    "low": gettext_lazy("Responses with a low answer of theirs"),
}
#: what a line of the adjustments is about
ADJUSTED: dict[str, Words] = {
    "complaint": gettext_lazy("Directly liable"),
    "grievance": gettext_lazy("Grievance"),
    "joint": gettext_lazy("Jointly liable"),
    "solved": gettext_lazy("Solved at once"),
    "answer": gettext_lazy("Answer"),
}
#: the definitions of the columns, in the words of the trade (domain 7); printed with every report
DEFINITIONS: tuple[tuple[Words, Words], ...] = (
    (gettext_lazy("Complaints"), gettext_lazy(
        "Valid complaints of L2–L4 received in the month whose directly liable person is confirmed; a later level"
        " does not move them. What nobody has confirmed stands in a line of its own.")),
    (gettext_lazy("Grievances"), gettext_lazy("Valid tickets of L1 and grievances received in the month.")),
    (gettext_lazy("Employee series"), gettext_lazy(
        "By the post held when it happened. Who changes posts within the month has a line in each series.")),
    (gettext_lazy("Visits"), gettext_lazy(
        "Different cars by day of check-in, without PDI, free check, wash and internal jobs; deliveries by car.")),
    (gettext_lazy("Per 100 visits"), gettext_lazy(
        "Complaints / visits × 100, from 30 visits on; sales consultants over three months.")),
    (gettext_lazy("Responded on time"), gettext_lazy("Of those whose first response was due in the month.")),
    (gettext_lazy("Closed on time"), gettext_lazy(
        "Of those whose closing was due in the month, by the deadline that stands on the ticket.")),
    (gettext_lazy("Closed by its end"), gettext_lazy("Of those received in the month, closed by its last day.")),
    (gettext_lazy("Solved at once"), gettext_lazy(
        "Of those closed in the month: never reopened, and no further complaint on the matter within 30 days.")),
    (gettext_lazy("Repeated complaints"), gettext_lazy(
        "Of those received in the month: another complaint about the same car (else customer) and top-level category"
        " was received within the days set before.")),
    (gettext_lazy("Mean handling"), gettext_lazy("From receipt to closing, of those closed in the month.")),
    (gettext_lazy("Satisfied with the handling"), gettext_lazy(
        "Very satisfied or satisfied / confirming calls of the month that reached the customer, the last of a"
        " ticket.")),
    (gettext_lazy("Mean score"), gettext_lazy(
        "Mean of the valid responses called in the month, of the items that judge this person; below 10 not shown.")),
    (gettext_lazy("Adjustments"), gettext_lazy(
        "What was decided after a month was published stands in the next report's adjustments, once, and never in"
        " that month's own counts.")),
)  # fmt: skip


def month_name(month: date) -> str:
    """The month as a title says it: September 2026, 2026 年 9 月."""
    return date_format(month, _("F Y"))


def month_words(code: str) -> str:
    """A month of a snapshot, such as 2026-09, as a title says it."""
    return month_name(date.fromisoformat(f"{code}-01"))


def post_word(code: str) -> str:
    """A post in words; – where none is known."""
    return str(Post(code).label) if code in Post.values else "–"


def department_word(code: str) -> str:
    """A department or a line of who is no employee, in words."""
    if code in LINES:
        return str(LINES[code])
    return str(Department(code).label) if code in Department.values else "–"


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


def appeal_name(appeal: Appeal) -> str:
    """An appeal in a line: whose it is and what about, without a customer's name."""
    if appeal.complaint is not None:
        return f"{appeal.employee.name} · {appeal.complaint.number}"
    return _("%(name)s · answer") % {"name": appeal.employee.name}
