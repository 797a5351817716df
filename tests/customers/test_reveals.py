"""A hidden fact is shown for a reason, a limited number of times a day, written down, and told where it is unusual."""

import pytest
from django.urls import reverse

from crm_site.accounts.models import DataRules, Membership, Role
from crm_site.audit.models import Entry
from crm_site.core.errors import RuleBroken
from crm_site.notices.models import Notice
from customers.actions import reveals
from customers.models import ProfileValue, Reveal
from tests.cast import make_person
from tests.factories import DAY, NOON, ContactFactory, CustomerFactory, PhoneFactory, VehicleRoleFactory

pytestmark = pytest.mark.django_db

NUMBER = "13800138001"


@pytest.fixture
def zhang(store_a):
    customer = CustomerFactory(store=store_a, name="张三", address="重庆市渝北区龙溪街道8号", email="zhang@example.com")
    PhoneFactory(customer=customer, number=NUMBER)
    return customer


def page(customer, **query):
    return reverse("customers:reveal", args=[customer.pk], query=query or None)


def look(customer, fact, by, **changed):
    values = {"reason": "dial", "by": by, "now": NOON, "today": DAY, **changed}
    return reveals.reveal(customer.pk, fact, **values)


def phone_of(customer):
    return customer.phones.get().fact


def ask(client, customer, fact="", **sent):
    return client.post(page(customer), {"fact": fact or phone_of(customer), **sent})


def text(answer):
    return answer.content.decode()


# ---- the action -----------------------------------------------------------------------------------------------------


def test_each_look_is_written_into_the_list_of_looks_and_the_trail(zhang, specialist_a):
    by = specialist_a.employee
    assert look(zhang, phone_of(zhang), by, reason="other", note="客户要求核对 13800138001") == NUMBER
    row = Reveal.objects.get()
    assert (row.employee, row.customer, row.reason, row.counts, row.day) == (by, zhang, "other", True, DAY)
    entry = Entry.objects.get(action="phone.revealed")
    assert entry.subject_id == zhang.pk
    assert NUMBER not in str(entry.detail), "the trail holds no personal values"


def test_every_hidden_fact_of_a_card_can_be_looked_at(zhang, specialist_a, store_a):
    role = VehicleRoleFactory(customer=zhang, vehicle__store=store_a)
    contact = ContactFactory(customer=zhang, birthday="1990-05-12")
    ProfileValue.objects.create(store=store_a, customer=zhang, field="identity_no", value="500112199005123214")
    expected = {
        f"vin:{role.vehicle_id}": role.vehicle.vin,
        f"birthday:{contact.pk}": "1990-05-12",
        "address": zhang.address,
        "email": zhang.email,
        "identity_no": "500112199005123214",
    }
    assert {fact: look(zhang, fact, specialist_a.employee) for fact in expected} == expected
    assert Reveal.objects.filter(contact=contact).count() == 1


@pytest.mark.parametrize(
    "fact", ["", "phone", "phone:x", "phone:0", "birthday", "address:1", "note", "name", "vin:1²", "vin:" + "1" * 5000]
)
def test_what_a_card_does_not_have_or_is_not_hidden_is_refused(zhang, specialist_a, fact):
    with pytest.raises(RuleBroken) as refused:
        look(zhang, fact, specialist_a.employee)
    assert refused.value.code == "gone"


def test_a_fact_has_one_name(zhang, specialist_a):
    """Another spelling would be another line in the log of looks, or none that fits into it."""
    key = str(zhang.phones.get().pk)
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in key)
    for spelled in (f"phone:0{key}", f"phone:{'0' * 60}{key}", f"phone:{full_width}", f"phone:{key}\n", "address:"):
        with pytest.raises(RuleBroken) as refused:
            look(zhang, spelled, specialist_a.employee)
        assert refused.value.code == "gone"
    assert not Reveal.objects.exists()
    assert not Reveal.objects.exists()


def test_a_number_of_another_card_is_not_shown_through_this_one(zhang, specialist_a, store_a):
    other = PhoneFactory(customer=CustomerFactory(store=store_a))
    with pytest.raises(RuleBroken):
        look(zhang, other.fact, specialist_a.employee)


@pytest.mark.parametrize(
    ("reason", "note", "code"), [("", "", "reason"), ("call", "", "reason"), ("other", " ", "note")]
)
def test_a_look_needs_a_reason_that_is_offered(zhang, specialist_a, reason, note, code):
    with pytest.raises(RuleBroken) as refused:
        look(zhang, phone_of(zhang), specialist_a.employee, reason=reason, note=note)
    assert refused.value.code == code


def test_the_daily_cap_counts_facts_not_looks_and_says_what_to_do(zhang, specialist_a, store_a):
    DataRules.objects.create(store=store_a, reveals_a_day=2)
    by = specialist_a.employee
    for fact in (phone_of(zhang), "email", phone_of(zhang)):
        look(zhang, fact, by)
    with pytest.raises(RuleBroken) as refused:
        look(zhang, "address", by)
    assert refused.value.code == "cap"
    assert "经理" in refused.value.message
    assert look(zhang, "email", by) == zhang.email, "what was seen today may be seen again"
    assert look(zhang, "address", make_person(store_a, Role.SPECIALIST, "同事").employee)
    assert look(zhang, "address", by, today=DAY.replace(day=DAY.day + 1))


