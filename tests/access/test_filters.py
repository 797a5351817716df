"""T53: no filter, search or fragment shows a row of another store, whatever key of it stands in the address."""

import pytest

from crm_site.accounts.policy import roles_for
from tests.access.table import TAKEN_BACK
from tests.access.world import CANARY, GUARDED, built
from tests.fingerprint import fingerprint

pytestmark = pytest.mark.django_db

#: who asks, the first one to whom an address is open
BY = ("manager", "admin", "specialist", "head", "director", "frontline")
WORDS = {"q", "search", "name", "find", "query"}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), built() as made:
        before = fingerprint()
        yield made
        assert fingerprint() == before


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.name)
def test_no_filter_and_no_fragment_leads_to_another_store(route, world):
    who = next(role for role in BY if role in roles_for(route.capability))
    url, cookie = world.url(route), world.cookies[who]
    fragment = world.house.ask(cookie, "get", url, **{"hx-request": "true"})
    if fragment.status == 405:
        return
    tried = [fragment]
    names = fragment.asked | world.house.ask(cookie, "get", url).asked
    of_rows = {name: CANARY if name in WORDS else str(world.foreign(name)[0]) for name in names - {"store"}}
    for query in (of_rows, {"store": str(world.there.pk)}):
        if query.keys() & names:
            tried.append(world.house.ask(cookie, "get", url, query))
    for answer in tried:
        assert answer.status < 500
        assert not answer.changed or route.name in TAKEN_BACK
        assert CANARY not in answer.said.replace(f'value="{CANARY}"', "")
