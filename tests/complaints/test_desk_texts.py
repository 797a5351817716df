"""The desk's texts: filled in, masked where they leave the house, and written by each store for itself."""

import uuid

import pytest
from django.urls import reverse

from complaints import texts
from complaints.actions import wording_texts
from complaints.models import Text
from complaints.rules import texts as rules
from crm_site.audit.models import Entry
from crm_site.core.errors import RuleBroken
from customers.models import Reveal
from tests.complaints.story import open_ticket
from tests.factories import CustomerFactory, PhoneFactory, VehicleFactory

VIN = "LSVAA4182E2384217"


@pytest.mark.parametrize(
    ("text", "facts", "filled"),
    [
        ("编号 {number}。", {"number": "TS-1"}, "编号 TS-1。"),
        ("a\n热线 {hotline}\nb", {"hotline": ""}, "a\nb"),
        ("{a} {b}", {"a": "", "b": "x"}, " x"),
        ("{unknown}", {}, "{unknown}"),
        ("{number.__class__} {0} {{x}}", {"number": "1"}, "{number.__class__} {0} {{x}}"),
        ("{a}", {"a": "{b}", "b": "secret"}, "{b}"),
    ],
)
def test_variables_are_replaced_and_nothing_is_evaluated(text, facts, filled):
    assert rules.fill(text, facts) == filled


@pytest.mark.parametrize(
    ("words", "masked"),
    [
        ("打我13800138000", "打我138****8000"),
        ("打 138 0013 8000 或 139-0013-9000", "打 138****8000 或 139****9000"),
        (f"车架号{VIN}。", "车架号…384217。"),
        ("订单 202611180012345", "订单 202611180012345"),
        ("花了1380元", "花了1380元"),
    ],
)
def test_numbers_in_words_are_masked(words, masked):
    assert rules.masked(words) == masked


@pytest.mark.parametrize(
    ("name", "salutation", "shown"),
    [("张晓梅", "女士", "张女士"), ("张晓梅", "", "张**"), ("王一", "", "王*"), ("", "", "")],
)
def test_a_customer_outside_is_a_surname(name, salutation, shown):
    assert rules.masked_name(name, salutation) == shown


@pytest.fixture
def ticket(specialist_a):
    customer = CustomerFactory(store=specialist_a.store, name="仇雨桐", salutation="女士")
    PhoneFactory(customer=customer, number="13800138000")
    car = VehicleFactory(store=specialist_a.store, plate_no="渝A12345", vin=VIN)
    words = "高速上刹车失灵，马上回我13900139000"
    return open_ticket(specialist_a, customer=customer, vehicle=car, words=words, submission=uuid.uuid4())


def shown(client, ticket) -> dict[str, str]:
    page = client.get(reverse("complaints:texts", args=[ticket.pk]))
    return {one.code: one.text for one in page.context["ready"]}


def test_what_leaves_the_house_is_masked(as_, specialist_a, ticket):
    found = shown(as_(specialist_a), ticket)
    assert set(found) == {"acknowledge", "dispatch", "manufacturer"}
    assert "仇雨桐女士" in found["acknowledge"]
    assert ticket.number in found["acknowledge"]
    dispatch = found["dispatch"]
    for secret in ("仇雨桐", "13800138000", "13900139000", "渝A12345", VIN):
        assert secret not in dispatch
    assert f"/complaints/{ticket.pk}/" in dispatch
    assert VIN[-6:] in found["manufacturer"]
    assert "仇雨桐" not in found["manufacturer"]


def whole(client, ticket) -> bool:
    """Whether the report to the manufacturer says the whole VIN to who asks for it."""
    answer = client.post(reverse("complaints:texts", args=[ticket.pk]))
    return any(VIN in one.text for one in answer.context["ready"])