def test_a_claimed_call_is_written_down_outside_the_cap(zhang, specialist_a, store_a):
    DataRules.objects.create(store=store_a, reveals_a_day=1)
    phone, by = zhang.phones.get(), specialist_a.employee
    reveals.note_call([phone.pk], by=by, now=NOON, today=DAY)
    assert not Reveal.objects.get().counts
    assert look(zhang, "email", by) == zhang.email


def test_unusually_many_looks_are_told_once_to_managers_and_administrators(
    zhang, specialist_a, manager_a, admin_a, head_a, stranger_b
):
    DataRules.objects.create(store=zhang.store, reveals_told_from=2)
    for fact in (phone_of(zhang), "email", "address"):
        look(zhang, fact, specialist_a.employee)
    told = Notice.objects.filter(code="looks.many")
    assert set(told.values_list("user", flat=True)) == {manager_a.user.pk, admin_a.user.pk}
    assert told.count() == 2
    assert f"employee={specialist_a.employee.pk}" in told.first().url


def test_who_looks_too_often_is_not_the_one_to_be_told(zhang, manager_a, admin_a):
    DataRules.objects.create(store=zhang.store, reveals_told_from=1)
    look(zhang, "email", manager_a.employee)
    assert [notice.user for notice in Notice.objects.filter(code="looks.many")] == [admin_a.user]


# ---- the pages ------------------------------------------------------------------------------------------------------


def test_a_number_is_shown_once_for_a_reason_and_kept_nowhere(as_, specialist_a, zhang):
    client = as_(specialist_a)
    card = reverse("customers:card", args=[zhang.pk])
    assert NUMBER not in text(client.get(card)).replace(" ", "")
    answer = ask(client, zhang, reason="dial")
    assert "138 0013 8001" in text(answer)
    assert "no-store" in answer["Cache-Control"]
    assert answer["Refresh"].endswith(f"url={card}"), "a page without scripts goes away by itself"
    assert Reveal.objects.get().employee == specialist_a.employee
    assert NUMBER not in text(client.get(card)).replace(" ", "")


def test_with_scripts_the_fact_stands_in_its_place_and_goes_again(as_, specialist_a, zhang):
    client, piece = as_(specialist_a), {"HX-Request": "true"}
    asked = client.get(page(zhang, fact=phone_of(zhang)), headers=piece)
    assert "<html" not in text(asked)
    assert "138****8001" in text(asked)
    assert not Reveal.objects.exists(), "to be asked why is no look"
    shown = client.post(page(zhang), {"fact": phone_of(zhang), "reason": "dial"}, headers=piece)
    assert "138 0013 8001" in text(shown)
    assert 'hx-trigger="load delay:60s"' in text(shown)
    again = client.get(page(zhang, fact=phone_of(zhang), hide=1), headers=piece)
    assert "138****8001" in text(again)
    assert "<form" not in text(again)


def test_a_refused_look_asks_again_and_loses_nothing(as_, specialist_a, zhang):
    answer = ask(as_(specialist_a), zhang, reason="", note="客户来电")
    assert answer.status_code == 422
    assert "请选择查看原因" in text(answer)
    assert 'value="客户来电"' in text(answer)


@pytest.mark.parametrize("role", ["frontline", "admin", "director"])
def test_who_may_not_dial_may_not_look(as_, store_a, zhang, role):
    client = as_(make_person(store_a, role, "某人"))
    assert ask(client, zhang, reason="dial").status_code == 403
    assert client.get(page(zhang, fact=phone_of(zhang))).status_code == 403
    assert not Reveal.objects.exists()
    assert "/look/" not in text(client.get(reverse("customers:card", args=[zhang.pk])))


def test_a_fact_that_is_not_there_is_404(as_, specialist_a, zhang):
    assert as_(specialist_a).get(page(zhang, fact="phone:0")).status_code == 404
    assert as_(specialist_a).get(page(zhang)).status_code == 404


def test_a_store_may_let_a_role_read_numbers_in_full(as_, specialist_a, specialist_b, zhang, store_b):
    DataRules.objects.create(store=zhang.store, seen_by={"phone": ["specialist"]})
    Membership.objects.create(user=specialist_a.user, store=store_b, role=Role.SPECIALIST)
    elsewhere = PhoneFactory(customer=CustomerFactory(store=store_b), number="13900139002")
    client = as_(specialist_a)
    assert "138 0013 8001" in text(client.get(reverse("customers:card", args=[zhang.pk])))
    other = text(client.get(reverse("customers:card", args=[elsewhere.customer_id])))
    assert "139****9002" in other
    assert "139 0013 9002" not in other, "the rule of one store opens nothing in another"
