"""The access table: what stands behind every address that names a row, and which addresses need no sign-in.

A new address fails the build until it is entered here: `OPEN` for pages before signing in, `ROWS` for addresses that
name a row (how to build that row in a store, so that a stranger can be sent to it).
"""

from collections.abc import Callable
from typing import Any

from tests import factories

#: addresses that anybody may ask for
OPEN = {"accounts:sign_in", "accounts:sign_out", "accounts:language"}

#: address -> (how to make what it names in a store -> its arguments)
Maker = Callable[[Any], dict[str, Any]]


def _pk(factory: Any, **values: Any) -> Maker:
    return lambda store: {"pk": factory(store=store, **values).pk}


EMPLOYEE = _pk(factories.EmployeeFactory)

ROWS: dict[str, Maker] = {
    "accounts:person": EMPLOYEE,
    "accounts:person_change": EMPLOYEE,
    "accounts:person_post": EMPLOYEE,
    "accounts:person_left": EMPLOYEE,
    "accounts:person_sign_in": EMPLOYEE,
    "accounts:person_role": EMPLOYEE,
    "accounts:person_active": EMPLOYEE,
    "accounts:person_password": EMPLOYEE,
}
