"""The list of customers and cars: who is the same customer, what a second import changes, what is left alone."""

import pytest

from crm_site.imports.models import StagedRow
from customers import search
from customers.models import Customer, Phone, Vehicle, VehicleRole
from tests.customers import intake
from tests.customers.intake import CUSTOMER, CUSTOMERS, OTHER_VIN, VIN
from tests.factories import CustomerFactory, PhoneFactory

pytestmark = pytest.mark.django_db


def bring(person, *rows):
    return intake.take_in(person, CUSTOMERS, *rows)


def again(**changed):
    return {**CUSTOMER, **changed}


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (Customer, Phone, Vehicle, VehicleRole)]


def test_a_row_becomes_a_customer_with_phones_a_car_and_an_ownership(admin_a):
    batch = bring(admin_a, again(手机="138 0013 8001/+86 139-0013-9002", 备用电话="023-68812345"))
    assert batch.layout == "customers"
    person = Customer.objects.get()
    assert (person.number, person.name, person.sex, person.city, person.batch) == ("K1", "张三", "m", "重庆市", batch)
    assert list(person.phones.values_list("number", "rank", "kind")) == [
        ("13800138001", 1, "mobile"),
        ("13900139002", 2, "mobile"),
        ("02368812345", 3, "home"),
    ]
    car = Vehicle.objects.get()
    assert (car.vin, car.plate_no, car.series, car.purchased_on.isoformat()) == (VIN, "渝AD12345", "远岚", "2025-03-11")
    role = car.roles.get()
    assert (role.customer, role.role, role.since, role.until) == (person, "owner", car.purchased_on, None)
    assert StagedRow.objects.get(batch=batch).target_id == person.pk
    assert [hit.customer for hit in search.find(admin_a.user, "0017")] == []
    assert [hit.customer for hit in search.find(admin_a.user, "000017")] == [person]


def test_the_same_file_again_changes_nothing(admin_a):
    rows = [again(), again(客户编号="K2", 客户名称="李四", 手机="13900139001", **{"车架号(VIN)": OTHER_VIN})]
    bring(admin_a, *rows)
    before = everything()
    batch = intake.look(admin_a, CUSTOMERS, *rows)
    assert intake.verdicts(batch) == ["unchanged", "unchanged"]
    assert everything() == before


@pytest.mark.parametrize(
    "spelling",
    [
        {"手机": "+86 138-0013-8001"},
        {"手机": "００８６１３８００１３８００１"},
        {"车架号(VIN)": " lsvaa4180e2000017 "},
        {"客户名称": "张 三(先生)"},
        {"车牌号": "渝a d12345"},
        {"购车日期": "2025年3月11日"},
    ],
)
def test_another_spelling_is_no_change(admin_a, spelling):
    bring(admin_a, again())
    assert intake.verdicts(intake.look(admin_a, CUSTOMERS, {**CUSTOMER, **spelling})) == ["unchanged"]


def test_headers_may_stand_in_any_order_and_spelling(admin_a):
    header = ["*VIN", "手 机", "【姓名】", "客户 编号(必填)"]
    row = {"*VIN": VIN, "手 机": "13800138001", "【姓名】": "张三", "客户 编号(必填)": "K1"}
    intake.take_in(admin_a, header, row)
    assert Customer.objects.get().number == "K1"
    assert Vehicle.objects.get().vin == VIN


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"客户编号": "K1", "客户名称": "张三丰", "手机": "13700137000"}, "the customer number comes first"),
        ({"客户编号": None, "手机": "13700137000"}, "then the owner of the car, by name"),
        ({"客户编号": None, "车架号(VIN)": OTHER_VIN}, "then the number with the name"),
    ],
)
def test_who_is_the_same_customer(admin_a, row, rule):
    bring(admin_a, again())
    bring(admin_a, {**CUSTOMER, **row})
    assert Customer.objects.count() == 1, rule


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"客户编号": "K2", "手机": "13700137000", "车架号(VIN)": OTHER_VIN}, "the same name, nothing else"),
        ({"客户编号": "K2", "车架号(VIN)": OTHER_VIN}, "two customer numbers are two customers"),
    ],
)
def test_who_is_another_customer(admin_a, row, rule):
    bring(admin_a, again())
    bring(admin_a, {**CUSTOMER, **row})
    assert Customer.objects.count() == 2, rule


def test_the_same_number_under_another_name_is_said(admin_a):
    bring(admin_a, again())
    batch = intake.look(admin_a, CUSTOMERS, again(客户编号="K2", 客户名称="王五", **{"车架号(VIN)": OTHER_VIN}))
    assert "same_phone_other_name" in intake.codes(batch)


def test_a_bare_name_is_refused(admin_a):
    batch = intake.look(admin_a, CUSTOMERS, {"客户名称": "张三"}, again())
    assert intake.verdicts(batch) == ["problem", "new"]


def test_two_cars_of_one_customer_in_one_file_make_one_customer(admin_a):
    rows = [again(), again(**{"车架号(VIN)": OTHER_VIN, "车牌号": "渝B7Q219", "市": "成都市"})]
    bring(admin_a, *rows)
    person = Customer.objects.get()
    assert person.city == "重庆市"
    assert person.vehicle_roles.count() == 2
    assert intake.verdicts(intake.look(admin_a, CUSTOMERS, *rows)) == ["unchanged", "unchanged"]


