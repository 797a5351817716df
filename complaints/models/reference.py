"""Reference rows of complaints: the category tree and the level ladder with its limits."""

from django.db import models
from django.db.models import Q

from crm_site.accounts.models import Department, Store
from crm_site.accounts.scoping import Reference
from crm_site.core.models import Labelled


class Category(Labelled):
    """What a complaint is about: a tree of two levels; store NULL is the company's default."""

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(max_length=40)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    department = models.CharField(max_length=20, blank=True, choices=Department.choices)
    #: whom the head is proposed as directly liable: a satisfaction-style attribution code (domain 6.2)
    proposed_liable = models.CharField(max_length=20, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    objects = Reference.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(store=None), name="category_default_once"),
            models.UniqueConstraint(fields=["store", "code"], name="category_once_a_store"),
        ]


class Level(Labelled):
    """L1–L4 with the limits for first response, first proposal and closing (domain 6.2)."""

    class Clock(models.TextChoices):
        """Which hours count."""

        STORE = "store"
        NATURAL_DAYTIME = "daytime"
        NATURAL = "natural"

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(max_length=4)
    rank = models.PositiveSmallIntegerField()
    clock = models.CharField(max_length=10, choices=Clock.choices)
    response_minutes = models.PositiveIntegerField()
    proposal_minutes = models.PositiveIntegerField()
    closing_minutes = models.PositiveIntegerField(null=True, blank=True)
    closing_working_days = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = Reference.as_manager()

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(store=None), name="level_default_once"),
            models.UniqueConstraint(fields=["store", "code"], name="level_once_a_store"),
            models.CheckConstraint(
                condition=Q(closing_minutes=None, closing_working_days__isnull=False)
                | Q(closing_minutes__isnull=False, closing_working_days=None),
                name="level_one_closing_limit",
            ),
        ]
