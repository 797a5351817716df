"""No path yields a call for what a customer does not want; what they did not refuse is called as ever."""

import contextlib
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.urls import reverse

from crm_site.accounts.models import Role
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers.models import Contact, ContactBan, Customer, Phone, VehicleRole
from revisits import actions, queries
from revisits.generator import generate
from revisits.generator.dry import dry_run
from revisits.models import CALLABLE_STATES, Revisit, RuleVersion, State
from revisits.moot import stop_now
from tests.customers import intake
from tests.factories import (
    DAY,
    NOON,
    ComplaintFactory,
    ContactBanFactory,
    ContactFactory,
    CustomerFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
    VehicleRoleFactory,
)

pytestmark = pytest.mark.django_db

NUMBER = "13911112222"
LONG_AGO = NOON - timedelta(days=900)


def days(count: int) -> timedelta:
    return timedelta(days=count)


# ---- what there would be to call about -------------------------------------------------------------------------------

#: rule -> what it is for
PURPOSES = {"SVC_D3": "revisit", "MT_REMIND": "reminder", "INS_30": "marketing", "CMP_CFM": "complaint"}


@pytest.fixture
def house(store_a, store_b, specialist_a, specialist_a2, manager_a, admin_a):
    """A store, who works there, and another store of the same company."""
    return SimpleNamespace(
        store=store_a, elsewhere=store_b, caller=specialist_a.employee, other=specialist_a2.employee,
        manager=manager_a.employee, admin=admin_a,
    )  # fmt: skip


@pytest.fixture
def world(house):
    return somebody(house, NUMBER)


def somebody(house, number: str) -> SimpleNamespace:
    """A customer with one number and one car, and somebody who has the number in the other store."""
    owner = CustomerFactory(store=house.store, name="周晓岚", marketing_consent=True, created_at=LONG_AGO)
    phone = PhoneFactory(customer=owner, number=number)
    car = VehicleFactory(store=house.store, created_at=LONG_AGO)
    VehicleRoleFactory(vehicle=car, customer=owner)
    there = PhoneFactory(customer__store=house.elsewhere, number=number).customer
    return SimpleNamespace(**vars(house), owner=owner, phone=phone, car=car, there=there)


def due(world, code: str) -> None:
    """The fact of a rule, and no other rule on."""
    RuleVersion.objects.exclude(rule__code=code).update(is_on=False)
    if code == "SVC_D3":
        RepairOrderFactory(vehicle=world.car, customer=world.owner)
    elif code == "MT_REMIND":
        change_car(world, next_maintenance_on=DAY + days(10), last_seen_on=DAY - days(170))
    elif code == "INS_30":
        change_car(world, insurance_until=DAY + days(30))
    else:
        solved = NOON - days(1)
        ComplaintFactory(
            store=world.store, customer=world.owner, vehicle=world.car, state="confirming", round=1, solved_at=solved
        )


def change_car(world, **values) -> None:
    type(world.car).objects.filter(pk=world.car.pk).update(**values)


# ---- what is not wanted ----------------------------------------------------------------------------------------------

EVERYTHING = frozenset(PURPOSES)
CALLS = frozenset({"SVC_D3", "MT_REMIND"})


def wish(purpose, **values):
    """A wish of the customer; `about` says which car."""

    def say(world):
        about = values.pop("about", None)
        car = {"this": world.car, "another": None}.get(about)
        if about == "another":
            car = VehicleFactory(store=world.store)
            VehicleRoleFactory(vehicle=car, customer=world.owner)
        ContactBanFactory(customer=world.owner, purpose=purpose, vehicle=car, **{"since": DAY - days(9)} | values)
        values.update({"about": about} if about else {})

    return say


def restricted(world):
    Customer.objects.filter(pk=world.owner.pk).update(restricted=True)


def no_consent(world):
    Customer.objects.filter(pk=world.owner.pk).update(marketing_consent=False)


def at_the_number(purpose, **values):
    """The same number stands on a card of another store, and there somebody has said no."""

    def say(world):
        car = VehicleFactory(store=world.there.store) if values.get("about") else None
        ContactBanFactory(customer=world.there, purpose=purpose, vehicle=car, since=DAY - days(9))

    return say


