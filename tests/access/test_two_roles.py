"""Somebody with two stores has in each only what the role there allows, whatever they are in the other."""

import uuid

import pytest
from django.urls import reverse

from crm_site.accounts import policy
from crm_site.accounts.models import Membership, Role
from crm_site.core import clock
from crm_site.jobs.models import Job
from crm_site.privacy.models import DataRequest
from tests.cast import make_person
from tests.factories import DAY, NOON, CustomerFactory, EmployeeFactory
from tests.revisits.calls import delivery_task

pytestmark = pytest.mark.django_db

#: a role that lacks the most: what it may do in store B is little
LITTLE = Role.FRONTLINE


def somebody_of_two(store_a, store_b, role: str):
    """A person with `role` in store A and the frontline's in store B."""
    person = make_person(store_a, role, "两店")
    Membership.objects.create(user=person.user, store=store_b, role=LITTLE)
    EmployeeFactory(store=store_b, user=person.user, name="两店")
    return person


LISTS = [
    ("accounts:people", "manager"), ("worktime:overview", "manager"), ("privacy:home", "manager"),
    ("jobs:list", "manager"), ("jobs:list", "admin"), ("jobs:room", "manager"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "role"), LISTS)
def test_a_list_shows_only_stores_in_which_the_role_opens_it(address, role, store_a, store_b, as_):
    EmployeeFactory(store=store_b, name="彼店人")
    store_b.short_name = "彼店"
    store_b.save(update_fields=["short_name"])
    DataRequest.objects.create(
        store=store_b, customer=CustomerFactory(store=store_b, name="彼店客"), kind="access", asked_on=DAY, due_on=DAY,
        taken_by=EmployeeFactory(store=store_b), taken_at=NOON, submission=uuid.uuid4(),
    )  # fmt: skip
    Job.objects.create(
        kind="expire", key="x", store=store_b, state="failed", created_at=NOON, ended_at=clock.now(), due_at=NOON
    )
    person = somebody_of_two(store_a, store_b, role)
    page = as_(person).get(reverse(address)).content.decode()
    main = page.partition("<main")[2]
    assert "彼店" not in main
    assert not Job.objects.filter(policy.open_to(person.user, "jobs.room")).exists()


def test_the_frontline_does_not_see_a_colleagues_call(store_a, frontline_a, specialist_a, as_):
    colleague = make_person(store_a, Role.FRONTLINE, "同事")
    mine = delivery_task(store_a, "DLV_D1", ago=1, sales_consultant=frontline_a.employee)
    other = delivery_task(store_a, "DLV_D1", ago=1, sales_consultant=colleague.employee)
    nobodys = delivery_task(store_a, "DLV_D1", ago=1)
    client = as_(frontline_a)
    codes = [client.get(reverse("revisits:detail", args=[task.pk])).status_code for task in (mine, other, nobodys)]
    assert codes == [200, 404, 200]


def test_an_address_with_a_nul_is_a_bad_request_not_a_failure(manager_a, as_):
    client = as_(manager_a)
    assert client.get(reverse("revisits:all"), {"rule": "\0"}).status_code == 400
    assert client.get(reverse("complaints:list"), {"level": "\0"}).status_code == 400


def test_pages_of_somebody_signed_in_stay_out_of_caches(manager_a, as_):
    client = as_(manager_a)
    for address in ("dashboard:home", "complaints:list", "revisits:all", "accounts:people"):
        assert "no-store" in client.get(reverse(address))["Cache-Control"]
