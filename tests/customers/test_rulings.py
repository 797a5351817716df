"""Confirm writes what was shown; a person says who is meant and whose value stands; nobody's edit is lost."""

import pytest
from django.urls import reverse

from crm_site.core.errors import RuleBroken
from crm_site.imports.actions import rulings
from crm_site.imports.models import BatchState, StagedRow
from customers.models import Customer, Delivery, Phone, RepairOrder, Vehicle
from tests.customers import intake, tables
from tests.customers.intake import CUSTOMER, CUSTOMERS, DELIVERIES, DELIVERY, ORDER, ORDERS, OTHER_VIN, VIN
from tests.imports import sheets

pytestmark = pytest.mark.django_db

WIFE = {"客户名称": "王五", "手机": "13800138001", "车架号(VIN)": OTHER_VIN, "市": "重庆市"}


def again(**changed):
    return {**CUSTOMER, **changed}


def row_of(batch, number=2):
    return StagedRow.objects.get(batch=batch, row=number)


def ask(person, *rows, header=CUSTOMERS):
    """An archive with one customer, and a preview of rows that may mean them."""
    if not Customer.objects.exists():
        intake.take_in(person, CUSTOMERS, CUSTOMER)
    return intake.look(person, header, *(rows or (WIFE,)))


def say(person, batch, answer, number=2, verdict="ask"):
    return rulings.rule(batch.pk, verdict, {row_of(batch, number).pk: answer}, by=person.employee)


def write(person, batch):
    batch.refresh_from_db()
    return sheets.write(person, batch)


# ---- who is meant ---------------------------------------------------------------------------------------------------


def test_the_same_number_under_another_name_waits_for_a_person(admin_a):
    other = {**again(客户编号="K9", 客户名称="赵六", 手机="13600136000"), "车架号(VIN)": None, "车牌号": None}
    batch = ask(admin_a, WIFE, other)
    assert intake.verdicts(batch) == ["ask", "new"]
    (candidate,) = rulings.candidates(row_of(batch))
    assert candidate["text"] == "张三 · 138****8001 · K1"
    write(admin_a, batch)
    assert set(Customer.objects.values_list("name", flat=True)) == {"张三", "赵六"}
    assert batch.counts["ask"] == 1


def test_the_same_person_gets_the_name_of_the_file(admin_a):
    batch = ask(admin_a)
    say(admin_a, batch, str(Customer.objects.get().pk))
    assert row_of(batch).verdict == "changed"
    assert row_of(batch).changes["name"] == ["张三", "王五"]
    write(admin_a, batch)
    person = Customer.objects.get()
    assert (person.name, person.vehicle_roles.count()) == ("王五", 2)


def test_somebody_else_shares_the_number(admin_a):
    batch = ask(admin_a)
    say(admin_a, batch, "new")
    assert row_of(batch).verdict == "new"
    write(admin_a, batch)
    assert Customer.objects.count() == 2
    assert Phone.objects.filter(number="13800138001").count() == 2
    assert intake.verdicts(intake.look(admin_a, CUSTOMERS, WIFE)) == ["unchanged"]


def test_one_answer_for_all(admin_a):
    rows = [{**WIFE, "客户名称": name, "车架号(VIN)": None} for name in ("王五", "赵六", "钱七")]
    batch = ask(admin_a, *rows)
    assert intake.verdicts(batch)[0] == "ask"
    rulings.rule_all(batch.pk, "ask", "new", by=admin_a.employee)
    assert intake.verdicts(batch) == ["new"] * 3
    write(admin_a, batch)
    assert Customer.objects.count() == 4


def test_an_answer_that_was_not_on_offer_is_ignored(admin_a, store_b):
    from tests.factories import CustomerFactory

    batch = ask(admin_a)
    theirs = CustomerFactory(store=store_b)
    assert say(admin_a, batch, str(theirs.pk)) == 0
    assert row_of(batch).verdict == "ask"


def test_two_rows_of_one_file_may_be_one_person(admin_a):
    rows = [{"客户名称": "张三", "手机": "13800138001", "市": "重庆市"}, {"客户名称": "张三丰", "手机": "13800138001"}]
    batch = intake.look(admin_a, CUSTOMERS, *rows)
    assert intake.verdicts(batch) == ["new", "ask"]
    (candidate,) = rulings.candidates(row_of(batch, 3))
    assert (candidate["key"], candidate["row"]) == ("表!2", 2)
    batch = write(admin_a, batch)
    assert intake.verdicts(batch) == ["new", "ask"]
    say(admin_a, batch, "表!2", number=3)
    assert batch.state == BatchState.APPLIED
    write(admin_a, batch)
    assert Customer.objects.get().name == "张三丰"


def test_different_customer_numbers_are_different_customers_without_a_question(admin_a):
    batch = ask(admin_a, {**WIFE, "客户编号": "K2"})
    assert intake.verdicts(batch) == ["new"]
    assert "same_phone_other_name" in intake.codes(batch)


