"""The cast of the tests: two stores and the people who act in them; `as_` signs one of them in."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.test import Client

from crm_site.accounts.models import Department, Post, Role
from crm_site.accounts.sessions import VERIFIED
from tests import quiet
from tests.factories import EmployeeFactory, MembershipFactory, PostingFactory, StoreFactory, UserFactory

#: role -> (department, post) of the employee whom a user of that role is
POSTS = {
    Role.SPECIALIST: (Department.DCRC, Post.SPECIALIST),
    Role.FRONTLINE: (Department.SALES, Post.SALES_CONSULTANT),
    Role.HEAD: (Department.SERVICE, Post.HEAD),
    Role.MANAGER: (Department.DCRC, Post.MANAGER),
    Role.ADMIN: (Department.DCRC, Post.OTHER),
    Role.DIRECTOR: (Department.MANAGEMENT, Post.DIRECTOR),
}


@receiver(user_logged_in, dispatch_uid="the cast is verified")
def count_as_verified(request, **_kwargs) -> None:
    """Whom a test signs in directly counts as having given a code; the form asks for it before it comes to this."""
    request.session[VERIFIED] = True


def make_person(store, role: str, name: str) -> SimpleNamespace:
    """A user with a membership and an employee in a store: `.user`, `.employee`, `.store`, `.role`."""
    user = UserFactory(username=f"{name}-{store.code}".lower(), name=name)
    MembershipFactory(user=user, store=store, role=role)
    employee = EmployeeFactory(store=store, user=user, name=name)
    department, post = POSTS[Role(role)]
    PostingFactory(employee=employee, department=department, post=post)
    return SimpleNamespace(user=user, employee=employee, store=store, role=role)


@pytest.fixture
def store_a(db):
    return StoreFactory(code="A", short_name="渝北一店")


@pytest.fixture
def store_b(db):
    return StoreFactory(code="B", short_name="南岸店")


def _person(role: str, name: str, store_fixture: str = "store_a"):
    @pytest.fixture
    def person(db, request):
        return make_person(request.getfixturevalue(store_fixture), role, name)

    return person


specialist_a = _person(Role.SPECIALIST, "陈思雨")
specialist_a2 = _person(Role.SPECIALIST, "冉月")
frontline_a = _person(Role.FRONTLINE, "江雨薇")
head_a = _person(Role.HEAD, "何志远")
manager_a = _person(Role.MANAGER, "温静")
admin_a = _person(Role.ADMIN, "段文")
director_a = _person(Role.DIRECTOR, "罗总")
#: a manager of the other store: everything of store A must be out of reach
stranger_b = _person(Role.MANAGER, "外人", "store_b")
specialist_b = _person(Role.SPECIALIST, "别店", "store_b")


@pytest.fixture
def as_() -> Callable[..., Client]:
    """as_(person) -> a client signed in as that person, in Chinese unless language="en"."""

    def sign_in(person, language: str = "zh-hans") -> Client:
        client = Client(headers={"accept-language": language})
        client.force_login(person.user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def reference(transactional_db, request):
    """For tests with real transactions: the reference rows stand, as in every test's database.

    Afterwards waits for what a closed page still sent: it would be written into the database of the next test.
    """
    if "live_server" not in request.fixturenames:
        yield
        return
    with quiet.counted() as answers:
        yield
        answers.wait()
