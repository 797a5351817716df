"""The roster: who may see and change it, posts that are not rewritten, sign-ins that are given and taken away."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crm_site.accounts import actions
from crm_site.accounts.models import Employee, Membership, Role, User
from crm_site.audit.models import Entry, Refusal
from crm_site.core.errors import RuleBroken
from tests.cast import make_person
from tests.factories import DAY, NOON, EmployeeFactory, MembershipFactory, PostingFactory, StoreFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(store_a):
    employee = EmployeeFactory(store=store_a, number="E77", name="唐建军", phone="13800001111")
    PostingFactory(employee=employee)
    return employee


def url(name, employee):
    return reverse(f"accounts:{name}", args=[employee.pk])


def test_the_roster_shows_only_ones_own_stores(as_, admin_a, colleague, stranger_b):
    page = as_(admin_a).get("/people/").content.decode()
    assert colleague.name in page
    assert stranger_b.employee.name not in page


def test_an_employee_of_another_store_is_404_and_logged(as_, stranger_b, colleague):
    assert as_(stranger_b).get(url("person", colleague)).status_code == 404
    assert Refusal.objects.get().reason == "store"


@pytest.mark.parametrize(
    "name", ["person_change", "person_post", "person_left", "person_sign_in", "person_role", "person_active"]
)
def test_a_manager_may_look_but_not_change(as_, manager_a, colleague, name):
    client = as_(manager_a)
    assert client.get(url("person", colleague)).status_code == 200
    assert client.post(url(name, colleague), {}).status_code == 403


def test_a_manager_does_not_see_full_phones_of_colleagues(as_, manager_a, colleague):
    assert "13800001111" not in as_(manager_a).get(url("person", colleague)).content.decode()


def test_a_new_employee_gets_a_first_post(as_, admin_a):
    data = {
        "store": admin_a.store.pk,
        "number": "E99",
        "name": "马 骁",
        "hired_on": "2026-09-01",
        "department": "workshop",
        "post": "technician",
    }
    answer = as_(admin_a).post("/people/new/", data)
    employee = Employee.objects.get(number="E99")
    assert answer["Location"] == url("person", employee)
    assert employee.name == "马骁"
    assert employee.posting_on(DAY).post == "technician"
    assert Entry.objects.filter(action="employee.created", subject_id=employee.pk).exists()


def test_a_taken_number_is_refused_beside_its_field_and_nothing_typed_is_lost(as_, admin_a, colleague):
    data = {
        "store": admin_a.store.pk,
        "number": colleague.number,
        "name": "新人",
        "hired_on": "2026-09-01",
        "department": "sales",
        "post": "other",
    }
    answer = as_(admin_a).post("/people/new/", data)
    assert answer.status_code == 422
    assert answer.context["form"].errors["number"]
    assert 'value="新人"' in answer.content.decode()


def test_a_store_that_one_does_not_administer_is_no_choice(as_, admin_a, store_b):
    data = {"store": store_b.pk, "number": "X1", "name": "某", "hired_on": "2026-09-01"}
    answer = as_(admin_a).post("/people/new/", {**data, "department": "sales", "post": "other"})
    assert answer.status_code == 422
    assert not Employee.objects.filter(store=store_b, number="X1").exists()


def test_a_new_post_ends_the_old_one_the_day_before(colleague, admin_a):
    actions.change_post(colleague.pk, department="service", post="head", since=DAY, by=admin_a.employee)
    old, new = colleague.postings.order_by("since")
    assert old.until == DAY - timedelta(days=1)
    assert (new.since, new.until) == (DAY, None)
    assert Employee.objects.get(pk=colleague.pk).posting_on(DAY - timedelta(days=1)).post == "service_advisor"


def test_a_post_does_not_rewrite_history(colleague, admin_a):
    with pytest.raises(RuleBroken) as refused:
        actions.change_post(
            colleague.pk, department="sales", post="other", since=DAY - timedelta(days=900), by=admin_a.employee
        )
    assert refused.value.field == "since"


def test_a_sign_in_is_given_once_and_its_invitation_shown_once(as_, admin_a, colleague):
    client = as_(admin_a)
    answer = client.post(url("person_sign_in", colleague), {"username": "tang.jj", "role": "frontline"})
    address = answer.context["address"]
    assert address in answer.content.decode()
    user = User.objects.get(username="tang.jj")
    assert not user.has_usable_password()
    assert Membership.objects.get(user=user).role == Role.FRONTLINE
    again = client.post(url("person_sign_in", colleague), {"username": "tang2", "role": "frontline"})
    assert again.status_code == 422
    token = address.rstrip("/").rsplit("/", 1)[1]
    assert token not in str(list(Entry.objects.values_list("detail", flat=True)))
    assert address not in client.get(url("person", colleague)).content.decode()


def test_leaving_takes_the_membership_away_and_ends_the_post(admin_a, store_a):
    leaver = make_person(store_a, Role.SPECIALIST, "离职者")
    actions.mark_left(leaver.employee.pk, left_on=DAY, by=admin_a.employee)
    assert not Membership.objects.filter(user=leaver.user).exists()
    assert leaver.employee.postings.get().until == DAY


def test_nobody_changes_their_own_sign_in(admin_a):
    for act in (
        lambda: actions.change_role(admin_a.employee.pk, role="manager", by=admin_a.employee),
        lambda: actions.set_sign_in_active(admin_a.employee.pk, active=False, by=admin_a.employee),
        lambda: actions.make_link(admin_a.employee.pk, by=admin_a.employee, at=NOON),
        lambda: actions.reset_second_factor(admin_a.employee.pk, by=admin_a.employee),
        lambda: actions.unlock(admin_a.employee.pk, by=admin_a.employee),
        lambda: actions.mark_left(admin_a.employee.pk, left_on=DAY, by=admin_a.employee),
    ):
        with pytest.raises(RuleBroken) as refused:
            act()
        assert refused.value.code == "oneself"


def test_a_user_of_further_stores_is_out_of_reach_of_one_stores_admin(admin_a, store_a, store_b):
    director = make_person(store_a, Role.DIRECTOR, "总经理")
    MembershipFactory(user=director.user, store=store_b, role=Role.DIRECTOR)
    with pytest.raises(RuleBroken) as refused:
        actions.make_link(director.employee.pk, by=admin_a.employee, at=NOON)
    assert refused.value.code == "further_stores"


def test_the_roster_asks_no_more_queries_for_more_people(as_, admin_a, store_a, django_assert_max_num_queries):
    client = as_(admin_a)

    def ask():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            assert client.get("/people/").status_code == 200
        return len(queries)

    for n in range(3):
        make_person(store_a, Role.SPECIALIST, f"甲{n}")
    few = ask()
    for n in range(27):
        make_person(store_a, Role.SPECIALIST, f"乙{n}")
    assert ask() == few


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_of_people_speaks_both_languages(as_, admin_a, colleague, language):
    client = as_(admin_a, language)
    for path in ("/people/", "/people/new/", url("person", colleague), "/people/?shown=left&department=sales"):
        assert client.get(path).status_code == 200


def test_a_store_that_is_closed_is_no_longer_seen(as_, admin_a, store_a):
    store_a.is_active = False
    store_a.save(update_fields=["is_active"])
    assert as_(admin_a).get("/people/")["Location"].startswith("/sign-in/")
    assert StoreFactory(is_active=True).pk not in admin_a.user.store_ids
