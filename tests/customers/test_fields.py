"""Which facts a store's cards hold: switching, wording, own fields, and whose settings they are."""

import pytest
from django.urls import reverse

from crm_site.core.errors import RuleBroken
from customers import profile
from customers.actions import fields
from customers.actions import profile as acts
from customers.actions.editing import Overlap
from customers.forms.fields import lines_to_options
from customers.models import ProfileField
from customers.rules import profile as rules
from tests.customers.test_pages import sent
from tests.factories import CustomerFactory, MembershipFactory

pytestmark = pytest.mark.django_db
OK, FOUND, FORBIDDEN, NOT_FOUND, INVALID = 200, 302, 403, 404, 422
CLUB = {"label_zh": "车友会活动", "label_en": "Club events", "kind": "text", "options": []}
CHOICE = {**CLUB, "label_zh": "礼品", "kind": "choice", "options": lines_to_options("雨伞\n保温杯 | Flask", [])}


@pytest.fixture
def by(manager_a):
    return manager_a.employee


def url(name, *args, **query):
    return reverse(f"customers:{name}", args=args, query=query)


def of(store, code):
    return next(row for row in profile.in_force(store.pk) if row.code == code)


def test_a_store_s_switch_leaves_the_company_and_other_stores_alone(store_a, store_b, by):
    assert fields.save_fields(store_a.pk, {"pets": {"is_on": False}}, {}, by=by) == ["pets"]
    assert (of(store_a, "pets").is_on, of(store_b, "pets").is_on) == (False, True)
    fields.reset_field(store_a.pk, "pets", by=by)
    assert of(store_a, "pets").is_on


def test_what_was_not_changed_makes_no_row(store_a, by):
    assert fields.save_fields(store_a.pk, {"pets": {"is_on": True}}, {}, by=by) == []
    assert not ProfileField.objects.filter(store=store_a).exists()


def test_two_who_set_the_same_switch_meet(store_a, by):
    fields.save_fields(store_a.pk, {"pets": {"ask_position": 3}}, {}, by=by)
    with pytest.raises(Overlap) as overlap:
        fields.save_fields(store_a.pk, {"pets": {"ask_position": 5}}, {"pets": {"ask_position": ""}}, by=by)
    assert overlap.value.standing == {"ask_position_pets": "3"}
    assert of(store_a, "pets").ask_position == 3


@pytest.mark.parametrize("code", ["phone", "org_contacts"])
def test_what_follows_from_other_pages_is_not_asked(store_a, by, code):
    with pytest.raises(RuleBroken) as refused:
        fields.save_fields(store_a.pk, {code: {"ask_position": 1}}, {}, by=by)
    assert refused.value.code == "not_askable"


def test_the_21st_field_is_refused_until_one_is_retired(store_a, by):
    made = [fields.add_field(store_a, {**CLUB, "label_zh": f"项目{n}"}, by=by) for n in range(rules.MOST_OWN)]
    with pytest.raises(RuleBroken) as refused:
        fields.add_field(store_a, CLUB, by=by)
    assert refused.value.code == "too_many_fields"
    assert "20" in refused.value.message
    fields.save_field(store_a.pk, made[0].code, {"is_on": False}, {}, by=by)
    fields.add_field(store_a, CLUB, by=by)
    with pytest.raises(RuleBroken):
        fields.save_field(store_a.pk, made[0].code, {"is_on": True}, {}, by=by)


def test_a_code_is_never_given_twice(store_a, by):
    first = fields.add_field(store_a, CLUB, by=by)
    fields.save_field(store_a.pk, first.code, {"is_on": False}, {}, by=by)
    assert fields.add_field(store_a, CLUB, by=by).code != first.code


def test_a_name_that_is_there_is_refused(store_a, by):
    with pytest.raises(RuleBroken) as refused:
        fields.add_field(store_a, {**CLUB, "label_zh": "宠物"}, by=by)
    assert refused.value.code == "field_twice"