@pytest.mark.parametrize("is_known", [True, False])
def test_the_whole_vin_is_written_down_and_for_who_may_look_at_hidden_facts(as_, frontline_a, specialist_a, is_known):
    store = frontline_a.store
    facts = {"customer": CustomerFactory(store=store), "vehicle": VehicleFactory(store=store, vin=VIN)}
    ticket = open_ticket(
        frontline_a, **(facts if is_known else {"vin": VIN}), words="刹车失灵", submission=uuid.uuid4()
    )
    page = as_(specialist_a).get(reverse("complaints:texts", args=[ticket.pk]))
    assert VIN not in page.content.decode()
    assert "显示完整车架号" in page.content.decode()
    assert not whole(as_(frontline_a), ticket)
    assert not looks()
    assert whole(as_(specialist_a), ticket)
    assert looks() == [specialist_a.employee.pk]
    assert Reveal.objects.filter(counts=False).count() == is_known


def looks() -> list[int]:
    """Who had a whole VIN shown, by the trail."""
    shown = Entry.objects.filter(action__in=["customer.revealed", "complaint.vin_revealed"])
    return list(shown.values_list("actor_id", flat=True))


def test_only_l4_has_a_report_to_the_manufacturer(as_, specialist_a):
    assert "manufacturer" not in shown(as_(specialist_a), open_ticket(specialist_a, words="等太久"))


def test_the_texts_speak_the_readers_language(as_, specialist_a, ticket):
    assert "is registered under number" in shown(as_(specialist_a, "en"), ticket)["acknowledge"]


SETTINGS = reverse("complaints:settings_text", args=["acknowledge"])


def save(client, **given):
    form = client.get(SETTINGS).context["form"]
    values = {name: form[name].value() for name in ("seen", "text_zh", "text_en")}
    return client.post(SETTINGS, values | given)


def test_a_stores_own_text_replaces_the_companys_and_goes_back(as_, manager_a, stranger_b, specialist_a, ticket):
    client = as_(manager_a)
    assert save(client, text_zh="收到，编号 {number}").status_code == 302
    assert shown(as_(specialist_a), ticket)["acknowledge"] == f"收到，编号 {ticket.number}"
    assert "收到" not in texts.in_force(stranger_b.store.pk)["acknowledge"].text_zh
    client.post(SETTINGS, {"reset": "1"})
    assert not Text.objects.filter(store=manager_a.store).exists()
    actions = Entry.objects.filter(action__startswith="complaint.text_").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["complaint.text_saved", "complaint.text_dropped"]


def test_an_unknown_variable_is_refused_and_the_text_kept(as_, manager_a):
    answer = save(as_(manager_a, "en"), text_zh="收到 {nummer}")
    assert answer.status_code == 422
    assert "Nothing is known of {nummer}" in answer.content.decode()
    assert "收到 {nummer}" in answer.content.decode()
    assert not Text.objects.filter(store=manager_a.store).exists()


def test_an_outdated_form_does_not_overwrite(manager_a, admin_a):
    store_id, code = manager_a.store.pk, "dispatch"
    seen = wording_texts.mark_of(store_id, code)
    wording_texts.save_text(store_id, code, text_zh="甲", text_en="A", seen=seen, by=admin_a.employee)
    with pytest.raises(RuleBroken) as refused:
        wording_texts.save_text(store_id, code, text_zh="乙", text_en="B", seen=seen, by=manager_a.employee)
    assert refused.value.code == "stale"
    assert texts.in_force(store_id)[code].text_zh == "甲"


def test_who_sets_nothing_is_refused(as_, specialist_a):
    assert as_(specialist_a).get(SETTINGS).status_code == 403


# --- the slip ---


def test_the_slip_names_everything_and_masks_numbers(as_, specialist_a, ticket):
    page = as_(specialist_a).get(reverse("complaints:slip", args=[ticket.pk])).content.decode()
    for word in (ticket.number, "仇雨桐", "138****8000", "…384217", "当事人", "总经理", "客户投诉处理单"):
        assert word in page
    assert "13800138000" not in page
    assert VIN not in page


def test_long_words_are_cut_on_the_slip(as_, specialist_a):
    ticket = open_ticket(specialist_a, words="刹车异响，" * 700)
    page = as_(specialist_a).get(reverse("complaints:slip", args=[ticket.pk]))
    words = next(field for field in page.context["words"] if "刹车异响" in field.text)
    assert len(words.text) <= 330
    assert words.text.endswith("…")
