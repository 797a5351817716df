"""Calls that are due, with just enough around them."""

from collections.abc import Callable

import pytest

from revisits.models import Revisit, RevisitRule, State
from satisfaction.models import QuestionnaireVersion
from tests.complaints.conftest import story
from tests.factories import (
    DAY,
    NOON,
    CustomerFactory,
    DeliveryFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
)

#: fixtures of another room that tests of this one stand on
__all__ = ["story"]


def make_task(store, code: str = "DLV_D3", **values) -> Revisit:
    """A due call of a rule with its fact, customer, car and number."""
    rule = RevisitRule.objects.get(store=None, code=code)
    version = rule.versions.get()
    customer = values.pop("customer", None) or CustomerFactory(store=store)
    vehicle = values.pop("vehicle", None) or VehicleFactory(store=store)
    phone = values.pop("phone", None) or PhoneFactory(customer=customer)
    form = QuestionnaireVersion.objects.filter(questionnaire=version.questionnaire, state="published").first()
    fact = _fact(code, store, customer, vehicle, values)
    defaults = {
        "anchor_on": DAY,
        "due_on": DAY,
        "expires_on": DAY,
        "priority": rule.priority,
        "created_at": NOON,
        "questionnaire_version": form,
        "state": State.DUE,
    }
    return Revisit.objects.create(
        store=store, rule=rule, rule_version=version, customer=customer, vehicle=vehicle, phone=phone,
        **(defaults | fact | values),
    )  # fmt: skip


def _fact(code, store, customer, vehicle, values) -> dict:
    if values.get("complaint"):
        return {"anchor_key": f"complaint:{values['complaint'].pk}:solved:1"}
    if code.startswith("DLV"):
        delivery = values.pop("delivery", None) or DeliveryFactory(store=store, customer=customer, vehicle=vehicle)
        return {"delivery": delivery, "anchor_key": f"delivery:{delivery.pk}"}
    order = values.pop("repair_order", None) or RepairOrderFactory(store=store, customer=customer, vehicle=vehicle)
    return {"repair_order": order, "anchor_key": f"order:{order.pk}"}


@pytest.fixture
def task(db) -> Callable[..., Revisit]:
    """task(store, code, **values) -> a due call."""
    return make_task