def test_a_field_with_values_keeps_its_kind_and_its_entries(store_a, by):
    row = fields.add_field(store_a, CHOICE, by=by)
    customer = CustomerFactory(store=store_a)
    acts.set_values(customer.pk, {row.code: row.options[0]["code"]}, {}, by)
    for values, code in (
        ({"kind": "text"}, "kind_kept"),
        ({"options": lines_to_options("保温杯\n靠枕\n香水", row.options)}, "option_used"),
    ):
        with pytest.raises(RuleBroken) as refused:
            fields.save_field(store_a.pk, row.code, values, {}, by=by)
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("雨伞\n保温杯", ["o1", "o2"]),
        ("保温杯\n雨伞", ["o2", "o1"]),
        ("晴雨伞\n保温杯", ["o1", "o2"]),
        ("保温杯", ["o2"]),
        ("晴雨伞", ["o3"]),
        ("雨伞\n\n保温杯\n靠枕", ["o1", "o2", "o3"]),
        ("靠枕\n雨伞\n保温杯", ["o3", "o1", "o2"]),
    ],
)
def test_an_entry_keeps_its_code_when_moved_or_reworded(written, codes):
    standing = lines_to_options("雨伞\n保温杯", [])
    assert [one["code"] for one in lines_to_options(written, standing)] == codes


@pytest.mark.parametrize(("written", "said"), [("", "至少"), ("雨伞", "至少"), ("雨伞\n雨伞", "相同")])
def test_a_choice_needs_entries(as_, manager_a, written, said):
    client = as_(manager_a)
    answer = client.post(url("field_new"), {"label_zh": "礼品", "kind": "choice", "options": written})
    assert answer.status_code == INVALID
    assert said in answer.content.decode()
    assert answer.context["form"]["label_zh"].value() == "礼品"


# ---- pages ----------------------------------------------------------------------------------------------------------


def test_the_page_switches_counts_and_orders(as_, manager_a, store_a):
    client = as_(manager_a)
    form = client.get(url("fields")).context["form"]
    values = sent(form, ask_position_pets="1", counts_school="on")
    del values["is_on_sports"]
    assert client.post(url("fields"), values).status_code == FOUND
    assert (of(store_a, "pets").ask_position, of(store_a, "school").counts, of(store_a, "sports").is_on) == (
        1,
        True,
        False,
    )
    assert ProfileField.objects.filter(store=store_a).count() == 3


def test_the_second_of_two_sees_the_first_one_s_place_and_may_decide(as_, manager_a, admin_a, store_a):
    first, second = as_(manager_a), as_(admin_a)
    mine, theirs = (client.get(url("fields")).context["form"] for client in (first, second))
    first.post(url("fields"), sent(mine, ask_position_pets="1"))
    refused = second.post(url("fields"), sent(theirs, ask_position_pets="2", ask_position_sports="3"))
    assert refused.status_code == INVALID
    assert of(store_a, "sports").ask_position is None
    second.post(url("fields"), sent(refused.context["form"]))
    assert (of(store_a, "pets").ask_position, of(store_a, "sports").ask_position) == (2, 3)


def test_the_second_of_two_at_one_field_may_decide_and_keeps_what_the_first_one_set(as_, manager_a, admin_a, store_a):
    first, second = as_(manager_a), as_(admin_a)
    mine, theirs = (client.get(url("field", "pets")).context["form"] for client in (first, second))
    first.post(url("field", "pets"), sent(mine, question_zh="您养宠物吗？", ask_position="4"))
    refused = second.post(url("field", "pets"), sent(theirs, question_zh="家里有宠物吗？"))
    assert refused.status_code == INVALID
    assert "您养宠物吗？" in str(refused.context["form"].errors["question_zh"])
    assert second.post(url("field", "pets"), sent(refused.context["form"])).status_code == FOUND
    assert (of(store_a, "pets").question_zh, of(store_a, "pets").ask_position) == ("家里有宠物吗？", 4)


