"""Tickets that wait for somebody, and the month's reports that wait for the manager."""

from __future__ import annotations

from typing import Any

from django.db.models.fields.json import KT
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import queries
from crm_site.accounts import policy
from crm_site.accounts.models import Role
from crm_site.dashboard.blocks.base import Block, Moment, Tile, link
from crm_site.reports import periods, wording
from crm_site.reports.models import MonthlyReport, ReportState
from satisfaction.queries.decisions import awaiting

#: the tabs of the list of tickets that a role looks at first
_TABS = {
    Role.MANAGER: ("open", "overdue", "unassigned", "today", "confirming"),
    Role.HEAD: ("open", "mine", "overdue", "today"),
    Role.SPECIALIST: ("mine", "overdue"),
    Role.FRONTLINE: ("open",),
}
LATEST = 4


def tickets(at: Moment) -> Block | None:
    """The tabs of the list of tickets as tiles; a head sees those of the department."""
    codes = [code for role, codes in _TABS.items() if at.is_any(role) for code in codes]
    if not codes:
        return None
    tiles = [_tile(code, at) for code in dict.fromkeys(codes)] + _undecided(at)
    titles = {Role.MANAGER: _("Complaints"), Role.HEAD: _("Complaints of your department")}
    title = next((title for role, title in titles.items() if at.is_any(role)), _("Complaints"))
    may_report = policy.allows(at.user, "complaints.report")
    return Block(
        "tickets",
        title,
        tiles,
        url=reverse("complaints:new") if may_report else "",
        link=_("Register a complaint"),
    )


def _tile(code: str, at: Moment) -> Tile:
    figure = queries.FIGURES[code]
    number = figure.rows(at.user, at.now).count()
    return Tile(figure.label, number, figure.note, link("complaints:list", tab=code), figure.kind if number else "")


def _undecided(at: Moment) -> list[Tile]:
    """The low answers that wait for a decision of this user's; no tile where there are none."""
    number = awaiting(at.user).count()
    url = link("satisfaction:decisions")
    label, note = _("Low answers to decide"), _("entered by customers themselves")
    return [Tile(label, number, note, url, "warn")] if number else []


def reports(at: Moment) -> Block | None:
    """Drafts of ended months that the manager should publish; for all who read reports the latest ones."""
    stores = policy.stores_allowing(at.user, "reports.view")
    if not stores:
        return None
    rows = MonthlyReport.objects.visible_to(at.user).filter(store_id__in=stores)
    latest = rows.filter(state=ReportState.PUBLISHED).select_related("store").defer("snapshot")
    waiting = _waiting(at)
    latest = latest.annotate(total=KT("snapshot__total"))[:LATEST]
    lines = [_report_line(at, one) for one in [*waiting, *latest]]
    return Block(
        "reports",
        _("Monthly report"),
        [_waiting_tile(waiting)] if waiting else [],
        url=reverse("reports:list"),
        link=_("All months"),
        template="dashboard/reports.html",
        context={"lines": lines},
    )


def _waiting(at: Moment) -> list[MonthlyReport]:
    """The drafts of ended months in the stores where the user publishes."""
    ended = MonthlyReport.objects.visible_to(at.user).filter(
        store_id__in=policy.stores_allowing(at.user, "reports.publish"),
        state=ReportState.DRAFT,
        month__lt=periods.month_start(at.today),
    )
    ended = ended.annotate(total=KT("snapshot__total")).order_by("month", "store_id")
    return list(ended.select_related("store").defer("snapshot"))


def _report_line(at: Moment, report: MonthlyReport) -> dict[str, Any]:
    """A month with its complaints; a head reads the store's total, its tickets belong to all departments."""
    number = int(getattr(report, "total", 0) or 0)
    is_open = number and at.user.role_in(report.store_id) != Role.HEAD
    url = reverse("reports:tickets", args=[report.pk]) if is_open else ""
    name = wording.month_name(report.month)
    return {"report": report, "name": name, "complaints": {"number": number, "url": url}}


def _waiting_tile(waiting: list[MonthlyReport]) -> Tile:
    url = link("reports:list", state=ReportState.DRAFT, ended=1)
    return Tile(_("Drafts to publish"), len(waiting), _("ended months"), url, "accent")
