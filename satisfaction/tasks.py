"""Reminds the managers of improvement measures whose effect is to be judged."""

from celery import shared_task
from django.urls import reverse

from crm_site.accounts.models import Role, User
from crm_site.core import clock
from crm_site.notices import actions as notices
from satisfaction.models import ImprovementMeasure


@shared_task(name="satisfaction.tasks.remind_of_checks", ignore_result=True)
def remind_of_checks() -> int:
    """Tell the managers of a store once of every measure that is due for its check; gives how many were looked at."""
    due = ImprovementMeasure.objects.to_check(clock.today()).select_related("responsible")
    for measure in due.order_by("pk"):
        for user in managers(measure):
            url = reverse("satisfaction:measure", args=[measure.pk])
            notices.tell(user, "measure.check", url=url, key=f"measure.check:{measure.pk}:{measure.check_on}")
    return len(due)


def managers(measure: ImprovementMeasure) -> list[User]:
    """Who may judge a measure: the store's managers; the directors where a manager answers for it himself."""
    for role in (Role.MANAGER, Role.DIRECTOR):
        rows = User.objects.filter(is_active=True, memberships__store_id=measure.store_id, memberships__role=role)
        found = list(rows.exclude(pk=measure.responsible.user_id).distinct())
        if found:
            return found
    return []
