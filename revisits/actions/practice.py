"""Practice: an invented call that is really in the store while one request lasts, and what is kept of it after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from crm_site.accounts.models import Employee
from crm_site.core import clock
from customers.models import Customer, Phone, RepairOrder, Vehicle, VehicleRole
from revisits import queries
from revisits.defaults.practice import GOOD_TIME, WORK_DONE, Case
from revisits.models import Anchor, Joined, PracticeCall, Revisit, RevisitRule, State
from revisits.rules.practice import Review
from satisfaction.queries import current_version

#: invented keys lie where no sequence comes, a stretch for each employee: two who practise do not wait for each other
FIRST_KEY, KEYS_EACH = 8 * 10**18, 100
#: numbers of this range are not given out
NUMBER = "19900000000"
#: the visit that an invented call is about
DAYS_AGO = 3
LEASE = timedelta(hours=4)


@contextmanager
def invented(case: Case, *, by: Employee, now: datetime) -> Iterator[Revisit]:
    """The call of a case as a row of the person's store, claimed by them; when the block ends it has never been there.

    Whatever the block writes (by the real actions) is rolled back too, jobs and notices included. Keep the block short:
    on SQLite it holds the one write lock.
    """
    with transaction.atomic():
        try:
            yield _make(case, by, now)
        finally:
            transaction.set_rollback(True)


def _make(case: Case, by: Employee, now: datetime) -> Revisit:
    """Customer, car, number, visit and task, all with invented keys."""
    key, today = FIRST_KEY + by.pk * KEYS_EACH, clock.business_day(now)
    person = Customer.objects.create(
        pk=key, store_id=by.store_id, name=case.customer, salutation=case.salutation, created_at=now,
        marketing_consent=True, preferred_time=GOOD_TIME, birthday=date(1986, 5, 20),
    )  # fmt: skip
    car = Vehicle.objects.create(
        pk=key, store_id=by.store_id, series=case.series, plate_no=case.plate, created_at=now,
        insurance_until=today + timedelta(days=30), next_maintenance_on=today + timedelta(days=5),
    )  # fmt: skip
    phone = Phone.objects.create(pk=key, store_id=by.store_id, customer=person, number=NUMBER)
    VehicleRole.objects.create(pk=key, store_id=by.store_id, vehicle=car, customer=person, role=VehicleRole.Kind.OWNER)
    about = {"store_id": by.store_id, "customer": person, "vehicle": car, "phone": phone}
    order = _order(case, key, about, today) if case.form else None
    head = _task(case.rule, key, about | {"repair_order": order}, case, by=by, now=now)
    for number, code in enumerate(case.joined, start=1):
        _task(code, key + number, about | {"head": head, "joined_as": Joined.PURPOSE}, case, by=None, now=now)
    return queries.for_desk().get(pk=head.pk)


def _order(case: Case, key: int, about: dict, today: date) -> RepairOrder:
    day = today - timedelta(days=DAYS_AGO)
    return RepairOrder.objects.create(
        pk=key, store_id=about["store_id"], vehicle=about["vehicle"], customer=about["customer"],
        order_number=f"LX{key % FIRST_KEY:06d}", checked_in_on=day, handed_back_on=day, released_on=day,
        recorded_on=day, items=WORK_DONE,
    )  # fmt: skip


def _task(code: str, key: int, about: dict, case: Case, *, by: Employee | None, now: datetime) -> Revisit:
    """One task; the one with a caller is claimed and given to them, so that any role may make it."""
    store_id, today = about["store_id"], clock.business_day(now)
    rules = RevisitRule.objects.for_store(store_id).filter(code=code)
    rule = max(rules, key=lambda row: row.store_id is not None)
    claim = {"claimed_by": by, "claimed_at": now - LEASE, "lease_until": now + LEASE, "assigned_to": by} if by else {}
    version = rule.versions.order_by("-number")[0]
    anchor_key, anchor_on = _anchor(version.anchor, about, today)
    return Revisit.objects.create(
        pk=key, rule=rule, rule_version=version, anchor_key=anchor_key, anchor_on=anchor_on,
        due_on=today, expires_on=today + timedelta(days=3), state=State.DUE, priority=rule.priority, created_at=now,
        questionnaire_version=current_version(case.form, store_id) if case.form and by else None, **claim, **about,
    )  # fmt: skip


def _anchor(anchor: str, about: dict, today: date) -> tuple[str, date]:
    """The occasion as the generator would name it, so that the facts that stop a call find nothing to stop."""
    car = about["vehicle"]
    if anchor == Anchor.MAINTENANCE:
        return f"vehicle:{car.pk}:maintenance:after:0", car.next_maintenance_on
    if anchor == Anchor.INSURANCE:
        return f"vehicle:{car.pk}:insurance:{car.insurance_until}", car.insurance_until
    return f"order:{car.pk}", today - timedelta(days=DAYS_AGO)


@transaction.atomic
def keep(
    case: Case, review: Review, *, result: str, seconds: int, submission: UUID, by: Employee, now: datetime
) -> PracticeCall:
    """Remember what was right and what was missed; the same submission again gives the same row."""
    row, _is_new = PracticeCall.objects.get_or_create(
        store_id=by.store_id,
        submission=submission,
        defaults={
            "employee": by,
            "case": case.code,
            "made_at": now,
            "result_code": result,
            "findings": {"right": review.right, "missed": review.missed},
            "seconds": seconds,
        },
    )
    return row