@pytest.mark.parametrize(
    ("header", "row", "model"),
    [
        (DELIVERIES, {**DELIVERY, "客户姓名": "王五", "联系电话": "13800138001", "车架号": OTHER_VIN}, Delivery),
        (ORDERS, {**ORDER, "VIN": OTHER_VIN, "车主": "王五", "送修人": None, "送修人电话": "13800138001"}, RepairOrder),
    ],
)
@pytest.mark.parametrize("answer", ["same", "new"])
def test_deliveries_and_orders_ask_too(admin_a, header, row, model, answer):
    batch = ask(admin_a, row, header=header)
    assert intake.verdicts(batch) == ["ask"]
    before = tables.rows()
    with pytest.raises(RuleBroken):
        sheets.write(admin_a, batch)
    assert tables.rows() == before
    say(admin_a, batch, str(Customer.objects.get().pk) if answer == "same" else "new")
    write(admin_a, batch)
    assert Customer.objects.count() == (1 if answer == "same" else 2)
    assert model.objects.get().customer.name == ("张三" if answer == "same" else "王五")


def test_answers_hold_when_the_file_is_read_again(admin_a):
    batch = ask(admin_a)
    say(admin_a, batch, "new")
    batch.refresh_from_db()
    from crm_site.imports.models import ImportBatch
    from crm_site.jobs import runner
    from crm_site.jobs.models import Job, State

    ImportBatch.objects.filter(pk=batch.pk).update(state=BatchState.READING)
    Job.objects.filter(pk=batch.stage_job_id).update(state=State.QUEUED, attempts=0)
    runner.run(batch.stage_job_id)
    assert intake.verdicts(batch) == ["new"]


def test_a_restricted_customer_is_not_shown(admin_a):
    intake.take_in(admin_a, CUSTOMERS, CUSTOMER)
    Customer.objects.update(restricted=True)
    (candidate,) = rulings.candidates(row_of(ask(admin_a)))
    assert candidate["text"] == ""


# ---- whose value stands ---------------------------------------------------------------------------------------------


def conflict(person, **said):
    intake.take_in(person, CUSTOMERS, CUSTOMER)
    Customer.objects.update(city="北京市", version=2)
    return intake.look(person, CUSTOMERS, again(**(said or {"市": "成都市"})))


def test_the_files_value_is_taken_where_a_person_says_so(admin_a):
    batch = conflict(admin_a)
    say(admin_a, batch, "file", verdict="conflict")
    assert (row_of(batch).verdict, row_of(batch).changes) == ("changed", {"city": ["北京市", "成都市"]})
    write(admin_a, batch)
    assert Customer.objects.get().city == "成都市"


def test_our_value_stays_and_is_not_asked_again(admin_a):
    batch = conflict(admin_a)
    say(admin_a, batch, "ours", verdict="conflict")
    write(admin_a, batch)
    assert Customer.objects.get().city == "北京市"
    assert intake.verdicts(intake.look(admin_a, CUSTOMERS, again(市="成都市"))) == ["unchanged"]


def test_of_a_row_in_conflict_the_other_fields_are_written(admin_a):
    batch = conflict(admin_a, 市="成都市", 区="渝北区")
    row = row_of(batch)
    assert (row.verdict, row.changes) == ("changed", {"district": [None, "渝北区"]}) or row.changes == {
        "district": ["", "渝北区"]
    }
    write(admin_a, batch)
    person = Customer.objects.get()
    assert (person.city, person.district) == ("北京市", "渝北区")
    assert intake.verdicts(intake.look(admin_a, CUSTOMERS, again(市="成都市", 区="渝北区"))) == ["conflict"]


def test_all_conflicts_at_once_also_of_rows_that_change_other_fields(admin_a):
    batch = conflict(admin_a, 市="成都市", 区="渝北区")
    rulings.rule_all(batch.pk, "conflict", "file", by=admin_a.employee)
    write(admin_a, batch)
    person = Customer.objects.get()
    assert (person.city, person.district) == ("成都市", "渝北区")


def test_employees_change_what_is_in_no_conflict(admin_a):
    from crm_site.accounts.models import Employee

    sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    Employee.objects.filter(number="E901").update(phone="13700137000")
    rows = [["E901", "李小明", "男", "售后服务部", "服务顾问", "13900139000", "2024.3.5", "在职"]]
    batch = sheets.read(admin_a, sheets.roster(rows))
    assert intake.verdicts(batch) == ["changed"]
    sheets.write(admin_a, batch)
    employee = Employee.objects.get(number="E901")
    assert (employee.name, employee.phone) == ("李小明", "13700137000")
    assert intake.verdicts(sheets.read(admin_a, sheets.roster(rows))) == ["conflict"]


# ---- what was shown is what is written ------------------------------------------------------------------------------


