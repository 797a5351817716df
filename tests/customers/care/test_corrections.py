"""Corrections hold at once, name their call, and keep what stood before for a while only."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers.actions import correcting, corrections
from customers.actions.corrections import Learned
from customers.actions.editing import Overlap
from customers.models import Correction, Customer, Phone, Vehicle
from tests.factories import DAY, CustomerFactory, PhoneFactory, VehicleRoleFactory
from tests.revisits.conftest import make_task

pytestmark = pytest.mark.django_db

Told = correcting.Told


@pytest.fixture
def by(specialist_a):
    return specialist_a.employee


@pytest.fixture
def hao(store_a):
    customer = CustomerFactory(store=store_a, name="欧阳浩", address="长江路1号")
    PhoneFactory(customer=customer, number="13900001202")
    VehicleRoleFactory(vehicle__store=store_a, vehicle__plate_no="渝A12345", customer=customer)
    return customer


def correct(customer, by, told, learned=corrections.ON_CARD):
    correcting.correct(customer.pk, told, by=by, now=clock.now(), learned=learned)
    customer.refresh_from_db()


def test_a_correction_in_a_call_holds_at_once_and_the_trail_names_field_and_call(hao, by):
    correct(hao, by, Told(of_card={"address": "长江路2号"}), Learned("call", 7))
    assert hao.address == "长江路2号"
    entry = Entry.objects.get(action="customer.changed")
    assert (entry.detail["fields"], entry.detail["call"]) == (["address"], 7)
    assert "长江路1号" not in str(entry.detail)
    row = Correction.objects.get()
    assert (row.field, row.before, row.call, row.source, row.by) == ("address", "长江路1号", 7, "call", by)


def test_what_stood_before_has_an_end(hao, by):
    correct(hao, by, Told(of_card={"name": "欧阳皓"}))
    row = Correction.objects.get()
    assert row.before_until == row.day + timedelta(days=90)


def test_a_fact_that_was_empty_is_filled_and_no_correction(hao, by):
    correct(hao, by, Told(of_card={"district": "渝北区"}))
    assert not Correction.objects.exists()


def test_the_plate_hangs_on_the_owners_card(hao, by):
    car = Vehicle.objects.get()
    correct(hao, by, Told(vehicle_id=car.pk, of_car={"plate_no": "渝A54321"}))
    row = Correction.objects.get()
    assert (row.customer, row.vehicle, row.before) == (hao, car, "渝A12345")


def test_a_number_that_replaces_another_is_good_and_the_old_one_is_kept_aside(hao, by):
    phone = Phone.objects.get()
    correct(hao, by, Told(number="13900009999", instead_of=phone.pk))
    phone.refresh_from_db()
    assert (phone.number, phone.good_on) == ("13900009999", clock.today())
    assert Correction.objects.get().before == "13900001202"


def test_a_number_said_beside_is_added_and_dialled_first(hao, by):
    correct(hao, by, Told(number="13900009999"))
    assert list(hao.phones.dialable().values_list("number", flat=True)) == ["13900009999", "13900001202"]


def test_all_or_nothing(hao, by):
    with pytest.raises(RuleBroken):
        correct(hao, by, Told(of_card={"name": "欧阳皓"}, number="13900001202"))
    hao.refresh_from_db()
    assert hao.name == "欧阳浩"


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(hao, by):
    Customer.objects.filter(pk=hao.pk).update(name="欧阳灏")
    with pytest.raises(Overlap) as told:
        correct(hao, by, Told(of_card={"name": "欧阳皓"}, seen={"name": "欧阳浩"}))
    assert told.value.standing == {"name": "欧阳灏"}


def post(form, **changes):
    """What a browser sends of a form: everything as shown, with these changes."""
    sent = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in (sent | changes).items()}


def test_the_page_corrects_name_and_number_in_one_step(as_, specialist_a, hao):
    client, url = as_(specialist_a), reverse("customers:correct", args=[hao.pk])
    form = client.get(url).context["form"]
    answer = client.post(url, post(form, name="欧阳皓", number="139 0000 9999"))
    assert answer.status_code == 302
    hao.refresh_from_db()
    assert hao.name == "欧阳皓"
    assert hao.phones.filter(number="13900009999").exists()


def test_a_refused_number_is_told_and_nothing_typed_is_lost(as_, specialist_a, hao):
    client, url = as_(specialist_a), reverse("customers:correct", args=[hao.pk])
    form = client.get(url).context["form"]
    answer = client.post(url, post(form, name="欧阳皓", number="123"))
    assert answer.status_code == 422
    assert "欧阳皓" in answer.content.decode()


def test_the_panel_of_a_call_says_which_call_taught_it(as_, specialist_a, hao):
    task = make_task(hao.store, customer=hao, vehicle=Vehicle.objects.first(), phone=Phone.objects.first())
    client, url = as_(specialist_a), reverse("revisits:correct", args=[task.pk])
    htmx = {"HX-Request": "true"}
    page = client.get(url, headers=htmx)
    assert 'form="correct"' in page.content.decode()
    answer = client.post(url, post(page.context["form"], address="长江路9号"), headers=htmx)
    assert answer.status_code == 200
    assert Correction.objects.get().call == task.pk


def test_a_call_that_somebody_else_has_in_hand_is_left_alone(as_, specialist_a, specialist_a2, hao):
    now = clock.now()
    task = make_task(
        hao.store, customer=hao, vehicle=Vehicle.objects.first(), phone=Phone.objects.first(),
        claimed_by=specialist_a2.employee, claimed_at=now, lease_until=now + timedelta(minutes=10),
    )  # fmt: skip
    answer = as_(specialist_a).get(reverse("revisits:correct", args=[task.pk]))
    assert answer.status_code == 302


def test_managers_see_what_stood_before_and_others_only_their_own(as_, manager_a, specialist_a, specialist_a2, hao, by):
    correct(hao, by, Told(of_card={"name": "欧阳皓"}))
    url = reverse("customers:care_corrections")
    assert "欧阳浩" in as_(manager_a).get(url).content.decode()
    own = as_(specialist_a).get(url).content.decode()
    assert 'data-total="1"' in own
    assert "欧阳浩" not in own
    assert 'data-total="1"' not in as_(specialist_a2).get(url).content.decode()
    assert as_(manager_a).get(url, {"employee": "9" * 400}).status_code == 200


def test_old_numbers_stay_masked_for_managers(as_, manager_a, hao, by):
    correct(hao, by, Told(number="13900009999", instead_of=Phone.objects.get().pk))
    page = as_(manager_a).get(reverse("customers:care_corrections")).content.decode()
    assert "139****1202" in page
    assert "13900001202" not in page


def test_a_month_shows_its_own_corrections_only(as_, manager_a, hao, by):
    correct(hao, by, Told(of_card={"name": "欧阳皓"}))
    Correction.objects.update(day=DAY.replace(year=2020))
    page = as_(manager_a).get(reverse("customers:care_corrections")).content.decode()
    assert "data-total" not in page
