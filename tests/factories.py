"""Rows for tests, each with just enough around it to be valid; every date is given or derived from DAY."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from complaints.models import Complaint, Kind, Source
from crm_site.accounts.models import (
    Department,
    Employee,
    Membership,
    Post,
    Posting,
    Role,
    SignInRules,
    Store,
    User,
)
from crm_site.core import clock
from customers.models import Contact, ContactBan, Customer, Delivery, Phone, RepairOrder, Vehicle, VehicleRole

#: the business day on which most tests play: a Wednesday, an ordinary working day
DAY = date(2026, 9, 16)
NOON = clock.at(DAY, 12)
PASSWORD = "huifang-test-2026"


def no_second_factor(store: Store | None = None) -> SignInRules:
    """The company's rule (or a store's) by which nobody must have a second factor, as in the demo world.

    For whoever signs in by the form; `as_` counts as verified anyway. In a stack of real processes:
    `manage.py shell -c "from tests import factories; factories.no_second_factor()"`.
    """
    return SignInRules.objects.update_or_create(store=store, defaults={"second_factor_roles": []})[0]


class StoreFactory(DjangoModelFactory):
    class Meta:
        model = Store

    code = factory.Sequence(lambda n: f"S{n:02d}")
    name = factory.LazyAttribute(lambda store: f"渝北{store.code}汽车销售服务有限公司")
    short_name = factory.LazyAttribute(lambda store: f"{store.code}店")
    go_live_on = DAY - timedelta(days=400)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    name = factory.Sequence(lambda n: f"用户{n}")
    password = factory.PostGenerationMethodCall("set_password", PASSWORD)

    @classmethod
    def _after_postgeneration(cls, instance, create, results=None):
        if create:
            instance.save(update_fields=["password"])


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    store = factory.SubFactory(StoreFactory)
    role = Role.SPECIALIST


class EmployeeFactory(DjangoModelFactory):
    class Meta:
        model = Employee

    store = factory.SubFactory(StoreFactory)
    number = factory.Sequence(lambda n: f"E{n:04d}")
    name = factory.Sequence(lambda n: f"员工{n}")
    hired_on = DAY - timedelta(days=800)


class PostingFactory(DjangoModelFactory):
    class Meta:
        model = Posting

    employee = factory.SubFactory(EmployeeFactory)
    department = Department.SERVICE
    post = Post.SERVICE_ADVISOR
    since = DAY - timedelta(days=800)


class CustomerFactory(DjangoModelFactory):
    class Meta:
        model = Customer

    store = factory.SubFactory(StoreFactory)
    number = factory.Sequence(lambda n: f"K{n:06d}")
    name = factory.Sequence(lambda n: f"客户{n}")
    created_at = NOON


class ContactFactory(DjangoModelFactory):
    class Meta:
        model = Contact

    customer = factory.SubFactory(CustomerFactory)
    store = factory.SelfAttribute("customer.store")
    name = factory.Sequence(lambda n: f"联系人{n}")


class PhoneFactory(DjangoModelFactory):
    class Meta:
        model = Phone

    customer = factory.SubFactory(CustomerFactory)
    store = factory.SelfAttribute("customer.store")
    number = factory.Sequence(lambda n: f"138{n:08d}")


class ContactBanFactory(DjangoModelFactory):
    class Meta:
        model = ContactBan

    customer = factory.SubFactory(CustomerFactory)
    store = factory.SelfAttribute("customer.store")
    purpose = ContactBan.Purpose.MARKETING
    since = DAY


class VehicleFactory(DjangoModelFactory):
    class Meta:
        model = Vehicle

    store = factory.SubFactory(StoreFactory)
    vin = factory.Sequence(lambda n: f"LSVAA4180E2{n:06d}")
    plate_no = factory.Sequence(lambda n: f"渝A{n:05d}")
    series = "远岚"
    model = "远岚 E5"
    created_at = NOON


class VehicleRoleFactory(DjangoModelFactory):
    class Meta:
        model = VehicleRole

    vehicle = factory.SubFactory(VehicleFactory)
    store = factory.SelfAttribute("vehicle.store")
    customer = factory.SubFactory(CustomerFactory, store=factory.SelfAttribute("..store"))
    role = VehicleRole.Kind.OWNER
    since = DAY - timedelta(days=300)


class DeliveryFactory(DjangoModelFactory):
    class Meta:
        model = Delivery

    vehicle = factory.SubFactory(VehicleFactory)
    store = factory.SelfAttribute("vehicle.store")
    customer = factory.SubFactory(CustomerFactory, store=factory.SelfAttribute("..store"))
    delivered_on = DAY - timedelta(days=3)
    recorded_on = factory.SelfAttribute("delivered_on")


class RepairOrderFactory(DjangoModelFactory):
    class Meta:
        model = RepairOrder

    vehicle = factory.SubFactory(VehicleFactory)
    store = factory.SelfAttribute("vehicle.store")
    customer = factory.SubFactory(CustomerFactory, store=factory.SelfAttribute("..store"))
    order_number = factory.Sequence(lambda n: f"RO{n:08d}")
    checked_in_on = DAY - timedelta(days=4)
    handed_back_on = DAY - timedelta(days=3)
    released_on = factory.SelfAttribute("handed_back_on")
    total_fee = Decimal("1286.00")
    mileage_km = 12_000
    recorded_on = factory.SelfAttribute("handed_back_on")


class ComplaintFactory(DjangoModelFactory):
    class Meta:
        model = Complaint

    store = factory.SubFactory(StoreFactory)
    number = factory.Sequence(lambda n: f"TS{n:06d}")
    kind = Kind.COMPLAINT
    source = Source.PHONE
    words = "刹车异响，修了两次没修好"
    reported_by = factory.SubFactory(EmployeeFactory, store=factory.SelfAttribute("..store"))
    received_at = NOON
    received_on = DAY
    closed_at = None
    #: as ticket.finish sets it
    closed_on = factory.LazyAttribute(lambda ticket: ticket.closed_at and clock.business_day(ticket.closed_at))
    submission = factory.LazyFunction(uuid.uuid4)
