"""交车明细: a delivery makes its customer the owner of the car; a second import changes only what it says anew."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.imports.models import StagedRow
from customers.models import Customer, Delivery, Phone, Vehicle, VehicleRole
from tests.customers import intake
from tests.customers.intake import DELIVERIES, DELIVERY, VIN
from tests.factories import EmployeeFactory, VehicleFactory, VehicleRoleFactory

pytestmark = pytest.mark.django_db


def bring(person, *rows, **more):
    return intake.take_in(person, DELIVERIES, *rows, **more)


def again(**changed):
    return {**DELIVERY, **changed}


def test_a_delivery_makes_customer_car_and_owner(admin_a, frontline_a):
    batch = bring(admin_a, DELIVERY)
    assert batch.layout == "deliveries"
    delivery = Delivery.objects.select_related("customer", "vehicle").get()
    assert (delivery.customer.name, delivery.vehicle.vin) == ("张三", VIN)
    assert (delivery.delivered_on, delivery.price, delivery.insured_here) == (
        date(2026, 9, 13),
        Decimal("168800.00"),
        True,
    )
    assert delivery.sales_consultant == frontline_a.employee
    assert (delivery.recorded_on, delivery.batch, delivery.row) == (clock.today(), batch, 2)
    car = delivery.vehicle
    assert (car.purchased_on, car.insurance_until, car.model) == (date(2026, 9, 13), date(2027, 9, 12), "远岚 E5")
    role = VehicleRole.objects.get()
    assert (role.vehicle, role.customer, role.since, role.until) == (car, delivery.customer, date(2026, 9, 13), None)
    assert Phone.objects.get().number == "13800138001"


def test_the_same_file_again_changes_nothing(admin_a, frontline_a):
    bring(admin_a, DELIVERY)
    before = [list(model.objects.values()) for model in (Customer, Phone, Vehicle, VehicleRole, Delivery)]
    assert intake.verdicts(intake.look(admin_a, DELIVERIES, DELIVERY)) == ["unchanged"]
    assert [list(model.objects.values()) for model in (Customer, Phone, Vehicle, VehicleRole, Delivery)] == before


def test_the_owner_before_ends_the_day_before(admin_a, store_a):
    car = VehicleFactory(store=store_a, vin=VIN)
    old = VehicleRoleFactory(vehicle=car, since=date(2024, 1, 1))
    bring(admin_a, DELIVERY)
    old.refresh_from_db()
    assert old.until == date(2026, 9, 12)
    assert VehicleRole.objects.get(until=None).customer.name == "张三"


def test_an_older_delivery_does_not_take_the_car_from_its_owner(admin_a, store_a):
    car = VehicleFactory(store=store_a, vin=VIN)
    present = VehicleRoleFactory(vehicle=car, since=date(2026, 9, 15))
    bring(admin_a, DELIVERY)
    present.refresh_from_db()
    assert present.until is None
    assert VehicleRole.objects.get(customer__name="张三").until == date(2026, 9, 14)


def test_the_owner_who_takes_delivery_stays_one_person(admin_a, store_a):
    car = VehicleFactory(store=store_a, vin=VIN)
    role = VehicleRoleFactory(vehicle=car, customer__name="张三", since=None)
    bring(admin_a, again(联系电话="13700137000"))
    role.refresh_from_db()
    assert Customer.objects.get() == role.customer
    assert (role.since, role.until) == (date(2026, 9, 13), None)


def test_a_day_in_the_future_is_refused(admin_a):
    tomorrow = clock.today() + timedelta(days=1)
    batch = intake.look(admin_a, DELIVERIES, again(交车日期=tomorrow.isoformat()))
    assert intake.verdicts(batch) == ["problem"]
    assert "date_future" in intake.codes(batch)


def test_history_is_marked(admin_a):
    bring(admin_a, DELIVERY, historical=True)
    assert Delivery.objects.get().historical


def test_an_unknown_consultant_is_kept_as_text_and_found_later(admin_a, store_a):
    bring(admin_a, DELIVERY)
    delivery = Delivery.objects.get()
    assert (delivery.sales_consultant, delivery.sales_consultant_name) == (None, "江雨薇")
    known = EmployeeFactory(store=store_a, name="江雨薇")
    bring(admin_a, DELIVERY)
    delivery.refresh_from_db()
    assert delivery.sales_consultant == known
    assert intake.verdicts(intake.look(admin_a, DELIVERIES, DELIVERY)) == ["unchanged"]


def test_a_changed_value_is_written_and_what_somebody_edited_stays(admin_a, frontline_a):
    bring(admin_a, DELIVERY)
    Delivery.objects.update(payment="全款")
    batch = bring(admin_a, again(成交价=170000, 购车方式="贷款"))
    row = StagedRow.objects.get(batch=batch)
    assert row.changes == {"price": ["168800.00", "170000.00"]}
    assert "conflict" in {finding["code"] for finding in row.findings}
    assert (Delivery.objects.get().price, Delivery.objects.get().payment) == (Decimal("170000.00"), "全款")


def test_a_later_insurance_moves_the_car_on(admin_a, frontline_a):
    bring(admin_a, DELIVERY)
    bring(admin_a, again(保险到期="2028-09-12"))
    assert Vehicle.objects.get().insurance_until == date(2028, 9, 12)


def test_another_name_for_the_same_handover_corrects_the_customer(admin_a, frontline_a):
    bring(admin_a, DELIVERY)
    bring(admin_a, again(客户姓名="王五", 联系电话="13700137000"))
    assert Delivery.objects.get().customer.name == "王五"
    assert VehicleRole.objects.get(until=None).customer.name == "王五"
    assert Employee.objects.filter(name="王五").count() == 0
