"""The results of calls: what may be changed of them, how a change is kept, and what the desk makes of it."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.urls import reverse

from crm_site.audit.models import Entry
from crm_site.core.errors import RuleBroken
from revisits import actions
from revisits.actions.results import stamp
from revisits.models import CallResult, ResultVersion
from revisits.queries.results import keypad_of, results_of
from revisits.rules import results as rules
from tests.factories import NOON
from tests.revisits.calls import save, service_task

FITTING = {
    "code": "NEW", "group": "not_reached", "key": "", "reached": False, "next_step": "retry_other_band",
    "counts_as_try": "yes", "max_repeats": None, "saves_answers": False, "is_active": True,
}  # fmt: skip
SUCCESS = FITTING | {"code": "OK", "group": "reached", "reached": True, "next_step": "finish", "saves_answers": True}
BUSY = FITTING | {"code": "BUSY", "key": "M"}

PROBLEMS = [  # what is changed of a fitting result -> field, problem
    ({}, None),
    ({"key": "A"}, ("key", "reserved")),
    ({"key": "M"}, ("key", "taken")),
    ({"key": "M", "is_active": False}, None),
    ({"reached": True}, ("group", "reached")),
    ({"group": "reached"}, ("group", "not_reached")),
    ({"next_step": "finish"}, ("next_step", "not_reached")),
    ({"saves_answers": True}, ("saves_answers", "unfinished")),
    ({"next_step": "next_number", "group": "number"}, ("counts_as_try", "no_try")),
    ({"next_step": "next_number", "group": "number", "counts_as_try": "no"}, None),
    (
        {"next_step": "next_number", "group": "number", "counts_as_try": "no", "max_repeats": 1},
        ("max_repeats", "not_again"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "problem"), PROBLEMS)
def test_a_result_has_to_fit_together(changed, problem):
    row = SimpleNamespace(**FITTING | changed)
    found = rules.problems(row, [SimpleNamespace(**SUCCESS), SimpleNamespace(**BUSY)])
    assert found == ([rules.Problem(*problem)] if problem else [])


def test_a_keypad_keeps_one_success_and_one_miss():
    off = SimpleNamespace(**SUCCESS | {"is_active": False})
    assert rules.problems(off, [SimpleNamespace(**BUSY)]) == [rules.Problem("is_active", "no_success")]
    off = SimpleNamespace(**BUSY | {"is_active": False})
    assert rules.problems(off, [SimpleNamespace(**SUCCESS)]) == [rules.Problem("is_active", "no_miss")]


def test_the_letters_of_the_call_page_are_reserved():
    script = (Path(settings.BASE_DIR) / "static" / "js" / "desk.js").read_text()
    plain = script.split("const plain = {", 1)[1].split("};", 1)[0]
    assert set(re.findall(r"^\s+([a-z]):", plain, re.MULTILINE)) == {key.lower() for key in rules.RESERVED_KEYS}


# ---- keeping a change ------------------------------------------------------------------------------------------------


def of(store, code):
    return next(row for row in results_of(store.pk) if row.code == code)


def change(person, code, **values):
    row = of(person.store, code)
    return actions.change_result(person.store.pk, code, values, shown=stamp(row), by=person.employee, now=NOON)


def test_a_change_makes_a_version_of_the_stores_own_row(admin_a, stranger_b):
    own = change(admin_a, "LATER", next_step="retry_next_day", max_repeats=2)
    assert (own.store_id, own.version, own.next_step) == (admin_a.store.pk, 2, "retry_next_day")
    numbers = list(own.versions.order_by("number").values_list("number", "made_by", "values__next_step"))
    assert numbers == [(1, None, "retry_other_band"), (2, admin_a.employee.pk, "retry_next_day")]
    assert of(stranger_b.store, "LATER").store_id is None
    assert CallResult.objects.get(store=None, code="LATER").next_step == "retry_other_band"
    entry = Entry.objects.get(action="call_result.changed")
    assert entry.detail["next_step"] == ["retry_other_band", "retry_next_day"]


def test_a_second_change_goes_on_from_the_first(admin_a):
    change(admin_a, "LATER", max_repeats=2)
    own = change(admin_a, "LATER", max_repeats=3)
    assert own.version == 3
    assert CallResult.objects.filter(code="LATER").count() == 2
    assert ResultVersion.objects.filter(result=own).count() == 3


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(admin_a):
    shown = stamp(of(admin_a.store, "LATER"))
    change(admin_a, "LATER", max_repeats=2)
    with pytest.raises(RuleBroken, match=r"meanwhile|别人"):
        actions.change_result(admin_a.store.pk, "LATER", {"max_repeats": 3}, shown=shown, by=admin_a.employee, now=NOON)
    assert of(admin_a.store, "LATER").max_repeats == 2


def test_nothing_changed_is_no_version(admin_a):
    with pytest.raises(RuleBroken) as refused:
        change(admin_a, "LATER", max_repeats=None)
    assert refused.value.code == "unchanged"
    assert not CallResult.objects.filter(store=admin_a.store).exists()


def test_the_only_success_cannot_be_switched_off(admin_a):
    with pytest.raises(RuleBroken) as refused:
        change(admin_a, "SUCCESS", is_active=False)
    assert (refused.value.code, refused.value.field) == ("no_success", "is_active")
    assert not CallResult.objects.filter(store=admin_a.store).exists()


def test_a_result_switched_off_does_not_come_back_as_the_companys(admin_a, specialist_a):
    change(admin_a, "VOICEMAIL", is_active=False)
    assert "VOICEMAIL" not in {row.code for row in keypad_of(admin_a.store.pk)}
    with pytest.raises(RuleBroken) as refused:
        save(service_task(admin_a.store), specialist_a, "VOICEMAIL")
    assert refused.value.field == "result"


def test_an_attempt_keeps_which_version_decided(admin_a, specialist_a):
    before = save(service_task(admin_a.store), specialist_a, "LATER")
    change(admin_a, "LATER", next_step="retry_next_day")
    revisit = service_task(admin_a.store)
    after = save(revisit, specialist_a, "LATER")
    assert (before.result_version, before.result.store_id) == (1, None)
    assert (after.result_version, after.result.store_id) == (2, admin_a.store.pk)
    revisit.refresh_from_db()
    assert revisit.not_before.date() > NOON.date()


def test_what_calls_say_already_is_fixed(admin_a, specialist_a):
    save(service_task(admin_a.store), specialist_a, "WRONG_NO")
    with pytest.raises(RuleBroken) as refused:
        change(admin_a, "WRONG_NO", reached=False)
    assert (refused.value.code, refused.value.field) == ("fixed", "reached")
    assert change(admin_a, "WRONG_NO", key="").key == ""


NEW = {
    "label_zh": "转语音信箱", "label_en": "Mailbox", "group": "not_reached", "key": "", "reached": False,
    "next_step": "retry_next_day", "counts_as_try": "yes", "max_repeats": None, "saves_answers": False,
    "is_active": True,
}  # fmt: skip


def test_a_store_adds_results_of_its_own(admin_a, specialist_a):
    made = actions.add_result(admin_a.store.pk, NEW, by=admin_a.employee, now=NOON)
    assert (made.code, made.store_id, made.version) == ("OWN_1", admin_a.store.pk, 1)
    assert keypad_of(admin_a.store.pk)[-1] == made
    attempt = save(service_task(admin_a.store), specialist_a, "OWN_1")
    assert attempt.result == made
    with pytest.raises(RuleBroken) as refused:
        actions.add_result(admin_a.store.pk, NEW, by=admin_a.employee, now=NOON)
    assert refused.value.field == "label_zh"


# ---- pages -----------------------------------------------------------------------------------------------------------


def test_the_page_says_what_each_result_causes(as_, manager_a):
    html = as_(manager_a).get(reverse("revisits:results")).content.decode()
    for row in keypad_of(manager_a.store.pk):
        assert row.label_zh in html
    assert html.count("第一次") >= 13


def _post(row, **changes):
    values = {name: getattr(row, name) for name in rules.CHANGEABLE} | changes
    words = {name: value for name, value in values.items() if value not in (None, False)}
    return words | {"shown": stamp(row), "go": "save"}


def test_a_result_is_changed_on_its_page(as_, admin_a):
    address = reverse("revisits:result", args=["NO_ANSWER"]) + f"?store={admin_a.store.pk}"
    row = of(admin_a.store, "NO_ANSWER")
    looked = as_(admin_a).post(address, _post(row, next_step="retry_next_day") | {"go": "look"})
    assert looked.status_code == 200
    assert not CallResult.objects.filter(store=admin_a.store).exists()
    done = as_(admin_a).post(address, _post(row, next_step="retry_next_day"))
    assert done.status_code == 302
    assert of(admin_a.store, "NO_ANSWER").next_step == "retry_next_day"
    html = as_(admin_a).get(address).content.decode()
    assert "换时段再拨" in html or "<del>" in html


def test_a_refusal_stands_beside_its_field_and_nothing_typed_is_lost(as_, admin_a):
    address = reverse("revisits:result", args=["NO_ANSWER"]) + f"?store={admin_a.store.pk}"
    row = of(admin_a.store, "NO_ANSWER")
    html = as_(admin_a).post(address, _post(row, key="M", label_zh="没人接")).content.decode()
    assert "这个字母已被别的结果使用" in html
    assert "没人接" in html


def test_a_result_is_added_on_its_page(as_, admin_a):
    address = reverse("revisits:result_new") + f"?store={admin_a.store.pk}"
    posted = {name: value for name, value in NEW.items() if value not in (None, False)} | {"go": "save"}
    assert as_(admin_a).post(address, posted).status_code == 302
    assert of(admin_a.store, "OWN_1").label_zh == "转语音信箱"


def test_a_result_that_nobody_knows_is_404(as_, admin_a):
    assert as_(admin_a).get(reverse("revisits:result", args=["NOPE"])).status_code == 404
    assert as_(admin_a).get(reverse("revisits:results") + "?store=999999").status_code == 404
