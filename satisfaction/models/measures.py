"""Improvement measures: cause, measure, responsible person, date."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Department, Employee, Store
from crm_site.accounts.scoping import StoreScoped


class ImprovementMeasure(models.Model):
    """What is changed so that it does not happen again, who answers for it, and by when."""

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", _("Open")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    store = models.ForeignKey(Store, models.PROTECT, related_name="measures")
    cause = models.CharField(max_length=500)
    measure = models.CharField(max_length=500)
    responsible = models.ForeignKey(Employee, models.PROTECT, related_name="measures")
    department = models.CharField(max_length=20, blank=True, choices=Department.choices)
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    done_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    submission = models.UUIDField()

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["store", "submission"], name="measure_once_a_submission"),
            models.CheckConstraint(condition=~Q(state="done") | Q(done_on__isnull=False), name="measure_done_has_day"),
        ]

    def __str__(self) -> str:
        return self.measure[:40]
