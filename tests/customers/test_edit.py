"""Editing a card: what is asked, what is refused, and that nothing typed is lost."""

import pytest
from django.urls import reverse

from crm_site.audit.models import Entry
from customers import profile
from customers.actions import numbers
from customers.actions import profile as acts
from customers.models import ProfileField
from tests.customers.test_pages import sent
from tests.factories import DAY, ContactFactory, CustomerFactory, PhoneFactory

pytestmark = pytest.mark.django_db
FOUND, INVALID = 302, 422


@pytest.fixture
def zhou(store_a):
    return CustomerFactory(store=store_a, name="周晓岚", city="重庆市", address="金开大道 88 号")


@pytest.fixture
def firm(store_a):
    return CustomerFactory(store=store_a, name="渝安物流有限公司", customer_type="org")


def address(customer):
    return reverse("customers:edit", args=[customer.pk])


def form_of(client, customer):
    return client.get(address(customer)).context["form"]


def own(customer):
    return profile.values_of([customer.pk]).get(customer.pk, {})


def switch(code, **values):
    ProfileField.objects.filter(code=code, store=None).update(**values)


def test_columns_and_own_facts_are_saved_in_one_step_with_one_entry(as_, specialist_a, zhou):
    client = as_(specialist_a)
    values = sent(form_of(client, zhou), city="成都市", fact_cars_bought="1,200", fact_cares_for="safety")
    assert client.post(address(zhou), values).status_code == FOUND
    zhou.refresh_from_db()
    assert (zhou.city, own(zhou)) == ("成都市", {"cars_bought": "1200", "cares_for": "safety"})
    entry = Entry.objects.get(action="customer.changed", subject_id=zhou.pk)
    assert set(entry.detail["fields"]) == {"city", "cars_bought", "cares_for"}


def test_the_trail_holds_no_value(as_, specialist_a, zhou):
    client = as_(specialist_a)
    client.post(address(zhou), sent(form_of(client, zhou), fact_pets="两只布偶猫"))
    assert "布偶" not in str(Entry.objects.filter(subject_id=zhou.pk).values_list("detail", flat=True))


@pytest.mark.parametrize(
    ("field", "typed", "word"),
    [
        ("fact_cars_bought", "三", "请填写数字"),
        ("birthday", "下个月", "这不是日期"),
        ("fact_cares_for", "luck", "选项"),
        ("fact_business_use", "maybe", "选项"),
    ],
)
def test_bad_input_is_told_at_its_field_and_the_rest_is_kept(as_, specialist_a, zhou, field, typed, word):
    client = as_(specialist_a)
    answer = client.post(address(zhou), sent(form_of(client, zhou), **{field: typed, "fact_pets": "两只猫"}))
    assert answer.status_code == INVALID
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert form["fact_pets"].value() == "两只猫"
    assert own(zhou) == {}


def test_a_fact_that_is_switched_off_is_neither_shown_nor_taken(as_, specialist_a, zhou):
    switch("hobbies", is_on=False)
    client = as_(specialist_a)
    form = form_of(client, zhou)
    assert "hobbies" not in form.fields
    assert "fact_children" not in form.fields
    client.post(address(zhou), sent(form, hobbies="钓鱼", fact_children="两个女儿"))
    zhou.refresh_from_db()
    assert (zhou.hobbies, own(zhou)) == ("", {})


def test_an_intimate_fact_that_is_switched_on_is_asked(as_, specialist_a, zhou):
    switch("children", is_on=True)
    client = as_(specialist_a)
    client.post(address(zhou), sent(form_of(client, zhou), fact_children="两个女儿"))
    assert own(zhou) == {"children": "两个女儿"}


def test_an_enterprise_is_asked_its_own_groups(as_, specialist_a, firm):
    form = form_of(as_(specialist_a), firm)
    assert {"fact_org_size", "fact_org_leader_name", "industry"} <= set(form.fields)
    assert not {"birthday", "hobbies", "fact_pets"} & set(form.fields)
    assert [section["title"] for section in form.sections()] == [
        "档案", "基本信息", "客户特征", "业务状况", "交易情况", "负责人", "备注",
    ]  # fmt: skip


def test_a_group_in_which_nothing_stands_is_folded(as_, specialist_a, zhou):
    acts.set_values(zhou.pk, {"pets": "两只猫"}, {}, specialist_a.employee)
    folded = {s["title"]: not s["is_open"] for s in form_of(as_(specialist_a), zhou).sections()}
    assert (folded["生活"], folded["教育"], folded["基本"]) == (False, True, False)


def test_what_a_role_sees_masked_is_not_in_the_form_and_is_kept(as_, admin_a, zhou):
    client = as_(admin_a)
    page = client.get(address(zhou))
    assert "金开大道 88 号" not in page.content.decode()
    client.post(address(zhou), sent(page.context["form"], city="成都市"))
    zhou.refresh_from_db()
    assert (zhou.city, zhou.address) == ("成都市", "金开大道 88 号")


def test_what_a_role_sees_masked_can_be_written_anew(as_, admin_a, zhou):
    client = as_(admin_a)
    assert client.post(address(zhou), sent(form_of(client, zhou), address="星光大道 1 号")).status_code == FOUND
    zhou.refresh_from_db()
    assert zhou.address == "星光大道 1 号"


