"""What may be called next, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Role
from crm_site.core.compiled import compiled
from customers.models import OrderState, RepairOrder
from revisits.generator import people
from revisits.generator.upkeep import TaskParty
from revisits.models import Revisit, RuleVersion
from revisits.models.tasks import of_consultant
from revisits.queries import conflict, pool
from revisits.rules import contact
from revisits.rules.contact import Number
from revisits.wording import reason_word

#: how many of the next calls are looked at in one go; others may take some of them meanwhile
LOOK_AHEAD = 10
#: what tells whether somebody served
OF_A_CALL = ("pk", "delivery_id", "repair_order_id", "complaint_id")
#: which owners' calls a role may take; a manager helps out everywhere
OWNERS_OF: dict[str, tuple[str, ...]] = {
    Role.SPECIALIST: (Role.SPECIALIST,),
    Role.FRONTLINE: (Role.FRONTLINE,),
    Role.MANAGER: tuple(Role.values),
    Role.DIRECTOR: (),  # only what a manager assigns, where nobody else may call
}
#: a promise whose time has passed by so much returns to the pool
PROMISE_KEPT_FOR = timedelta(hours=2)
#: 投诉确认 > promised > 满意度: where a promise that nobody kept stands among the priorities
PROMISED_PRIORITY = 20
#: an order that has been open for longer than this was forgotten, the car is not in the workshop
LONGEST_REPAIR = timedelta(days=30)


def waiting_for(by: Employee, role: str, *, now: datetime, today: date) -> QuerySet[Revisit]:
    """The calls that this person may take now, in the order in which they are to be taken.

    One's own promises at their time, then complaints, promises of others that were not kept, rules whose share of the
    day is behind, satisfaction, reminders, care, loss; within them what expires first, was due first, was tried least.
    Four queries at most, whatever waits. The order is explained in docs/decisions (pool and assignment).
    """
    return _line(role, today, **_case_of(by, role, now, today)).filter(conflict.allowed_to(by))


def first_in_line(
    by: Employee, role: str, *, now: datetime, today: date, passed: list[int]
) -> Sequence[conflict.Fact]:  # fmt: skip
    """The first LOOK_AHEAD of what waits for a person but what was passed, also where this person served.

    Whether they did is asked of many tables: who takes one call asks it of these few (conflict.free_for).
    """
    return _ahead(role, today, passed=passed, **_case_of(by, role, now, today))


def to_claim(revisit_id: int) -> Revisit:
    """One call with what is looked at while it is taken."""
    (revisit,) = _with_people(pk=revisit_id)
    if revisit.repair_order_id:  # not in the same statement: see for_desk
        (revisit.repair_order,) = _order(pk=revisit.repair_order_id)
    return revisit


def _case_of(by: Employee, role: str, now: datetime, today: date) -> dict[str, Any]:
    """Whose line it is, of a consultant also the user; the moment, since when a promise still belongs to one, who
    has left or is on leave, and the rules that are behind."""
    away = pool.away(by.store_id, today)
    user = {"user": by.user_id} if role == Role.FRONTLINE and by.user_id else {}
    return user | {
        "by": by.pk, "store": by.store_id, "now": now, "kept_since": now - PROMISE_KEPT_FOR,
        "left": list(away.left), "on_leave": list(away.on_leave), "behind": pool.behind(by.store_id, today),
    }  # fmt: skip


def _line(
    role: str, today: date, *, by: int, store: int, now: datetime, kept_since: datetime, left: list[int],
    on_leave: list[int], behind: list[int], user: int | None = None,
) -> QuerySet[Revisit]:  # fmt: skip
    rows = Revisit.objects.filter(store_id=store, head=None).callable_at(now, today).unclaimed(now)
    rows = rows.filter(_owned(role, by, user), _not_promised_to_another(by, kept_since, left + on_leave))
    rows = rows.filter(_not_assigned_to_another(by, today, left, on_leave))
    rows = rows.filter(Q(promised_at__isnull=False) | ~in_workshop(today))
    urgency = Case(
        When(promised_by=by, promised_at__lte=now, then=Value(0)),
        When(promised_at__lte=now, priority__gt=PROMISED_PRIORITY, then=Value(PROMISED_PRIORITY)),
        When(rule__pk__in=behind, then=Value(PROMISED_PRIORITY + 1)),
        default=F("priority"),
        output_field=IntegerField(),
    )
    return rows.annotate(urgency=urgency).order_by("urgency", "expires_on", "due_on", "tries_made", "pk")


@compiled
def _ahead(role: str, today: date, *, passed: list[int], **case: Any) -> QuerySet[Revisit, Any]:
    rows = _line(role, today, **case).exclude(pk__in=passed)
    return rows.values_list(*OF_A_CALL, named=True)[:LOOK_AHEAD]


def may_call(revisit: Revisit, by: Employee, role: str) -> bool:
    """Whether a person may make a certain call."""
    return not why_not(revisit, by, role)


def why_not(revisit: Revisit, by: Employee, role: str) -> str:
    """Why a person may not make a certain call, in words; '' when they may."""
    if not _is_theirs(revisit, by, role):
        return _("This call belongs to another role.")
    if not conflict.free_for([revisit], by):
        return _("You served this customer, or the complaint is about you. Somebody else makes this call.")
    if revisit.head_id is not None:
        return _("This call is made together with another one. Open that one.")
    return ""


def stop_message(reason: str) -> str:
    """Why a call must not be made although it is open, in words."""
    return _("This call must not be made: %(reason)s.") % {"reason": reason_word(reason)}


def _owned(role: str, by: int, user: int | None) -> Q:
    """The calls of a role, and what a manager gave this person; a consultant's are those of his own customers."""
    owned = Q(rule_version__in=RuleVersion.objects.filter(owner_role__in=OWNERS_OF.get(role, ())))
    if role == Role.FRONTLINE:
        owned &= of_consultant(user)
    return owned | Q(assigned_to=by)


