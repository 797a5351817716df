"""Tells heads, employees, managers and directors what a month waits for, each once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.urls import reverse

from crm_site.accounts.models import Role, User
from crm_site.notices import actions as notices
from crm_site.reports import parts
from crm_site.reports.models import Appeal, MonthlyReport


def people_in(store_id: int, *roles: str) -> Iterable[User]:
    """The active users with one of the roles in a store."""
    # one filter() for both conditions: the role must be the one in this store
    return (
        User.objects.filter(is_active=True)
        .filter(memberships__store_id=store_id, memberships__role__in=roles)
        .order_by("pk")
        .distinct()
    )


def shown(report: MonthlyReport) -> None:
    """公示 has begun: heads look and appeal until its last day; everybody with a sign-in at their own line."""
    params = _params(report, until=report.shown_until)
    for user in people_in(report.store_id, Role.HEAD):
        _tell(user, "report.shown", params, reverse("reports:report", args=[report.pk]), f"shown:{report.pk}")
    for user in people_in(report.store_id, Role.SPECIALIST, Role.FRONTLINE):
        _tell(user, "report.own", params, reverse("reports:mine"), f"shown:{report.pk}")


def due(report: MonthlyReport) -> None:
    """结账日 has come, and the draft waits for the manager."""
    for user in people_in(report.store_id, Role.MANAGER):
        _tell(user, "report.due", _params(report), reverse("reports:report", args=[report.pk]), f"due:{report.pk}")


def held(report: MonthlyReport, code: str) -> None:
    """The clock could not publish: an appeal is open, the sum is uneven, or another month comes first."""
    for user in people_in(report.store_id, Role.MANAGER):
        url = reverse("reports:report", args=[report.pk])
        _tell(user, "report.held", _params(report), url, f"held:{report.pk}:{code}", kind="warn")


def published(report: MonthlyReport) -> None:
    """The clock has published a month."""
    for user in people_in(report.store_id, Role.MANAGER, Role.HEAD):
        url = reverse("reports:report", args=[report.pk])
        _tell(user, "report.published", _params(report), url, f"published:{report.pk}", kind="ok")


def appeal_raised(appeal: Appeal) -> None:
    """Somebody decides: the managers, or the directors where it is a manager's own."""
    role = Role.DIRECTOR if parts.is_directors(appeal) else Role.MANAGER
    url = reverse("reports:appeal", args=[appeal.pk])
    for user in people_in(appeal.store_id, role):
        _tell(user, "appeal.raised", _params(appeal.report), url, f"appeal:{appeal.pk}")


def appeal_decided(appeal: Appeal) -> None:
    """Whoever raised it, and the employee, hear of the decision."""
    users = {one.user for one in (appeal.raised_by, appeal.employee) if one.user_id}
    code = "appeal.accepted" if appeal.state == Appeal.State.ACCEPTED else "appeal.rejected"
    for user in sorted(users, key=lambda one: one.pk):  # type: ignore[union-attr]
        url = reverse("reports:appeal", args=[appeal.pk])
        _tell(user, code, _params(appeal.report), url, f"decided:{appeal.pk}")  # type: ignore[arg-type]


def _params(report: MonthlyReport, until: date | None = None) -> dict[str, str]:
    params = {"month": f"{report.month:%Y-%m}"}
    return {**params, "until": until.isoformat()} if until else params


def _tell(user: User, code: str, params: dict[str, str], url: str, key: str, *, kind: str = "info") -> None:
    notices.tell(user, code, params, url=url, kind=kind, key=f"report-{key}")
