"""Compiled queries give what their querysets give, whatever values they are asked with."""

from datetime import date, timedelta
from threading import Thread

import pytest
from django.db import connection, connections
from django.db.models import Count, F, Q
from django.db.transaction import TransactionManagementError

from crm_site.accounts.models import Employee, Store
from crm_site.core.compiled import KEPT, MANY, PLACE, compiled
from customers.models import Customer, Phone, RepairOrder, Vehicle
from tests.factories import DAY, CustomerFactory, EmployeeFactory, PhoneFactory, RepairOrderFactory, StoreFactory

pytestmark = [pytest.mark.django_db, pytest.mark.smoke]


def test_rows_are_those_of_the_values_given_now(store_a):
    first, second = EmployeeFactory(store=store_a), EmployeeFactory(store=store_a)
    by_name = compiled(lambda *, store, name: Employee.objects.filter(store_id=store, name=name).order_by("pk"))
    assert by_name(store=store_a.pk, name=first.name)[0] == first
    assert by_name(store=store_a.pk, name=second.name)[0].number == second.number
    assert by_name(store=store_a.pk, name="nobody") == []
    Employee.objects.filter(pk=first.pk).update(number="changed")
    assert by_name(store=store_a.pk, name=first.name)[0].number == "changed"


def test_days_moments_lists_and_conditions_are_given(store_a):
    orders = [
        RepairOrderFactory(store=store_a, vehicle__store=store_a, checked_in_on=DAY - timedelta(days=ago))
        for ago in range(4)
    ]

    @compiled
    def since(state, *, day, vehicles):
        rows = RepairOrder.objects.filter(Q(checked_in_on__gte=day) | Q(checked_in_on=None), vehicle__pk__in=vehicles)
        return rows.filter(state=state).order_by("pk").values_list("pk", flat=True)

    cars = [order.vehicle_id for order in orders]
    assert since(orders[0].state, day=DAY - timedelta(days=1), vehicles=cars) == [orders[0].pk, orders[1].pk]
    assert since(orders[0].state, day=DAY - timedelta(days=9), vehicles=cars[2:]) == [orders[2].pk, orders[3].pk]
    assert since(orders[0].state, day=date(2000, 1, 1), vehicles=[]) == []
    assert since("void", day=date(2000, 1, 1), vehicles=cars) == []
    before = compiled(lambda *, now: Customer.objects.filter(created_at__lt=now).values_list("pk", flat=True))
    born = Customer.objects.latest("created_at").created_at
    assert sorted(before(now=born + timedelta(microseconds=1))) == sorted(Customer.objects.values_list("pk", flat=True))
    assert orders[3].customer_id not in before(now=born)


def test_joined_rows_named_rows_and_groups_come_as_from_the_queryset(store_a):
    customer = CustomerFactory(store=store_a)
    phone = PhoneFactory(customer=customer)
    joined = compiled(lambda *, pk: Phone.objects.select_related("customer__store").filter(pk=pk))
    (found,) = joined(pk=phone.pk)
    with_no_more = len(connection.queries_log)
    assert (found, found.customer, found.customer.store.name) == (phone, customer, store_a.name)
    assert len(connection.queries_log) == with_no_more
    named = compiled(lambda *, pk: Phone.objects.filter(pk=pk).values_list("pk", "number", named=True))
    assert named(pk=phone.pk)[0].number == phone.number
    counted = compiled(
        lambda *, store: Customer.objects.filter(store_id=store).values_list("store_id").annotate(n=Count("phones"))
    )
    assert counted(store=store_a.pk) == [(store_a.pk, 1)]


def test_values_of_the_engine_are_turned_back(store_a):
    """Moments, days and structured values, which SQLite keeps as texts."""
    car = RepairOrderFactory(store=store_a, vehicle__store=store_a).vehicle
    ask = compiled(lambda *, pk: Vehicle.objects.filter(pk=pk))
    plain = Vehicle.objects.get(pk=car.pk)
    (found,) = ask(pk=car.pk)
    assert {field.attname: getattr(found, field.attname) for field in Vehicle._meta.concrete_fields} == {
        field.attname: getattr(plain, field.attname) for field in Vehicle._meta.concrete_fields
    }
    assert found._state.db == "default"