def test_a_changed_value_is_written_and_shown(admin_a):
    bring(admin_a, again())
    batch = bring(admin_a, again(市="成都市", 颜色="雪山白"))
    assert StagedRow.objects.get(batch=batch).changes == {"city": ["重庆市", "成都市"], "colour": ["白", "雪山白"]}
    assert (Customer.objects.get().city, Vehicle.objects.get().colour) == ("成都市", "雪山白")
    assert Customer.objects.get().version == 2


def test_what_somebody_edited_meanwhile_stays_and_is_listed(admin_a):
    bring(admin_a, again())
    Customer.objects.update(city="北京市")
    batch = intake.look(admin_a, CUSTOMERS, again(市="成都市"))
    row = StagedRow.objects.get(batch=batch)
    assert (row.verdict, row.changes) == ("conflict", {"city": ["北京市", "成都市"]})
    assert "conflict" in intake.codes(batch)
    bring(admin_a, again(市="成都市", 区="渝北区"))
    person = Customer.objects.get()
    assert (person.city, person.district) == ("北京市", "渝北区")


def test_a_correction_stays_when_the_file_repeats_its_old_value(admin_a):
    bring(admin_a, again())
    Customer.objects.update(city="北京市")
    assert intake.verdicts(intake.look(admin_a, CUSTOMERS, again())) == ["unchanged"]


def test_an_empty_cell_takes_nothing_away(admin_a):
    bring(admin_a, again())
    assert intake.verdicts(intake.look(admin_a, CUSTOMERS, again(市=None, 颜色="-"))) == ["unchanged"]


def test_a_new_number_is_dialled_first_and_the_old_one_kept(admin_a):
    bring(admin_a, again())
    bring(admin_a, again(手机="13700137000"))
    assert list(Phone.objects.order_by("rank").values_list("number", flat=True)) == ["13700137000", "13800138001"]


def test_a_number_that_a_person_put_first_stays_first(admin_a):
    bring(admin_a, again())
    person = Customer.objects.get()
    Phone.objects.update(rank=2)
    PhoneFactory(customer=person, number="13600136000", rank=1)
    bring(admin_a, again(手机="13700137000"))
    numbers = list(Phone.objects.order_by("rank").values_list("number", flat=True))
    assert numbers == ["13600136000", "13800138001", "13700137000"]


def test_a_number_removed_by_a_person_does_not_come_back(admin_a):
    bring(admin_a, again(备用电话="13700137000"))
    Phone.objects.filter(number="13700137000").delete()
    assert intake.verdicts(intake.look(admin_a, CUSTOMERS, again(备用电话="13700137000"))) == ["unchanged"]


def test_a_car_changes_hands_when_the_list_says_so_later(admin_a):
    bring(admin_a, again())
    bring(admin_a, again(客户编号="K2", 客户名称="王五", 手机="13700137000", 购车日期="2026-05-01"))
    old, new = VehicleRole.objects.order_by("since")
    assert (old.customer.name, old.until.isoformat()) == ("张三", "2026-04-30")
    assert (new.customer.name, new.since.isoformat(), new.until) == ("王五", "2026-05-01", None)


def test_the_owner_of_the_archive_stays_when_the_list_knows_no_better(admin_a, store_a):
    bring(admin_a, again())
    batch = intake.look(admin_a, CUSTOMERS, again(客户编号="K2", 客户名称="王五", 手机="13700137000"))
    assert StagedRow.objects.get(batch=batch).verdict == "new"
    role = VehicleRole.objects.get()
    assert role.customer.name == "张三"


def test_the_last_visit_only_moves_on(admin_a):
    bring(admin_a, again(末次进厂日期="2026-08-01", 末次里程=30000))
    assert intake.verdicts(intake.look(admin_a, CUSTOMERS, again(末次进厂日期="2026-07-01", 末次里程=20000))) == [
        "unchanged"
    ]
    bring(admin_a, again(末次进厂日期="2026-07-01", 末次里程=31000))
    car = Vehicle.objects.get()
    assert (car.last_visit_on.isoformat(), car.last_mileage_km) == ("2026-08-01", 31000)


def test_a_car_without_a_vin_is_found_by_plate_only_with_its_owner(admin_a):
    row = again(**{"车架号(VIN)": None})
    bring(admin_a, row)
    assert intake.verdicts(intake.look(admin_a, CUSTOMERS, row)) == ["unchanged"]
    bring(admin_a, {**row, "客户编号": "K2", "客户名称": "王五", "手机": "13700137000"})
    assert Vehicle.objects.filter(plate_no="渝AD12345").count() == 2


def test_customers_of_another_store_are_other_customers(admin_a, store_b):
    theirs = CustomerFactory(store=store_b, number="K1", name="张三")
    PhoneFactory(customer=theirs, number="13800138001")
    bring(admin_a, again())
    assert Customer.objects.filter(store=admin_a.store).count() == 1
