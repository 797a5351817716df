"""The pages of classes: definitions with their effect, who moved, who leaves, who fell, whom to win back, segments."""

from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.jobs.models import Job
from customers import classed
from customers.actions.classes import set_classes
from customers.actions.segments import create_segment, retire_segment
from customers.models import ClassDefinition, Customer, Segment, YearValue
from customers.rules import definitions
from revisits import classes
from revisits.models import RevisitRule, RuleVersion
from tests.cast import make_person
from tests.factories import (
    DAY,
    NOON,
    CustomerFactory,
    MembershipFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
)

pytestmark = pytest.mark.django_db


def brings(customer, yuan, day=None):
    day = day or clock.today()
    RepairOrderFactory(
        store=customer.store, customer=customer, vehicle=VehicleFactory(store=customer.store), checked_in_on=day,
        handed_back_on=day, total_fee=Decimal(yuan),
    )  # fmt: skip
    return customer


def numbers(scheme, **changed):
    return {**definitions.shipped(scheme), **changed}


# ---- definitions -----------------------------------------------------------------------------------------------------


def test_the_effect_is_shown_before_a_definition_is_saved(as_, manager_a, store_a):
    for yuan in range(10, 110, 10):
        brings(CustomerFactory(store=store_a), yuan)
    client, url = as_(manager_a), reverse("revisits:class_definition", args=["value"])
    said = {**numbers("value", gold_percent=30), "version": 0, "go": "look"}
    page = client.post(url, said)
    assert page.context["effect"]["moved"] == 2
    assert {row["after"] for row in page.context["effect"]["rows"]} == {"金牌客户"}
    assert not ClassDefinition.objects.exists()
    saved = client.post(url, {**said, "go": "save", "looked": page.context["looked"]})
    assert saved.status_code == 302
    assert ClassDefinition.objects.get().store == store_a
    assert Job.objects.filter(kind=classes.KIND, store=store_a).exists()


def test_what_was_changed_after_looking_is_looked_at_again(as_, manager_a, store_a):
    url = reverse("revisits:class_definition", args=["value"])
    page = as_(manager_a).post(url, {**numbers("value"), "gold_percent": 9, "version": 0, "go": "save", "looked": "x"})
    assert page.context["effect"] is not None
    assert not ClassDefinition.objects.exists()


@pytest.mark.parametrize(("changed", "words"), [
    ({"gold_percent": 50, "drag_percent": 50}, "必须小于 100%"),
    ({"gold_percent": 0}, "1 到 50"),
    ({"weight_loyalty": 30}, "必须等于 100"),
])  # fmt: skip
def test_numbers_that_do_not_fit_are_refused_beside_their_field(as_, manager_a, store_a, changed, words):
    url = reverse("revisits:class_definition", args=["value"])
    page = as_(manager_a).post(url, {**numbers("value", **changed), "version": 0, "go": "look"})
    assert words in page.content.decode()
    assert not ClassDefinition.objects.exists()


def test_a_second_person_does_not_overwrite_the_first(as_, manager_a, store_a):
    ClassDefinition.objects.create(store=store_a, scheme="value", numbers={}, changed_at=NOON, version=3)
    said = numbers("value", gold_percent=9)
    looked = "-".join(map(str, said.values()))
    page = as_(manager_a).post(
        reverse("revisits:class_definition", args=["value"]), {**said, "version": 2, "go": "save", "looked": looked}
    )
    assert "刚刚被他人修改" in page.content.decode()
    assert ClassDefinition.objects.get().version == 3


def test_the_company_is_set_by_an_admin_of_every_store_alone(as_, admin_a, store_a, store_b):
    url = f"{reverse('revisits:class_definition', args=['loyalty'])}?store=company"
    assert as_(admin_a).get(url).status_code == 404
    both = make_person(store_a, "admin", "信息员")
    MembershipFactory(user=both.user, store=store_b, role="admin")
    said = numbers("loyalty", lost_months=18)
    looked = "-".join(map(str, said.values()))
    saved = as_(both).post(url, {**said, "version": 0, "go": "save", "looked": looked})
    assert saved.status_code == 302
    assert ClassDefinition.objects.get().store is None
    assert {job.store_id for job in Job.objects.filter(kind=classes.KIND)} == {store_a.pk, store_b.pk}


def test_a_director_reads_the_definitions_and_changes_none(as_, director_a, store_a):
    client = as_(director_a)
    page = client.get(reverse("customers:classes"))
    assert page.status_code == 200
    assert "立即重算" not in page.content.decode()
    assert client.get(reverse("revisits:class_definition", args=["value"])).status_code == 403
    assert client.post(reverse("revisits:classes_now")).status_code == 403


# ---- who moved, who leaves -------------------------------------------------------------------------------------------