def test_each_asking_gives_rows_of_its_own(store_a):
    ask = compiled(lambda *, pk: Store.objects.filter(pk=pk))
    (one,), (other,) = ask(pk=store_a.pk), ask(pk=store_a.pk)
    one.name = "changed"
    assert other.name == store_a.name


def test_what_the_shape_hangs_on_is_asked_by_shape(store_a):
    hired = EmployeeFactory(store=store_a, hired_on=DAY)
    never = EmployeeFactory(store=store_a, hired_on=None)
    on = compiled(lambda day, *, store: Employee.objects.filter(store_id=store, hired_on=day).order_by("pk"))
    assert on(DAY, store=store_a.pk) == [hired]
    assert never in on(None, store=store_a.pk)
    for number in range(2 * KEPT):
        assert on(DAY + timedelta(days=number), store=store_a.pk) == ([] if number else [hired])


def test_lists_of_any_length_are_asked_in_few_shapes(store_a):
    cars = [EmployeeFactory(store=store_a).pk for _ in range(6)]
    ask = compiled(lambda *, keys: Employee.objects.filter(pk__in=keys).order_by("pk").values_list("pk", flat=True))
    for length in range(len(cars) + 1):
        assert ask(keys=cars[:length]) == cars[:length]
    assert ask(keys=cars[:1] * (MANY + 1)) == cars[:1]
    assert len(vars(connections["default"])[PLACE][ask]) == 5  # of 0, 1, 2, 4 and 8 members


def test_rows_are_locked_only_within_a_transaction(monkeypatch):
    ask = compiled(lambda *, pk: Employee.objects.filter(pk=pk).select_for_update())
    assert ask(pk=1) == []
    monkeypatch.setattr(connections["default"], "get_autocommit", lambda: True)
    with pytest.raises(TransactionManagementError):
        ask(pk=1)


def test_none_and_a_look_at_a_given_value_are_refused(store_a):
    ask = compiled(lambda *, day: Employee.objects.filter(hired_on=day))
    with pytest.raises(TypeError, match="day"):
        ask(day=None)
    some = compiled(lambda *, keys: Employee.objects.filter(pk__in=keys))
    with pytest.raises(TypeError, match="keys"):
        some(keys=[1, None])
    looking = compiled(lambda *, day, store: Employee.objects.filter(hired_on=day if day else store))
    with pytest.raises(TypeError, match="store"):
        looking(day=DAY, store=store_a.pk)
    comparing = compiled(lambda *, day: Employee.objects.filter(hired_on=day) if day > DAY else Employee.objects.none())
    with pytest.raises(TypeError):
        comparing(day=DAY)
    with pytest.raises(TypeError, match="beforehand"):
        compiled(lambda *, pk: Employee.objects.filter(pk=pk).prefetch_related("postings"))(pk=1)


def test_expressions_beside_the_given_stay(store_a):
    customer = CustomerFactory(store=store_a)
    ask = compiled(lambda *, pk: Customer.objects.filter(pk=pk, store_id=F("store__pk"), name__isnull=False))
    assert ask(pk=customer.pk) == [customer]


def test_threads_do_not_share_what_is_put_together(store_a):
    ask = compiled(lambda *, pk: Store.objects.filter(pk=pk))
    ask(pk=store_a.pk)
    seen = []

    def other_thread():
        try:
            seen.append(ask in vars(connections["default"]).get(PLACE, {}))
            ask(pk=store_a.pk)
            seen.append(ask in vars(connections["default"])[PLACE])
        finally:
            connection.close()

    thread = Thread(target=other_thread)
    thread.start()
    thread.join()
    assert seen == [False, True]


def test_a_store_without_rows_is_no_error():
    StoreFactory()
    assert compiled(lambda *, store: Employee.objects.filter(store_id=store))(store=10**9) == []