#: what was said -> the calls that it stops. A complaint waits for our answer: only the wish for no contact at all, or a
#: restriction, stops its confirming call.
SCOPES = {
    "nothing": (lambda world: None, frozenset()),
    "any contact": (wish("all"), EVERYTHING),
    "any contact, by telephone": (wish("all", channel="phone"), EVERYTHING),
    "any contact, by text message": (wish("all", channel="sms"), frozenset()),
    "any contact, by WeChat": (wish("all", channel="wechat"), frozenset()),
    "revisits": (wish("revisit"), CALLS),
    "revisits, by telephone": (wish("revisit", channel="phone"), CALLS),
    "revisits, by text message": (wish("revisit", channel="sms"), frozenset()),
    "marketing": (wish("marketing"), frozenset({"INS_30"})),
    "marketing, by WeChat": (wish("marketing", channel="wechat"), frozenset()),
    "any contact about this car": (wish("all", about="this"), EVERYTHING),
    "revisits about this car": (wish("revisit", about="this"), CALLS),
    "any contact about another car": (wish("all", about="another"), frozenset()),
    "until yesterday": (wish("all", until=DAY - days(1)), frozenset()),
    "until in a month": (wish("all", until=DAY + days(30)), EVERYTHING),
    "from next week on": (wish("all", since=DAY + days(7)), frozenset()),
    "taken back": (wish("all", lifted_at=NOON - days(1)), frozenset()),
    "restricted": (restricted, EVERYTHING),
    "does not agree to marketing": (no_consent, frozenset({"INS_30"})),
    "another card at the number: any contact": (at_the_number("all"), EVERYTHING),
    "another card at the number: revisits": (at_the_number("revisit"), CALLS),
    "another card at the number: a car": (at_the_number("all", about="a car"), frozenset()),
}


# ---- the ways to a call ----------------------------------------------------------------------------------------------


def callable_now() -> Revisit | None:
    return Revisit.objects.filter(state__in=CALLABLE_STATES, head=None).first()


def made(world) -> Revisit:
    """The call, made before anything was said."""
    if not Revisit.objects.exists():
        generate(world.store.pk, DAY)
    return Revisit.objects.get(customer=world.owner, state=State.DUE)


def alone(world) -> None:
    """Nobody else waits for a call."""
    Revisit.objects.exclude(pk=world.task.pk).delete()


def take(world, **how):
    """Whether this very call can be taken."""
    try:
        return actions.claim(world.task.pk, world.caller, Role.SPECIALIST, now=NOON, today=DAY, **how)
    except RuleBroken:
        return None


def to_be_called() -> set[int]:
    return set(Revisit.objects.filter(state__in=CALLABLE_STATES, head=None).values_list("customer", flat=True))


def at_night(house, say):
    say()
    generate(house.store.pk, DAY)
    return to_be_called()


def days_ahead(house, say):
    with taken_back():
        generate(house.store.pk, DAY)
        whose = dict(Revisit.objects.values_list("anchor_key", "customer"))
    say()
    return {whose[task.anchor_key] for task in dry_run(house.store.pk, DAY, DAY).tasks if task.is_dial}


def next_night(house, say):
    generate(house.store.pk, DAY)
    return at_night(house, say)


def a_number_found_again(house, say):
    """They waited for a number; the one that has come is that of somebody who said no."""
    generate(house.store.pk, DAY)
    Revisit.objects.update(state=State.NO_NUMBER, reason="no_phone", phone=None)
    return at_night(house, say)


def next_in_line(world, say):
    say(world)
    return actions.claim_next(world.caller, Role.SPECIALIST, now=NOON, today=DAY)


def by_its_address(world, say):
    say(world)
    return take(world)


def you_rang_me(world, say):
    say(world)
    return take(world, called_us=True)


def given_by_the_manager(world, say):
    say(world)
    actions.assign([world.task.pk], to=world.caller, by=world.manager, now=NOON)
    return take(world)


def promised(world, say):
    at = NOON - timedelta(minutes=5)
    Revisit.objects.filter(pk=world.task.pk).update(promised_at=at, promised_by=world.caller, state="in_progress")
    say(world)
    return actions.claim_next(world.caller, Role.SPECIALIST, now=NOON, today=DAY)


def held_already(world, say):
    """Taken before it was said: the page is asked again when it opens."""
    take(world)
    say(world)
    return stop_now(queries.for_desk().get(pk=world.task.pk), DAY) is None


def given_back(world, say):
    """Somebody held it and gave it back to the pool."""
    take(world)
    say(world)
    actions.release(world.task.pk, world.caller)
    return actions.claim_next(world.other, Role.SPECIALIST, now=NOON, today=DAY)


#: what a run of the generator makes for everybody at once, and what happens to one call that is there already
OF_A_NIGHT = (at_night, days_ahead, next_night, a_number_found_again)
OF_A_CALL = (next_in_line, by_its_address, you_rang_me, given_by_the_manager, promised, held_already, given_back)


#: scopes that differ by the purpose of the call; the others are the same for each
BY_PURPOSE = (
    "nothing", "any contact", "any contact, by text message", "revisits", "marketing", "revisits about this car",
    "restricted", "does not agree to marketing", "another card at the number: any contact",
    "another card at the number: revisits",
)  # fmt: skip