def test_a_question_is_worded_anew(as_, manager_a, store_a):
    client = as_(manager_a)
    form = client.get(url("field", "birthday")).context["form"]
    assert client.post(url("field", "birthday"), sent(form, question_zh="您生日是哪天？")).status_code == FOUND
    assert of(store_a, "birthday").question_zh == "您生日是哪天？"


def test_an_own_field_is_added_shown_on_the_form_and_changed(as_, manager_a, store_a):
    client = as_(manager_a)
    values = {"label_zh": "礼品", "kind": "choice", "options": "雨伞\n保温杯 | Flask", "counts": "on"}
    assert client.post(url("field_new"), values).status_code == FOUND
    row = ProfileField.objects.get(store=store_a, is_custom=True)
    assert [one["label_en"] for one in row.options] == ["雨伞", "Flask"]
    customer = CustomerFactory(store=store_a)
    edit = client.get(url("edit", customer.pk)).context["form"]
    client.post(url("edit", customer.pk), sent(edit, **{f"fact_{row.code}": "o2"}))
    assert profile.values_of([customer.pk]) == {customer.pk: {row.code: "o2"}}
    form = client.get(url("field", row.code)).context["form"]
    client.post(url("field", row.code), sent(form, options="雨伞\n不锈钢保温杯", label_zh="赠送礼品"))
    row.refresh_from_db()
    assert (row.label_zh, row.options[1]["code"], row.options[1]["label_zh"]) == ("赠送礼品", "o2", "不锈钢保温杯")


def test_entries_that_somebody_else_added_meanwhile_are_not_taken_out(as_, manager_a, admin_a, store_a):
    first, second = as_(manager_a), as_(admin_a)
    first.post(url("field_new"), {"label_zh": "礼品", "kind": "choice", "options": "雨伞\n保温杯"})
    row = ProfileField.objects.get(store=store_a, is_custom=True)
    mine, theirs = (client.get(url("field", row.code)).context["form"] for client in (first, second))
    first.post(url("field", row.code), sent(mine, options="雨伞\n保温杯\n靠枕"))
    refused = second.post(url("field", row.code), sent(theirs, options="雨伞\n保温杯\n香薰"))
    assert refused.status_code == INVALID
    assert "雨伞\n保温杯\n靠枕" in str(refused.context["form"].errors["options"])
    assert refused.context["form"]["options"].value() == "雨伞\n保温杯\n香薰"
    entries = "雨伞\n保温杯\n靠枕\n香薰"
    assert second.post(url("field", row.code), sent(refused.context["form"], options=entries)).status_code == FOUND
    row.refresh_from_db()
    assert [one["code"] for one in row.options] == ["o1", "o2", "o3", "o4"]


def test_only_an_admin_of_every_store_sets_the_company_s(as_, manager_a, admin_a, store_a, store_b):
    for person in (manager_a, admin_a):
        assert as_(person).get(url("fields", store="company")).status_code == NOT_FOUND
        assert as_(person).post(url("fields", store="company"), {}).status_code == NOT_FOUND
    MembershipFactory(user=admin_a.user, store=store_b, role="admin")
    client = as_(admin_a)
    form = client.get(url("fields", store="company")).context["form"]
    client.post(url("fields", store="company"), sent(form, ask_position_pets="4"))
    assert {of(store, "pets").ask_position for store in (store_a, store_b)} == {4}
    assert not ProfileField.objects.exclude(store=None).exists()


def test_a_stranger_s_store_is_404_and_a_specialist_is_403(as_, manager_a, specialist_a, store_b):
    assert as_(manager_a).get(url("fields", store=store_b.pk)).status_code == NOT_FOUND
    assert as_(manager_a).post(url("field_reset", "pets", store=store_b.pk)).status_code == NOT_FOUND
    assert as_(specialist_a).get(url("fields")).status_code == FORBIDDEN
