"""A head of sales in one store and of service in another sees neither's other department: in lists, counts, files."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from complaints.actions import attaching
from complaints.models import Attachment, Complaint, Validity
from complaints.queries import desk
from crm_site.accounts.models import Department, Membership, Post, Role
from crm_site.core import clock
from crm_site.reports.models import Appeal, MonthlyReport
from satisfaction.models import Digest, ImprovementMeasure, Response
from tests.cast import make_person
from tests.factories import DAY, NOON, ComplaintFactory, EmployeeFactory, PostingFactory
from tests.satisfaction.surveys import delivery_of, given, order_of, respond

pytestmark = pytest.mark.django_db

SALES, SERVICE = Department.SALES, Department.SERVICE
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj <</Type/Catalog>> endobj\n%%EOF\n"


@pytest.fixture
def head(store_a, store_b):
    """Head of sales in A, of service in B; in A she has left service, in B sales is still to come."""
    person = make_person(store_a, Role.HEAD, "两头")
    today = clock.today()
    person.employee.postings.update(until=today - timedelta(days=1))
    PostingFactory(employee=person.employee, department=SALES, post=Post.HEAD, since=today)
    Membership.objects.create(user=person.user, store=store_b, role=Role.HEAD)
    person.there = EmployeeFactory(store=store_b, user=person.user, name="两头")
    ends = today + timedelta(days=9)
    PostingFactory(employee=person.there, department=SERVICE, post=Post.HEAD, until=ends)
    PostingFactory(employee=person.there, department=SALES, post=Post.HEAD, since=ends + timedelta(days=1))
    return person


@pytest.fixture
def own(store_a, store_b):
    """The two (store, department) pairs of hers."""
    return [(store_a.pk, SALES), (store_b.pk, SERVICE)]


def everywhere(store_a, store_b, make):
    """One row for each store and department."""
    return [make(store, department) for store in (store_a, store_b) for department in (SALES, SERVICE)]


def pairs(rows):
    """The stores and departments of rows, sorted."""
    return sorted(rows.values_list("store_id", "department"))


def ticket(store, department):
    """A valid complaint of this month's department."""
    today = clock.today()
    when = {"received_at": clock.at(today, 0), "received_on": today}
    return ComplaintFactory(store=store, department=department, validity=Validity.VALID, **when)


def measure(store, department):
    """An improvement measure."""
    somebody = EmployeeFactory(store=store)
    return ImprovementMeasure.objects.create(
        store=store, department=department, cause="解释不清", measure="交车前复述", responsible=somebody,
        due_on=DAY, created_at=NOON, created_by=somebody, submission=uuid.uuid4(),
    )  # fmt: skip


def test_she_sees_the_tickets_of_each_stores_own_department(head, own, store_a, store_b):
    everywhere(store_a, store_b, ticket)
    assert pairs(Complaint.objects.visible_to(head.user)) == sorted(own)


def test_lists_and_counts_of_tickets_agree(as_, head, store_a, store_b):
    tickets = everywhere(store_a, store_b, ticket)
    seen, hidden = [tickets[0], tickets[3]], [tickets[1], tickets[2]]
    html = as_(head).get(reverse("complaints:list")).content.decode()
    assert [one.number in html for one in (*seen, *hidden)] == [True, True, False, False]
    assert desk.counts(head.user, clock.now())["open"].number == 2
    for one in hidden:
        assert as_(head).get(reverse("complaints:detail", args=[one.pk])).status_code == 404


def test_figures_of_tickets_count_hers_only(as_, head, store_a, store_b):
    everywhere(store_a, store_b, ticket)
    tiles = as_(head).get(reverse("complaints:learn")).context["tiles"]
    assert tiles[0]["value"] == "2"


def test_a_file_of_a_foreign_department_stays_shut(as_, head, store_a, store_b):
    codes = []
    for one in everywhere(store_a, store_b, ticket):
        by = EmployeeFactory(store=one.store)
        stored = attaching.bring(SimpleUploadedFile("单.pdf", PDF), store=one.store, by=by, now=clock.now())
        Attachment.objects.create(
            store=one.store, complaint=one, file=stored, added_at=NOON, added_by=by, submission=uuid.uuid4()
        )
        codes.append(as_(head).post(reverse("files:download", args=[stored.pk])).status_code)
    assert codes == [200, 404, 404, 200]


def test_measures_and_digests_are_each_stores_own(head, own, store_a, store_b):
    everywhere(store_a, store_b, measure)
    everywhere(
        store_a, store_b,
        lambda store, department: Digest.objects.create(
            store=store, department=department, period=Digest.Period.WEEK, first_day=DAY, last_day=DAY, built_at=NOON
        ),
    )  # fmt: skip
    assert pairs(ImprovementMeasure.objects.visible_to(head.user)) == sorted(own)
    assert pairs(Digest.objects.visible_to(head.user)) == sorted(own)


def judged(store, department):
    """A response of this month that judges one department."""
    by = EmployeeFactory(store=store)
    if department == SALES:
        answers = [given(code, 9) for code in ("manner", "expertise", "test_drive")]
        return respond(store, code="SSI", delivery=delivery_of(store, by), answers=answers, day=clock.today())
    return respond(store, order=order_of(store, by), day=clock.today())


def test_responses_are_those_that_judge_the_stores_own_department(as_, head, store_a, store_b):
    responses = everywhere(store_a, store_b, judged)
    mine = [responses[0], responses[3]]
    assert set(Response.objects.visible_to(head.user)) == set(mine)
    codes = [as_(head).get(reverse("satisfaction:response", args=[one.pk])).status_code for one in responses]
    assert codes == [200, 404, 404, 200]


@pytest.mark.parametrize("kind", ["sales", "service"])
def test_scores_of_a_kind_are_of_the_store_that_she_heads_for_it(as_, head, kind, store_a, store_b):
    everywhere(store_a, store_b, judged)
    scope = as_(head).get(reverse("satisfaction:dashboard"), {"kind": kind}).context["lens"].scope
    wanted = {"sales": (store_a.pk, "sales"), "service": (store_b.pk, "service")}[kind]
    assert [(store, one) for store in scope.stores for one in scope.get("departments")] == [wanted]


def test_the_repair_sheet_is_of_the_store_whose_service_she_heads(as_, head, store_b):
    lens = as_(head).get(reverse("revisits:sheet")).context["lens"]
    assert [store.pk for store in lens.stores] == [store_b.pk]


def test_appeals_are_of_each_stores_own_people(head, own, store_a, store_b):
    month = DAY.replace(day=1)
    reports = {store: MonthlyReport.objects.create(store=store, month=month) for store in (store_a, store_b)}

    def appealed(store, department):
        employee = EmployeeFactory(store=store)
        PostingFactory(employee=employee, department=department)
        return Appeal.objects.create(
            store=store, employee=employee, raised_by=employee, raised_at=NOON, report=reports[store],
            reason="不是我", submission=uuid.uuid4(), complaint=ticket(store, department),
        )  # fmt: skip

    everywhere(store_a, store_b, appealed)
    seen = Appeal.objects.visible_to(head.user)
    assert sorted(seen.values_list("store_id", "employee__postings__department")) == sorted(own)


def test_the_posts_are_read_once(head, store_a, store_b, django_assert_num_queries):
    assert head.user.store_ids
    with django_assert_num_queries(4):  # the posts, then the three lists
        for model in (Complaint, ImprovementMeasure, Response):
            assert not list(model.objects.visible_to(head.user))
