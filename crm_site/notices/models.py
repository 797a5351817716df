"""A notice waits for one user until it is read."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from crm_site.accounts.models import User


class NoticeQuerySet(models.QuerySet):
    """Reads of somebody's notices."""

    def visible_to(self, user: "User | AnonymousUser") -> "NoticeQuerySet":
        """Only one's own notices."""
        return self.filter(user_id=user.pk) if user.is_authenticated and user.is_active else self.none()

    def unread(self) -> "NoticeQuerySet":
        """Not yet read."""
        return self.filter(read_at=None)


class Notice(models.Model):
    """One thing a user should know; `code` + `params` are turned into words at display, in the reader's language."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notices")
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, default="info")
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=120, null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["user", "read_at", "-at"], name="notice_user_unread")]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="notice_once_a_key"),
            models.CheckConstraint(condition=Q(kind__in=["info", "ok", "warn", "bad"]), name="notice_kind_known"),
        ]

    def __str__(self) -> str:
        return self.code
