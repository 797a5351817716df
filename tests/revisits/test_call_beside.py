"""What a call brings beside its answers: booking, mileage, a word on a ticket, channels, and "you rang me?"."""

from datetime import timedelta

import pytest

from complaints.models import Level
from crm_site.core import clock
from customers import search
from customers.models import Booking, Customer, MileageReading
from revisits.models import CallAttempt, Phrase, Revisit
from tests.factories import ComplaintFactory, CustomerFactory
from tests.revisits.calls import DAY, after, save, service_task
from tests.revisits.test_call_page import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(store_a, specialist_a, as_):
    return Desk(service_task(store_a), specialist_a, as_(specialist_a))


def ticket_of(task):
    return ComplaintFactory(store=task.store, customer=task.customer, level=Level.objects.get(store=None, code="L2"))


# ---- booking, mileage ------------------------------------------------------------------------------------------------


def test_a_booking_and_a_mileage_told_in_the_call_are_kept(desk):
    day = clock.today() + timedelta(days=3)
    told = {"booking_on": f"{day:%Y-%m-%d}", "booking_time": "14:30", "booking_what": "定保", "mileage_km": "13500"}
    assert desk.save(**told).status_code == 302
    booking, reading = Booking.objects.get(), MileageReading.objects.get()
    assert (booking.wanted_on, f"{booking.wanted_at:%H:%M}", booking.what) == (day, "14:30", "定保")
    assert (booking.vehicle, booking.customer) == (desk.task.vehicle, desk.task.customer)
    assert (reading.km, reading.vehicle) == (13500, desk.task.vehicle)


def test_a_booking_without_a_day_or_in_the_past_is_refused_with_everything_kept(desk):
    yesterday = clock.today() - timedelta(days=1)
    for told in ({"booking_what": "定保"}, {"booking_on": f"{yesterday:%Y-%m-%d}"}):
        refused = desk.save(note="都还在", **told)
        assert refused.status_code == 422
        assert "booking_on" in refused.context["form"].errors
        assert "都还在" in refused.content.decode()
    assert not CallAttempt.objects.exists()


def test_nobody_told_us_anything_where_nobody_answered(desk):
    refused = desk.save(result="NO_ANSWER", mileage_km="13500")
    assert (refused.status_code, "result" in refused.context["form"].errors) == (422, True)


# ---- open tickets ----------------------------------------------------------------------------------------------------


def test_words_on_an_open_ticket_are_a_chase_of_it(desk):
    ticket = ticket_of(desk.task)
    assert f"chase_{ticket.pk}" in desk.page().content.decode()
    saved = desk.save(result="LATER", **{f"chase_{ticket.pk}": "问配件什么时候到"})
    assert saved.status_code == 302
    ticket.refresh_from_db()
    assert ticket.chased == 1
    assert ticket.steps.get(action="chase").note == "问配件什么时候到"


def test_a_ticket_of_somebody_else_is_not_chased_from_here(desk, store_a):
    other = ComplaintFactory(store=store_a)
    desk.save(result="LATER", **{f"chase_{other.pk}": "与你无关"})
    other.refresh_from_db()
    assert other.chased == 0


# ---- phrases ---------------------------------------------------------------------------------------------------------


def test_phrases_stand_in_the_language_of_the_page_and_a_stores_own_replaces_the_companys(desk, store_a, as_):
    Phrase.objects.create(store=store_a, code="content", label_zh="都好", label_en="All fine", position=1)
    Phrase.objects.filter(store=None, code="busy").update(is_active=False)
    zh, en = desk.page().content.decode(), as_(desk.person, "en").get(desk.url).content.decode()
    assert 'data-phrase="都好"' in zh
    assert 'data-phrase="All fine"' in en
    assert "客户表示满意" not in zh
    assert "客户在忙" not in zh


# ---- channels --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["incoming", "face"])
def test_who_is_there_was_reached(desk, channel):
    refused = desk.save(result="NO_ANSWER", channel=channel)
    assert (refused.status_code, "channel" in refused.context["form"].errors) == (422, True)
    assert desk.save(channel=channel).status_code == 302
    made = CallAttempt.objects.get()
    assert (made.channel, made.phone is None) == (channel, channel == "face")


def test_a_last_failure_asks_reception_to_check_the_number(store_a, specialist_a):
    task = service_task(store_a)
    for minutes in (0, 200, 1500):
        save(task, specialist_a, "NO_ANSWER", started_at=after(minutes), at=after(minutes + 1))
    customer = Customer.objects.get(pk=task.customer_id)
    assert (customer.check_phone_since, customer.check_phone_reason) == (task.ended_on, "NO_ANSWER")


# ---- "you rang me?" --------------------------------------------------------------------------------------------------


def test_a_customer_who_calls_back_is_served_from_the_card_the_search_and_the_ticket(store_a, specialist_a, as_):
    task, client = service_task(store_a), as_(specialist_a)
    Revisit.objects.update(due_on=clock.today() + timedelta(days=2), expires_on=clock.today() + timedelta(days=4))
    namesake = CustomerFactory(store=store_a, name=task.customer.name)  # one hit alone would open its card
    search.refresh([task.customer_id, namesake.pk])
    ticket = ticket_of(task)
    address = f"/revisits/customers/{task.customer_id}/rang/"
    assert address in client.post("/customers/find/", {"q": task.customer.name}, follow=True).content.decode()
    assert address in client.get(f"/complaints/{ticket.pk}/").content.decode()
    assert 'value="incoming"' in client.get(f"/customers/{task.customer_id}/").content.decode()
    assert client.get(address).context["lines"][0]["task"] == task
    opened = client.post(f"/revisits/{task.pk}/open/", {"channel": "incoming"})
    assert opened.url == f"/revisits/{task.pk}/call/?channel=incoming"
    assert client.get(opened.url).context["form"].typed("channel") == "incoming"


def test_a_made_up_channel_is_not_carried_on(store_a, specialist_a, as_):
    task = service_task(store_a)
    opened = as_(specialist_a).post(f"/revisits/{task.pk}/open/", {"channel": "<script>"})
    assert opened.url == f"/revisits/{task.pk}/call/"


def test_a_customer_without_an_open_call_is_said_so(store_a, specialist_a, as_):
    task = service_task(store_a)
    save(task, specialist_a)
    page = as_(specialist_a).get(f"/revisits/customers/{task.customer_id}/rang/").content.decode()
    assert "没有待拨打的回访" in page


# ---- the next number -------------------------------------------------------------------------------------------------


def test_a_bad_number_leads_straight_to_the_customers_next_one(store_a, specialist_a, as_, monkeypatch):
    desk = Desk(service_task(store_a, numbers=2), specialist_a, as_(specialist_a))
    morning = clock.at(DAY, 10)  # the desk works, and it is no quiet hour
    lease = {"claimed_at": morning, "lease_until": morning + timedelta(minutes=15)}
    Revisit.objects.update(due_on=DAY, expires_on=DAY, **lease)
    monkeypatch.setattr(clock, "now", lambda: morning)
    first = desk.task.phone.number
    saved = desk.save(result="VACANT")
    assert saved.url == desk.url
    shown = desk.client.get(saved.url).context["number"]
    assert shown not in ("", first)
