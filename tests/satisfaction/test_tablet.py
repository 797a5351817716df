"""Answered face to face: who may hand over, what the customer's page shows, and that it leads nowhere else."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.audit.models import Entry
from crm_site.core.errors import RuleBroken
from customers import search
from customers.models import RepairOrder
from satisfaction import actions
from satisfaction.models import Decision, Response, Sitting
from satisfaction.queries import current_version
from satisfaction.queries.sittings import Occasion, offered, orders
from satisfaction.rules import sittings as rules
from tests.factories import DAY, NOON, DeliveryFactory, EmployeeFactory, RepairOrderFactory
from tests.fingerprint import unchanged
from tests.satisfaction.surveys import SHORT, delivery_of, order_of, respond, short_answers

pytestmark = pytest.mark.django_db

CHOOSE = reverse("satisfaction:tablet")


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)


def handed(store, by, *, order=None, code="CSI_SHORT", at=NOON) -> Sitting:
    occasion = Occasion(order or RepairOrderFactory(vehicle__store=store))
    return actions.hand_over(occasion, current_version(code, store.pk), by=by, at=at, submission=uuid.uuid4())


def page_of(sitting: Sitting) -> str:
    return reverse("satisfaction:sitting", args=[sitting.key])


def tick(client: Client, sitting: Sitting, go: str, *, step=1, **marks) -> object:
    """Post one step: marks by question code; why_… and words_… by their own names."""
    data = {name if name.startswith(("why_", "words_")) else f"answer_{name}": value for name, value in marks.items()}
    return client.post(page_of(sitting), {"step": step, "go": go, **data})


def ticked(client: Client, sitting: Sitting, mark=9, **marks) -> object:
    """Answer the short form in its steps and send it."""
    values = dict.fromkeys(SHORT, mark) | {"overall": 9, "come_again": 9} | marks
    for step in range(1, 4):
        tick(client, sitting, "keep", step=step, **values)
    return tick(client, sitting, "finish", step=3, **values)


# ---- rules -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([("a", 2), ("b", 7), ("c", 3), (None, 3)], [["a"], ["b"], ["c"], [None]]),
        ([("a", 1), ("b", 1), ("c", 1), ("d", 1), (None, 2)], [["a", "b", "c"], ["d"], [None]]),
        ([(None, 3)], [[None]]),
        ([], []),
    ],
)
def test_small_factors_share_a_screen_and_what_has_no_factor_stands_last(groups, expected):
    assert rules.steps(groups) == expected


# ---- who may hand over -----------------------------------------------------------------------------------------------


def test_who_served_may_not_hand_over_and_is_told_who_may(store_a, specialist_a, frontline_a, manager_a):
    order = order_of(store_a, advisor=frontline_a.employee)
    with pytest.raises(RuleBroken) as refused:
        handed(store_a, frontline_a.employee, order=order)
    assert refused.value.code == "served"
    assert specialist_a.employee.name in refused.value.message
    assert manager_a.employee.name in refused.value.message
    assert frontline_a.employee.name not in refused.value.message
    assert not Sitting.objects.exists()
    assert handed(store_a, specialist_a.employee, order=order).asked_by == specialist_a.employee


def test_everybody_with_a_part_in_it_counts_as_having_served(store_a):
    people = [EmployeeFactory(store=store_a) for _ in range(5)]
    order = order_of(store_a, advisor=people[0], technician=people[1])
    order.final_inspector = people[2]
    order.save(update_fields=["final_inspector"])
    sold = delivery_of(store_a, consultant=people[3], specialist=people[4])
    assert set(Occasion(orders().get(pk=order.pk)).served) == {one.pk for one in people[:3]}
    assert set(Occasion(sold).served) == {one.pk for one in people[3:]}


def _void(order):
    order.state, order.released_on = "open", None


def _restrict(order):
    order.customer.restricted = True


@pytest.mark.parametrize(("spoil", "code"), [(_void, "open"), (_restrict, "restricted")])
def test_what_must_not_be_asked_about_is_refused(store_a, specialist_a, spoil, code):
    order = RepairOrderFactory(vehicle__store=store_a)
    spoil(order)
    with pytest.raises(RuleBroken) as refused:
        handed(store_a, specialist_a.employee, order=order)
    assert refused.value.code == code


def test_what_is_answered_is_not_asked_again(store_a, specialist_a):
    order = RepairOrderFactory(vehicle__store=store_a)
    respond(store_a, order=order)
    with pytest.raises(RuleBroken) as refused:
        handed(store_a, specialist_a.employee, order=order)
    assert refused.value.code == "answered"


def test_a_questionnaire_of_another_kind_is_refused(store_a, specialist_a):
    with pytest.raises(RuleBroken):
        handed(store_a, specialist_a.employee, code="SSI")


def test_the_list_holds_what_was_handed_back_lately_and_is_not_answered(store_a, store_b):
    fresh = RepairOrderFactory(vehicle__store=store_a, handed_back_on=DAY)
    sold = DeliveryFactory(vehicle__store=store_a, delivered_on=DAY - timedelta(days=2))
    RepairOrderFactory(vehicle__store=store_a, handed_back_on=DAY - timedelta(days=3))
    RepairOrderFactory(vehicle__store=store_a, handed_back_on=DAY, job_type="wash")
    RepairOrderFactory(vehicle__store=store_b, handed_back_on=DAY)
    respond(store_a, order=RepairOrderFactory(vehicle__store=store_a, handed_back_on=DAY))
    assert [one.row for one in offered([store_a.pk], DAY)] == [fresh, sold]


def test_older_visits_are_found_by_plate_and_number_in_the_own_store_only(as_, specialist_a, store_b):
    order = RepairOrderFactory(vehicle__store=specialist_a.store, handed_back_on=DAY - timedelta(days=20))
    order.vehicle.roles.create(store=order.store, customer=order.customer, role="owner", since=DAY)
    search.refresh([order.customer_id])
    foreign = RepairOrderFactory(vehicle__store=store_b, handed_back_on=DAY)
    client = as_(specialist_a)
    assert order.customer.name not in client.get(CHOOSE).content.decode()
    for typed in (order.vehicle.plate_no, order.order_number):
        assert order.customer.name in client.post(CHOOSE, {"q": typed}).content.decode(), typed
    assert foreign.customer.name not in client.post(CHOOSE, {"q": foreign.order_number}).content.decode()


def test_the_list_asks_as_often_for_twenty_as_for_three(as_, specialist_a):
    def fill(count):
        for _ in range(count):
            people = {"advisor": EmployeeFactory(store=specialist_a.store)}
            people["technician"] = EmployeeFactory(store=specialist_a.store)
            RepairOrder.objects.filter(pk=order_of(specialist_a.store, **people).pk).update(released_on=DAY)

    client = as_(specialist_a)
    fill(3)
    client.get(CHOOSE)
    with CaptureQueriesContext(connection) as few:
        assert client.get(CHOOSE).content.count(b"/face-to-face/order/") == 3
    fill(17)
    with CaptureQueriesContext(connection) as many:
        assert client.get(CHOOSE).content.count(b"/face-to-face/order/") == 20
    assert len(many) <= len(few)


# ---- handing over ----------------------------------------------------------------------------------------------------


def hand_page(order) -> str:
    return reverse("satisfaction:tablet_order", args=[order.pk])


def test_handing_over_ends_the_session_on_the_device(as_, specialist_a):
    order = RepairOrderFactory(vehicle__store=specialist_a.store)
    client, version = as_(specialist_a), current_version("CSI", specialist_a.store.pk)
    assert client.get(hand_page(order)).status_code == 200
    answer = client.post(hand_page(order), {"form": version.pk, "submission": str(uuid.uuid4())})
    sitting = Sitting.objects.get()
    assert answer["Location"] == page_of(sitting)
    assert sitting.version == version
    assert client.get("/").status_code == 302
    assert client.get(hand_page(order)).status_code == 302
    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]


def test_the_same_click_twice_is_one_sitting(store_a, specialist_a):
    occasion, key = Occasion(RepairOrderFactory(vehicle__store=store_a)), uuid.uuid4()
    version = current_version("CSI", store_a.pk)
    first, second = (
        actions.hand_over(occasion, version, by=specialist_a.employee, at=NOON, submission=key) for _ in range(2)
    )
    assert first == second


def test_who_served_is_told_so_before_and_cannot_post(as_, frontline_a, specialist_a):
    order = order_of(frontline_a.store, advisor=frontline_a.employee)
    client = as_(frontline_a)
    assert specialist_a.employee.name in client.get(hand_page(order)).content.decode()
    form = {"form": current_version("CSI", order.store_id).pk, "submission": str(uuid.uuid4())}
    with unchanged():
        assert client.post(hand_page(order), form).status_code == 422


def test_a_second_hand_over_closes_the_first(store_a, specialist_a, client):
    order = RepairOrderFactory(vehicle__store=store_a)
    first = handed(store_a, specialist_a.employee, order=order)
    second = handed(store_a, specialist_a.employee, order=order)
    assert client.get(page_of(first)).status_code == 410
    assert client.get(page_of(second)).status_code == 200


# ---- the customer's page ---------------------------------------------------------------------------------------------


def test_the_page_leads_nowhere_and_tells_nobodys_data(store_a, specialist_a, client):
    sitting = handed(store_a, specialist_a.employee)
    text = client.get(page_of(sitting)).content.decode()
    assert "<nav" not in text
    assert "<a " not in text
    for secret in (sitting.customer.name, sitting.vehicle.plate_no, sitting.vehicle.vin, specialist_a.employee.name):
        assert secret not in text


def test_whoever_is_signed_in_on_the_device_must_sign_out_first(store_a, specialist_a, as_):
    sitting, client = handed(store_a, specialist_a.employee), as_(specialist_a)
    with unchanged():
        assert "answer_" not in client.get(page_of(sitting)).content.decode()
        ticked_while_signed_in = tick(client, sitting, "next", reception=9)
    assert ticked_while_signed_in["Location"] == page_of(sitting)
    assert "answer_" in client.get(page_of(sitting)).content.decode()
    assert client.get("/").status_code == 302


def test_what_is_ticked_outlives_a_reload(store_a, specialist_a, client):
    sitting = handed(store_a, specialist_a.employee)
    assert tick(client, sitting, "keep", clean_comfortable=4, words_clean_comfortable="很吵").status_code == 204
    text = client.get(page_of(sitting)).content.decode()
    assert "很吵" in text
    assert 'name="answer_clean_comfortable" value="4" class="low" checked' in text


def test_the_language_is_switched_and_nothing_ticked_is_lost(store_a, specialist_a, client):
    sitting = handed(store_a, specialist_a.employee)
    tick(client, sitting, "en", clean_comfortable=8)
    text = client.get(page_of(sitting)).content.decode()
    assert "How did we do?" in text
    assert 'value="8" checked' in text


def test_a_low_answer_asks_what_happened_and_a_tapped_phrase_is_enough(store_a, specialist_a, client):
    sitting = handed(store_a, specialist_a.employee)
    assert tick(client, sitting, "next", clean_comfortable=4).status_code == 422
    assert tick(client, sitting, "next", clean_comfortable=4, why_clean_comfortable="dirty").status_code == 302
    ticked(client, sitting, reception=3, clean_comfortable=4, why_clean_comfortable="dirty", words_reception="没人理我")
    response = Response.objects.get()
    reasons = dict(response.answers.filter(is_low=True).values_list("question__code", "reason"))
    assert reasons == {"clean_comfortable": "不够干净整洁", "reception": "没人理我"}
    assert (response.decision, response.channel, response.low_count) == (Decision.PENDING, "tablet", 2)
    assert response.asked_by == specialist_a.employee


def test_not_applicable_and_rather_not_are_two_answers(store_a, specialist_a, client):
    sitting = handed(store_a, specialist_a.employee)
    ticked(client, sitting, clean_comfortable="na", reception="none")
    states = dict(Response.objects.get().answers.values_list("question__code", "state"))
    assert (states["clean_comfortable"], states["reception"], states["on_time"]) == ("na", "none", "given")


def test_sent_twice_is_one_response(store_a, specialist_a, client):
    sitting = handed(store_a, specialist_a.employee)
    first = ticked(client, sitting)
    again = tick(client, sitting, "finish", step=3)
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    assert Response.objects.count() == 1
    sitting.refresh_from_db()
    assert (sitting.response, sitting.draft) == (Response.objects.get(), {})
    assert client.get(page_of(sitting)).status_code == 410


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("reference")
def test_two_windows_at_once_make_one_response(store_a, specialist_a):
    sitting, start = handed(store_a, specialist_a.employee), Barrier(2)

    def send(_window: int) -> int:
        start.wait(timeout=10)
        try:
            return actions.finish(sitting.pk, short_answers(9), at=NOON).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as windows:
        first, second = windows.map(send, range(2))
    assert first == second
    assert Response.objects.count() == 1


def test_unanswered_questions_are_named_once_before_sending(store_a, specialist_a, client):
    sitting = handed(store_a, specialist_a.employee)
    tick(client, sitting, "next", clean_comfortable=9)
    asked = tick(client, sitting, "finish", step=3)
    assert asked.status_code == 200
    assert 'value="anyway"' in asked.content.decode()
    assert not Response.objects.exists()
    assert tick(client, sitting, "anyway", step=3).status_code == 302
    assert Response.objects.get().is_valid is False


def test_an_empty_questionnaire_is_not_sent(store_a, specialist_a, client):
    sitting = handed(store_a, specialist_a.employee)
    assert tick(client, sitting, "finish", step=3).status_code == 422
    assert not Response.objects.exists()


def test_who_would_rather_not_leaves_nothing_behind(store_a, specialist_a, client):
    sitting = handed(store_a, specialist_a.employee)
    tick(client, sitting, "keep", clean_comfortable=2, words_clean_comfortable="很吵")
    assert "declined" in tick(client, sitting, "decline")["Location"]
    sitting.refresh_from_db()
    assert (sitting.response, sitting.draft, sitting.ended_at) == (None, {}, NOON)
    assert not Response.objects.exists()
    assert Entry.objects.filter(action="sitting.declined").count() == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_after_an_hour_the_page_is_closed_and_takes_nothing(store_a, specialist_a, client, method):
    sitting = handed(store_a, specialist_a.employee, at=NOON - rules.LASTS)
    with unchanged():
        answer = getattr(client, method)(page_of(sitting), {"step": 1, "go": "keep", "answer_reception": 9})
    assert answer.status_code == 410
    assert sitting.store.short_name not in answer.content.decode()


def test_an_unknown_key_gets_the_same_words_as_an_old_one(store_a, specialist_a, client):
    old = handed(store_a, specialist_a.employee, at=NOON - rules.LASTS)
    unknown = SimpleNamespace(key=uuid.uuid4())
    bodies = [client.get(page_of(one)).content.split(b"<main")[1] for one in (old, unknown)]
    assert bodies[0] == bodies[1]


def test_the_next_hand_over_forgets_what_was_ticked_and_never_sent(store_a, specialist_a, client):
    old = handed(store_a, specialist_a.employee, at=NOON - timedelta(minutes=59))
    tick(client, old, "keep", words_reception="很吵")
    handed(store_a, specialist_a.employee, at=NOON + timedelta(minutes=2))
    old.refresh_from_db()
    assert old.draft == {}


def test_an_answer_off_the_scale_is_left_out(store_a, specialist_a, client):
    sitting = handed(store_a, specialist_a.employee)
    tick(client, sitting, "keep", clean_comfortable="11", reception="<b>", why_on_time="<script>")
    sitting.refresh_from_db()
    assert {one["answer"] for one in sitting.draft.values()} == {""}


def test_a_phrase_counts_once_however_often_it_is_sent(store_a, specialist_a, client):
    sitting = handed(store_a, specialist_a.employee)
    for step in (1, 2):
        tick(client, sitting, "keep", step=step, reception="2", why_reception=["waited", "manner"] * 200)
    sitting.refresh_from_db()
    assert sitting.draft["reception"]["why"] == ["waited", "manner"]


def test_the_thanks_leads_to_signing_in_only(client):
    text = client.get(reverse("satisfaction:sitting_thanks"), {"lang": "en"}).content.decode()
    assert "Thank you" in text
    assert text.count("<a ") == 1
    assert reverse("accounts:sign_in") in text


@pytest.mark.parametrize("meanwhile", ["rung", "restricted", "served"])
def test_what_could_no_longer_be_handed_over_is_not_recorded(store_a, specialist_a, client, meanwhile):
    order = order_of(store_a, EmployeeFactory(store=store_a))
    sitting = handed(store_a, specialist_a.employee, order=order)
    ticked_so_far = dict.fromkeys((*SHORT, "overall"), 9)
    for step in (1, 2, 3):
        tick(client, sitting, "keep", step=step, **ticked_so_far)
    if meanwhile == "rung":
        respond(store_a, order=order)
    elif meanwhile == "restricted":
        type(order.customer).objects.filter(pk=order.customer_id).update(restricted=True)
    else:
        RepairOrder.objects.filter(pk=order.pk).update(service_advisor=specialist_a.employee)
    with unchanged():
        answer = tick(client, sitting, "anyway", step=3, **ticked_so_far)
    assert answer.status_code == 410
