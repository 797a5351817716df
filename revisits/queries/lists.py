"""The due list: its buckets and figures, its filters; the list of all calls; skips."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, IntegerField, Max, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from crm_site.accounts.models import Role
from crm_site.core import clock
from revisits.models import CALLABLE_STATES, CallAttempt, GenerationRun, Revisit, RevisitOrder, Skip, State
from revisits.models.tasks import in_time, of_consultant
from revisits.queries.desk import OWNERS_OF, in_workshop

#: the parts of the due list in their order; each call is in exactly one
PROMISED, OVERDUE, LAST_DAY, DUE = "promised", "overdue", "last_day", "due"
BUCKETS = (PROMISED, OVERDUE, LAST_DAY, DUE)


@dataclass(frozen=True)
class DueFilters:
    """What the user narrowed the due list to; '' = everything."""

    bucket: str = ""
    rule: str = ""
    owner: str = ""
    result: str = ""
    series: str = ""


def due_list(user: Any, now: datetime, today: date) -> QuerySet[Revisit]:
    """The calls on today's list that this user may make or watch, each with its `bucket` (0…3, see BUCKETS)."""
    bucket = Case(
        When(promised_at__isnull=False, then=Value(0)),
        When(expires_on__lt=today, then=Value(1)),
        When(expires_on=today, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    return mine_today(user, today).annotate(bucket=bucket)


def mine_today(user: Any, today: date) -> QuerySet[Revisit]:
    """The same calls without their bucket, to be counted on every page."""
    return on_list(Revisit.objects.visible_to(user).filter(_owned_by_role(user)), today)


def on_list(rows: QuerySet[Revisit], today: date) -> QuerySet[Revisit]:
    """Those of the calls that stand on today's list: due, at most some days overdue, not put off to a later day.

    Calls that are made together with another one stand there with it, not by themselves.
    """
    _start, tomorrow = clock.day_bounds(today)
    rows = rows.filter(in_time(today), state__in=CALLABLE_STATES, head=None, due_on__lte=today)
    for moment in ("promised_at", "not_before"):
        rows = rows.filter(Q((moment, None)) | Q((f"{moment}__lt", tomorrow)))
    return rows


def _owned_by_role(user: Any) -> Q:
    """A specialist's list holds the desk's calls, a consultant's those of his customers; a manager sees all."""
    scope = Q(pk__in=[])
    for store_id in user.store_ids:
        role = user.role_in(store_id)
        mine = Q(assigned_to__user=user)
        here = Q()
        if role in {Role.SPECIALIST, Role.FRONTLINE}:
            pooled = Q(rule_version__owner_role__in=OWNERS_OF[role], assigned_to=None)
            here = mine | (pooled & of_consultant(user) if role == Role.FRONTLINE else pooled)
        if role == Role.DIRECTOR:
            here = mine
        scope |= Q(here, store_id=store_id)
    return scope


def narrowed(rows: QuerySet[Revisit], filters: DueFilters, user: Any, now: datetime) -> QuerySet[Revisit]:
    """The due list under the user's filters."""
    if filters.bucket in BUCKETS:
        rows = rows.filter(bucket=BUCKETS.index(filters.bucket))
    if filters.rule:
        rows = rows.filter(rule__code=filters.rule)
    if filters.result:
        rows = (
            rows.filter(last_result__code=filters.result) if filters.result != "none" else rows.filter(last_result=None)
        )
    if filters.series:
        rows = rows.filter(vehicle__series=filters.series)
    return _of_owner(rows, filters.owner, user, now)


def _of_owner(rows: QuerySet[Revisit], owner: str, user: Any, now: datetime) -> QuerySet[Revisit]:
    if owner == "me":
        return rows.filter(Q(promised_by__user=user) | Q(claimed_by__user=user, lease_until__gte=now))
    if owner == "desk":
        return rows.filter(rule_version__owner_role=Role.SPECIALIST)
    if owner == "given":
        return rows.filter(assigned_to__user=user)
    if owner == "pool":
        return rows.unclaimed(now).filter(promised_by=None)
    if owner == "now":
        return rows.unclaimed(now).filter(Q(not_before=None) | Q(not_before__lte=now))
    return rows


def figures(rows: QuerySet[Revisit]) -> dict[str, Any]:
    """The counts of the buckets, the next promise and the oldest deadline, in one query."""
    parts = {name: Count("pk", filter=Q(bucket=place)) for place, name in enumerate(BUCKETS)}
    return rows.order_by().aggregate(
        total=Count("pk"),
        next_promise=Min("promised_at", filter=Q(bucket=0)),
        oldest=Min("expires_on", filter=Q(bucket=1)),
        scored=Count("pk", filter=Q(bucket=3, rule_version__purpose="revisit")),
        **parts,
    )


def in_order(rows: QuerySet[Revisit], today: date) -> QuerySet[Revisit]:
    """Promises by their time, then by bucket, priority and deadline; with everything that a line of the list shows."""
    rows = rows.annotate(in_workshop=in_workshop(today))
    return _with_relations(rows).order_by("bucket", "promised_at", "priority", "expires_on", "due_on", "pk")


def _with_relations(rows: QuerySet[Revisit]) -> QuerySet[Revisit]:
    """What a line shows; the few rules, results and people once for the page, not joined to each of its lines."""
    further = RevisitOrder.objects.filter(revisit=OuterRef("pk")).order_by().values("revisit")
    covered = Coalesce(Subquery(further.annotate(count=Count("pk")).values("count")), 0)
    lines = rows.annotate(covered=covered).select_related("customer", "vehicle", "phone", "rule_version")
    return lines.prefetch_related(
        "rule",
        "delivery__sales_consultant",
        "repair_order",
        "complaint",
        "last_result",
        "claimed_by",
        "promised_by",
    )


def all_calls(user: Any) -> QuerySet[Revisit]:
    """Every call that this user may see, newest due day first."""
    return _with_relations(Revisit.objects.visible_to(user))


def skips(user: Any) -> QuerySet[Skip]:
    """Every skip that this user may see."""
    return Skip.objects.visible_to(user).select_related("rule", "customer", "vehicle")


def series_of(rows: QuerySet[Revisit]) -> list[str]:
    """The car series on a list."""
    return list(
        rows.exclude(vehicle=None)
        .exclude(vehicle__series="")
        .order_by("vehicle__series")
        .values_list("vehicle__series", flat=True)
        .distinct()
    )


def done_on(user: Any, day: date) -> int:
    """How many calls of the user's stores and role ended on a day by being made."""
    return done_rows(user, day).count()


def done_rows(user: Any, day: date) -> QuerySet[Revisit]:
    """The calls of the user's stores and role that ended on a day by being made."""
    ended = Revisit.objects.visible_to(user).filter(_owned_by_role(user), ended_on=day)
    return ended.filter(state__in=[State.DONE, State.FAILED], last_attempt_at__isnull=False)


def attempts_of(user: Any, day: date) -> tuple[int, int]:
    """(dialled, reached) of one person on a day."""
    rows = CallAttempt.objects.filter(by__user=user, called_on=day)
    counts = rows.aggregate(dialled=Count("pk"), reached=Count("pk", filter=Q(result__reached=True)))
    return counts["dialled"], counts["reached"]


def last_run(user: Any) -> datetime | None:
    """When the list was last brought up to date, for the oldest of the user's stores."""
    ended = GenerationRun.objects.visible_to(user).values("store_id").annotate(last=Max("ended_at"))
    return min((row["last"] for row in ended if row["last"]), default=None)
