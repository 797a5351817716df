"""转让: the car goes on with its facts, the person who had it stays behind, on every page and for every role."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from complaints.models import Complaint
from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers import search
from customers.actions import cars, handover, roles
from customers.actions.handover import NewOwner, hand_over
from customers.models import Booking, ContactBan, Customer, Phone, RepairOrder, Vehicle, VehicleRole
from revisits.generator import generate
from revisits.models import Revisit, State
from tests.customers import intake
from tests.customers.test_undo import undo
from tests.factories import (
    DAY,
    NOON,
    ComplaintFactory,
    ContactBanFactory,
    ContactFactory,
    CustomerFactory,
    DeliveryFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
    VehicleRoleFactory,
)
from tests.satisfaction.surveys import respond

pytestmark = pytest.mark.django_db

OLD_NAME, OLD_PHONE, DRIVER, DRIVER_PHONE = "欧阳致远", "13912345678", "司马长风", "13787654321"
#: what the former owner said, each where words may be kept
WORDS = ("异响说了三遍没人理", "希望退一赔三", "下午别打电话在上课", "空调有霉味", "顺便看下天窗")


def days(count: int) -> timedelta:
    return timedelta(days=count)


def give(car, to, person, *, on=DAY, submission=None):
    return hand_over(car.pk, on=on, to=to, submission=submission or uuid.uuid4(), by=person.employee, now=NOON)


@pytest.fixture
def story(store_a, specialist_a):
    """A car with a past: its owner, a driver, visits, words, a complaint, answers, a booking, wishes."""
    old = CustomerFactory(store=store_a, name=OLD_NAME, note=WORDS[2], marketing_consent=True)
    PhoneFactory(customer=old, number=OLD_PHONE)
    contact = ContactFactory(customer=old, name=DRIVER, identity="driver")
    PhoneFactory(customer=old, contact=contact, number=DRIVER_PHONE, rank=2)
    car = VehicleFactory(store=store_a, vin="LSVAA4180E2004217", plate_no="渝A8K765", last_mileage_km=38_420)
    VehicleRoleFactory(vehicle=car, customer=old, since=DAY - days(700))
    VehicleRoleFactory(vehicle=car, customer=old, contact=contact, role="driver", since=DAY - days(600))
    VehicleRoleFactory(vehicle=car, customer=old, role="payer", since=None)
    DeliveryFactory(
        vehicle=car, customer=old, delivered_on=DAY - days(700), price=Decimal("168888"), picked_up_by=DRIVER
    )
    order = RepairOrderFactory(
        vehicle=car, customer=old, bringer_name=DRIVER, bringer_phone=DRIVER_PHONE, complaint_text=WORDS[0],
        items="更换前刹车片", total_fee=Decimal("7654.32"), is_rework=True, mileage_km=38_420,
        checked_in_on=DAY - days(30),
        handed_back_on=DAY - days(29), order_number="RO-OLD-1",
    )  # fmt: skip
    ComplaintFactory(store=store_a, customer=old, vehicle=car, words=WORDS[3], demand=WORDS[1])
    respond(store_a, order=order)
    Booking.objects.create(
        store=store_a, vehicle=car, customer=old, wanted_on=clock.today() + days(3), what=WORDS[4], created_at=NOON
    )
    ContactBanFactory(customer=old, vehicle=car, purpose="all", reason=WORDS[2])
    search.refresh([old.pk])
    return type("Story", (), {"old": old, "car": car, "order": order, "contact": contact, "store": store_a})


@pytest.fixture
def new(store_a):
    customer = CustomerFactory(store=store_a, name="百里守约")
    PhoneFactory(customer=customer, number="13655556666")
    search.refresh([customer.pk])
    return customer


# ---- what becomes of the roles ---------------------------------------------------------------------------------------


def test_the_roles_of_the_former_owner_and_their_people_end_the_day_before(story, new, specialist_a):
    give(story.car, new, specialist_a)
    past = VehicleRole.objects.filter(vehicle=story.car, customer=story.old)
    assert set(past.values_list("until", flat=True)) == {DAY - days(1)}
    assert list(story.car.roles.filter(until=None).values_list("customer", "role", "since")) == [(new.pk, "owner", DAY)]
    entry = Entry.objects.get(action="vehicle.sold_on")
    assert (entry.subject_id, entry.detail["ended"], entry.detail["owner"]) == (story.car.pk, 3, new.pk)


def test_a_driver_who_becomes_the_owner_stays_the_driver(story, new, specialist_a):
    VehicleRoleFactory(vehicle=story.car, customer=new, role="driver", since=DAY - days(50))
    give(story.car, new, specialist_a)
    present = story.car.roles.filter(until=None).order_by("role")
    assert list(present.values_list("customer", "role")) == [(new.pk, "driver"), (new.pk, "owner")]


def test_somebody_new_gets_a_card_and_a_second_click_makes_no_second_one(story, specialist_a):
    click = uuid.uuid4()
    for _time in range(2):
        give(story.car, NewOwner("慕容云海", "13677778888"), specialist_a, submission=click)
    made = Customer.objects.get(name="慕容云海")
    assert made.phones.get().number == "13677778888"
    assert story.car.roles.get(until=None).customer == made


def test_a_second_click_says_the_same_and_changes_nothing(story, new, specialist_a):
    for to in (new, None):
        for _time in range(2):
            car = give(story.car, to, specialist_a, on=DAY - days(1) if to else DAY)
    assert Entry.objects.filter(action="vehicle.sold_on").count() == 2
    assert (car.state, car.roles.filter(until=None).count()) == (Vehicle.State.SOLD, 0)


def test_somebody_who_has_a_card_is_not_entered_again(story, new, specialist_a):
    with pytest.raises(RuleBroken) as refused:
        give(story.car, NewOwner("百里 守约", "13655556666"), specialist_a)
    assert (refused.value.field, refused.value.code) == ("phone", "known")
    assert Customer.objects.filter(name__startswith="百里").count() == 1


def test_without_a_new_owner_the_car_is_sold_and_nobody_has_a_role(story, specialist_a):
    car = give(story.car, None, specialist_a)
    assert (car.state, car.roles.filter(until=None).count()) == (Vehicle.State.SOLD, 0)


def test_the_new_owner_may_be_named_later_and_the_car_is_in_use_again(story, new, specialist_a):
    give(story.car, None, specialist_a)
    waiting = RepairOrderFactory(vehicle=story.car, customer=None, checked_in_on=DAY, handed_back_on=DAY)
    car = give(story.car, new, specialist_a)
    waiting.refresh_from_db()
    assert (car.state, waiting.customer) == (Vehicle.State.ACTIVE, new)


REFUSED = [
    ({"on": DAY + days(1)}, "day"),
    ({"on": DAY - days(701)}, "day"),
    ({"to": "old"}, "customer"),
    ({"to": "foreign"}, "customer"),
    ({"to": "merged"}, "customer"),
]


@pytest.mark.parametrize(("how", "field"), REFUSED)
def test_what_cannot_be_is_refused_with_its_place(story, new, store_b, specialist_a, how, field):
    people = {
        "old": story.old,
        "foreign": CustomerFactory(store=store_b),
        "merged": CustomerFactory(store=story.store, merged_into=new),
    }
    with pytest.raises(RuleBroken) as refused:
        give(story.car, people.get(how.get("to"), new), specialist_a, on=how.get("on", DAY))
    assert refused.value.field == field
    assert story.car.roles.filter(until=None).count() == 3


def test_a_scrapped_car_changes_hands_no_more(story, new, specialist_a):
    Vehicle.objects.update(state="scrapped")
    with pytest.raises(RuleBroken):
        give(story.car, new, specialist_a)


def test_the_car_keeps_its_days_and_the_person_their_wishes(story, new, specialist_a):
    Vehicle.objects.update(insurance_until=DAY + days(40), inspection_due_on=DAY + days(90))
    give(story.car, new, specialist_a)
    car = Vehicle.objects.get()
    assert (car.insurance_until, car.last_mileage_km) == (DAY + days(40), 38_420)
    assert ContactBan.objects.get().customer == story.old
    assert not new.bans.exists()


def test_visits_stay_with_whoever_brought_the_car(story, new, specialist_a):
    give(story.car, new, specialist_a)
    assert RepairOrder.objects.get(order_number="RO-OLD-1").customer == story.old


def test_the_booking_of_the_former_owner_is_called_off(story, new, specialist_a):
    give(story.car, new, specialist_a)
    assert Booking.objects.get().state == Booking.State.CANCELLED


# ---- a new owner who is entered on another way -----------------------------------------------------------------------


def own(car, person, by, since=DAY):
    return roles.add_role(car.pk, customer=person, role="owner", since=since, today=DAY, by=by.employee)


def test_an_owner_entered_by_hand_leaves_nobody_of_the_former_one(story, new, specialist_a):
    other = VehicleRoleFactory(vehicle=story.car, customer=CustomerFactory(store=story.store), role="driver")
    Booking.objects.update(wanted_on=DAY + days(3))
    own(story.car, new, specialist_a)
    assert set(VehicleRole.objects.filter(customer=story.old).values_list("until", flat=True)) == {DAY - days(1)}
    present = story.car.roles.filter(until=None)
    assert set(present.values_list("customer", "role")) == {(new.pk, "owner"), (other.customer_id, "driver")}
    assert Booking.objects.get().state == Booking.State.CANCELLED


def test_a_car_that_was_sold_on_is_in_use_again_once_its_owner_is_entered(story, new, specialist_a):
    give(story.car, None, specialist_a)
    values = {"vin": story.car.vin, "plate_no": "", "series": ""}
    car = cars.add_vehicle(new.pk, values=values, role="owner", since=DAY, by=specialist_a.employee, now=NOON)
    assert (car.pk, car.state) == (story.car.pk, Vehicle.State.ACTIVE)
    assert Entry.objects.get(action="vehicle.state_changed").detail["state"] == ["sold", "active"]


def test_nobody_becomes_the_owner_of_a_scrapped_car(story, new, specialist_a):
    Vehicle.objects.update(state="scrapped")
    with pytest.raises(RuleBroken):
        own(story.car, new, specialist_a)


def test_an_owner_from_a_list_leaves_nobody_of_the_former_one_and_an_undo_brings_them_back(story, admin_a):
    standing = list(story.car.roles.order_by("pk").values_list("role", "until"))
    row = {**intake.CUSTOMER, "客户名称": "慕容云海", "手机": "13677778888", "车架号(VIN)": story.car.vin,
           "购车日期": f"{DAY}", "客户编号": "K-NEW"}  # fmt: skip
    batch = intake.take_in(admin_a, intake.CUSTOMERS, row)
    assert list(story.car.roles.filter(until=None).values_list("role", "customer__name")) == [("owner", "慕容云海")]
    undo(admin_a, batch)
    assert list(story.car.roles.order_by("pk").values_list("role", "until")) == standing


def test_a_role_that_was_ended_by_a_handover_is_not_prolonged_by_a_page_opened_before(story, new, specialist_a):
    give(story.car, new, specialist_a, on=DAY - days(10))
    role = story.car.roles.get(customer=story.old, role="owner")
    with pytest.raises(RuleBroken) as refused:
        roles.end_role(role.pk, until=DAY, today=DAY, by=specialist_a.employee)
    assert refused.value.field == "until"
    roles.end_role(role.pk, until=DAY - days(12), today=DAY, by=specialist_a.employee)


# ---- calls -----------------------------------------------------------------------------------------------------------


def test_calls_to_the_former_owner_end_and_the_new_one_is_called(story, new, specialist_a):
    ContactBan.objects.all().delete()
    Complaint.objects.all().delete()
    Vehicle.objects.update(inspection_due_on=DAY + days(45), created_at=NOON - days(900))
    generate(story.store.pk, DAY)
    before = Revisit.objects.get(rule__code="INSP_45")
    give(story.car, new, specialist_a)
    generate(story.store.pk, DAY)
    before.refresh_from_db()
    after = Revisit.objects.get(rule__code="INSP_45", state=State.DUE)
    assert (before.state, before.reason, after.customer) == (State.CANCELLED, "owner_changed", new)


def test_an_owner_named_later_is_called_for_the_same_day(story, new, specialist_a):
    ContactBan.objects.all().delete()
    Complaint.objects.all().delete()
    Vehicle.objects.update(inspection_due_on=DAY + days(45), created_at=NOON - days(900))
    generate(story.store.pk, DAY)
    give(story.car, None, specialist_a)
    generate(story.store.pk, DAY)
    assert Revisit.objects.get(rule__code="INSP_45").reason == "vehicle_sold"
    give(story.car, new, specialist_a)
    generate(story.store.pk, DAY)
    assert Revisit.objects.get(rule__code="INSP_45", state=State.DUE).customer == new


def test_a_complaint_of_the_former_owner_is_no_matter_of_the_new_one(story, new, specialist_a):
    """Their satisfaction call asks for the scores, and shows nothing of the other's ticket."""
    give(story.car, new, specialist_a, on=DAY - days(10))
    visit = RepairOrderFactory(
        vehicle=story.car, customer=new, checked_in_on=DAY - days(4), handed_back_on=DAY - days(3)
    )
    generate(story.store.pk, DAY)
    task = Revisit.objects.get(repair_order=visit)
    assert (task.reason, task.questionnaire_version is None) == ("", False)


