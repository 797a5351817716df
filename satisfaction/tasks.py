"""Reminds people of what waits: measures whose effect is to be judged, low answers that nobody has decided about."""

from datetime import timedelta

from celery import shared_task
from django.urls import reverse

from crm_site.accounts.models import Role, User
from crm_site.core import clock
from crm_site.notices import actions as notices
from satisfaction import recipients, steering
from satisfaction.actions import folding
from satisfaction.models import Answer, Decision, ImprovementMeasure, Response


@shared_task(name="satisfaction.tasks.remind_of_checks", ignore_result=True)
def remind_of_checks() -> int:
    """Tell the managers of a store once of every measure that is due for its check; gives how many were looked at."""
    due = ImprovementMeasure.objects.to_check(clock.today()).select_related("responsible")
    for measure in due.order_by("pk"):
        for user in managers(measure):
            url = reverse("satisfaction:measure", args=[measure.pk])
            notices.tell(user, "measure.check", url=url, key=f"measure.check:{measure.pk}:{measure.check_on}")
    return len(due)


@shared_task(name="satisfaction.tasks.steer", ignore_result=True)
def steer() -> int:
    """Ask for what a business day brings, once by the ledger's keys: the look for falls, digests of what has ended."""
    today = clock.today()
    return steering.ask_for_alerts(today) + steering.ask_for_digests(today)


#: a decision that nobody has made for so long is reminded of
DECISION_AFTER = timedelta(days=1)


@shared_task(name="satisfaction.tasks.remind_of_decisions", ignore_result=True)
def remind_of_decisions() -> int:
    """Tell managers and the judged departments' heads once of low answers that have waited for a day."""
    now = clock.now()
    waiting = Response.objects.filter(decision=Decision.PENDING, excluded_at=None)
    late = list(waiting.filter(answered_at__lte=now - DECISION_AFTER).order_by("pk"))
    for response in late:
        judged = Answer.objects.filter(response=response, is_low=True).exclude(department="")
        departments = set(judged.values_list("department", flat=True))
        heads = recipients.heads(response.store_id, departments, clock.business_day(now))
        for user in dict.fromkeys([*recipients.managers(response.store_id), *heads]):
            url = reverse("satisfaction:decide", args=[response.pk])
            notices.tell(user, "decision.waits", url=url, kind="warn", key=f"decision.waits:{response.pk}")
    return len(late)


def managers(measure: ImprovementMeasure) -> list[User]:
    """Who may judge a measure: the store's managers; the directors where a manager answers for it himself."""
    for role in (Role.MANAGER, Role.DIRECTOR):
        rows = User.objects.filter(is_active=True, memberships__store_id=measure.store_id, memberships__role=role)
        found = list(rows.exclude(pk=measure.responsible.user_id).distinct())
        if found:
            return found
    return []


@shared_task(name="satisfaction.tasks.fold_sums", ignore_result=True)
def fold_sums() -> int:
    """Build the sums that are missing and fold what saves have noted; safe to run twice and at once. Gives how many."""
    if unbuilt := folding.unbuilt():
        folding.rebuild(unbuilt, now=clock.now(), waiting=False)
    return sum(folding.fold(store_id) for store_id in folding.unfolded())
