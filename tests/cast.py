"""The cast of the tests: two stores and the people who act in them; `as_` signs one of them in."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
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


STORES = {"store_a": ("A", "渝北一店"), "store_b": ("B", "南岸店")}
#: fixture -> role, name and store; who is of store B is a stranger: everything of store A must be out of reach
PEOPLE = {
    "specialist_a": (Role.SPECIALIST, "陈思雨", "store_a"),
    "specialist_a2": (Role.SPECIALIST, "冉月", "store_a"),
    "frontline_a": (Role.FRONTLINE, "江雨薇", "store_a"),
    "head_a": (Role.HEAD, "何志远", "store_a"),
    "manager_a": (Role.MANAGER, "温静", "store_a"),
    "admin_a": (Role.ADMIN, "段文", "store_a"),
    "director_a": (Role.DIRECTOR, "罗总", "store_a"),
    "stranger_b": (Role.MANAGER, "外人", "store_b"),
    "specialist_b": (Role.SPECIALIST, "别店", "store_b"),
}


def _fixture(name: str, within: str, **how):
    """The fixture of a store or a person; `within` is the fixture that opens the database for it."""

    @pytest.fixture(name=name, **how)
    def made(request):
        request.getfixturevalue(within)
        if name in STORES:
            code, short_name = STORES[name]
            return StoreFactory(code=code, short_name=short_name)
        role, called, store = PEOPLE[name]
        return make_person(request.getfixturevalue(store), role, called)

    return made


store_a, store_b, specialist_a, specialist_a2, frontline_a, head_a, manager_a, admin_a, director_a = (
    _fixture(name, "db") for name in list(STORES) + list(PEOPLE)[:7]
)
stranger_b, specialist_b = _fixture("stranger_b", "db"), _fixture("specialist_b", "db")


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker):
    """A transaction around all tests of a file: what its fixtures of this scope write is taken back after the last."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def keep(*names: str) -> list:
    """`store_a, manager_a = keep("store_a", "manager_a")`: these are made once for all tests of the file.

    For files whose tests only read, or whose worlds cost more than what is done to them.
    """
    return [_fixture(name, "kept", scope="module", autouse=True) for name in names]


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
