"""Who has a role here and is frontline there reads nothing of there on pages that the frontline does not open."""

import pytest

from crm_site.accounts.models import Membership, Role
from crm_site.accounts.policy import roles_for
from tests.access.asking import sign_in
from tests.access.world import CANARY, GUARDED, World, built
from tests.cast import make_person
from tests.factories import EmployeeFactory

pytestmark = pytest.mark.django_db

#: the role there: it opens the least
LITTLE = Role.FRONTLINE
#: pages that name no row, and that the frontline does not open
PAGES = [
    (route, role)
    for route in GUARDED
    if not route.arguments and route.capability and LITTLE not in roles_for(route.capability)
    for role in sorted(roles_for(route.capability))
]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), built() as made:
        yield made


@pytest.fixture(scope="module")
def cookies(world) -> dict[str, str]:
    """{role here: the session of somebody who is frontline there}."""
    return {role.value: sign_in(_of_two(world, role)) for role in Role}


def _of_two(world: World, role: Role):
    person = make_person(world.here, role, f"双{role.value}")
    Membership.objects.create(user=person.user, store=world.there, role=LITTLE)
    EmployeeFactory(store=world.there, user=person.user, name=f"双{role.value}")
    return person.user


def test_there_are_pages_of_every_role():
    assert len(PAGES) > 100
    assert {role for _route, role in PAGES} == set(Role.values) - {LITTLE}


@pytest.mark.parametrize(("route", "role"), PAGES, ids=lambda one: getattr(one, "name", one))
def test_such_a_page_holds_nothing_of_the_store_of_the_little_role(route, role, world, cookies):
    said = world.house.ask(cookies[role], "get", world.url(route)).said
    main = said.partition("<main")[2] or said  # above it stands the switch between one's stores
    at = main.find(CANARY)
    assert at < 0, main[max(at - 300, 0) : at + 60]
