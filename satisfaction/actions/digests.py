"""Keeping the digests of a week or a month, each once, and telling whom they are for."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from crm_site.accounts.models import User
from crm_site.core import clock
from crm_site.notices import actions as notices
from satisfaction import recipients
from satisfaction.models import Digest
from satisfaction.queries.digests import KINDS, Reading, Window


@transaction.atomic
def build_digests(store_id: int, window: Window, *, at: datetime) -> list[Digest]:
    """Keep the digests of one store and period that are not there yet, and tell their readers; gives the new ones.

    One of the whole store, and one of every department of which there is something to tell. What is there stays as it
    was told.
    """
    known = Digest.objects.filter(store_id=store_id, period=window.period, first_day=window.first)
    missing = [code for code in KINDS if code not in set(known.values_list("department", flat=True))]
    reading, made = Reading(store_id, window, clock.business_day(at)), []
    for department in missing:
        figures = reading.of(department)
        if reading.is_silent(department, figures):
            continue
        digest, is_new = Digest.objects.get_or_create(
            store_id=store_id, department=department, period=window.period, first_day=window.first,
            defaults={"last_day": window.last, "built_at": at, "figures": figures},
        )  # fmt: skip
        if is_new:
            made.append(digest)
            _tell(digest, at)
    return made


def _tell(digest: Digest, at: datetime) -> None:
    """The whole store's to its managers, a department's to its heads."""
    params = {"first": digest.first_day.isoformat(), "last": digest.last_day.isoformat()}
    url = reverse("satisfaction:digest", args=[digest.pk])
    for user in _readers(digest, at):
        notices.tell(user, f"digest.{digest.period}", params, url=url, key=f"digest:{digest.pk}")


def _readers(digest: Digest, at: datetime) -> list[User]:
    if not digest.department:
        return recipients.managers(digest.store_id)
    return recipients.heads(digest.store_id, [digest.department], clock.business_day(at))
