"""What signing in leaves behind: sessions, and the links by which somebody sets a password."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models.people import Employee, User


class Session(AbstractBaseSession):
    """One browser that was here; of whom, since when and used when, so that it can be shown and ended.

    `expire_date` is the moment at which it ends unless it is used: the idle limit, at most the absolute one.
    """

    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="sessions")
    #: when the user signed in
    began_at = models.DateTimeField(null=True, blank=True)
    #: the last use that was written down, at most a minute behind
    used_at = models.DateTimeField(null=True, blank=True)
    #: what the browser called itself at sign-in
    agent = models.CharField(max_length=200, blank=True)

    @classmethod
    def get_session_store_class(cls) -> type:
        """The store whose rows these are."""
        from crm_site.accounts.sessions import SessionStore

        return SessionStore


class LinkKind(models.TextChoices):
    """What a link is for; its term follows from it (accounts.actions.links.TERMS)."""

    INVITATION = "invitation", _("Invitation")
    RESET = "reset", _("New password")


class PasswordLinkQuerySet(models.QuerySet):
    """Reads of links."""

    def open_at(self, moment: datetime) -> Self:
        """The links that can still be used: neither used nor revoked nor over."""
        return self.filter(used_at=None, revoked_at=None, expires_at__gt=moment)

    def revoke(self, moment: datetime) -> int:
        """Let those of these links that were not used count no more; gives how many there were."""
        return self.filter(used_at=None, revoked_at=None).update(revoked_at=moment)


class PasswordLink(models.Model):
    """A link that lets somebody set their password once; only the hash of its token is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="password_links")
    kind = models.CharField(max_length=20, choices=LinkKind.choices)
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = PasswordLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=LinkKind.values), name="password_link_kind_known"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="password_link_ends_after_made"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(used_at=None, revoked_at=None), name="password_link_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.user_id}"
