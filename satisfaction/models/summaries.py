"""Sums from which a dashboard reads its means, so that a year of a million responses is not added up for each page.

A `Summary` row adds up what the responses of one store, month and version say about one subject, as a whole or for one
member of one dimension. A save writes what it changes as one `SummaryDelta`; a job folds these into the sums. A reader
adds the deltas that are not folded yet, and asks the raw answers of a store whose sums are not built (`StoreSums`).
Everything here can be thrown away and built again from the raw answers.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from crm_site.accounts.models import Store
from crm_site.accounts.scoping import StoreScoped
from satisfaction.models.responses import Response
from satisfaction.models.trees import Attribution, QuestionnaireVersion


class Subject(models.TextChoices):
    """What is added up."""

    INDEX = "index"  # the index of the response; `ref` 0
    FACTOR = "factor"  # the score of a factor, of employees and departments of their own items in it; `ref` its key
    ITEM = "item"  # the normalised answer to a question, of employees and departments their own; `ref` the question's
    EXTRA = "extra"  # answers outside the index, of every response that counts for the member; `ref` the question's key
    OWN = "own"  # the score of the member's own items: of an employee in a part, or of a department; `ref` 0


class Dimension(models.TextChoices):
    """By what it is parted; '' is the whole."""

    WHOLE = ""
    EMPLOYEE = "employee"  # member: the employee's key
    DEPARTMENT = "department"
    SERIES = "series"
    JOB_TYPE = "job_type"


class Summary(models.Model):
    """n, sum and sum of squares of the valid responses of one store, month and version, about one thing."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    #: the first day of the month of the calls
    month = models.DateField()
    version = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="+")
    subject = models.CharField(max_length=6, choices=Subject.choices)
    ref = models.BigIntegerField(default=0)
    dimension = models.CharField(max_length=10, blank=True, choices=Dimension.choices)
    member = models.CharField(max_length=60, blank=True)
    #: in which part an employee served, of OWN and EXTRA; '' elsewhere
    part = models.CharField(max_length=20, blank=True, choices=Attribution.choices)
    n = models.IntegerField()
    total = models.DecimalField(max_digits=20, decimal_places=4)
    squares = models.DecimalField(max_digits=24, decimal_places=8)
    #: raw answers of 9 and more, and of 6 and less: very satisfied, promoters, detractors
    top = models.IntegerField(default=0)
    bottom = models.IntegerField(default=0)
    #: low answers; of a whole response, an employee or a department: responses with at least one (not kept of factors)
    low = models.IntegerField(default=0)

    objects = StoreScoped.as_manager()

    class Meta:
        indexes = [models.Index(fields=["dimension", "subject", "store", "month"], name="summary_one_dimension")]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "month", "version", "subject", "ref", "dimension", "member", "part"],
                name="summary_once",
            ),
            models.CheckConstraint(condition=Q(n__gte=0), name="summary_counts_up"),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.subject} {self.ref} {self.dimension} {self.member}".rstrip()


class SummaryDelta(models.Model):
    """What one save adds to the sums of one month and version (or takes away), until a job has folded it in."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    response = models.ForeignKey(Response, models.CASCADE, related_name="+")
    month = models.DateField()
    version = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="+")
    #: {dimension, "whole" for '': {subject: [[ref, member, part, n, total, squares, top, bottom, low], …]}}: whole
    #: numbers, total in ten-thousandths and squares in their squares; negative where taken away
    entries = models.JSONField()
    written_at = models.DateTimeField()

    objects = StoreScoped.as_manager()

    class Meta:
        indexes = [models.Index(fields=["store", "month"], name="delta_store_month")]

    def __str__(self) -> str:
        return f"{self.month} {self.response_id}"


class StoreSums(models.Model):
    """Whether the sums of a store are built; locked by whoever folds or rebuilds them, never by a save."""

    store = models.OneToOneField(Store, models.CASCADE, related_name="+")
    #: NULL = not yet, so that readers ask the raw answers
    built_at = models.DateTimeField(null=True, blank=True)

    objects = StoreScoped.as_manager()

    def __str__(self) -> str:
        return f"{self.store_id} {self.built_at or ''}".rstrip()
