"""Who may appeal for whom, and who decides an appeal."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Posting, Role, User
from crm_site.core.errors import RuleBroken
from crm_site.reports import reading
from crm_site.reports.models import Appeal, MonthlyReport


def may_appeal(report: MonthlyReport, employee: Employee, by: Employee, today: date) -> bool:
    """The employee, or a head posted today to the department in which one of the employee's lines stands."""
    if by.store_id != report.store_id or by.user is None:
        return False
    if by.pk == employee.pk:
        return True
    if by.user.role_in(report.store_id) != Role.HEAD:
        return False
    return bool(departments_of(report, employee.pk) & headed(by, today))


def departments_of(report: MonthlyReport, employee_id: int) -> set[str]:
    """The departments in which an employee's lines stand."""
    rows = reading.upgraded(report.snapshot)["rows"]
    return {row["department"] for row in rows if row["employee"] == employee_id}


def headed(head: Employee, today: date) -> set[str]:
    """The departments that somebody is posted to on a day."""
    return set(Posting.objects.current(today).filter(employee=head).values_list("department", flat=True))


def is_directors(appeal: Appeal) -> bool:
    """Whether an appeal is about a manager's own line, or raised by one, so that the director decides."""
    people = [appeal.employee, appeal.raised_by]
    return any(one.user_id and one.user.role_in(appeal.store_id) == Role.MANAGER for one in people)  # type: ignore[union-attr]


def may_decide(appeal: Appeal, user: User) -> bool:
    """Whether a user decides an appeal: the manager, the director where it is the manager's own; not about oneself."""
    wanted = Role.DIRECTOR if is_directors(appeal) else Role.MANAGER
    return user.role_in(appeal.store_id) == wanted and appeal.employee.user_id != user.pk


def check_decider(appeal: Appeal, by: Employee) -> None:
    """Refuse whoever does not decide this appeal, and say who does."""
    if by.store_id == appeal.store_id and by.user is not None and may_decide(appeal, by.user):
        return
    if is_directors(appeal):
        raise RuleBroken(_("It concerns the manager; the director decides it."), code="role")
    raise RuleBroken(_("The manager decides appeals."), code="role")
