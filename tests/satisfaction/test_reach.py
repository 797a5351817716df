"""Who holds different posts in two stores sees of each row what the post of the row's own store allows."""

import pytest
from django.urls import reverse

from crm_site.accounts.models import Department, Post, Role
from satisfaction.models import Answer
from tests.cast import make_person
from tests.factories import EmployeeFactory, MembershipFactory, PostingFactory
from tests.satisfaction.surveys import order_of, respond

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("september")]


def head_too(person, store, department: str):
    """The same user as a head of a department in another store."""
    MembershipFactory(user=person.user, store=store, role=Role.HEAD)
    employee = EmployeeFactory(store=store, user=person.user, name=person.user.name)
    PostingFactory(employee=employee, department=department, post=Post.HEAD)
    return person


def visit(store):
    """One response about an advisor and a technician."""
    return respond(store, order=order_of(store, EmployeeFactory(store=store), EmployeeFactory(store=store)))


def shown(client, response):
    """The context of a response's page, and the items on it."""
    context = client.get(reverse("satisfaction:response", args=[response.pk])).context
    return context, {item["label"] for factor in context["factors"] for item in factor["items"]}


def judged(response, department):
    answers = Answer.objects.filter(response=response, department=department, question__factor__isnull=False)
    return {answer.question.label for answer in answers.select_related("question")}


@pytest.mark.parametrize("department", [Department.SERVICE, Department.WORKSHOP])
def test_a_manager_elsewhere_sees_as_head_only_what_judges_the_department(as_, store_a, store_b, department):
    person = head_too(make_person(store_b, Role.MANAGER, "唐静"), store_a, department)
    response = visit(store_a)
    context, items = shown(as_(person), response)
    assert items == judged(response, department)
    assert items
    assert context["sum"] is None


def test_heads_of_different_departments_see_each_stores_own(as_, head_a, store_a, store_b):
    person = head_too(head_a, store_b, Department.WORKSHOP)
    here, there = visit(store_a), visit(store_b)
    client = as_(person)
    assert shown(client, here)[1] == judged(here, Department.SERVICE)
    assert shown(client, there)[1] == judged(there, Department.WORKSHOP)


def test_a_head_elsewhere_sees_as_manager_the_whole_response(as_, manager_a, store_a, store_b):
    person = head_too(manager_a, store_b, Department.SERVICE)
    context, items = shown(as_(person), visit(store_a))
    assert context["sum"] is not None
    assert len(items) == 5


def test_an_address_that_names_the_headed_store_shows_it_as_to_its_head(as_, store_a, store_b):
    """As the lists behind alerts do."""
    person = head_too(make_person(store_b, Role.MANAGER, "唐静"), store_a, Department.SERVICE)
    visit(store_a)
    respond(store_b)
    client, address = as_(person), reverse("satisfaction:responses")
    whole, headed = (client.get(address, {"kind": "service", "store": one.pk}) for one in (store_b, store_a))
    assert [one.context["lens"].scope.stores for one in (whole, headed)] == [(store_b.pk,), (store_a.pk,)]
    assert whole.context["lens"].scope.get("departments") is None
    assert headed.context["lens"].scope.get("departments") == (Department.SERVICE,)
    assert client.get(address, {"kind": "service"}).context["lens"].scope.stores == (store_b.pk,)
    assert client.get(address, {"kind": "sales", "store": store_a.pk}).status_code == 404
