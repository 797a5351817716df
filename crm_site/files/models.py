"""A stored file: who brought or made it, for which store, and until when it is kept."""

from django.db import models
from django.db.models import Q

from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import StoreScoped


class StoredFile(models.Model):
    """One file on disk under a name of our own; served only as a download with a logged right."""

    class Purpose(models.TextChoices):
        """Why the file is here; decides who may fetch it."""

        IMPORT = "import"
        ERRORS = "errors"
        EXPORT = "export"
        REPORT = "report"
        ATTACHMENT = "attachment"

    store = models.ForeignKey(Store, models.PROTECT, related_name="files")
    owner = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="files")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    capability = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    path = models.CharField(max_length=200, unique=True)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_on = models.DateField(null=True, blank=True, db_index=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = StoreScoped.as_manager()

    class Meta:
        indexes = [models.Index(fields=["store", "sha256"], name="file_store_hash")]
        constraints = [
            models.CheckConstraint(condition=Q(size__gte=0), name="file_size_not_negative"),
            models.CheckConstraint(
                condition=Q(purpose__in=["import", "errors", "export", "report", "attachment"]),
                name="file_purpose_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name
