"""What somebody with a right of their own may try with it, and does not get."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.jobs import runner
from crm_site.jobs.models import Job, State
from crm_site.notices.models import Notice
from crm_site.privacy import watching
from crm_site.privacy.actions import anonymising, requests
from crm_site.privacy.actions import listing as lists
from crm_site.privacy.actions.merging import merge
from crm_site.privacy.actions.unmerging import unmerge
from crm_site.privacy.models import DataRequest, ExportEntry
from customers import probing, search
from customers.actions import consents
from customers.actions.cards import restrict
from customers.actions.wishes import set_ban
from customers.models import Consent, ContactBan, Customer, ProfileField, ProfileValue, Segment
from customers.rules.looks import UNCALLED_TOLD_FROM
from revisits import stops
from revisits.actions import tasks
from revisits.models import Revisit
from revisits.rules.codes import Reason
from tests.factories import (
    DAY,
    NOON,
    ComplaintFactory,
    CustomerFactory,
    DeliveryFactory,
    MembershipFactory,
    PhoneFactory,
    VehicleFactory,
    VehicleRoleFactory,
)
from tests.revisits.conftest import make_task

pytestmark = pytest.mark.django_db
NUMBER = "13912345678"


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    """It is noon of DAY."""
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def people(store_a, settings, tmp_path):
    """Two customers of a store whose files lie apart."""
    settings.MEDIA_ROOT = str(tmp_path)
    found = [CustomerFactory(store=store_a, name=name) for name in ("周晓岚", "吴江")]
    PhoneFactory(customer=found[0], number=NUMBER)
    return found


def ask(person, **more) -> Job:
    """A list of the customers, asked for."""
    values = {
        "columns": ["name", "phone"], "file_format": "csv", "reason": "召回通知", "in_full": False,
        "language": "zh-hans", "submission": uuid.uuid4(), "by": person.employee, "now": NOON,
    }  # fmt: skip
    return lists.ask(person.store, {}, **{**values, **more})


def run(job: Job) -> Job:
    """The job, run."""
    runner.run(job.pk)
    job.refresh_from_db()
    return job


# ---- lists that leave ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_full", [False, True])
def test_nobody_fetches_a_list_that_somebody_else_asked_for(people, admin_a, manager_a, as_, in_full):
    job = run(ask(admin_a, in_full=in_full))
    url = reverse("files:download", args=[job.result["file"]])
    assert as_(manager_a).post(url).status_code == 403
    assert NUMBER.encode() in b"".join(as_(admin_a).post(url).streaming_content) or not in_full


def test_who_lost_the_right_meanwhile_gets_no_list(people, admin_a):
    job = ask(admin_a, in_full=True)
    admin_a.user.memberships.update(role="manager")
    assert run(job).state == State.FAILED
    assert not ExportEntry.objects.exists()


def test_filters_name_no_row_of_another_store(people, manager_a, store_b, as_):
    other = Segment.objects.create(store=store_b, name="别店的分群", query="type=org", created_at=NOON)
    page = as_(manager_a).get(f"{reverse('privacy:export_customers')}?segment={other.pk}")
    assert "别店的分群" not in page.content.decode()


# ---- forgetting ------------------------------------------------------------------------------------------------------


def erased(customer, person) -> DataRequest:
    """A granted request to forget somebody of whom nothing is archived."""
    values = {"words": "", "asked_on": DAY, "submission": uuid.uuid4(), "by": person.employee, "now": NOON}
    asked = requests.take(customer.pk, kind="erase", **values)
    return requests.grant(asked.pk, reason="身份已核实", by=person.employee, now=NOON)


def test_a_merge_carries_no_living_archive_into_the_grave(people, manager_a):
    asked = erased(people[1], manager_a)
    DeliveryFactory(store=manager_a.store, customer=people[0], delivered_on=DAY - timedelta(days=30))
    merge(people[0].pk, people[1].pk, {}, manager_a.employee, NOON, submission=uuid.uuid4())
    with pytest.raises(RuleBroken) as refused:
        anonymising.anonymise(asked.pk, by=manager_a.employee, now=NOON)
    assert refused.value.code == "term"


def test_what_happened_since_the_request_begins_the_term_anew(people, manager_a):
    asked = erased(people[0], manager_a)
    DeliveryFactory(store=manager_a.store, customer=people[0], delivered_on=DAY)
    with pytest.raises(RuleBroken) as refused:
        anonymising.anonymise(asked.pk, by=manager_a.employee, now=NOON)
    assert refused.value.code == "term"


def test_a_request_to_see_the_data_is_done_only_when_the_file_is_there(people, manager_a, as_):
    values = {"words": "", "asked_on": DAY, "submission": uuid.uuid4(), "by": manager_a.employee, "now": NOON}
    asked = requests.take(people[0].pk, kind="access", **values)
    requests.grant(asked.pk, reason="身份已核实", by=manager_a.employee, now=NOON)
    as_(manager_a).post(reverse("privacy:request_finish", args=[asked.pk]))
    asked.refresh_from_db()
    assert asked.state == DataRequest.State.GRANTED


# ---- merging ---------------------------------------------------------------------------------------------------------


def test_the_comparison_hides_numbers_that_somebody_wrote_into_a_fact(people, admin_a, as_):
    Customer.objects.filter(pk=people[0].pk).update(hobbies=f"钓鱼 {NUMBER}")
    ProfileValue.objects.create(store=admin_a.store, customer=people[0], field="pet", value=f"狗 {NUMBER}")
    page = as_(admin_a).get(reverse("privacy:two_cards", args=[people[0].pk, people[1].pk])).content.decode()
    assert "钓鱼" in page
    assert NUMBER not in page


def test_cards_of_two_stores_are_not_laid_side_by_side(people, admin_a, store_b, as_):
    MembershipFactory(user=admin_a.user, store=store_b, role="admin")
    other = CustomerFactory(store=store_b)
    assert as_(admin_a).get(reverse("privacy:two_cards", args=[people[0].pk, other.pk])).status_code == 404


def test_what_was_refused_while_two_cards_were_one_holds_for_both_again(people, manager_a):
    stays, goes = people
    made = merge(stays.pk, goes.pk, {}, manager_a.employee, NOON, submission=uuid.uuid4())
    set_ban(stays.pk, values={"purpose": "all", "channel": "all", "since": DAY}, by=manager_a.employee)
    unmerge(made.pk, manager_a.employee, NOON)
    for card in people:
        assert ContactBan.objects.filter(customer=card).in_force(DAY).exists()


def test_a_restriction_set_while_two_cards_were_one_holds_for_both_again(people, manager_a):
    stays, goes = people
    made = merge(stays.pk, goes.pk, {}, manager_a.employee, NOON, submission=uuid.uuid4())
    restrict(stays.pk, reason="本人要求", by=manager_a.employee)
    unmerge(made.pk, manager_a.employee, NOON)
    assert set(Customer.objects.values_list("restricted", flat=True)) == {True}


def test_a_restriction_of_before_the_merge_stays_with_its_card(people, manager_a):
    stays, goes = people
    restrict(stays.pk, reason="本人要求", by=manager_a.employee)
    made = merge(stays.pk, goes.pk, {}, manager_a.employee, NOON, submission=uuid.uuid4())
    unmerge(made.pk, manager_a.employee, NOON)
    assert dict(Customer.objects.values_list("name", "restricted")) == {"周晓岚": True, "吴江": False}


def test_a_consent_refused_while_two_cards_were_one_is_refused_by_both_again(people, manager_a):
    stays, goes = people
    made = merge(stays.pk, goes.pk, {}, manager_a.employee, NOON, submission=uuid.uuid4())
    consents.tell(stays.pk, purpose="marketing", is_given=False, source="counter", by=manager_a.employee, now=NOON)
    unmerge(made.pk, manager_a.employee, NOON)
    assert set(Customer.objects.values_list("marketing_consent", flat=True)) == {False}
    assert Consent.objects.filter(customer=goes, is_given=False).exists()


# ---- looks past the cap ---------------------------------------------------------------------------------------------


def test_the_search_box_tells_no_hidden_number_digit_by_digit(people, specialist_a, manager_a, monkeypatch):
    monkeypatch.setattr(probing, "SEARCHES_A_DAY", 3)
    search.refresh([customer.pk for customer in people])
    user = specialist_a.user
    assert [search.find(user, typed) != [] for typed in ("45678", "55678", "95678")] == [True, False, False]
    assert [hit.through for hit in search.find(user, "05678")] == ["139****5678"]
    assert [hit.is_whole for hit in search.find(user, NUMBER)] == [True]
    assert search.find(manager_a.user, "05678") == []
    assert watching.watch(DAY) == 1
    assert {one.user for one in Notice.objects.filter(code="looks.searched")} == {manager_a.user}


def test_the_search_box_tells_no_hidden_vin_sign_by_sign(people, specialist_a):
    car = VehicleFactory(store=people[0].store, vin="LSVAA4182E2388202")
    VehicleRoleFactory(vehicle=car, customer=people[0])
    search.refresh([people[0].pk])
    user = specialist_a.user
    assert [len(search.find(user, typed)) for typed in ("388202", "2388202", "9388202", "AAAA9388202")] == [1] * 4
    assert len(search.find(user, "LSVAA4182E2388202")) == 1
    assert search.find(user, "LSVAA4182E9388202") == []


@pytest.mark.parametrize(("asked", "count"), [("+", 1), ("-", 1), ("500101198803121234", 0), ("", 0)])
def test_the_filter_of_a_fact_that_is_written_freely_tells_no_more_than_that_it_is_there(
    people, frontline_a, as_, asked, count
):
    ProfileField.objects.filter(code="identity_no").update(is_on=True)
    ProfileValue.objects.create(
        store=people[0].store, customer=people[0], field="identity_no", value="500101198803121234"
    )
    page = as_(frontline_a).get(reverse("customers:list"), {"profile": f"identity_no:{asked}"})
    assert len(page.context["rows"]) == count


def test_the_filter_of_open_complaints_tells_only_of_those_that_one_sees(people, frontline_a, admin_a, manager_a, as_):
    ComplaintFactory(store=people[0].store, customer=people[0])
    found = [
        len(as_(person).get(reverse("customers:list"), {"ticket": "open"}).context["rows"])
        for person in (frontline_a, admin_a, manager_a)
    ]
    assert found == [0, 0, 1]


def test_numbers_tried_one_after_the_other_are_told(people, specialist_a, manager_a, as_, monkeypatch):
    monkeypatch.setattr(probing, "SEARCHES_A_DAY", 3)
    client = as_(specialist_a)
    for digits in range(4):
        assert watching.watch(DAY) == 0
        client.post(reverse("customers:alike"), {"phone": f"139{digits}2345678"})
    assert watching.watch(DAY) == 1


def test_who_takes_many_calls_and_makes_none_is_told(store_a, specialist_a, manager_a):
    for number in range(UNCALLED_TOLD_FROM):
        task = make_task(store_a, customer=CustomerFactory(store=store_a, name=f"客户{number}"))
        tasks.claim(task.pk, specialist_a.employee, "specialist", now=NOON, today=DAY, called_us=True)
        assert watching.watch(DAY) == 0
        tasks.release(task.pk, specialist_a.employee)
    assert watching.watch(DAY) == 1
    assert {one.user for one in Notice.objects.filter(code="looks.uncalled")} == {manager_a.user}


def test_a_call_written_the_moment_of_the_merge_asks_the_card_that_stands(people, specialist_a, store_a):
    stays, goes = people
    task = make_task(store_a, customer=goes)
    Customer.objects.filter(pk=stays.pk).update(restricted=True)
    Customer.objects.filter(pk=goes.pk).update(merged_into=stays)
    with pytest.raises(RuleBroken) as refused:
        tasks.claim(task.pk, specialist_a.employee, "specialist", now=NOON, today=DAY)
    assert refused.value.code == "stopped"
    assert stops.with_stop(Revisit.objects.filter(pk=task.pk), DAY).get().stop == Reason.RESTRICTED


# ---- addresses that nobody of ours wrote -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("customers:care_corrections", "employee={}"),
        ("customers:quality_cards", "employee={}"),
        ("customers:list", "segment={}"),
        ("customers:list", "keeper={}"),
        ("customers:list", "after=b{}"),
        ("privacy:exports", "employee={}"),
        ("privacy:looks", "employee={}&customer={}"),
        ("customers:bookings", ""),
        ("customers:bookings", "day=9999-12-31&span=week"),
        ("customers:bookings", "day=0001-01-01&span=week"),
        ("customers:care_corrections", "month=9999-12"),
        ("customers:care_corrections", "month=0001-01"),
        ("customers:class_moves", "month=9999-12"),
        ("privacy:looks", "since=9999-12-31&until=0001-01-01"),
    ],
)
@pytest.mark.parametrize("number", ["9" * 18, "9" * 40, "١٢", "²"])
def test_odd_numbers_in_an_address_break_no_page(people, manager_a, as_, name, query, number):
    assert as_(manager_a).get(f"{reverse(name)}?{query.replace('{}', number)}").status_code in (200, 404)


@pytest.mark.parametrize("fact", ["vin:{}", "phone:{}", "birthday:{}"])
@pytest.mark.parametrize("number", ["9" * 18, "9" * 40, "١٢", "²"])
def test_a_fact_that_no_card_has_is_not_found(people, manager_a, as_, fact, number):
    url = reverse("customers:reveal", args=[people[0].pk])
    assert as_(manager_a).get(f"{url}?fact={fact.format(number)}").status_code == 404
    as_(manager_a).post(url, {"fact": fact.format(number), "reason": "dial"})
    for name in ("customers:correct",):
        assert as_(manager_a).get(f"{reverse(name, args=[people[0].pk])}?car={number}").status_code == 200
