"""What the pool depends on from day to day: who is away, which rules are behind their share, who may call at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, QuerySet

from crm_site.accounts.models import Employee, Membership, Role
from crm_site.core.compiled import compiled
from crm_site.worktime.models import Absence
from revisits.models import CallAttempt, RuleVersion


@dataclass(frozen=True)
class Away:
    """The people of a store who make no calls on a day."""

    left: tuple[int, ...] = ()
    on_leave: tuple[int, ...] = ()

    @property
    def everybody(self) -> tuple[int, ...]:
        """Both together."""
        return self.left + self.on_leave


def away(store_id: int, day: date) -> Away:
    """Who has left a store before a day, and who is away on it; one query."""
    rows = _gone(store=store_id, day=day)
    left = tuple(pk for pk, left_on in rows if left_on and left_on < day)
    return Away(left, tuple(pk for pk, _left_on in rows if pk not in left))


def behind(store_id: int, day: date) -> list[int]:
    """The rules with a share of the day's dials (LOST, INS) that have had less than it so far; two queries.

    So the last class of the list is not starved on a full day: after ten dials one of them was a loss call.
    """
    made = dict(_dials(store=store_id, day=day))
    total = sum(made.values())
    if not total:
        return []
    shares = _shares(store=store_id, day=day)
    return [rule_id for rule_id, share in shares if made.get(rule_id, 0) < total * share // 100]


# ---- asked for every call that is taken ------------------------------------------------------------------------------


@compiled
def _gone(*, store: int, day: date) -> QuerySet[Employee, tuple[int, date | None]]:
    absent = Absence.objects.filter(store_id=store).on(day).values("employee_id")
    gone = Employee.objects.filter(store_id=store).filter(Q(left_on__lt=day) | Q(pk__in=absent))
    return gone.order_by("pk").values_list("pk", "left_on")


@compiled
def _dials(*, store: int, day: date) -> QuerySet[CallAttempt, tuple[int, int]]:
    rows = CallAttempt.objects.filter(store_id=store, called_on=day).order_by()
    return rows.values_list("revisit__rule_id").annotate(count=Count("pk"))


@compiled
def _shares(*, store: int, day: date) -> QuerySet[RuleVersion, tuple[int, int]]:
    quotas = RuleVersion.objects.in_force(day).filter(capacity=RuleVersion.Capacity.QUOTA, is_on=True)
    quotas = quotas.filter(Q(rule__store=None) | Q(rule__store_id=store))
    return quotas.order_by("rule_id").values_list("rule_id", "capacity_number")


def callers(store_ids: Iterable[int], day: date, roles: Iterable[str] = (Role.SPECIALIST,)) -> QuerySet[Employee]:
    """Who makes calls in some stores: employed on the day, with a sign-in that works and one of the roles there."""
    members = Membership.objects.filter(role__in=list(roles), user__is_active=True, store_id__in=list(store_ids))
    rows = Employee.objects.filter(store_id__in=list(store_ids), user__is_active=True).employed_on(day)
    return rows.filter(user__memberships__in=members, user__memberships__store=F("store")).distinct()
