"""The log of looks names who, what, when and why; looks without a task are told; rules are set and kept apart."""

import pytest
from django.urls import reverse

from crm_site.accounts import data_rules
from crm_site.accounts.models import DataRules, Membership, Role
from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.notices.models import Notice
from crm_site.privacy import watching
from crm_site.privacy.queries.looks import strangers_on
from customers.actions import reveals
from customers.models import Reveal
from customers.rules.looks import STRANGERS_TOLD_FROM
from customers.sight import SHIPPED, Sight
from revisits import actions as revisits
from tests.factories import DAY, NOON, ComplaintFactory, CustomerFactory, EmployeeFactory, PhoneFactory
from tests.revisits.conftest import make_task

pytestmark = pytest.mark.django_db

LOOKS, RULES = reverse("privacy:looks"), reverse("privacy:rules")


def look(customer, by, fact="address", **changed):
    values = {"reason": "send", "by": by, "now": NOON, "today": DAY, **changed}
    return reveals.reveal(customer.pk, fact, **values)


def customers(store, count):
    return CustomerFactory.create_batch(count, store=store, address="渝北区龙溪街道8号")


def text(answer):
    return answer.content.decode()


# ---- the log --------------------------------------------------------------------------------------------------------


def test_the_log_names_who_looked_at_what_and_why_but_not_the_fact(as_, manager_a, specialist_a, store_a):
    customer = customers(store_a, 1)[0]
    look(customer, specialist_a.employee, reason="other", note="客户留言 13812345678")
    page = text(as_(manager_a).get(LOOKS))
    for word in (specialist_a.user.name, customer.name, "地址", "其他", "138****5678", "无任务"):
        assert word in page
    assert "13812345678" not in page
    assert customer.address not in page


def test_a_claimed_call_stands_in_the_log_as_a_task(as_, manager_a, specialist_a, store_a):
    task = make_task(store_a)
    task.phone = PhoneFactory(customer=task.customer)
    task.save(update_fields=["phone"])
    now = clock.now()
    revisits.claim(task.pk, specialist_a.employee, "specialist", now=now, today=clock.business_day(now))
    row = Reveal.objects.get(fact=task.phone.fact)
    assert (row.reason, row.counts, row.customer) == ("call", False, task.customer)
    page = text(as_(manager_a).get(LOOKS))
    assert "领取回访任务" in page
    assert "无任务" not in page.partition("<tbody")[2]


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", 2), ("employee={one}", 1), ("fact=email", 1), ("reason=dial", 0), ("since=2026-09-17", 0), ("task=none", 2)],
)
def test_the_log_can_be_narrowed(as_, manager_a, specialist_a, store_a, query, expected):
    one, other = customers(store_a, 2)
    other.email = "a@example.com"
    other.save(update_fields=["email"])
    look(one, specialist_a.employee)
    look(other, manager_a.employee, "email")
    answer = as_(manager_a).get(f"{LOOKS}?{query.format(one=specialist_a.employee.pk)}")
    assert len(answer.context.get("rows") or []) == expected


@pytest.mark.parametrize(
    "query", ["employee=x", "since=13-99", "fact=%00x"[:6], "reason=1", "cursor=n999", "customer=²"]
)
def test_a_filter_that_is_not_understood_does_no_harm(as_, manager_a, query):
    assert as_(manager_a).get(f"{LOOKS}?{query}").status_code == 200


def test_the_log_adds_up_by_person_and_day(as_, manager_a, specialist_a, store_a):
    one, other = customers(store_a, 2)
    for customer in (one, other, one):
        look(customer, specialist_a.employee)
    (row,) = as_(manager_a).get(f"{LOOKS}?by=day").context["days"]
    assert (row["looks"], row["customers"], row["calls"], row["day"]) == (3, 2, 0, DAY)


def test_looks_of_another_store_and_of_restricted_cards_stay_closed(as_, manager_a, store_b, specialist_b):
    look(customers(store_b, 1)[0], specialist_b.employee)
    Membership.objects.create(user=manager_a.user, store=store_b, role=Role.SPECIALIST)
    assert not as_(manager_a).get(LOOKS).context["rows"], "the log is read where one is manager only"


def test_a_card_shows_its_looks_to_whoever_reads_the_log(as_, manager_a, specialist_a, store_a):
    customer = customers(store_a, 1)[0]
    look(customer, specialist_a.employee)
    card = reverse("customers:card", args=[customer.pk])
    assert "谁查看过" in text(as_(manager_a).get(card))
    assert "谁查看过" not in text(as_(specialist_a).get(card))


