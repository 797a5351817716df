"""The job ledger: what is to be done, how far it is, and who holds it; the queue only carries its key."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import Reference


class State(models.TextChoices):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobQuerySet(Reference):
    """Reads of the ledger; a job without a store belongs to the whole company and shows no store's rows."""

    def open(self) -> Self:
        """Not yet ended."""
        return self.filter(state__in=[State.QUEUED, State.RUNNING])

    def claimable(self, now: datetime) -> Self:
        """Queued and due, or running under a lease that ran out (its worker died)."""
        return self.filter(Q(state=State.QUEUED, due_at__lte=now) | Q(state=State.RUNNING, lease_until__lt=now))

    def unsent_since(self, moment: datetime) -> Self:
        """Those about which no message has been sent since a moment: it may have been lost."""
        return self.filter(Q(sent_at=None) | Q(sent_at__lt=moment))

    def held_by(self, holder: str) -> Self:
        """What one worker runs now; nothing once somebody else has taken over."""
        return self.filter(state=State.RUNNING, holder=holder)


class Job(models.Model):
    """One piece of background work, unique by (kind, key); a second request or delivery finds the first."""

    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="jobs")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    #: jobs of one lane run one at a time (e.g. "import:7"); empty = no such limit
    lane = models.CharField(max_length=60, blank=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    requested_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    #: when the queue was last told to look at it
    sent_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    #: who runs it: a random token, so that a worker thought dead cannot go on writing
    holder = models.CharField(max_length=36, blank=True)
    lease_until = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    stage = models.CharField(max_length=40, blank=True)
    done = models.BigIntegerField(default=0)
    #: how far any attempt has come; whoever gets further has all attempts left again
    furthest = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    result = models.JSONField(default=dict)
    #: a code that is turned into words at display; never a traceback
    error = models.CharField(max_length=60, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "due_at"], name="job_state_due"),
            models.Index(fields=["lane", "state"], name="job_lane_state"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="job_once_a_key"),
            models.UniqueConstraint(
                fields=["lane"], condition=Q(state="running") & ~Q(lane=""), name="job_one_running_a_lane"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="job_state_known"),
            models.CheckConstraint(condition=Q(done__lte=F("total")) | Q(total=0), name="job_done_within_total"),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False), name="job_running_has_lease"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.state in {State.QUEUED, State.RUNNING}

    @property
    def percent(self) -> int | None:
        """0–100, None where the total is not known yet."""
        return min(100, self.done * 100 // self.total) if self.total else None


class Beat(models.Model):
    """When a clockwork last ticked, or a rare deed of the operator was last done (backup, drill)."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()
    #: since when it has ticked without a pause; NULL for what does not tick
    since = models.DateTimeField(null=True)
    #: what there is to tell of it: plain figures and names, nothing of persons
    detail = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name


class PeriodicRun(models.Model):
    """The last run of one entry of CELERY_BEAT_SCHEDULE and what was special lately: one row a name, kept in place."""

    name = models.CharField(max_length=60, unique=True)
    started_at = models.DateTimeField()
    seconds = models.FloatField()
    #: what the task gave, mostly how many rows or jobs; NULL where it gives no number or failed
    rows = models.BigIntegerField(null=True)
    #: '' when it went well, else the name of what it broke off with
    error = models.CharField(max_length=60, blank=True)
    failed_at = models.DateTimeField(null=True)
    #: the slowest run of the last day
    slowest_seconds = models.FloatField(default=0)
    slowest_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(seconds__gte=0), name="periodic_run_seconds_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name
