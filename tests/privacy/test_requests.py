"""Requests of customers about their data: taken with a day to answer by, decided with a reason, carried out."""

import uuid
import zipfile
from datetime import date, timedelta

import pytest
from django.urls import reverse

from crm_site.audit.models import Entry
from crm_site.core.errors import RuleBroken
from crm_site.core.persons import GONE
from crm_site.files import actions as files
from crm_site.jobs import runner
from crm_site.jobs.models import Job
from crm_site.notices.models import Notice
from crm_site.privacy import listing
from crm_site.privacy.actions import anonymising, nightly, requests
from crm_site.privacy.models import DataRequest, ExportEntry
from crm_site.privacy.rules import terms
from crm_site.worktime.models import CalendarDay
from customers.models import Customer
from revisits.models import Revisit
from tests.factories import DAY, NOON, ComplaintFactory, CustomerFactory, DeliveryFactory, PhoneFactory
from tests.revisits.conftest import make_task

pytestmark = pytest.mark.django_db
State = DataRequest.State


@pytest.fixture
def customer(store_a):
    """A customer with a number."""
    return PhoneFactory(customer=CustomerFactory(store=store_a, name="周晓岚")).customer


@pytest.fixture
def ask(customer, manager_a):
    """ask(kind) -> a request taken by the manager."""

    def take(kind: str, *, asked_on=DAY, now=NOON, **more) -> DataRequest:
        values = {"words": "本人来店，出示身份证", "submission": uuid.uuid4(), "by": manager_a.employee, **more}
        return requests.take(customer.pk, kind=kind, asked_on=asked_on, now=now, **values)

    return take


def grant(asked, person, now=NOON) -> DataRequest:
    """Granted by a person."""
    return requests.grant(asked.pk, reason="身份已核实", by=person.employee, now=now)


@pytest.mark.parametrize(
    ("last", "years", "day"),
    [
        (None, 10, date(2026, 9, 16)),
        (date(2016, 9, 16), 10, date(2026, 9, 16)),
        (date(2016, 9, 17), 10, date(2026, 9, 17)),
        (date(2024, 2, 29), 10, date(2034, 3, 1)),
        (date(2024, 2, 29), 12, date(2036, 2, 29)),
        (date(2001, 1, 1), 10, date(2026, 9, 16)),
    ],
)
def test_the_archive_is_kept_for_its_years_after_the_last_event(last, years, day):
    assert terms.erase_from(last, years, DAY) == day


def test_a_request_is_answered_within_15_working_days(ask):
    CalendarDay.objects.filter(store=None).delete()
    for day in range(1, 8):
        CalendarDay.objects.create(store=None, day=date(2026, 10, day), kind="holiday")
    assert ask("access").due_on == date(2026, 10, 14)  # 10 days in September, 7 of holidays, a weekend


def test_the_same_submission_is_one_request(ask):
    key = uuid.uuid4()
    assert ask("access", submission=key) == ask("access", submission=key)


def test_a_second_request_of_a_kind_waits_for_the_first(ask):
    ask("access")
    with pytest.raises(RuleBroken, match="已在办理"):
        ask("access")
    assert ask("restrict").state == State.OPEN


def test_a_day_to_come_is_refused(ask):
    with pytest.raises(RuleBroken) as refused:
        ask("access", asked_on=DAY + timedelta(days=1))
    assert refused.value.field == "asked_on"


def test_a_decision_needs_its_reason_and_is_taken_once(ask, manager_a):
    asked = ask("restrict")
    with pytest.raises(RuleBroken):
        requests.grant(asked.pk, reason=" ", by=manager_a.employee, now=NOON)
    grant(asked, manager_a)
    with pytest.raises(RuleBroken) as refused:
        requests.refuse(asked.pk, reason="不符", by=manager_a.employee, now=NOON)
    assert refused.value.code == "decided"


