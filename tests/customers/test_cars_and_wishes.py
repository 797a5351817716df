"""The page of a car, roles with both days, former plates, fleets, who looks after whom, and what customers agree to."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from crm_site.core.errors import RuleBroken
from customers import search
from customers.actions import cards, cars, consents, keepers, numbers, roles, wishes
from customers.models import Consent, ContactBan, Customer, FormerPlate, Vehicle, VehicleRole
from customers.rules.roles import Held, Problem, Span, problem
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
    EmployeeFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
    VehicleRoleFactory,
)

pytestmark = pytest.mark.django_db


def on(day: int) -> date:
    return date(2026, 3, day)


# ---- roles -----------------------------------------------------------------------------------------------------------

HELD_OWNER = Held("owner", Span(on(5), on(10)), is_same=False)
OPEN_OWNER = Held("owner", Span(on(5), None), is_same=False)
SAME_DRIVER = Held("driver", Span(on(5), on(10)), is_same=True)
OTHER_DRIVER = Held("driver", Span(on(5), None), is_same=False)
DAYS = [
    ("driver", Span(on(9), on(8)), [], Problem.ENDS_BEFORE),
    ("driver", Span(on(21), None), [], Problem.AHEAD),
    ("driver", Span(on(1), on(21)), [], Problem.AHEAD),
    ("driver", Span(on(10), None), [SAME_DRIVER], Problem.TWICE),
    ("driver", Span(on(11), None), [SAME_DRIVER], None),
    ("driver", Span(None, on(4)), [SAME_DRIVER], None),
    ("driver", Span(None, None), [SAME_DRIVER], Problem.TWICE),
    ("driver", Span(on(6), None), [OTHER_DRIVER], None),
    ("owner", Span(on(7), None), [HELD_OWNER], Problem.OWNED),
    ("owner", Span(on(11), None), [HELD_OWNER], None),
    ("owner", Span(on(1), on(6)), [OPEN_OWNER], Problem.OWNED),
    ("owner", Span(on(1), on(4)), [OPEN_OWNER], None),
    ("owner", Span(on(12), None), [OPEN_OWNER], None),
    ("driver", Span(on(7), None), [HELD_OWNER], None),
]


@pytest.mark.parametrize(("role", "span", "held", "found"), DAYS)
def test_the_days_of_a_role(role, span, held, found):
    why = problem(role, span, held, today=on(20))
    assert (why[0] if why else None) == found


@pytest.fixture
def by(specialist_a):
    return specialist_a.employee


@pytest.fixture
def owner(store_a):
    return PhoneFactory(customer=CustomerFactory(store=store_a, name="周晓岚"), number="13800138001").customer


@pytest.fixture
def car(owner):
    vehicle = VehicleFactory(store=owner.store, plate_no="渝A12345")
    VehicleRoleFactory(vehicle=vehicle, customer=owner)
    search.refresh([owner.pk])
    return vehicle


def test_a_contact_drives_from_one_day_to_another(car, owner, by):
    contact = ContactFactory(customer=owner)
    days = {"since": DAY - timedelta(days=9), "until": DAY - timedelta(days=2)}
    made = roles.add_role(car.pk, customer=owner, contact=contact, role="driver", today=DAY, by=by, **days)
    assert (made.since, made.until) == tuple(days.values())


def test_a_contact_is_no_owner_and_one_who_left_drives_no_more(car, owner, by):
    with pytest.raises(RuleBroken) as refused:
        roles.add_role(
            car.pk, customer=owner, contact=ContactFactory(customer=owner), role="owner", since=DAY, today=DAY, by=by
        )
    assert refused.value.field == "role"
    gone = ContactFactory(customer=owner, left_on=DAY - timedelta(days=3))
    with pytest.raises(RuleBroken) as refused:
        roles.add_role(car.pk, customer=owner, contact=gone, role="driver", since=DAY, today=DAY, by=by)
    assert refused.value.field == "who"


def test_the_roles_of_a_contact_end_when_they_leave(car, owner, by):
    contact = ContactFactory(customer=owner)
    role = VehicleRoleFactory(vehicle=car, customer=owner, contact=contact, role="driver")
    numbers.edit_contact(contact.pk, values={"left_on": DAY}, seen={}, by=by)
    role.refresh_from_db()
    assert role.until == DAY - timedelta(days=1)


# ---- plates ----------------------------------------------------------------------------------------------------------


def plate(car, to, by, day=DAY):
    stood = Vehicle.objects.get(pk=car.pk).plate_no
    cars.edit_vehicle(car.pk, values={"plate_no": to}, seen={"plate_no": stood}, by=by, today=day)


def test_a_former_plate_is_kept_and_finds_the_car(car, owner, by, specialist_a):
    plate(car, "渝B7Q219", by)
    assert list(FormerPlate.objects.values_list("plate_no", "until")) == [("渝A12345", DAY)]
    for typed in ("渝A12345", "A12345", "7q219"):
        assert [hit.vehicle for hit in search.find(specialist_a.user, typed)] == [car], typed


def test_to_and_fro_on_one_day_keeps_each_plate_once(car, by):
    for to in ("渝B7Q219", "渝A12345", "渝B7Q219", ""):
        plate(car, to, by)
    assert sorted(FormerPlate.objects.values_list("plate_no", flat=True)) == ["渝A12345", "渝B7Q219"]


def test_a_first_plate_is_no_change_of_plates(store_a, by):
    bare = VehicleFactory(store=store_a, plate_no="")
    plate(bare, "渝B7Q219", by)
    assert not FormerPlate.objects.exists()


def test_a_list_that_changes_the_plate_keeps_the_former_one_and_its_undo_takes_both_back(admin_a, specialist_a):
    intake.take_in(admin_a, intake.CUSTOMERS, intake.CUSTOMER)
    batch = intake.take_in(admin_a, intake.CUSTOMERS, {**intake.CUSTOMER, "车牌号": "渝B7Q219"})
    assert FormerPlate.objects.get().plate_no == "渝AD12345"
    assert search.find(specialist_a.user, "D12345")
    undo(admin_a, batch)
    assert not FormerPlate.objects.exists()
    assert Vehicle.objects.get().plate_no == "渝AD12345"


# ---- the page of a car -----------------------------------------------------------------------------------------------


def test_the_page_tells_what_the_car_went_through(car, owner, by, specialist_a, as_):
    plate(car, "渝B7Q219", by)
    RepairOrderFactory(vehicle=car, customer=owner, items="更换前刹车片")
    DeliveryFactory(vehicle=car, customer=owner)
    ticket = ComplaintFactory(store=owner.store, customer=owner, vehicle=car)
    contact = ContactFactory(customer=owner, name="王师傅")
    VehicleRoleFactory(vehicle=car, customer=owner, contact=contact, role="driver")
    page = as_(specialist_a).get(reverse("customers:car", args=[car.pk])).content.decode()
    for told in ("渝B·7Q219", "渝A·12345", "更换前刹车片", "周晓岚", "王师傅", "常用驾驶人", ticket.number):
        assert told in page, told


def test_the_page_names_no_restricted_owner_to_who_may_not_see_them(car, owner, specialist_a, manager_a, as_):
    Customer.objects.update(restricted=True)
    url = reverse("customers:car", args=[car.pk])
    assert "周晓岚" not in as_(specialist_a).get(url).content.decode()
    assert "周晓岚" in as_(manager_a).get(url).content.decode()


def queries_of(client, url, django_assert_max_num_queries) -> int:
    with django_assert_max_num_queries(400) as counted:
        assert client.get(url).status_code == 200
    return len(counted)


def test_the_page_asks_no_more_for_thirty_visits_than_for_three(
    car, owner, specialist_a, as_, django_assert_max_num_queries
):
    client, url = as_(specialist_a), reverse("customers:car", args=[car.pk])
    client.get(url)
    counts = []
    for more in (3, 27):
        for _time in range(more):
            RepairOrderFactory(vehicle=car, customer=owner)
            ComplaintFactory(store=owner.store, customer=owner, vehicle=car)
            VehicleRoleFactory(vehicle=car, customer=owner, contact=ContactFactory(customer=owner), role="driver")
        counts.append(queries_of(client, url, django_assert_max_num_queries))
    assert counts[0] == counts[1]


# ---- enterprises -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["customers:fleet", "customers:card"])
def test_three_hundred_cars_ask_no_more_than_three(store_a, specialist_a, as_, django_assert_max_num_queries, page):
    firm = CustomerFactory(store=store_a, customer_type="org", name="某某物流有限公司")
    client, url = as_(specialist_a), reverse(page, args=[firm.pk])
    counts = []
    for more in (3, 297):
        fleet = [VehicleFactory.build(store=store_a) for _time in range(more)]
        Vehicle.objects.bulk_create(fleet)
        VehicleRole.objects.bulk_create(
            VehicleRole(store=store_a, vehicle=one, customer=firm, role="owner", since=DAY) for one in fleet
        )
        client.get(url)
        counts.append(queries_of(client, url, django_assert_max_num_queries))
    assert counts[1] <= counts[0]
    assert client.get(url).content.decode().count("/customers/vehicles/") <= 60


def test_the_fleet_is_filtered_by_what_is_due(store_a, specialist_a, as_):
    firm = CustomerFactory(store=store_a, customer_type="org")
    soon = VehicleFactory(store=store_a, plate_no="渝A00001", insurance_until=date.today())
    later = VehicleFactory(store=store_a, plate_no="渝A00002", insurance_until=date.today() + timedelta(days=300))
    gone = VehicleFactory(store=store_a, plate_no="渝A00003", insurance_until=date.today())
    for one in (soon, later):
        VehicleRoleFactory(vehicle=one, customer=firm)
    VehicleRoleFactory(vehicle=gone, customer=firm, until=date.today() - timedelta(days=1))
    page = as_(specialist_a).get(reverse("customers:fleet", args=[firm.pk]) + "?due=insurance_until").content.decode()
    assert "渝A·00001" in page
    assert "渝A·00002" not in page
    assert "渝A·00003" not in page


def test_somebody_of_the_store_looks_after_an_enterprise(store_a, store_b, by, specialist_a, as_):
    firm = CustomerFactory(store=store_a, customer_type="org")
    keepers.name_keeper(firm.pk, keeper=by, by=by, today=DAY)
    assert "专属负责人：陈思雨" in as_(specialist_a).get(reverse("customers:card", args=[firm.pk])).content.decode()
    for nobody in (EmployeeFactory(store=store_b), EmployeeFactory(store=store_a, left_on=DAY - timedelta(days=1))):
        with pytest.raises(RuleBroken):
            keepers.name_keeper(firm.pk, keeper=nobody, by=by, today=DAY)
    client = as_(specialist_a)
    assert client.post(reverse("customers:keeper", args=[firm.pk]), {"keeper": ""}).status_code == 302
    assert Customer.objects.get(pk=firm.pk).keeper is None


def test_a_card_shows_every_contact_with_title_and_who_left_last(owner, specialist_a, as_):
    ContactFactory(customer=owner, name="甲先生", title="车队主管", identity="fleet")
    ContactFactory(customer=owner, name="丙女士", identity="finance")
    ContactFactory(customer=owner, name="乙女士", left_on=DAY - timedelta(days=900))
    page = as_(specialist_a).get(reverse("customers:card", args=[owner.pk])).content.decode()
    assert "车队主管" in page
    assert page.index("甲先生") < page.index("乙女士")
    assert page.index("丙女士") < page.index("乙女士")


# ---- what customers agree to -----------------------------------------------------------------------------------------


def tell(customer, is_given, by, *, ago=0, purpose="marketing", source="counter"):
    day = DAY - timedelta(days=ago)
    return consents.tell(customer.pk, purpose=purpose, is_given=is_given, told_on=day, source=source, by=by, now=NOON)


def test_the_latest_statement_holds_whenever_it_is_noted(owner, by):
    for is_given, ago, holds in ((True, 5, True), (False, 2, False), (True, 3, False), (True, 0, True)):
        tell(owner, is_given, by, ago=ago)
        owner.refresh_from_db()
        assert owner.marketing_consent is holds
    assert Consent.objects.count() == 4


def test_the_same_statement_twice_stands_once(owner, by):
    assert tell(owner, True, by) == tell(owner, True, by)
    assert Consent.objects.get().noted_by == by


def test_nobody_can_have_said_something_tomorrow(owner, by):
    with pytest.raises(RuleBroken) as refused:
        tell(owner, True, by, ago=-1)
    assert refused.value.field == "told_on"


def test_refusing_revisits_is_a_wish_and_agreeing_takes_it_back(owner, by):
    narrow = ContactBanFactory(customer=owner, purpose="revisit", channel="sms")
    tell(owner, False, by, purpose="revisit")
    assert ContactBan.objects.in_force(DAY).filter(purpose="revisit", channel="all").count() == 1
    tell(owner, True, by, purpose="revisit")
    assert list(ContactBan.objects.in_force(DAY)) == [narrow]


def test_a_refusal_noted_late_is_no_wish_where_the_customer_agreed_since(owner, by):
    tell(owner, True, by, ago=2, purpose="revisit")
    tell(owner, False, by, ago=9, purpose="revisit")
    assert not ContactBan.objects.exists()
    tell(owner, False, by, ago=1, purpose="revisit")
    assert ContactBan.objects.in_force(DAY).get().since == DAY - timedelta(days=1)


def test_consent_changed_on_the_card_is_a_statement_and_is_not_made_untold(owner, by):
    values = {"marketing_consent": True}
    cards.edit_customer(owner.pk, values=values, seen={"marketing_consent": ""}, by=by, now=NOON)
    told = Consent.objects.get()
    assert (told.is_given, told.source, told.told_on, told.noted_by) == (True, "counter", DAY, by)
    with pytest.raises(RuleBroken) as refused:
        cards.edit_customer(
            owner.pk, values={"marketing_consent": None}, seen={"marketing_consent": "True"}, by=by, now=NOON
        )
    assert refused.value.field == "marketing_consent"


def marketing(answer):
    return {**intake.CUSTOMER, "营销同意": answer}


def test_a_list_tells_consent_and_its_undo_takes_it_back(admin_a):
    batch = intake.take_in(admin_a, intake.CUSTOMERS, marketing("是"))
    told = Consent.objects.get()
    assert (told.is_given, told.source, told.noted_by) == (True, "import", None)
    undo(admin_a, batch)
    assert not Consent.objects.exists()


AGAINST = {
    "told": lambda customer, by: tell(customer, False, by),
    "a wish": lambda customer, _by: ContactBanFactory(customer=customer, purpose="marketing"),
    "no contact": lambda customer, _by: ContactBanFactory(customer=customer, purpose="all"),
}


@pytest.mark.parametrize("said", AGAINST)
def test_a_list_does_not_agree_for_who_has_refused(admin_a, by, said):
    intake.take_in(admin_a, intake.CUSTOMERS, marketing(""))
    customer = Customer.objects.get()
    AGAINST[said](customer, by)
    batch = intake.take_in(admin_a, intake.CUSTOMERS, {**marketing("是"), "市": "成都市"})
    customer.refresh_from_db()
    assert customer.city == "成都市"
    assert customer.marketing_consent is not True
    assert "conflict" in intake.codes(batch)
    assert not Consent.objects.filter(source="import").exists()


def test_a_list_may_refuse_for_who_has_agreed(admin_a, by):
    intake.take_in(admin_a, intake.CUSTOMERS, marketing("是"))
    intake.take_in(admin_a, intake.CUSTOMERS, marketing("否"))
    assert Customer.objects.get().marketing_consent is False
    assert list(Consent.objects.order_by("pk").values_list("is_given", flat=True)) == [True, False]


def test_everything_that_was_said_stands_on_one_page(owner, by, specialist_a, as_):
    tell(owner, True, by, ago=5)
    values = {"purpose": "all", "channel": "phone", "since": DAY, "reason": "上课时别打"}
    ban = wishes.set_ban(owner.pk, values=values, by=by)
    client = as_(specialist_a)
    client.post(reverse("customers:ban_lift", args=[ban.pk]), {"reason": "说可以打了"})
    client.post(
        reverse("customers:consent_new", args=[owner.pk]),
        {"purpose": "marketing", "said": "no", "told_on": f"{DAY}", "source": "call", "note": "别再打了"},
    )
    page = client.get(reverse("customers:wishes", args=[owner.pk])).content.decode()
    for told in ("上课时别打", "说可以打了", "别再打了", "不同意", "陈思雨"):
        assert told in page, told
    card = client.get(reverse("customers:card", args=[owner.pk])).content.decode()
    assert "同意与限制" in card