# ---- lists that come later -------------------------------------------------------------------------------------------


def test_a_visit_that_a_list_brings_late_is_the_former_owners(story, new, admin_a, specialist_a):
    give(story.car, new, specialist_a, on=DAY - days(2))
    late = {**intake.ORDER, "VIN": story.car.vin, "车主": OLD_NAME, "送修人": OLD_NAME, "送修人电话": OLD_PHONE,
            "工单号": "LATE", "开单时间": f"{DAY - days(6)}", "结算时间": f"{DAY - days(6)}",
            "交车时间": f"{DAY - days(5)}"}  # fmt: skip
    since = {**late, "工单号": "NOW", "开单时间": f"{DAY - days(1)}", "结算时间": f"{DAY}", "交车时间": f"{DAY}"}
    intake.take_in(admin_a, intake.ORDERS, late, since)
    owners = dict(RepairOrder.objects.filter(order_number__in=["LATE", "NOW"]).values_list("order_number", "customer"))
    assert owners == {"LATE": story.old.pk, "NOW": new.pk}


@pytest.mark.parametrize("unknown", [False, True])
def test_a_list_that_repeats_the_former_owner_does_not_give_the_car_back(story, new, admin_a, specialist_a, unknown):
    row = {**intake.CUSTOMER, "客户编号": story.old.number, "客户名称": OLD_NAME, "手机": OLD_PHONE,
           "车架号(VIN)": story.car.vin, "车牌号": "渝A8K765", "购车日期": f"{DAY - days(700)}"}  # fmt: skip
    intake.take_in(admin_a, intake.CUSTOMERS, row)
    give(story.car, None if unknown else new, specialist_a)
    batch = intake.take_in(admin_a, intake.CUSTOMERS, {**row, "市": "成都市"})
    assert list(story.car.roles.filter(until=None, role="owner").values_list("customer", flat=True)) == (
        [] if unknown else [new.pk]
    )
    assert intake.codes(batch) & {"former_owner", "other_owner"}