def test_a_granted_look_becomes_a_file_that_is_logged(ask, manager_a, customer, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    asked = grant(ask("access"), manager_a)
    runner.run(Job.objects.get(kind=requests.PARCEL).pk)
    asked.refresh_from_db()
    assert asked.state == State.DONE
    with zipfile.ZipFile(files.path_of(asked.file)) as archive:
        assert customer.phones.get().number in archive.read("index.html").decode()
    entry = ExportEntry.objects.get()
    assert (entry.what, entry.in_full, entry.sha256) == ("person", True, asked.file.sha256)
    assert customer.name not in asked.file.name


def test_a_granted_restriction_hides_the_card_and_stops_its_calls(ask, manager_a, specialist_a, customer, as_):
    task = make_task(customer.store, customer=customer)
    grant(ask("restrict"), manager_a)
    customer.refresh_from_db()
    assert customer.restricted
    client = as_(specialist_a)
    assert client.get(reverse("customers:card", args=[customer.pk])).status_code == 404
    assert client.get(reverse("customers:paper", args=[customer.pk])).status_code == 404
    assert customer.name not in client.get(reverse("customers:list")).content.decode()
    client.post(reverse("revisits:open", args=[task.pk]))
    assert Revisit.objects.get(pk=task.pk).claimed_by is None
    assert customer.name not in client.get(reverse("revisits:today")).content.decode()


def test_restricted_cards_leave_in_no_list(customer):
    assert list(listing.rows_for(customer.store_id, {}, today=DAY)) == [customer]
    Customer.objects.filter(pk=customer.pk).update(restricted=True)
    assert not listing.rows_for(customer.store_id, {}, today=DAY).exists()


def test_before_the_term_is_over_the_card_is_restricted_and_waits(ask, manager_a, customer):
    DeliveryFactory(store=customer.store, customer=customer, delivered_on=DAY - timedelta(days=365))
    asked = grant(ask("erase"), manager_a)
    assert (asked.state, asked.erase_from) == (State.WAITING, date(2035, 9, 16))
    customer.refresh_from_db()
    assert customer.restricted
    assert customer.name == "周晓岚"
    with pytest.raises(RuleBroken) as refused:
        anonymising.anonymise(asked.pk, by=manager_a.employee, now=NOON)
    assert refused.value.code == "term"


def test_the_night_forgets_whose_term_is_over(ask, manager_a, customer):
    asked = grant(ask("erase"), manager_a)
    assert nightly.forget_due(customer.store_id, now=NOON) == (1, 0)
    customer.refresh_from_db()
    asked.refresh_from_db()
    assert (customer.name, customer.anonymised_on, asked.state) == (GONE, DAY, State.DONE)
    assert Entry.objects.get(action="customer.anonymised").actor_id is None


def test_an_open_complaint_holds_the_night_up(ask, manager_a, customer):
    ComplaintFactory(store=customer.store, customer=customer)
    grant(ask("erase"), manager_a)
    assert nightly.forget_due(customer.store_id, now=NOON) == (0, 1)
    customer.refresh_from_db()
    assert customer.name == "周晓岚"


def test_managers_are_told_of_requests_that_fall_due_once_a_day(ask, manager_a, admin_a, customer):
    asked = ask("access")
    assert nightly.tell_due(customer.store_id, today=DAY) == 0
    last = asked.due_on - timedelta(days=1)
    assert nightly.tell_due(customer.store_id, today=last) == 1
    nightly.tell_due(customer.store_id, today=last)
    told = Notice.objects.filter(code="privacy.due")
    assert {notice.user for notice in told} == {manager_a.user, admin_a.user}
    assert told.count() == 2


def test_the_page_takes_decides_and_lists_a_request(as_, manager_a, customer):
    client = as_(manager_a)
    page = reverse("privacy:request_new", args=[customer.pk])
    form = client.get(page).context["form"]
    posted = {"kind": "erase", "asked_on": DAY, "words": "请删除", "submission": form["submission"].value()}
    answer = client.post(page, posted)
    asked = DataRequest.objects.get()
    assert answer.url == reverse("privacy:request", args=[asked.pk])
    assert customer.name in client.get(reverse("privacy:home")).content.decode()
    decide = reverse("privacy:request_decide", args=[asked.pk])
    assert client.post(decide, {"decision": "grant", "reason": ""}).status_code == 422
    assert client.post(decide, {"decision": "grant", "reason": "身份已核实"}).status_code == 302
    assert DataRequest.objects.get().state == State.WAITING
    by_hand = reverse("privacy:request_anonymise", args=[asked.pk])
    assert client.post(by_hand, {}).status_code == 422
    assert client.post(by_hand, {"understood": "on"}).status_code == 302
    assert Customer.objects.get(pk=customer.pk).name == GONE


def test_a_specialist_neither_sees_nor_takes_requests(as_, specialist_a, customer):
    client = as_(specialist_a)
    assert client.get(reverse("privacy:home")).status_code == 403
    assert client.get(reverse("privacy:request_new", args=[customer.pk])).status_code == 403


def test_the_list_asks_as_much_for_30_requests_as_for_3(as_, manager_a, store_a, django_assert_max_num_queries):
    def more(number: int) -> None:
        for customer in CustomerFactory.create_batch(number, store=store_a):
            requests.take(
                customer.pk,
                kind="access",
                words="",
                asked_on=DAY,
                submission=uuid.uuid4(),
                by=manager_a.employee,
                now=NOON,
            )

    client = as_(manager_a)
    more(3)
    with django_assert_max_num_queries(30) as few:
        client.get(reverse("privacy:home"))
    more(27)
    with django_assert_max_num_queries(len(few)):
        client.get(reverse("privacy:home"))