def test_moves_of_a_month_stand_in_a_table_and_open_their_list(as_, manager_a, store_a, store_b):
    mine, other = CustomerFactory(store=store_a), CustomerFactory(store=store_b)
    set_classes(store_a.pk, "lifecycle", {mine.pk: ("active", "comes")}, on=DAY - timedelta(days=40))
    set_classes(store_a.pk, "lifecycle", {mine.pk: ("lost", "not_seen")}, on=DAY)
    set_classes(store_b.pk, "lifecycle", {other.pk: ("lost", "not_seen")}, on=DAY)
    client, url = as_(manager_a), reverse("customers:class_moves")
    page = client.get(url, {"scheme": "lifecycle", "month": f"{DAY:%Y-%m}"})
    assert page.context["total"] == 1
    assert [line["change"].customer for line in page.context["lines"]] == [mine]
    cell = next(cell for row in page.context["matrix"] for cell in row["cells"] if cell["url"])
    assert [line["change"].customer for line in client.get(cell["url"]).context["lines"]] == [mine]
    assert not client.get(url, {"scheme": "lifecycle", "month": "2026-07"}).context["lines"]


def test_at_risk_and_lost_stand_with_why_and_filter_by_it(as_, manager_a, store_a, store_b):
    told = CustomerFactory(store=store_a, defection_type="price", defection_reason="fees", defection_told_on=DAY)
    silent, other = CustomerFactory(store=store_a), CustomerFactory(store=store_b)
    for customer in (told, silent, other):
        set_classes(customer.store_id, "lifecycle", {customer.pk: ("at_risk", "seldom")}, on=DAY)
    client, url = as_(manager_a), reverse("customers:leaving")

    def shown(**query):
        return {line["customer"] for line in client.get(url, query).context["lines"]}

    assert shown() == {told, silent}
    assert shown(why="price") == {told}
    assert shown(why="-") == {silent}
    assert shown(stage="lost") == set()
    assert "工时/配件贵" in client.get(url).content.decode()


def test_the_lists_show_no_full_number(as_, manager_a, store_a):
    customer = CustomerFactory(store=store_a)
    PhoneFactory(customer=customer, number="13812345678")
    set_classes(store_a.pk, "lifecycle", {customer.pk: ("at_risk", "seldom")}, on=DAY)
    page = as_(manager_a).get(reverse("customers:leaving")).content.decode()
    assert "138****5678" in page
    assert "13812345678" not in page


def test_the_reason_is_corrected_on_the_card_by_whoever_may_edit_it(as_, manager_a, director_a, store_a):
    customer = CustomerFactory(store=store_a)
    url = reverse("customers:defection", args=[customer.pk])
    assert as_(director_a).get(url).status_code == 403
    assert as_(manager_a).post(url, {"reason": "moved"}).status_code == 422  # says no day
    as_(manager_a).post(url, {"reason": "moved", "kind": "price", "told_on": str(DAY - timedelta(days=900))})
    customer.refresh_from_db()
    assert (customer.defection_type, customer.defection_reason) == ("own", "moved")


def test_important_customers_lost_within_two_years_are_to_be_won_back(manager_a, store_a):
    today = DAY
    cases = {
        "gold": ("gold", "lost", 100), "a_class": ("a", "lost", 100), "b_class": ("b", "lost", 100),
        "long_ago": ("gold", "lost", 800), "at_risk": ("gold", "at_risk", 100),
    }  # fmt: skip
    made = {}
    for name, (value, stage, ago) in cases.items():
        made[name] = CustomerFactory(
            store=store_a, lifecycle=stage, lifecycle_since=today - timedelta(days=ago), name=name
        )
        YearValue.objects.create(
            store=store_a, customer=made[name], year=today.year - 1, amount=10, visits=1, value_class=value
        )
    rows = classed.lost_important(manager_a.user, store_a.pk, today)
    assert set(rows) == {made["gold"], made["a_class"]}
    assert {row.best for row in classed.with_best(rows, today)} == {Decimal(10)}


def test_who_fell_is_measured_by_the_same_day_of_last_year(manager_a, store_a, store_b):
    before, now = date(DAY.year - 1, 3, 1), date(DAY.year, 3, 1)
    fell, rose, late = (CustomerFactory(store=store_a, name=name) for name in ("fell", "rose", "late"))
    brings(brings(fell, 1000, before), 300, now)
    brings(brings(rose, 500, before), 600, now)
    brings(brings(late, 900, date(DAY.year - 1, 12, 1)), 10, now)  # nothing by this day of last year
    foreign = brings(CustomerFactory(store=store_b), 5000, before)
    for store in (store_a, store_b):
        ids = list(Customer.objects.filter(store=store).values_list("pk", flat=True))
        classes.reckon(classes.Basis.of(store.pk, DAY), ids, [DAY.year - 1, DAY.year])
    found = classed.fallen(manager_a.user, store_a.pk, DAY, 100, 30)
    assert foreign not in [one.customer for one in found]
    assert [(one.customer, one.place_then, one.place_now, one.change) for one in found] == [(fell, 1, 2, -70)]
    assert classed.fallen(manager_a.user, store_a.pk, DAY, 100, 80) == []


# ---- segments --------------------------------------------------------------------------------------------------------


