"""Calls for tests: a due task with everything around it, and what a caller writes down about it."""

import uuid
from datetime import timedelta

from revisits import actions
from revisits.actions import Call, TicketWanted
from revisits.generator import generate
from revisits.models import CallAttempt, Revisit
from satisfaction.rules import Given
from tests.factories import (
    DAY,
    NOON,
    CustomerFactory,
    DeliveryFactory,
    EmployeeFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
)
from tests.satisfaction.surveys import short_answers

__all__ = ["DAY", "NOON", "TicketWanted", "after", "answers", "call", "delivery_task", "save", "service_task"]

WORDS = "换完刹车片第二天低速踩下去还是吱吱响"


def after(minutes: int):
    """A moment so many minutes after noon of DAY."""
    return NOON + timedelta(minutes=minutes)


def service_task(store, *, form="CSI_SHORT", numbers=1, advisor=None, **order) -> Revisit:
    """The call three days after a repair; the form is drawn by chance, so tests say which."""
    from satisfaction.queries import current_version

    customer = order.pop("customer", None) or CustomerFactory(store=store, name="周晓岚", salutation="女士")
    for rank in range(1, numbers + 1):
        PhoneFactory(customer=customer, rank=rank)
    fact = RepairOrderFactory(
        vehicle=VehicleFactory(store=store),
        customer=customer,
        service_advisor=advisor or EmployeeFactory(store=store, name="罗雪"),
        **order,
    )
    generate(store.pk, DAY)
    task = Revisit.objects.get(repair_order=fact)
    task.questionnaire_version = current_version(form, store.pk)
    task.save(update_fields=["questionnaire_version"])
    return task


def delivery_task(store, code="DLV_D3", ago=3, **delivery) -> Revisit:
    """A call after a delivery, by the code of its rule."""
    customer = CustomerFactory(store=store, name="蒲建国")
    PhoneFactory(customer=customer)
    delivery.setdefault("sales_consultant", EmployeeFactory(store=store))
    fact = DeliveryFactory(
        vehicle=VehicleFactory(store=store), customer=customer, delivered_on=DAY - timedelta(days=ago), **delivery
    )
    generate(store.pk, DAY)
    return Revisit.objects.get(rule__code=code, delivery=fact)


def answers(**marks) -> list[Given]:
    """The short CSI, 9 everywhere but where it says otherwise; low answers get WORDS."""
    return [
        Given(one.question_code, one.state, one.value, reason=WORDS if one.reason else "")
        for one in short_answers(**marks)
    ]


def call(result="SUCCESS", **said) -> Call:
    """What a caller wrote down; a success answers the short CSI."""
    said.setdefault("submission", uuid.uuid4())
    said.setdefault("started_at", NOON)
    if result == "SUCCESS":
        said.setdefault("answers", answers())
    return Call(result_code=result, **said)


def save(task: Revisit, person, result="SUCCESS", *, at=None, **said) -> CallAttempt:
    """Save a call as this person, three minutes after noon, all that is joined to it seen; the task is read anew."""
    said.setdefault("purposes", {})
    said["purposes"] = dict.fromkeys(task.joined.values_list("pk", flat=True), "") | said["purposes"]
    made = actions.save_call(task.pk, by=person.employee, call=call(result, **said), now=at or after(3))
    task.refresh_from_db()
    return made