@pytest.fixture
def worlds(house, code):
    """{scope: somebody who will say it}; a call of the rule is due to each."""
    scopes = [scope for scope in SCOPES if code == "SVC_D3" or scope in BY_PURPOSE]
    found = {scope: somebody(house, f"139{number:08d}") for number, scope in enumerate(scopes)}
    for world in found.values():
        due(world, code)
    return found


@pytest.mark.parametrize("path", OF_A_NIGHT)
@pytest.mark.parametrize("code", PURPOSES)
def test_no_night_makes_an_unwanted_call(house, worlds, code, path):
    def say() -> None:
        for scope, world in worlds.items():
            SCOPES[scope][0](world)

    called = path(house, say)
    found = {scope: world.owner.pk in called for scope, world in worlds.items()}
    assert found == {scope: code not in SCOPES[scope][1] for scope in worlds}


@pytest.mark.parametrize("code", PURPOSES)
def test_no_path_leads_to_an_unwanted_call(worlds, code):
    for scope, world in worlds.items():
        say, stopped = SCOPES[scope]
        world.task = made(world)
        with taken_back():
            alone(world)
            found = {path.__name__: arrives(path, world, say) for path in OF_A_CALL}
        assert found == dict.fromkeys(found, code not in stopped), scope


def arrives(path, world, say) -> bool:
    """Whether a path leads to a call; nothing that it wrote is left."""
    with taken_back():
        return bool(path(world, say))