def test_two_editors_of_one_own_fact_see_both_values(as_, specialist_a, manager_a, zhou):
    first, second = as_(specialist_a), as_(manager_a)
    mine, theirs = form_of(first, zhou), form_of(second, zhou)
    first.post(address(zhou), sent(mine, fact_pets="猫"))
    refused = second.post(address(zhou), sent(theirs, fact_pets="狗", city="成都市"))
    assert refused.status_code == INVALID
    form = refused.context["form"]
    assert "猫" in str(form.errors["fact_pets"])
    assert (form["fact_pets"].value(), form["city"].value()) == ("狗", "成都市")
    zhou.refresh_from_db()
    assert zhou.city == "重庆市"
    assert second.post(address(zhou), sent(form)).status_code == FOUND
    zhou.refresh_from_db()
    assert (own(zhou), zhou.city) == ({"pets": "狗"}, "成都市")


def test_overlaps_of_columns_and_own_facts_are_told_together(as_, specialist_a, manager_a, zhou):
    first, second = as_(specialist_a), as_(manager_a)
    mine, theirs = form_of(first, zhou), form_of(second, zhou)
    first.post(address(zhou), sent(mine, fact_pets="猫", city="成都市"))
    refused = second.post(address(zhou), sent(theirs, fact_pets="狗", city="北京市"))
    assert {"fact_pets", "city"} <= set(refused.context["form"].errors)


def test_saving_again_keeps_what_somebody_else_wrote_in_other_fields(as_, specialist_a, manager_a, zhou):
    first, second = as_(specialist_a), as_(manager_a)
    mine, theirs = form_of(first, zhou), form_of(second, zhou)
    first.post(address(zhou), sent(mine, city="成都市", employer="渝安物流", fact_pets="猫"))
    refused = second.post(address(zhou), sent(theirs, city="北京市"))
    form = refused.context["form"]
    assert (form["city"].value(), form["employer"].value(), form["fact_pets"].value()) == ("北京市", "渝安物流", "猫")
    assert second.post(address(zhou), sent(form)).status_code == FOUND
    zhou.refresh_from_db()
    assert (zhou.city, zhou.employer, own(zhou)) == ("北京市", "渝安物流", {"pets": "猫"})


# ---- contacts and numbers --------------------------------------------------------------------------------------------


@pytest.fixture
def wang(zhou):
    return ContactFactory(customer=zhou, name="王师傅", identity="driver")


@pytest.fixture
def number(zhou):
    return PhoneFactory(customer=zhou, number="13800138001", rank=2)


def two_at(as_, specialist_a, manager_a, row):
    """Two people with the same page open: for each, how they save it."""

    def opened(client):
        form = client.get(page).context["form"]
        return lambda **changed: client.post(page, sent(form, **changed))

    page = reverse(f"customers:{row._meta.model_name}", args=[row.pk])
    return opened(as_(specialist_a)), opened(as_(manager_a)), lambda form: as_(manager_a).post(page, sent(form))


def test_a_contact_who_left_stays_gone_when_somebody_saves_another_fact(as_, specialist_a, manager_a, wang):
    first, second, _again = two_at(as_, specialist_a, manager_a, wang)
    assert first(left_on=DAY.isoformat(), birthday="1980-05-01").status_code == FOUND
    assert second(title="车队主管").status_code == FOUND
    wang.refresh_from_db()
    assert (wang.left_on, str(wang.birthday), wang.title) == (DAY, "1980-05-01", "车队主管")


def test_two_editors_of_one_fact_of_a_contact_see_both_values(as_, specialist_a, manager_a, wang):
    first, second, again = two_at(as_, specialist_a, manager_a, wang)
    first(identity="fleet")
    refused = second(identity="finance", title="出纳")
    assert refused.status_code == INVALID
    form = refused.context["form"]
    assert "车队负责人" in str(form.errors["identity"])
    assert (form["identity"].value(), form["title"].value()) == ("finance", "出纳")
    wang.refresh_from_db()
    assert (wang.identity, wang.title) == ("fleet", "")
    assert again(form).status_code == FOUND
    wang.refresh_from_db()
    assert (wang.identity, wang.title) == ("finance", "出纳")


def test_a_number_keeps_whose_it_is_when_somebody_saves_its_kind(as_, specialist_a, manager_a, wang, number):
    first, second, _again = two_at(as_, specialist_a, manager_a, number)
    first(contact=wang.pk)
    assert second(kind="work").status_code == FOUND
    number.refresh_from_db()
    assert (number.contact, number.kind) == (wang, "work")


def test_two_editors_of_one_number_see_both_values_masked(as_, specialist_a, manager_a, zhou, wang, number):
    other = ContactFactory(customer=zhou, name="李师傅")
    first, second, again = two_at(as_, specialist_a, manager_a, number)
    first(number="13900139002", contact=other.pk)
    refused = second(number="13700137003", contact=wang.pk)
    assert refused.status_code == INVALID
    form = refused.context["form"]
    assert "139****9002" in str(form.errors["number"])
    assert "李师傅" in str(form.errors["contact"])
    assert "13900139002" not in refused.content.decode()
    assert again(form).status_code == FOUND
    number.refresh_from_db()
    assert (number.number, number.contact) == ("13700137003", wang)


def test_a_number_that_gave_way_meanwhile_does_not_come_first_again(as_, specialist_a, manager_a, zhou, number):
    now_first = PhoneFactory(customer=zhou, number="13800138002", rank=1)
    _first, second, _again = two_at(as_, specialist_a, manager_a, now_first)
    numbers.edit_phone(number.pk, values={}, seen={}, first=True, by=specialist_a.employee)
    assert second(kind="work").status_code == FOUND
    assert [phone.pk for phone in zhou.phones.dialable()] == [number.pk, now_first.pk]
