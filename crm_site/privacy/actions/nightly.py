"""The nightly round of a store: requests due are told, persons whose term is over forgotten, and old things expire."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from crm_site.accounts.models import Role, Store, User
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.persons import unheard
from crm_site.jobs import actions as jobs
from crm_site.jobs.models import Job
from crm_site.notices import actions as notices
from crm_site.privacy import expiry
from crm_site.privacy.actions import anonymising
from crm_site.privacy.actions.requests import WAITING_FOR_US
from crm_site.privacy.models import DataRequest
from crm_site.worktime.calendars import legal_calendar

KIND = "privacy.night"
#: so many working days before the last day the managers and administrators are told, and again when it is past
TOLD_BEFORE = 3
#: who answers for requests
TOLD = (Role.MANAGER, Role.ADMIN)


def request(store: Store, today: date) -> Job:
    """Ask for the round of a store and day, once by the job's key."""
    key = f"{store.pk}:{today:%Y-%m-%d}"
    return jobs.enqueue(KIND, key, store=store, payload={"store": store.pk}, lane=f"{KIND}:{store.pk}")


def forget_due(store_id: int, *, now: datetime, hold: Callable[[], object] = unheard) -> tuple[int, int]:
    """Anonymise whose term is over; gives how many were, and how many must wait for an open complaint."""
    today, done, held = clock.business_day(now), 0, 0
    waiting = DataRequest.objects.filter(
        store=store_id, kind=DataRequest.Kind.ERASE, state=DataRequest.State.WAITING, erase_from__lte=today
    )
    for pk in waiting.order_by("pk").values_list("pk", flat=True):
        try:
            anonymising.anonymise(pk, by=None, now=now, hold=hold)
            done += 1
        except RuleBroken:
            held += 1
    return done, held


def tell_due(store_id: int, *, today: date) -> int:
    """Tell managers and administrators of requests that are to be answered within days; once a day by the key."""
    until = legal_calendar().add_legal_working_days(today, TOLD_BEFORE)
    count = DataRequest.objects.filter(store=store_id, state__in=WAITING_FOR_US, due_on__lte=until).count()
    if not count:
        return 0
    told = User.objects.filter(is_active=True, memberships__store=store_id, memberships__role__in=TOLD).distinct()
    for user in told.order_by("pk"):
        key = f"privacy.due:{store_id}:{today:%Y-%m-%d}"
        notices.tell(user, "privacy.due", {"count": count}, url=reverse("privacy:home"), kind="warn", key=key)
    return count


def round_of(
    store_id: int, *, now: datetime, hold: Callable[[], object] = unheard, still: Callable[[], object] = unheard
) -> dict[str, Any]:
    """All three; gives what was done, in numbers. `hold` sees within a transaction that a job which does this is still
    ours, `still` says outside of one that it goes on; what takes long calls them again and again."""
    told = tell_due(store_id, today=clock.business_day(now))
    done, held = forget_due(store_id, now=now, hold=hold)
    expired = expiry.expire(expiry.Term.of(store_id, now), still=still)
    return {"told": told, "anonymised": done, "held": held, "expired": expired}
