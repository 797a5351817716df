"""The append-only trail and the log of refusals: plain columns, no foreign keys, no personal values."""

from django.db import models


class Entry(models.Model):
    """One change that happened; born in the same transaction as the change, never updated or deleted (triggers)."""

    at = models.DateTimeField(db_index=True)
    store_id = models.BigIntegerField(null=True)
    actor_type = models.CharField(max_length=20)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["store_id", "-at"], name="audit_store_at"),
            models.Index(fields=["subject_type", "subject_id"], name="audit_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type}:{self.subject_id}"


class Refusal(models.Model):
    """One request that was refused: who asked for which page, and why not."""

    at = models.DateTimeField(db_index=True)
    user_id = models.BigIntegerField(null=True)
    url_name = models.CharField(max_length=100)
    method = models.CharField(max_length=10)
    reason = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.reason} {self.url_name}"