def test_a_delivery_that_is_listed_again_does_not_give_the_car_back(story, admin_a, specialist_a):
    give(story.car, None, specialist_a)
    row = {**intake.DELIVERY, "客户姓名": OLD_NAME, "联系电话": OLD_PHONE, "车架号": story.car.vin,
           "交车日期": f"{DAY - days(699)}"}  # fmt: skip
    intake.take_in(admin_a, intake.DELIVERIES, row)
    assert not story.car.roles.filter(until=None).exists()


def test_a_new_name_in_a_list_owns_the_car_that_was_sold_on(story, admin_a, specialist_a):
    give(story.car, None, specialist_a)
    row = {
        **intake.CUSTOMER,
        "客户名称": "慕容云海",
        "手机": "13677778888",
        "车架号(VIN)": story.car.vin,
        "购车日期": "",
    }
    intake.take_in(admin_a, intake.CUSTOMERS, {**row, "客户编号": "K-NEW"})
    role = story.car.roles.get(until=None)
    story.car.refresh_from_db()
    assert (role.customer.name, role.since, story.car.state) == ("慕容云海", DAY, Vehicle.State.ACTIVE)


# ---- the person of the former owner ----------------------------------------------------------------------------------

SECRETS = (OLD_NAME, OLD_PHONE, DRIVER, DRIVER_PHONE, "139****5678", "137****4321", "168,888", "7,654.32", *WORDS)
ROLES = ("specialist_a", "frontline_a", "head_a", "manager_a", "admin_a", "director_a")


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_nothing_of_the_former_owner_stands_on_the_new_owners_pages(
    story, new, specialist_a, as_, request, who, language
):
    give(story.car, new, specialist_a, on=DAY)
    client = as_(request.getfixturevalue(who), language)
    pages = [
        reverse("customers:card", args=[new.pk]),
        reverse("customers:card", args=[new.pk]) + "?all=orders",
        reverse("customers:card", args=[new.pk]) + "?all=events",
        reverse("customers:car", args=[story.car.pk]),
        reverse("customers:fleet", args=[new.pk]),
        reverse("customers:wishes", args=[new.pk]),
        reverse("customers:paper", args=[new.pk]),
        reverse("customers:vehicle", args=[new.pk, story.car.pk]),
        reverse("customers:handover", args=[story.car.pk]),
        reverse("revisits:rang", args=[new.pk]),
    ]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code in {200, 403}, page
        text = answer.content.decode()
        assert not [secret for secret in SECRETS if secret in text], page