def test_the_log_asks_as_many_questions_for_thirty_rows_as_for_three(
    as_, manager_a, specialist_a, store_a, django_assert_max_num_queries
):
    client = as_(manager_a)

    def questions() -> int:
        with django_assert_max_num_queries(60) as asked:
            client.get(LOOKS)
        return len(asked)

    for customer in customers(store_a, 3):
        look(customer, specialist_a.employee)
    few = questions()
    DataRules.objects.create(store=store_a, reveals_a_day=100, reveals_told_from=100)
    for customer in customers(store_a, 27):
        look(customer, specialist_a.employee)
    assert questions() == few


# ---- what is told ---------------------------------------------------------------------------------------------------


def test_looks_at_strangers_are_told_once_a_day_and_tasks_are_no_strangers(specialist_a, manager_a, admin_a, store_a):
    by, known = specialist_a.employee, customers(store_a, 2)
    ComplaintFactory(store=store_a, customer=known[0], handler=by)
    make_task(store_a, customer=known[1], assigned_to=by)
    for customer in [*known, *customers(store_a, STRANGERS_TOLD_FROM - 1)]:
        look(customer, by)
    assert strangers_on(DAY) == {by.pk: STRANGERS_TOLD_FROM - 1}
    assert watching.watch(DAY) == 0
    look(customers(store_a, 1)[0], by)
    assert [watching.watch(DAY), watching.watch(DAY)] == [1, 1]
    told = Notice.objects.filter(code="looks.strangers").values_list("user", flat=True)
    assert sorted(told) == sorted([manager_a.user.pk, admin_a.user.pk])


# ---- the rules ------------------------------------------------------------------------------------------------------


def sent(form, **changed):
    values = {field.html_name: field.value() for field in form.number_fields + form.fact_fields}
    return {**values, "version": form["version"].value(), **changed}


def test_a_store_sets_its_own_rules_and_may_go_back(as_, admin_a, specialist_a, store_a, store_b):
    client = as_(admin_a)
    form = client.get(RULES).context["form"]
    assert client.post(RULES, sent(form, reveals_a_day=5, seen_phone=["specialist"])).status_code == 302
    assert data_rules.of_store(store_a.pk).reveals_a_day == 5
    assert data_rules.of_store(store_b.pk).reveals_a_day == DataRules().reveals_a_day
    assert Sight.of(specialist_a.user, store_a.pk).shows("phone")
    entry = Entry.objects.get(action="data_rules.changed")
    assert (entry.store_id, entry.detail["reveals_a_day"]) == (store_a.pk, [30, 5])
    client.post(RULES, {"reset": "1"})
    assert not DataRules.objects.exists()
    assert Entry.objects.filter(action="data_rules.reset").exists()


def test_nobody_is_a_choice_as_well_and_holds(as_, admin_a, manager_a, store_a):
    client = as_(admin_a)
    form = client.get(RULES).context["form"]
    client.post(RULES, sent(form, seen_address=[]))
    assert not Sight.of(manager_a.user, store_a.pk).shows("address")


def test_an_outdated_page_changes_nothing_and_keeps_what_was_typed(as_, admin_a, store_a):
    client = as_(admin_a)
    form = client.get(RULES).context["form"]
    client.post(RULES, sent(form, reveals_a_day=5))
    answer = client.post(RULES, sent(form, reveals_a_day=7))
    assert answer.status_code == 422
    assert 'value="7"' in text(answer)
    assert data_rules.of_store(store_a.pk).reveals_a_day == 5


def test_the_companys_rules_are_set_by_an_administrator_of_every_store(as_, admin_a, store_a, store_b):
    client = as_(admin_a)
    assert client.get(f"{RULES}?store=company").status_code == 404
    Membership.objects.create(user=admin_a.user, store=store_b, role=Role.ADMIN)
    EmployeeFactory(store=store_b, user=admin_a.user)
    client = as_(admin_a)
    form = client.get(f"{RULES}?store=company").context["form"]
    client.post(f"{RULES}?store=company", sent(form, reveals_a_day=9))
    assert {data_rules.of_store(store.pk).reveals_a_day for store in (store_a, store_b)} == {9}


def test_less_than_the_law_asks_is_refused(as_, admin_a):
    client = as_(admin_a)
    form = client.get(RULES).context["form"]
    assert client.post(RULES, sent(form, archive_years=5)).status_code == 422
    assert not DataRules.objects.exists()


def test_a_store_that_is_not_mine_has_no_rules_for_me(as_, admin_a, store_b):
    assert as_(admin_a).get(f"{RULES}?store={store_b.pk}").status_code == 404


# ---- who sees what ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_numbers_and_identities_are_hidden_from_every_role_as_shipped(role):
    assert not {fact for fact in ("phone", "identity_no", "vin") if role in SHIPPED[fact]}


def test_sight_fails_closed():
    for nobody in (Sight(), Sight.of(None, 1)):
        assert nobody.value("phone", "13800138000") == "138****8000"
        assert nobody.value("something", "new") == "****"
        assert not nobody.may_reveal