@contextlib.contextmanager
def taken_back():
    """Nothing that was written within it is left."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# ---- by import, and through the pages --------------------------------------------------------------------------------


@pytest.mark.parametrize(("purpose", "called"), [("all", False), ("revisit", False), ("marketing", True)])
def test_a_file_brings_no_call_to_who_refused(world, purpose, called):
    """The list names the customer again, with the delivery of another car, as a new card with the same number too."""
    ContactBanFactory(customer=world.owner, purpose=purpose, since=DAY)
    RuleVersion.objects.exclude(rule__code="DLV_D3").update(is_on=False)
    said = {**intake.DELIVERY, "客户姓名": "周晓岚", "联系电话": NUMBER}
    day = clock.today() - days(3)
    intake.take_in(world.admin, intake.DELIVERIES, {**said, "交车日期": day.isoformat()})
    generate(world.store.pk, clock.today())
    assert (callable_now() is not None) == called


def test_a_second_card_with_the_number_is_not_called_either(world):
    ContactBanFactory(customer=world.owner, purpose="revisit", since=DAY)
    twin = PhoneFactory(customer__store=world.store, number=NUMBER).customer
    RepairOrderFactory(vehicle=VehicleFactory(store=world.store), customer=twin)
    generate(world.store.pk, DAY)
    assert callable_now() is None


def held_call(world) -> Revisit:
    due(world, "SVC_D3")
    world.task = made(world)
    at = clock.now()
    Revisit.objects.filter(pk=world.task.pk).update(
        claimed_by=world.caller, claimed_at=at, lease_until=at + timedelta(minutes=15)
    )
    return world.task


def test_the_pages_open_no_unwanted_call(world, specialist_a, manager_a, as_):
    due(world, "SVC_D3")
    task = made(world)
    ContactBanFactory(customer=world.owner, purpose="revisit", since=DAY)
    client = as_(specialist_a)
    assert reverse("revisits:detail", args=[task.pk]) in client.get(reverse("revisits:call", args=[task.pk])).url
    for data in ({}, {"channel": "incoming"}):
        client.post(reverse("revisits:open", args=[task.pk]), data)
    as_(manager_a).post(
        reverse("revisits:assign_many"), {"store": world.store.pk, "task": [task.pk], "to": world.caller.pk}
    )
    client.post(reverse("revisits:open", args=[task.pk]))
    task.refresh_from_db()
    assert task.claimed_by is None


def test_a_page_that_is_open_shows_no_number_and_no_text_once_it_was_said(world, specialist_a, as_):
    task = held_call(world)
    client = as_(specialist_a)
    before = client.get(reverse("revisits:call", args=[task.pk])).content.decode()
    assert NUMBER in before
    assert "复制短信" in before
    ContactBanFactory(customer=world.owner, purpose="revisit", since=DAY)
    after = client.get(reverse("revisits:call", args=[task.pk])).content.decode()
    assert NUMBER not in after
    assert "复制短信" not in after


@pytest.mark.parametrize(("channel", "offered"), [("sms", False), ("all", False), ("wechat", True)])
def test_a_text_message_is_offered_only_to_who_did_not_refuse_it(world, specialist_a, as_, channel, offered):
    task = held_call(world)
    purpose = "revisit" if channel != "all" else "marketing"
    ContactBanFactory(customer=world.owner, purpose=purpose, channel=channel, since=DAY)
    page = as_(specialist_a).get(reverse("revisits:call", args=[task.pk])).content.decode()
    assert ("复制短信" in page) == (offered or purpose == "marketing")
    assert NUMBER in page


# ---- persons around the customer -------------------------------------------------------------------------------------


def test_the_number_of_a_restricted_card_is_not_dialled_for_the_car_of_another(world):
    """The usual driver is a customer of their own, whose card was restricted."""
    Phone.objects.filter(pk=world.phone.pk).delete()
    driver = PhoneFactory(customer__store=world.store, customer__restricted=True, number="13700001111").customer
    VehicleRoleFactory(vehicle=world.car, customer=driver, role=VehicleRole.Kind.DRIVER)
    due(world, "MT_REMIND")
    generate(world.store.pk, DAY)
    assert Revisit.objects.get().state == State.NO_NUMBER


def test_who_has_left_an_enterprise_is_dialled_no_more(world):
    Phone.objects.filter(pk=world.phone.pk).delete()
    contact = ContactFactory(customer=world.owner, identity=Contact.Identity.DRIVER, left_on=DAY)
    PhoneFactory(customer=world.owner, contact=contact, number="13700001111")
    due(world, "MT_REMIND")
    generate(world.store.pk, DAY)
    assert Revisit.objects.get().state == State.NO_NUMBER
    Contact.objects.update(left_on=DAY + days(1))
    generate(world.store.pk, DAY)
    assert Revisit.objects.get().state == State.DUE


def test_the_other_numbers_of_a_call_leave_out_who_has_refused(world):
    """The list to dial from holds a number that belongs to somebody who said no, said after the call was made."""
    second = PhoneFactory(customer=world.owner, number="13700002222", rank=2)
    due(world, "SVC_D3")
    task = made(world)
    assert {number.phone_id for number in queries.dial_list(task, DAY)} == {world.phone.pk, second.pk}
    theirs = PhoneFactory(customer__store=world.store, number="13700002222").customer
    ContactBanFactory(customer=theirs, purpose="revisit", since=DAY)
    assert {number.phone_id for number in queries.dial_list(task, DAY)} == {world.phone.pk}


# ---- several matters in one call -------------------------------------------------------------------------------------


def test_what_is_not_wanted_is_not_talked_about_in_the_same_call(world, specialist_a, as_):
    """A reminder and a renewal were to be one call; the renewal is refused before it is made."""
    change_car(world, next_maintenance_on=DAY + days(10), last_seen_on=DAY - days(170), insurance_until=DAY + days(40))
    generate(world.store.pk, DAY)
    renewal = Revisit.objects.get(rule__code="INS_30")
    assert renewal.head is not None
    ContactBanFactory(customer=world.owner, purpose="marketing", since=DAY)
    taken = actions.claim_next(world.caller, Role.SPECIALIST, now=NOON, today=DAY)
    renewal.refresh_from_db()
    assert taken.rule.code == "MT_REMIND"
    assert (renewal.state, renewal.reason) == (State.EXCUSED, "refuses_marketing")


def test_a_call_that_is_being_made_drops_what_was_refused_meanwhile(world, specialist_a, as_):
    change_car(world, next_maintenance_on=DAY + days(10), last_seen_on=DAY - days(170), insurance_until=DAY + days(40))
    generate(world.store.pk, DAY)
    head = Revisit.objects.get(rule__code="MT_REMIND")
    at = clock.now()
    Revisit.objects.filter(pk=head.pk).update(
        claimed_by=world.caller, claimed_at=at, lease_until=at + timedelta(minutes=15)
    )
    client, url = as_(specialist_a), reverse("revisits:call", args=[head.pk])
    assert "purpose_" in client.get(url).content.decode()
    ContactBan.objects.create(store=world.store, customer=world.owner, purpose="marketing", since=DAY)
    assert "purpose_" not in client.get(url).content.decode()


def test_a_rule_for_marketing_that_asks_for_no_consent_spares_who_refused_it(world):
    RuleVersion.objects.filter(rule__code="INS_30").update(needs_consent=False)
    due(world, "INS_30")
    Customer.objects.filter(pk=world.owner.pk).update(marketing_consent=None)
    assert at_night(world, lambda: None)
    no_consent(world)
    assert actions.claim_next(world.caller, Role.SPECIALIST, now=NOON, today=DAY) is None
    Revisit.objects.all().delete()
    assert not at_night(world, lambda: None)
