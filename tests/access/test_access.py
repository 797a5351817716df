"""T53 and T54: every address × every role × own store, other store, nobody; what is refused changes nothing."""

import hashlib
from functools import cache

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from crm_site.accounts.models import Role
from crm_site.accounts.policy import roles_for
from crm_site.audit.models import Refusal
from tests.access.routes import Route, routes
from tests.access.table import OPEN, ROWS, SHARED
from tests.cast import make_person
from tests.factories import StoreFactory

pytestmark = pytest.mark.django_db

ROUTES = routes()
GUARDED = [route for route in ROUTES if route.capability not in (None, "unguarded")]
NAMED = [route for route in GUARDED if route.arguments and route.name not in SHARED]
NOT_ALLOWED = 405
#: what a refusal may touch: sessions, login throttling, the log of refusals
FREE_TABLES = ("accounts_session", "axes_", "audit_refusal")


def ids(found: list[Route]) -> list[str]:
    return [route.name for route in found]


def test_every_address_is_guarded_or_listed_as_open():
    assert {route.name for route in ROUTES if route.capability is None} == OPEN
    assert [route.name for route in ROUTES if route.capability == "unguarded"] == []


def test_every_address_that_names_a_row_says_how_to_make_one():
    assert {route.name for route in NAMED} - set(ROWS) == set()


def test_the_table_names_no_address_that_is_gone():
    assert (set(ROWS) | set(SHARED)) - {route.name for route in ROUTES} == set()


@cache
def _tables() -> tuple[str, ...]:
    names = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)})
    return tuple(name for name in names if not name.startswith(FREE_TABLES))


def fingerprint() -> str:
    """One hash over every row of every table that a refused request must leave alone."""
    rows = _hashed_there() if connection.vendor == "postgresql" else _read_here()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _hashed_there() -> list[tuple]:
    """A hash a table, in one question: hundreds of tests ask it twice."""
    hashes = "SELECT '{0}', md5(string_agg(md5(one::text), '' ORDER BY md5(one::text))) FROM \"{0}\" AS one"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(map(hashes.format, _tables())))
        return sorted(cursor.fetchall())  # the engine may ask the tables side by side and answer in any order


def _read_here() -> list[tuple]:
    found = []
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f'SELECT * FROM "{table}"')
            found.append((table, sorted(map(repr, cursor.fetchall()))))
    return found


def address(route: Route, store) -> str:
    if route.name in SHARED:
        return reverse(route.name, kwargs=SHARED[route.name]())
    return reverse(route.name, kwargs=ROWS[route.name](store) if route.arguments else {})


def ask(client: Client, method: str, url: str):
    return client.get(url) if method == "get" else client.post(url, {})


@pytest.fixture
def everybody(store_a, as_):
    """{role: a signed-in client}; signing in comes first, because it changes the user's row."""
    return {role: as_(make_person(store_a, role, f"某{role}")) for role in Role}


@pytest.mark.parametrize("route", GUARDED, ids=ids(GUARDED))
def test_nobody_gets_in_without_signing_in(route, store_a, client):
    url = address(route, store_a)
    before = fingerprint()
    for method in ("get", "post"):
        answer = ask(client, method, url)
        if method == "get" and answer.status_code == NOT_ALLOWED:
            continue  # the address takes no GET from anybody
        assert answer.status_code == 302, (method, answer.status_code)
        assert answer["Location"].startswith("/sign-in/")
    assert fingerprint() == before


@pytest.mark.parametrize("route", GUARDED, ids=ids(GUARDED))
def test_each_role_gets_what_the_policy_says(route, store_a, everybody):
    url = address(route, store_a)
    allowed = roles_for(route.capability)
    before = fingerprint()
    for role, client in everybody.items():
        if role.value in allowed:
            answer = client.get(url)
            assert answer.status_code in (200, 302, 403, 404, 405), (role, answer.status_code)
            continue
        for method in ("get", "post"):
            answer = ask(client, method, url)
            accepted = {403, NOT_ALLOWED} if method == "get" else {403}
            assert answer.status_code in accepted, (role, method, answer.status_code)
    assert fingerprint() == before, "a refused or read-only request changed something"
    refused = set(everybody) - {Role(role) for role in allowed}
    assert Refusal.objects.filter(reason="role").count() >= len(refused)


@pytest.mark.parametrize("route", NAMED, ids=ids(NAMED))
def test_a_row_of_another_store_is_404_for_every_role_and_nothing_changes(route, store_a, as_):
    url = address(route, store_a)
    other = StoreFactory(code="Z")
    strangers = {role: as_(make_person(other, role, f"外{role}")) for role in roles_for(route.capability)}
    before = fingerprint()
    for role, client in strangers.items():
        for method in ("get", "post"):
            answer = ask(client, method, url)
            assert answer.status_code in (404, 405), (role, method, answer.status_code)
    assert fingerprint() == before
    assert Refusal.objects.filter(reason="store").exists()
