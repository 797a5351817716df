"""Responses for the tests of satisfaction: short to write, recorded by the real action."""

import uuid
from datetime import date
from decimal import Decimal

from crm_site.core import clock
from satisfaction import actions, rules
from satisfaction.models import Response
from satisfaction.queries import current_version
from tests.factories import DAY, CustomerFactory, DeliveryFactory, EmployeeFactory, RepairOrderFactory

SHORT = ("clean_comfortable", "reception", "fixed_first_time", "charges_transparent", "on_time")


def given(code: str, value: int | None, reason: str = "") -> rules.Given:
    """An answer: a number, or None for "does not apply"."""
    if value is None:
        return rules.Given(code, rules.NOT_APPLICABLE)
    return rules.Given(code, rules.GIVEN, Decimal(value), reason=reason)


def short_answers(mark: int | None = 9, *, overall: int = 9, **marks: int | None) -> list[rules.Given]:
    """All items of the short CSI: `mark` for each, others by code; a low one gets words."""
    values = {code: marks.get(code, mark) for code in SHORT} | {"overall": overall, "come_again": 9}
    return [
        given(code, value, "等得太久" if value is not None and value <= 6 else "") for code, value in values.items()
    ]


def respond(
    store,
    *,
    code="CSI_SHORT",
    answers=None,
    day: date = DAY,
    by=None,
    decision="settled",
    order=None,
    delivery=None,
    **more,
) -> Response:
    """Record one response of a store on a day; with a repair order (or delivery) of known people."""
    occasion = order or delivery
    return actions.record_response(
        current_version(code, store.pk),
        store_id=store.pk,
        customer=occasion.customer if occasion else CustomerFactory(store=store),
        vehicle=occasion.vehicle if occasion else None,
        delivery=delivery,
        repair_order=order,
        asked_by=by or EmployeeFactory(store=store),
        channel=more.pop("channel", "phone"),
        at=clock.at(day, 10),
        answers=short_answers() if answers is None else answers,
        decision=decision,
        submission=more.pop("submission", None) or uuid.uuid4(),
        **more,
    )


def order_of(store, advisor=None, technician=None):
    """A repair order with its advisor and one technician."""
    order = RepairOrderFactory(vehicle__store=store, service_advisor=advisor)
    if technician:
        order.technicians.create(
            store=store, trade="mechanical", technician=technician, technician_name=technician.name
        )
    return order


def delivery_of(store, consultant=None, specialist=None):
    """A delivery with its people."""
    return DeliveryFactory(vehicle__store=store, sales_consultant=consultant, delivery_specialist=specialist)
