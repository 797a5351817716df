"""Sessions that know whose they are, when they began and when they were used last; they end by row or by their date.

The limits (docs/decisions/0047-sign-in.md) stand in `expire_date`: the engine gives no session that is over.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import OperationalError
from django.db.models import QuerySet
from django.utils import timezone

from crm_site.accounts.models import Session, SignInRules
from crm_site.core.compiled import compiled

#: where the moment of signing in stands in a session
BEGAN = "began"
#: how the browser called itself then
AGENT = "agent"
#: set once a second factor was given
VERIFIED = "verified"


class SessionStore(DatabaseStore):
    """Django's sessions in the database, in a table of ours."""

    #: the row as it was read in this request; None before, and for a session that is new
    row: Session | None = None
    #: when it was used last and when it ends, where this request has found that anew
    used_at: datetime | None = None
    ends_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The table of the sessions."""
        return Session

    def _get_session_from_db(self) -> Session | None:
        """The row of a session that is not over; every request asks, so it is a compiled query here."""
        is_ours = self.session_key.isalnum()  # whatever else a cookie may hold, PostgreSQL refuses some of it
        self.row = next(iter(_standing(key=self.session_key, now=timezone.now())), None) if is_ours else None
        if self.row is None:
            self._session_key = None
        return self.row

    def save(self, must_create: bool = False) -> None:
        """Write the row; a database that went away meanwhile is told as that, not as a session that was ended."""
        try:
            super().save(must_create)
        except UpdateError as failed:
            gone = failed.__context__
            if isinstance(gone, OperationalError):
                raise gone from gone.__cause__
            raise

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row of this session: of a user it says since when, and when it ends."""
        if SESSION_KEY not in data:
            return super().create_model_instance(data)
        began = datetime.fromisoformat(data.setdefault(BEGAN, timezone.now().isoformat()))
        row = super().create_model_instance(data)
        row.user_id, row.began_at, row.agent = int(data[SESSION_KEY]), began, data.get(AGENT, "")
        known = self.row if self.row is not None and self.row.user_id == row.user_id else None
        row.used_at = self.used_at or (known.used_at if known else began)
        row.expire_date = self.ends_at or (known.expire_date if known else end_of(began, row.used_at))
        return row

    def note_use(self, now: datetime, *, idle: timedelta, longest: timedelta) -> None:
        """Let the session live on from now, within its limits; without `modified` one small UPDATE."""
        began = datetime.fromisoformat(self.setdefault(BEGAN, now.isoformat()))
        self.used_at, self.ends_at = now, end_of(began, now, idle=idle, longest=longest)
        if not self.modified:
            Session.objects.filter(pk=self.session_key).update(used_at=self.used_at, expire_date=self.ends_at)


@compiled
def _standing(*, key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


def end_of(
    began: datetime,
    used: datetime,
    *,
    idle: timedelta = timedelta(minutes=SignInRules.MOST_IDLE_MINUTES),
    longest: timedelta = timedelta(hours=SignInRules.MOST_HOURS),
) -> datetime:
    """When a session ends that is not used again."""
    return min(used + idle, began + longest)
