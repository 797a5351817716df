"""Tell a user something, and take note that it was read."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser

from crm_site.accounts.models import User
from crm_site.core import clock
from crm_site.notices.models import Notice


def tell(
    user: User,
    code: str,
    params: dict[str, Any] | None = None,
    *,
    url: str = "",
    kind: str = "info",
    key: str | None = None,
) -> Notice:
    """Leave a notice for a user; with a `key` only once, a second call finds the first.

    `code` is a row of wording.SENTENCES, `params` plain values without personal data (they stand in the database as
    they are), `kind` one of info, ok, warn, bad, `url` a path of this site.
    """
    values = {"at": clock.now(), "code": code, "params": params or {}, "url": url, "kind": kind}
    if key is None:
        return Notice.objects.create(user=user, **values)
    return Notice.objects.get_or_create(user=user, key=key[:120], defaults=values)[0]


def mark_read(user: User | AnonymousUser, notice_ids: list[int] | None = None) -> int:
    """Mark a user's own notices as read (all of them when none are named); gives how many were unread."""
    unread = Notice.objects.visible_to(user).unread()
    if notice_ids is not None:
        unread = unread.filter(pk__in=notice_ids)
    return unread.update(read_at=clock.now())


def unread_count(user: User | AnonymousUser) -> int:
    """How many notices wait for a user (at most 100 are counted)."""
    return Notice.objects.visible_to(user).unread().order_by()[:100].count()
