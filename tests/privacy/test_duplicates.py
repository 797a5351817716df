"""Cards that may be one customer: what finds them, what is kept of decisions, and the pages that decide."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from crm_site.jobs import runner
from crm_site.privacy.actions import finding, pairs
from crm_site.privacy.models import DuplicatePair, Merge
from crm_site.privacy.queries.duplicates import found_in
from crm_site.privacy.rules.duplicates import FAMILY, likeness
from customers.models import Customer, ProfileValue
from tests.factories import DAY, NOON, CustomerFactory, PhoneFactory, VehicleFactory, VehicleRoleFactory

State = DuplicatePair.State
OK, FOUND, REFUSED = 200, 302, 422


@pytest.mark.parametrize(
    ("one", "other", "like"),
    [
        ("周晓岚", "周晓岚", "name"),
        ("周晓岚", "周 晓 岚(女士)", "name"),
        ("周晓岚", "周小岚", "similar"),  # the same sound
        ("周晓岚", "周晓兰", "similar"),
        ("周建国", "周建军", "similar"),  # one other sign
        ("张伟", "张强", None),
        ("张伟", "章伟", "similar"),
        ("重庆远岚物流有限公司", "远岚物流有限公司", "similar"),
        ("周晓岚", "吴江", None),
        ("", "周晓岚", None),
    ],
)
def test_names_are_alike(one, other, like):
    assert likeness(one, other) == like


def two(store, one="周晓岚", other="周小岚"):
    cards = [CustomerFactory(store=store, name=name) for name in (one, other)]
    return tuple(sorted(cards, key=lambda card: card.pk))


def share_phone(*cards, number="13800138000"):
    for card in cards:
        PhoneFactory(customer=card, number=number)


def test_a_shared_number_makes_a_pair_with_its_likeness(store_a):
    one, other = two(store_a)
    share_phone(one, other)
    assert found_in(store_a.pk) == {(one.pk, other.pk): {"phone", "similar"}}


def test_a_number_of_more_cards_than_a_family_makes_none(store_a):
    share_phone(*(CustomerFactory(store=store_a) for _ in range(FAMILY + 1)))
    assert found_in(store_a.pk) == {}


def test_the_same_identity_number_makes_a_pair(store_a):
    one, other = two(store_a, other="吴江")
    for card in (one, other):
        ProfileValue.objects.create(store=store_a, customer=card, field="identity_no", value="500112199001010011")
    assert found_in(store_a.pk) == {(one.pk, other.pk): {"identity"}}


def test_two_owners_of_one_car_are_a_pair_only_if_their_names_are_alike(store_a):
    car = VehicleFactory(store=store_a)
    sold, bought, again = (CustomerFactory(store=store_a, name=name) for name in ("周晓岚", "吴江", "周小岚"))
    for card, until in ((sold, DAY - timedelta(days=9)), (bought, DAY - timedelta(days=5)), (again, None)):
        VehicleRoleFactory(vehicle=car, customer=card, until=until)
    assert found_in(store_a.pk) == {(sold.pk, again.pk): {"vin", "similar"}}


def test_a_car_entered_twice_under_one_plate_leads_to_a_pair(store_a):
    one, other = two(store_a)
    for card, vin in ((one, None), (other, "LSVAA4180E2999999")):
        VehicleRoleFactory(vehicle=VehicleFactory(store=store_a, plate_no="渝A12345", vin=vin), customer=card)
    assert found_in(store_a.pk) == {(one.pk, other.pk): {"plate", "similar"}}


def test_other_stores_and_merged_cards_make_no_pair(store_a, store_b):
    one, other = two(store_a)
    share_phone(one, other, CustomerFactory(store=store_b))
    Customer.objects.filter(pk=other.pk).update(merged_into=one)
    assert found_in(store_a.pk) == found_in(store_b.pk) == {}


def test_the_look_takes_the_same_number_of_queries_for_any_number_of_cards(store_a, django_assert_max_num_queries):
    for place in range(30):
        share_phone(*two(store_a), number=f"139{place:08d}")
    with django_assert_max_num_queries(4):
        assert len(found_in(store_a.pk)) == 30


# ---- the night -------------------------------------------------------------------------------------------------------


def look(store, again=""):
    """One nightly look, as a worker makes it."""
    job = finding.ask(store, DAY, again=again or uuid.uuid4().hex[:8])
    assert runner.run(job.pk) == "done"
    job.refresh_from_db()
    return job.result


def test_the_night_keeps_pairs_and_drops_those_for_which_nothing_speaks(store_a):
    one, other = two(store_a)
    share_phone(one, other)
    assert look(store_a)["new"] == 1
    pair = DuplicatePair.objects.get()
    assert (pair.reasons, pair.score, pair.state) == (["phone", "similar"], 65, State.OPEN)
    other.phones.all().delete()
    look(store_a)
    assert not DuplicatePair.objects.exists()


def test_two_customers_stay_two_until_something_new_speaks(store_a, manager_a):
    one, other = two(store_a)
    share_phone(one, other)
    look(store_a)
    pairs.tell_apart(DuplicatePair.objects.get().pk, by=manager_a.employee, now=NOON)
    look(store_a)
    assert DuplicatePair.objects.get().state == State.SEPARATE
    for card in (one, other):
        ProfileValue.objects.create(store=store_a, customer=card, field="identity_no", value="500112199001010011")
    look(store_a)
    pair = DuplicatePair.objects.get()
    assert (pair.state, pair.decided_by, pair.reasons[0]) == (State.OPEN, None, "identity")


def test_the_days_look_is_asked_for_once(store_a):
    assert finding.ask(store_a, DAY).pk == finding.ask(store_a, DAY).pk


# ---- the pages -------------------------------------------------------------------------------------------------------


@pytest.fixture
def pair(store_a):
    one, other = two(store_a)
    share_phone(one, other)
    return DuplicatePair.objects.create(
        store=store_a, one=one, other=other, reasons=["phone", "similar"], score=65, found_on=DAY
    )


def text(answer):
    return answer.content.decode()


def test_the_list_shows_both_cards_with_masked_numbers(as_, manager_a, pair):
    page = text(as_(manager_a).get(reverse("privacy:duplicates")))
    assert pair.one.name in page
    assert pair.other.name in page
    assert "138****8000" in page
    assert "13800138000" not in page
    assert "电话相同" in page


@pytest.mark.parametrize(("reason", "shown"), [("phone", True), ("identity", False), ("nonsense", True)])
@pytest.mark.smoke
def test_the_list_is_filtered_by_reason(as_, manager_a, pair, reason, shown):
    page = text(as_(manager_a).get(reverse("privacy:duplicates"), {"reason": reason}))
    assert (f'data-pair="{pair.pk}"' in page) is shown


def test_a_stranger_sees_no_pair(as_, stranger_b, pair):
    assert f'data-pair="{pair.pk}"' not in text(as_(stranger_b).get(reverse("privacy:duplicates")))


def test_one_click_says_two_customers_and_another_takes_it_back(as_, manager_a, pair):
    client, address = as_(manager_a), reverse("privacy:decide", args=[pair.pk])
    assert client.post(address).status_code == FOUND
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by) == (State.SEPARATE, manager_a.employee)
    assert f'data-pair="{pair.pk}"' in text(client.get(reverse("privacy:duplicates"), {"state": "separate"}))
    client.post(address, {"again": "1"})
    pair.refresh_from_db()
    assert pair.state == State.OPEN


def sent(client, address, **more):
    """The fields of the merge form as the page shows them."""
    shown = client.get(address).context["form"]
    values = {name: shown[name].value() for name in ("seen", "submission")}
    return {**values, **more}


def test_the_comparison_merges_with_the_chosen_facts(as_, manager_a, pair):
    client = as_(manager_a)
    address = reverse("privacy:two_cards", args=[pair.one_id, pair.other_id])
    answer = client.post(address, sent(client, address, **{"from:name": "merged"}), follow=True)
    assert answer.status_code == OK
    assert Customer.objects.get(pk=pair.one_id).name == pair.other.name
    pair.refresh_from_db()
    assert pair.state == State.MERGED
    made = Merge.objects.get()
    assert client.post(reverse("privacy:merge_undo", args=[made.pk]), follow=True).status_code == OK
    assert Customer.objects.get(pk=pair.other_id).merged_into_id is None
    pair.refresh_from_db()
    assert pair.state == State.SEPARATE


def test_a_form_that_has_grown_old_comes_back_with_what_was_ticked(as_, manager_a, pair):
    client = as_(manager_a)
    address = reverse("privacy:two_cards", args=[pair.one_id, pair.other_id])
    data = sent(client, address, **{"from:name": "merged"})
    PhoneFactory(customer=pair.one, number="13900139000")
    answer = client.post(address, data)
    assert answer.status_code == REFUSED
    fact = next(one for one in answer.context["facts"] if one.code == "name")
    assert fact.side == "merged"
    again = {**data, "seen": answer.context["form"]["seen"].value()}
    assert client.post(address, again).status_code == FOUND


def test_an_enterprise_is_merged_with_a_person_only_with_the_tick(as_, manager_a, pair):
    Customer.objects.filter(pk=pair.other_id).update(customer_type="org")
    client = as_(manager_a)
    address = reverse("privacy:two_cards", args=[pair.one_id, pair.other_id])
    answer = client.post(address, sent(client, address))
    assert answer.status_code == REFUSED
    assert client.post(address, sent(client, address, unlike="on")).status_code == FOUND


def test_the_list_takes_the_same_number_of_queries_for_3_and_30_pairs(
    as_, manager_a, store_a, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, counts = as_(manager_a), []
    for upto in (3, 30):
        while DuplicatePair.objects.count() < upto:
            one, other = two(store_a)
            DuplicatePair.objects.create(store=store_a, one=one, other=other, score=40, reasons=["phone"], found_on=DAY)
        client.get(reverse("privacy:duplicates"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse("privacy:duplicates"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_partner_is_found_by_words_that_stand_in_no_address(as_, manager_a, pair):
    from customers import search

    search.refresh([pair.one_id, pair.other_id])
    client = as_(manager_a)
    answer = client.post(reverse("privacy:partner", args=[pair.one_id]), {"q": "周小岚"})
    wanted = {pair.one_id, pair.other_id} - {pair.one_id}
    names = {card.pk for card in answer.context["found"]}
    assert names <= wanted
