"""Keeping alerts: each fall is kept once a month, told once, and answered by whoever it concerns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, User
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.dates import Month
from crm_site.core.errors import RuleBroken
from crm_site.core.numbers import round_half_up
from crm_site.notices import actions as notices
from satisfaction import recipients
from satisfaction.models import Alert
from satisfaction.queries.alerts import Fall

PLACES = 4
LONGEST_NOTE = 300


@transaction.atomic
def keep_alerts(
    store_id: int, month: Month, found: Iterable[Fall], *, at: datetime, is_news: bool = True
) -> list[Alert]:
    """Keep the falls of a store's month that are not kept yet, and tell who they concern; gives the new ones.

    What was found before stays as it was found, also where more answers have since made it smaller. Old months that
    are only caught up with are no news: nobody is told.
    """
    new = []
    for fall in found:
        alert, is_new = Alert.objects.get_or_create(
            store_id=store_id, kind=fall.kind, month=month.start, subject=fall.subject, code=fall.code, part=fall.part,
            defaults={
                "department": fall.department, "found_at": at, "now_n": fall.now.n, "now": _kept(fall.now.value),
                "before_n": fall.before.n, "before": _kept(fall.before.value),
            },
        )  # fmt: skip
        if is_new:
            new.append(alert)
    if new and is_news:
        _tell(store_id, month, new, at)
    return new


def _kept(value: Decimal | None) -> Decimal:
    return round_half_up(value or Decimal(0), PLACES)


def _tell(store_id: int, month: Month, new: list[Alert], at: datetime) -> None:
    """One notice for each person about all that is new: managers everything, heads what is their department's."""
    last = max(alert.pk for alert in new)
    for user in recipients.managers(store_id):
        _notify(user, month, len(new), store_id, last)
    for user, alerts in _by_head(store_id, new, at).items():
        _notify(user, month, len(alerts), store_id, last)


def _by_head(store_id: int, new: list[Alert], at: datetime) -> dict[User, list[Alert]]:
    found: dict[User, list[Alert]] = {}
    told = set(recipients.managers(store_id))
    for alert in new:
        if alert.department:
            for user in recipients.heads(store_id, [alert.department], clock.business_day(at)):
                if user not in told:
                    found.setdefault(user, []).append(alert)
    return found


def _notify(user: User, month: Month, count: int, store_id: int, last: int) -> None:
    url = f"{reverse('satisfaction:alerts')}?{urlencode({'month': str(month)})}"
    params: dict[str, Any] = {"month": str(month), "count": count}
    notices.tell(user, "score.fell", params, url=url, kind="warn", key=f"score.fell:{store_id}:{last}")


@transaction.atomic
def take_note(alert_id: int, *, note: str = "", by: Employee, at: datetime) -> Alert:
    """Say that an alert has been seen, and what follows from it; refuses one that somebody has answered already."""
    alert = Alert.objects.select_for_update(of=("self",)).select_related("seen_by").get(pk=alert_id)
    if alert.seen_by is not None:
        text = _("%(name)s has taken note of this already. Nothing was changed.")
        raise RuleBroken(text % {"name": alert.seen_by.name}, code="seen")
    alert.seen_at, alert.seen_by, alert.note = at, by, note.replace("\0", "").strip()[:LONGEST_NOTE]
    alert.save(update_fields=["seen_at", "seen_by", "note"])
    trail.record(by, "alert.seen", alert, about=alert.subject, code=alert.code)
    return alert
