"""T53 and T54: every address × every role × own store, other store, nobody, as written; refused is unchanged.

Each test walks one address; every statement that writes is seen, and one fingerprint at the end covers the whole walk.
"""

import pytest

from crm_site.accounts.models import Role
from crm_site.accounts.policy import roles_for
from crm_site.audit.models import Refusal
from tests.access import matrix
from tests.access.routes import Route
from tests.access.table import OPEN, ROWS, SHARED, TAKEN_BACK
from tests.access.world import (
    CANARY,
    DISABLED,
    GUARDED,
    HOMELESS,
    NOBODY,
    ROUTES,
    TWO,
    World,
    built,
    names_a_row,
    savepoint,
)
from tests.fingerprint import fingerprint

pytestmark = [pytest.mark.django_db, pytest.mark.long]

BOTH = ("get", "post")
NAMED = [route for route in GUARDED if names_a_row(route)]
NOT_OF_THE_FRONTLINE = [route for route in NAMED if Role.FRONTLINE not in roles_for(route.capability)]
written: dict[str, dict[str, str]] = matrix.written()


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), built() as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def _whole(world):
    """Nothing that the tests of this file did is left, and the page is written if that was asked for."""
    before = fingerprint()
    yield
    assert fingerprint() == before


# ---- the tables ------------------------------------------------------------------------------------------------------


def test_every_address_is_guarded_or_listed_as_open():
    assert {route.name for route in ROUTES if route.capability is None} == OPEN
    assert [route.name for route in ROUTES if route.capability == "unguarded"] == []


def test_every_address_that_names_a_row_says_how_to_make_one():
    assert {route.name for route in NAMED} - set(ROWS) == set()


def test_the_tables_name_no_address_that_is_gone():
    assert (set(ROWS) | set(SHARED)) - {route.name for route in ROUTES} == set()
    assert set(matrix.written()) - {route.name for route in GUARDED} == set()


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.name)
def test_the_written_matrix_follows_the_written_policy(route):
    if matrix.IS_WRITTEN_ANEW:
        pytest.skip("the page is being written anew")
    line = matrix.written().get(route.name)
    assert line, "has no line in docs/access.md; how to write it stands in tests/access/matrix.py"
    assert line["capability"] == route.capability
    for role in matrix.ROLES:
        shut = {answer for answer in line[role].split() if answer != "405"} == {"403"}
        assert shut or role in matrix.allowed()[route.capability], role


# ---- the walk --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.name)
def test_every_role_is_answered_as_written(route, world):
    line = {"capability": route.capability}
    for name in matrix.COLUMNS:
        line[name] = " ".join(str(one_answer(world, route, name, method)) for method in BOTH)
    written[route.name] = line
    if matrix.IS_WRITTEN_ANEW:
        matrix.write({one.name: written[one.name] for one in GUARDED if one.name in written})
    else:
        assert line == matrix.written()[route.name]


def one_answer(world: World, route: Route, name: str, method: str) -> int:
    """The status; on the way: a GET and a refusal write nothing, what is refused is logged, no text of store B."""
    with savepoint():
        answer = world.house.ask(world.cookies[name], method, world.url(route))
        about = f"{name} {method}"
        assert answer.status < 500, about
        if (method == "get" or answer.status in (403, 404, 405)) and route.name not in TAKEN_BACK:
            assert not answer.changed, about
        if answer.status == 403:
            assert logged(world, name, route, method), about
        if name != TWO:
            assert CANARY not in answer.said, f"{about}: {around(answer.said)}"
        return answer.status


def logged(world: World, name: str, route: Route, method: str) -> bool:
    """Whether the log of refusals has this request."""
    rows = Refusal.objects.filter(user_id=world.users[name].pk, url_name=route.name, method=method.upper())
    return rows.exists()


def around(text: str) -> str:
    """Where a canary stands."""
    at = text.index(CANARY)
    return text[max(at - 80, 0) : at + 40]


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.name)
def test_who_is_not_signed_in_or_has_no_store_gets_nothing(route, world):
    for name in (NOBODY, DISABLED, HOMELESS):
        for method in BOTH:
            answer = world.house.ask(world.cookies[name], method, world.url(route))
            if answer.status == 405 and method == "get":
                continue
            assert (answer.status, answer.headers["Location"][:9]) == (302, "/sign-in/"), (name, method)
            assert not answer.changed, (name, method)
            assert CANARY not in answer.said


@pytest.mark.parametrize("route", NAMED, ids=lambda route: route.name)
def test_a_row_of_another_store_is_not_there_and_the_attempt_is_logged(route, world):
    url = world.url(route, world.there)
    for role in sorted(roles_for(route.capability)):
        for method in BOTH:
            answer = world.house.ask(world.cookies[role], method, url)
            assert answer.status in (404, 405), (role, method, answer.status)
            assert not answer.changed, (role, method)
            assert answer.status == 405 or foreign_logged(world, role, route, method), (role, method)
            assert CANARY not in answer.said


def foreign_logged(world: World, role: str, route: Route, method: str) -> bool:
    """Whether the attempt at a foreign row is in the log, with the row."""
    rows = Refusal.objects.filter(user_id=world.users[role].pk, url_name=route.name, method=method.upper())
    return rows.filter(reason="store", subject_id__isnull=False).exists()


@pytest.mark.parametrize("route", NOT_OF_THE_FRONTLINE, ids=lambda route: route.name)
def test_what_one_is_elsewhere_opens_nothing_here(route, world):
    """Manager of store B, frontline of store A: a row of A is the frontline's, whatever a manager may."""
    for method in BOTH:
        answer = world.house.ask(world.cookies[TWO], method, world.url(route))
        assert answer.status in (403, 404, 405), (method, answer.status)
        assert not answer.changed
