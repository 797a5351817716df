"""Short phrases that a caller puts into the note by one key instead of typing them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from crm_site.accounts.models import Store
from crm_site.accounts.scoping import Reference
from crm_site.core.models import Labelled


class Phrase(Labelled):
    """One prepared phrase, by its code; store NULL is the company's default, a store's own row replaces it."""

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField()
    is_active = models.BooleanField(default=True)

    objects = Reference.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(store=None), name="phrase_default_once"),
            models.UniqueConstraint(fields=["store", "code"], name="phrase_once_a_store"),
        ]