def segment(store, by, name="金牌", query="value=gold"):
    return create_segment(store.pk, name=name, query=query, by=by, now=NOON)


@pytest.mark.parametrize(("query", "code"), [
    ("", "empty"), ("page=3", "empty"), ("value=nonsense", "odd"), ("segment=1", "nested"),
])  # fmt: skip
def test_a_segment_needs_filters_that_mean_something(store_a, manager_a, query, code):
    with pytest.raises(RuleBroken) as refused:
        segment(store_a, manager_a.employee, query=query)
    assert refused.value.code == code


def test_a_name_is_taken_once_a_store_until_it_is_retired(store_a, manager_a, store_b, stranger_b):
    first = segment(store_a, manager_a.employee)
    segment(store_b, stranger_b.employee)
    with pytest.raises(RuleBroken):
        segment(store_a, manager_a.employee)
    retire_segment(first.pk, by=manager_a.employee, on=DAY)
    segment(store_a, manager_a.employee)


def test_a_segment_is_made_from_the_filters_of_the_list_and_counted(as_, manager_a, store_a, store_b):
    CustomerFactory(store=store_a, value_class="gold")
    CustomerFactory(store=store_a, value_class="a")
    CustomerFactory(store=store_b, value_class="gold")
    client = as_(manager_a)
    page = client.get(reverse("customers:segment_new"), {"value": "gold"})
    assert str(page.context["count"]) == "1"
    client.post(reverse("customers:segment_new"), {"name": "金牌客户", "query": page.context["form"]["query"].value()})
    made = Segment.objects.get()
    assert (made.store, made.query) == (store_a, "value=gold")
    assert "金牌客户" in client.get(reverse("customers:segments")).content.decode()
    assert client.get(reverse("customers:segment_count", args=[made.pk])).content.decode().strip().endswith("1</span>")


def test_too_many_filters_for_a_segment_are_said_and_the_name_is_kept(as_, manager_a):
    query = urlencode({"series": ",".join(f"加长版车系{number}" for number in range(20))})
    page = as_(manager_a).post(f"{reverse('customers:segment_new')}?{query}", {"name": "长名单", "query": query})
    assert page.status_code == 422
    assert "筛选条件" in "".join(page.context["form"].non_field_errors())
    assert page.context["form"]["name"].value() == "长名单"
    assert not Segment.objects.exists()


def test_a_retired_segment_is_neither_counted_nor_opened(as_, store_a, manager_a):
    made = segment(store_a, manager_a.employee)
    retire_segment(made.pk, by=manager_a.employee, on=DAY)
    page = as_(manager_a).get(reverse("customers:segments"), {"state": "retired"}).content.decode()
    assert made.name in page
    assert reverse("customers:segment_count", args=[made.pk]) not in page
    assert f"segment={made.pk}" not in page


def test_a_segment_that_a_rule_asks_for_is_not_retired(as_, store_a, manager_a):
    made = segment(store_a, manager_a.employee)
    RuleVersion.objects.filter(rule__code="SVC_D3").update(conditions={"segment": {"id": made.pk, "is_in": True}})
    page = as_(manager_a).post(reverse("customers:segment_retire", args=[made.pk]), follow=True).content.decode()
    assert RevisitRule.objects.get(code="SVC_D3").label in page
    made.refresh_from_db()
    assert made.retired_on is None
    RuleVersion.objects.filter(rule__code="SVC_D3").update(conditions={})
    as_(manager_a).post(reverse("customers:segment_retire", args=[made.pk]))
    made.refresh_from_db()
    assert made.retired_on == clock.today()


# ---- queries ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["customers:leaving", "customers:winback", "customers:class_moves",
                                  "customers:fallen", "customers:segments", "revisits:screening"])  # fmt: skip
def test_the_number_of_queries_does_not_grow_with_rows(
    as_, manager_a, store_a, name, django_assert_max_num_queries, monkeypatch
):
    monkeypatch.setattr("crm_site.core.clock.today", lambda: DAY)
    client = as_(manager_a)

    def fill(count):
        for _each in range(count):
            customer = CustomerFactory(store=store_a, value_class="gold")
            PhoneFactory(customer=customer)
            number = customer.pk
            set_classes(store_a.pk, "lifecycle", {customer.pk: ("at_risk", "seldom")}, on=DAY)
            set_classes(store_a.pk, "value", {customer.pk: ("a", "points", Decimal(5), "high")}, on=DAY)
            brings(customer, 1000, date(DAY.year - 1, 3, 1))
            for year in (DAY.year - 1, DAY.year):
                YearValue.objects.create(
                    store=store_a, customer=customer, year=year, amount=1000, visits=2, value_class="gold"
                )
            segment(store_a, manager_a.employee, name=f"客群{number}")
        Customer.objects.update(lifecycle="at_risk" if name == "customers:leaving" else "lost")

    fill(3)
    client.get(reverse(name))
    with django_assert_max_num_queries(60) as few:
        client.get(reverse(name))
    fill(27)
    with django_assert_max_num_queries(len(few)):
        client.get(reverse(name))