def _is_theirs(revisit: Revisit, by: Employee, role: str) -> bool:
    """What _owned says, of one call at hand."""
    if revisit.assigned_to_id == by.pk:
        return True
    if revisit.rule_version.owner_role not in OWNERS_OF.get(role, ()):
        return False
    return role != Role.FRONTLINE or Revisit.objects.filter(of_consultant(by.user), pk=revisit.pk).exists()


def _not_promised_to_another(by: int, kept_since: datetime, away: list[int]) -> Q:
    """Promised calls are personal until two hours after their time, as long as who promised is there."""
    free = Q(promised_by=None) | Q(promised_by=by) | Q(promised_at__lt=kept_since)
    return free | Q(promised_by__pk__in=away)


def _not_assigned_to_another(by: int, today: date, left: list[int], on_leave: list[int]) -> Q:
    """A call given to somebody waits for them; on its last day no longer for who is away, never for who has left."""
    free = Q(assigned_to=None) | Q(assigned_to=by) | Q(assigned_to__pk__in=left)
    return free | Q(assigned_to__pk__in=on_leave, expires_on__lte=today)


def in_workshop(today: date) -> Exists:
    """The car stands in the workshop now: wait for its release."""
    return Exists(
        RepairOrder.objects.filter(
            vehicle_id=OuterRef("vehicle_id"), state=OrderState.OPEN, checked_in_on__gte=today - LONGEST_REPAIR
        )
    )


def waits_for_release(revisit: Revisit, today: date) -> bool:
    """Whether a call is left alone because its car stands in the workshop; a time that the customer named is kept."""
    if revisit.promised_at is not None or revisit.vehicle_id is None:
        return False
    return bool(_standing(today, pk=revisit.pk))


@compiled
def _standing(today: date, *, pk: int) -> QuerySet[Revisit, int]:
    return Revisit.objects.filter(in_workshop(today), pk=pk).order_by().values_list("pk", flat=True)


def has_joined(revisit: Revisit) -> bool:
    """Whether further open calls are made together with one; reading what they are costs five times as much."""
    return bool(_along(head=revisit.pk))


@compiled
def _along(*, head: int) -> QuerySet[Revisit, int]:
    return Revisit.objects.filter(head_id=head).open().order_by().values_list("pk", flat=True)[:1]


def for_desk() -> QuerySet[Revisit]:
    """One call with its store, customer, car, number and rule; the fact and the form are read when they are asked for.

    Not in one statement: PostgreSQL would take longer to find an order for seventeen joins than to read everything.
    """
    return Revisit.objects.select_related("store", "customer", "vehicle", "phone", "rule_version")


@compiled
def _with_people(*, pk: int) -> QuerySet[Revisit]:
    return Revisit.objects.filter(pk=pk).select_related("customer", "vehicle", "phone", "rule_version")


@compiled
def _order(*, pk: int) -> QuerySet[RepairOrder]:
    return RepairOrder.objects.filter(pk=pk)


def dial_list(revisit: Revisit, today: date) -> list[Number]:
    """All numbers to dial for a call, in the rule's order, without bad ones, employees' and those that have said no."""
    return _to_be_dialled(revisit, _around(revisit, today), today)


def shown_numbers(revisit: Revisit, today: date) -> set[int]:
    """The keys of the numbers that the page of a call shows in full: its own, whatever has come up, and the dial list.

    Two queries where nobody around the call has another number.
    """
    others = [number for number in _around(revisit, today) if number.phone_id != revisit.phone_id]
    found = {number.phone_id for number in _to_be_dialled(revisit, others, today)} if others else set()
    return found | ({revisit.phone_id} if revisit.phone_id else set())


def _around(revisit: Revisit, today: date) -> list[Number]:
    """The numbers of everybody around a call that the rule names, in its order."""
    party = TaskParty.of(revisit)
    return contact.numbers_in_order(revisit.rule_version.whom, people.People([party], today).of(party))


def _to_be_dialled(revisit: Revisit, numbers: list[Number], today: date) -> list[Number]:
    """Those of the numbers that are nobody's of the store and have not said no to calls of this purpose."""
    left_out = people.employee_numbers(revisit.store_id, today) | people.refused_numbers(
        [number.digits for number in numbers], revisit.rule_version.purpose, today
    )
    return [number for number in numbers if number.digits not in left_out]