def test_the_facts_of_the_car_stand_there(story, new, specialist_a, as_):
    give(story.car, new, specialist_a)
    for page in (reverse("customers:card", args=[new.pk]), reverse("customers:car", args=[story.car.pk])):
        text = as_(specialist_a).get(page).content.decode()
        for fact in ("更换前刹车片", "38,420", f"{DAY - days(30)}", "返修"):
            assert fact in text, (page, fact)


def test_work_that_names_a_person_is_not_told(story, new, specialist_a, as_):
    RepairOrder.objects.update(items=f"{OLD_NAME}要求换机油，电话{OLD_PHONE}")
    give(story.car, new, specialist_a)
    for page in (reverse("customers:card", args=[new.pk]), reverse("customers:car", args=[story.car.pk])):
        text = as_(specialist_a).get(page).content.decode()
        assert OLD_NAME not in text
        assert OLD_PHONE not in text


def test_the_former_owners_card_keeps_their_past(story, new, specialist_a, as_):
    give(story.car, new, specialist_a)
    text = as_(specialist_a).get(reverse("customers:card", args=[story.old.pk])).content.decode()
    for fact in ("RO-OLD-1", "7,654.32", "更换前刹车片", WORDS[3], "渝A·8K765", f"{DAY - days(1)}"):
        assert fact in text, fact
    assert "百里守约" not in text