def test_a_row_that_would_do_something_else_now_is_flagged_and_can_be_confirmed_again(admin_a):
    intake.take_in(admin_a, CUSTOMERS, CUSTOMER)
    batch = intake.look(admin_a, CUSTOMERS, again(市="成都市"))
    Customer.objects.update(city="北京市", version=2)
    write(admin_a, batch)
    row = row_of(batch)
    assert (row.verdict, row.applied, row.changes) == ("conflict", False, {"city": ["北京市", "成都市"]})
    assert "changed_meanwhile" in intake.codes(batch)
    batch.refresh_from_db()
    assert (batch.counts["conflict"], batch.counts["changed"]) == (1, 0)
    assert Customer.objects.get().city == "北京市"
    say(admin_a, batch, "file", verdict="conflict")
    write(admin_a, batch)
    assert Customer.objects.get().city == "成都市"


def test_a_row_that_was_new_and_is_known_now_is_flagged(admin_a):
    batch = intake.look(admin_a, CUSTOMERS, again(市="成都市"))
    intake.take_in(admin_a, CUSTOMERS, CUSTOMER)
    write(admin_a, batch)
    assert "changed_meanwhile" in intake.codes(batch)
    assert Customer.objects.get().city == "重庆市"
    rulings.rule_all(batch.pk, "conflict", "file", by=admin_a.employee)
    write(admin_a, batch)
    assert Customer.objects.get().city == "成都市"


def test_what_somebody_has_entered_alike_meanwhile_is_no_question(admin_a):
    intake.take_in(admin_a, CUSTOMERS, CUSTOMER)
    batch = intake.look(admin_a, CUSTOMERS, again(市="成都市", 区="渝北区"))
    Customer.objects.update(city="成都市", version=2)
    batch = write(admin_a, batch)
    assert intake.verdicts(batch) == ["changed"]
    person = Customer.objects.get()
    assert (person.city, person.district) == ("成都市", "渝北区")


def test_earlier_rows_of_the_same_file_raise_no_flag(admin_a, monkeypatch):
    monkeypatch.setattr("crm_site.imports.staging.CHUNK", 1)
    monkeypatch.setattr("crm_site.imports.applying.CHUNK", 1)
    rows = [again(), again(**{"车架号(VIN)": OTHER_VIN, "车牌号": "渝B7Q219"})]
    batch = intake.look(admin_a, CUSTOMERS, *rows)
    assert intake.verdicts(batch) == ["new", "new"]
    batch = write(admin_a, batch)
    assert intake.verdicts(batch) == ["new", "changed"]
    assert Vehicle.objects.count() == 2
    assert batch.counts["applied"] == 2


def test_only_what_was_shown_is_written_where_an_earlier_line_spoke_for_the_customer(admin_a):
    intake.take_in(admin_a, CUSTOMERS, CUSTOMER)
    rows = [again(), again(**{"车架号(VIN)": OTHER_VIN, "车牌号": "渝B7Q219", "市": "成都市"})]
    batch = intake.look(admin_a, CUSTOMERS, *rows)
    assert "city" not in row_of(batch, 3).changes
    batch = write(admin_a, batch)
    assert (Customer.objects.get().city, Vehicle.objects.count()) == ("重庆市", 2)
    assert intake.verdicts(batch) == ["unchanged", "changed"]
    assert intake.verdicts(intake.look(admin_a, CUSTOMERS, *rows)) == ["unchanged", "unchanged"]


# ---- the pages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_asks_row_by_row(as_, admin_a, language):
    batch = ask(admin_a)
    client = as_(admin_a, language)
    shown = client.get(reverse("imports:batch", args=[batch.pk])).content.decode()
    assert f'name="row-{row_of(batch).pk}"' in shown
    assert "138****8001" in shown
    assert "13800138001" not in shown
    answer = {"verdict": "ask", f"row-{row_of(batch).pk}": "new", "row-x": "new"}
    assert client.post(reverse("imports:rule", args=[batch.pk]), answer).status_code == 302
    assert row_of(batch).verdict == "new"


def test_the_page_lets_a_conflict_be_decided(as_, admin_a):
    batch = conflict(admin_a)
    client = as_(admin_a)
    assert (
        "采用文件的值" in client.get(reverse("imports:batch", args=[batch.pk]), {"show": "conflict"}).content.decode()
    )
    client.post(reverse("imports:rule", args=[batch.pk]), {"verdict": "conflict", "all": "file"})
    assert row_of(batch).verdict == "changed"


@pytest.mark.parametrize("data", [{}, {"verdict": "new", "all": "file"}, {"verdict": "ask", "all": "file"}])
def test_nonsense_is_refused_with_a_sentence(as_, admin_a, data):
    batch = ask(admin_a)
    answer = as_(admin_a).post(reverse("imports:rule", args=[batch.pk]), data, follow=True)
    assert answer.status_code == 200
    assert row_of(batch).verdict == "ask"


def test_a_strangers_word_is_404(as_, admin_a, stranger_b):
    batch = ask(admin_a)
    assert as_(stranger_b).post(reverse("imports:rule", args=[batch.pk]), {"verdict": "ask"}).status_code == 404


def test_the_car_of_a_name_and_number_is_found_first(admin_a):
    batch = ask(admin_a, {**WIFE, "客户名称": "张三", "手机": "13700137000", "车架号(VIN)": VIN})
    assert intake.verdicts(batch) == ["changed"]
