"""The access table: what stands behind every address that names a row, and which addresses need no sign-in.

A new address fails the build until it is entered here: `OPEN` for pages before signing in, `ROWS` for addresses that
name a row (how to build that row in a store, so that a stranger can be sent to it).
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from crm_site.reports.actions import build_draft
from tests import factories

#: addresses that anybody may ask for
OPEN = {"accounts:sign_in", "accounts:sign_out", "accounts:language"}

#: address -> (how to make what it names in a store -> its arguments)
Maker = Callable[[Any], dict[str, Any]]


def _pk(factory: Any, **values: Any) -> Maker:
    return lambda store: {"pk": factory(store=store, **values).pk}


EMPLOYEE = _pk(factories.EmployeeFactory)

CUSTOMER = _pk(factories.CustomerFactory)


def _phone(store: Any) -> dict[str, Any]:
    return {"pk": factories.PhoneFactory(customer__store=store).pk}


def _contact(store: Any) -> dict[str, Any]:
    return {"pk": factories.ContactFactory(customer__store=store).pk}


def _ban(store: Any) -> dict[str, Any]:
    return {"pk": factories.ContactBanFactory(customer__store=store).pk}


def _role(store: Any) -> dict[str, Any]:
    return {"pk": factories.VehicleRoleFactory(vehicle__store=store).pk}


def _car(store: Any) -> dict[str, Any]:
    role = factories.VehicleRoleFactory(vehicle__store=store)
    return {"pk": role.vehicle_id, "customer_pk": role.customer_id}


def _report(store: Any) -> dict[str, Any]:
    return {"pk": build_draft(store, date(2026, 8, 1), None, now=factories.NOON).pk}


ROWS: dict[str, Maker] = {
    "reports:report": _report,
    "reports:chart": _report,
    "reports:tickets": _report,
    "reports:answers": _report,
    "reports:workbook": _report,
    "reports:publish": _report,
    "reports:reopen": _report,
    "customers:card": CUSTOMER,
    "customers:edit": CUSTOMER,
    "customers:restrict": CUSTOMER,
    "customers:phone_new": CUSTOMER,
    "customers:contact_new": CUSTOMER,
    "customers:ban_new": CUSTOMER,
    "customers:vehicle_new": CUSTOMER,
    "customers:vehicle": _car,
    "customers:vehicle_state": _car,
    "customers:role_new": _car,
    "customers:role_end": _role,
    "customers:phone": _phone,
    "customers:reveal": _phone,
    "customers:phone_state": _phone,
    "customers:phone_remove": _phone,
    "customers:contact": _contact,
    "customers:ban_lift": _ban,
    "accounts:person": EMPLOYEE,
    "accounts:person_change": EMPLOYEE,
    "accounts:person_post": EMPLOYEE,
    "accounts:person_left": EMPLOYEE,
    "accounts:person_sign_in": EMPLOYEE,
    "accounts:person_role": EMPLOYEE,
    "accounts:person_active": EMPLOYEE,
    "accounts:person_password": EMPLOYEE,
}