# ---- the page --------------------------------------------------------------------------------------------------------


def send(client, car, **data):
    sent = {"day": f"{DAY}", "to": "known", "submission": str(uuid.uuid4())} | data
    return client.post(reverse("customers:handover", args=[car.pk]), sent)


def test_the_new_owner_is_found_by_the_box_and_chosen(story, new, specialist_a, as_):
    client = as_(specialist_a)
    page = send(client, story.car, find="百里", look="1")
    assert page.status_code == 200
    assert f'value="{new.pk}"' in page.content.decode()
    assert "136****6666" in page.content.decode()
    assert send(client, story.car, customer=new.pk).status_code == 302
    assert story.car.roles.get(until=None).customer == new


def test_the_page_makes_a_card_for_somebody_new(story, specialist_a, as_):
    assert send(as_(specialist_a), story.car, to="new", name="慕容云海", phone="136 7777 8888").status_code == 302
    assert story.car.roles.get(until=None).customer.phones.get().number == "13677778888"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"to": "known"}, "请查找并选中新车主的档案"),
        ({"to": "new"}, "请填写新车主姓名"),
        ({"to": "new", "name": "某人", "phone": "123"}, "123"),
        ({"day": "2099-01-01", "to": "unknown"}, "还没到"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(story, specialist_a, as_, data, told):
    page = send(as_(specialist_a), story.car, **data)
    assert page.status_code == 422
    assert told in page.content.decode()
    assert data.get("name", "") in page.content.decode()


def test_a_card_of_another_store_cannot_be_chosen(story, store_b, specialist_a, as_):
    foreign = CustomerFactory(store=store_b, name="别店客户")
    assert send(as_(specialist_a), story.car, customer=foreign.pk).status_code == 422
    assert story.car.roles.filter(until=None).count() == 3


def test_a_call_that_said_sold_leads_to_the_hand_over(story, new, specialist_a, as_):
    Vehicle.objects.update(state="sold")
    card = as_(specialist_a).get(reverse("customers:card", args=[story.old.pk])).content.decode()
    page = as_(specialist_a).get(reverse("customers:car", args=[story.car.pk])).content.decode()
    url = reverse("customers:handover", args=[story.car.pk])
    assert url in card
    assert url in page


def test_nobody_is_the_same_person_without_a_number(store_a):
    CustomerFactory(store=store_a, name="慕容云海")
    assert handover.same_person(store_a.pk, NewOwner("慕容云海", "")) is None
    assert Phone.objects.count() == 0
