"""T57: no request of another site and no other method than GET, HEAD and POST gets in, whatever the address."""

import pytest

from crm_site.accounts.policy import roles_for
from tests.access import matrix
from tests.access.asking import Answer
from tests.access.routes import Route
from tests.access.table import OPEN
from tests.access.world import ROUTES, World, built
from tests.fingerprint import fingerprint

pytestmark = pytest.mark.django_db

#: the secret of a form and its cookie, of the length that Django makes
TOKEN = "t" * 32
ELSEWHERE = ("https://evil.example", "http://testserver.evil.example", "null", "http://127.0.0.1:9999")
OTHER_METHODS = ("put", "patch", "delete", "options", "trace")
#: without a token; or no post at all is taken there (the probe, which is answered before everything else)
REFUSED = (403, 405)
THEME = "accounts:theme"


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), built() as made:
        before = fingerprint()
        yield made
        assert fingerprint() == before


def whoever_may(world: World, route: Route) -> str:
    """The cookie of somebody to whom the address is open; nobody's for what is open to all."""
    return "" if route.capability is None else world.cookies[min(roles_for(route.capability))]


def address(world: World, route: Route) -> str:
    return world.url(route)


def of_name(name: str) -> Route:
    return next(route for route in ROUTES if route.name == name)


def cross(world: World, route: Route, **headers: str) -> Answer:
    """A post with a cookie and perhaps a token, as a browser sends it."""
    return world.house.ask(whoever_may(world, route), "post", address(world, route), csrf=True, **headers)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_post_without_its_token_is_refused_and_changes_nothing(route, world):
    answer = cross(world, route)
    assert answer.status in REFUSED
    assert not answer.changed


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_post_from_another_site_is_refused_even_with_a_token(route, world):
    url, cookie = address(world, route), whoever_may(world, route)
    with_token = {"x-csrftoken": TOKEN}
    for origin in ELSEWHERE if route.name == THEME else ELSEWHERE[:1]:
        answer = world.house.ask(cookie, "post", url, csrf=TOKEN, origin=origin, **with_token)
        assert answer.status in REFUSED, origin
        assert not answer.changed, origin
    answer = world.house.ask(cookie, "post", url, csrf=TOKEN, secure=True, referer=ELSEWHERE[0], **with_token)
    assert answer.status in REFUSED
    assert not answer.changed


@pytest.mark.parametrize("headers", [{}, {"origin": "http://testserver"}])
def test_the_same_post_from_our_own_page_is_taken(headers, world):
    route = of_name(THEME)
    answer = world.house.ask(
        whoever_may(world, route), "post", address(world, route), {"theme": "dark"}, csrf=TOKEN,
        **{"x-csrftoken": TOKEN}, **headers,
    )  # fmt: skip
    assert (answer.status, answer.changed) == (302, ["accounts_user"])


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_no_other_method_is_taken(route, world):
    for method in OTHER_METHODS:
        answer = world.house.ask(whoever_may(world, route), method, address(world, route))
        assert (answer.status, answer.changed) == (405, []), method


def test_what_only_changes_takes_no_get():
    """As written; the walk of test_matrix.py holds every answer against it."""
    only_posts = {name for name, line in matrix.written().items() if _to_get(line) == {"405"}}
    assert len(only_posts) > 90
    assert {"files:download", "revisits:next", "complaints:withdraw"} <= only_posts


def test_signing_out_takes_no_get(world):
    assert world.house.ask("", "get", address(world, of_name("accounts:sign_out"))).status == 405


def _to_get(line: dict[str, str]) -> set[str]:
    """What those are answered who may ask for an address."""
    return {line[role].partition(" ")[0] for role in matrix.ROLES} - {"403"}


def test_open_addresses_are_among_those_that_are_walked():
    assert {route.name for route in ROUTES} >= OPEN
