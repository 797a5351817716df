"""Scripts: branches and variables, what is read in a call and what an attempt keeps of it, and the editor."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from complaints.models import Complaint
from crm_site.core.errors import RuleBroken
from customers.models import CustomerType
from revisits import actions, scripts, variables, wording
from revisits.defaults.scripts import SCRIPTS
from revisits.models import Joined, Script, ScriptVersion
from revisits.rules import branches
from revisits.rules.branches import CallFacts
from revisits.rules.comparison import Fate, StepText, Stretch, compare, stretches
from revisits.scripts import StepValues, current_version, values_of
from tests.factories import DAY, NOON, ComplaintFactory, CustomerFactory
from tests.revisits.calls import save, service_task

# ---- the defaults ----------------------------------------------------------------------------------------------------


def test_every_branch_has_words():
    assert set(wording.BRANCHES) == set(branches.BRANCHES)


@pytest.mark.parametrize("row", SCRIPTS, ids=lambda row: row.code)
def test_the_default_scripts_use_what_there_is(row):
    assert branches.unknown(step.when for step in row.steps) == []
    assert [name for step in row.steps for name in variables.unknown(step.body)] == []
    assert len(row.steps) <= scripts.MOST_STEPS
    assert all(len(step.label_zh) <= 20 and len(step.label_en) <= 40 and len(step.body) <= 600 for step in row.steps)


@pytest.mark.parametrize("row", SCRIPTS, ids=lambda row: row.code)
@pytest.mark.parametrize(
    "call", [CallFacts(), CallFacts(is_organisation=True), CallFacts(job_type="general", power="ev")]
)
def test_every_call_begins_with_who_we_are_and_ends_with_thanks(row, call):
    read = [step for step in row.steps if branches.holds(step.when, call)]
    assert "{me}" in read[0].body
    assert "{hotline}" in read[-1].body
    labels = [step.label_zh for step in read]
    assert len(labels) == len(set(labels))


BRANCHES = [  # facts -> the branches that hold beside those of every call
    ({"job_type": "first_service"}, {"first_service", "maintenance"}),
    ({"job_type": "scheduled"}, {"maintenance"}),
    ({"job_type": "warranty"}, {"repair"}),
    ({"job_type": "general", "is_rework": True}, {"rework"}),
    ({"job_type": "accident"}, {"accident"}),
    ({"power": "ev"}, {"ev"}),
    ({"is_organisation": True}, {"organisation"}),
    ({"open_complaint": True}, {"open_complaint"}),
    ({"has_consent": False}, {"no_consent"}),
    ({"several_purposes": True}, {"has_several_purposes"}),
    ({"late_import": True}, {"late_import"}),
    ({"asks_marks": True}, {"scored"}),
    ({"tried_before": True}, {"tried_before"}),
    ({"tried_before": True, "promised": True}, {"promised"}),
    ({"missing_facts": True}, {"missing_facts"}),
]


@pytest.mark.parametrize(("facts", "expected"), BRANCHES)
def test_branches_hold_by_the_facts_of_the_call(facts, expected):
    found = {code for code in branches.BRANCHES if branches.holds(code, CallFacts(**facts))}
    plain = {branches.ALWAYS, "person", "not_ev"}
    assert found - plain == expected


def test_a_branch_that_nobody_knows_is_read():
    assert branches.holds("gone", CallFacts())


UNKNOWN = [
    ("您好，{customer}{salutation}。", []),
    ("您好，{custmer}，{odd}，{odd}。", ["{custmer}", "{odd}"]),
    ("您好，{ customer }。", ["{ customer }"]),
    ("您好，{customer。", ["{"]),
    ("您好，{}。", ["{}"]),
]


@pytest.mark.parametrize(("body", "odd"), UNKNOWN)
def test_slips_in_braces_are_found(body, odd):
    assert variables.unknown(body) == odd


def test_every_variable_has_an_example_and_a_value(task, store_a):
    values = variables.values_for(task(store_a), me="陈静", contact=None, questions=3)
    assert set(values) == set(variables.VARIABLES) == set(variables.example())


# ---- in a call -------------------------------------------------------------------------------------------------------


def read(task, **facts):
    given = {"me": "陈静", "contact": None, "asked": task.questionnaire_version, "tickets": [], "missing_facts": False}
    given["joined"] = list(task.joined.open())
    return scripts.reading(task, **given | facts)


def labels(reading):
    return [step.label for step in reading.steps if step.shown]


def test_the_kind_of_work_chooses_the_step(store_a):
    task = service_task(store_a, job_type="accident")
    assert "事故修复" in labels(read(task))
    assert not {"保养情况", "维修情况", "返修情况"} & set(labels(read(task)))


def test_the_step_for_a_low_answer_waits_for_one(store_a):
    found = read(service_task(store_a))
    waiting = [step for step in found.steps if not step.shown]
    assert {step.when for step in waiting} == {branches.LOW_ANSWER}
    assert not {step.place for step in waiting} & set(found.places)


def test_an_enterprise_is_asked_for_somebody(store_a):
    firm = CustomerFactory(store=store_a, customer_type=CustomerType.ORG)
    found = read(service_task(store_a, customer=firm))
    assert "负责车辆的同事" in "".join(piece.text for piece in found.steps[0].pieces)
    assert found.values["salutation"] == ""


def test_an_open_complaint_makes_it_a_progress_call(store_a):
    task = service_task(store_a)
    ticket = ComplaintFactory(store=store_a, customer=task.customer)
    found = read(task, tickets=[ticket], asked=None)
    assert found.version.script.code == scripts.PROGRESS
    assert isinstance(ticket, Complaint)


def test_what_else_the_call_is_for_is_said(store_a):
    head, other = service_task(store_a), service_task(store_a)
    other.head, other.joined_as = head, Joined.PURPOSE
    other.save(update_fields=["head", "joined_as"])
    found = read(head)
    assert "其他事项" in labels(found)
    assert found.values["purposes"] == "维修服务的回访"


PURPOSES = [([], ""), (["insurance"], "续保"), (["insurance", "inspection", "insurance"], "续保和年检")]


@pytest.mark.parametrize(("anchors", "words"), PURPOSES)
def test_purposes_are_said_once_each(anchors, words):
    from types import SimpleNamespace as Row

    tasks = [Row(joined_as="purpose", rule_version=Row(anchor=anchor)) for anchor in anchors]
    assert variables.purposes(tasks) == words


def test_an_attempt_keeps_the_text_that_was_read(store_a, specialist_a, admin_a):
    task = service_task(store_a)
    found = read(task)
    change(admin_a, "SVC_SAT", lambda steps: steps[:-1])
    kept = scripts.kept(task, found.version.pk, found.places, low_answer=False)
    assert (kept.version, kept.places) == (found.version, found.places)
    low = [step.place for step in found.steps if not step.shown]
    assert scripts.kept(task, found.version.pk, found.places, low_answer=True).places == sorted(found.places + low)


def test_a_version_of_another_script_is_not_kept(store_a):
    task = service_task(store_a)
    foreign = current_version(store_a.pk, "BDAY")
    kept = scripts.kept(task, foreign.pk, [1], low_answer=False)
    assert (kept.version, kept.places) == (current_version(store_a.pk, "SVC_SAT"), [])


def test_a_saved_call_keeps_its_version(store_a, specialist_a):
    made = save(service_task(store_a), specialist_a)
    assert made.script_version == current_version(store_a.pk, "SVC_SAT")


# ---- the editor ------------------------------------------------------------------------------------------------------


def change(person, code, by, shown=None):
    version = current_version(person.store.pk, code)
    return actions.save_script(
        person.store.pk, code, by(values_of(version)), shown=shown or version.pk, by=person.employee, now=NOON
    )


def test_a_change_makes_a_version_of_the_stores_own_script(admin_a, stranger_b):
    made = change(admin_a, "FS", lambda steps: steps[1:])
    assert (made.number, made.is_current, made.script.store_id) == (2, True, admin_a.store.pk)
    assert list(made.script.versions.values_list("number", "is_current")) == [(2, True), (1, False)]
    assert current_version(admin_a.store.pk, "FS") == made
    assert current_version(stranger_b.store.pk, "FS").script.store_id is None


def test_one_can_go_back_to_an_earlier_version(admin_a):
    first = values_of(current_version(admin_a.store.pk, "FS"))
    made = change(admin_a, "FS", lambda steps: steps[1:])
    again = actions.restore_script(admin_a.store.pk, "FS", 1, shown=made.pk, by=admin_a.employee, now=NOON)
    assert (again.number, values_of(again)) == (3, first)
    assert ScriptVersion.objects.filter(script=again.script, is_current=True).count() == 1


REFUSED = [  # what is made of the steps -> code, the step it is about
    (lambda steps: [], "empty", ""),
    (lambda steps: steps * 3, "long", ""),
    (lambda steps: [*steps, StepValues("再见", "Bye", "", "{nobody}再见")], "variable", "12"),
    (lambda steps: [steps[0], StepValues("再见", "Bye", "sometimes", "再见")], "branch", "1"),
    (lambda steps: steps, "unchanged", ""),
]


@pytest.mark.parametrize(("by", "code", "field"), REFUSED, ids=[row[1] for row in REFUSED])
def test_what_cannot_be_read_is_refused(admin_a, by, code, field):
    count = len(values_of(current_version(admin_a.store.pk, "FS")))
    with pytest.raises(RuleBroken) as refused:
        change(admin_a, "FS", by)
    assert refused.value.code == code
    assert refused.value.field == (str(count) if field == "12" else field)
    assert not Script.objects.filter(store=admin_a.store).exists()


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(admin_a):
    shown = current_version(admin_a.store.pk, "FS").pk
    change(admin_a, "FS", lambda steps: steps[1:])
    with pytest.raises(RuleBroken) as refused:
        change(admin_a, "FS", lambda steps: steps[2:], shown=shown)
    assert refused.value.code == "stale"


OLD = [StepText("开场", "", "您好，方便吗？"), StepText("结束", "", "再见")]


def test_two_versions_are_compared_step_by_step():
    new = [
        StepText("开场", "", "您好，现在方便吗？"),
        StepText("评分", "scored", "请打分"),
        StepText("结束", "", "再见"),
    ]
    assert [row.fate for row in compare(OLD, new)] == [Fate.CHANGED, Fate.NEW, Fate.KEPT]
    assert [row.fate for row in compare(new, OLD)] == [Fate.CHANGED, Fate.GONE, Fate.KEPT]
    assert compare(OLD, [OLD[0], OLD[1]._replace(label="道别")])[1].fate == Fate.CHANGED


def test_characters_that_went_and_came_are_marked():
    assert stretches("您好，方便吗？", "您好，现在方便吗？") == [
        Stretch("您好，", Fate.KEPT),
        Stretch("现在", Fate.NEW),
        Stretch("方便吗？", Fate.KEPT),
    ]


def form_of(version, **changes):
    rows = values_of(version)
    posted = {"steps-TOTAL_FORMS": len(rows) + 2, "steps-INITIAL_FORMS": len(rows), "shown": version.pk}
    for place, row in enumerate(rows):
        values = {"place": place + 1, **row._asdict()}
        posted |= {f"steps-{place}-{name}": value for name, value in values.items()}
    return posted | changes


def test_a_script_is_changed_on_its_page(as_, admin_a):
    version = current_version(admin_a.store.pk, "FS")
    last = len(values_of(version))
    added = {
        f"steps-{last}-place": 1, f"steps-{last}-label_zh": "问候", f"steps-{last}-label_en": "Hello",
        f"steps-{last}-body": "早上好。", "steps-0-place": 2, "steps-1-drop": "on",
    }  # fmt: skip
    address = reverse("revisits:script", args=["FS"]) + f"?store={admin_a.store.pk}"
    assert as_(admin_a).post(address, form_of(version, **added)).status_code == 302
    steps = values_of(current_version(admin_a.store.pk, "FS"))
    assert steps[0].label_zh == "问候"
    assert len(steps) == last
    html = as_(admin_a).get(address).content.decode()
    assert "早上好。" in html
    compared = as_(admin_a).get(reverse("revisits:script_compare", args=["FS"]) + f"?store={admin_a.store.pk}")
    assert "<ins>早上好。</ins>" in compared.content.decode()


def test_an_unknown_variable_is_told_at_its_step_and_nothing_is_lost(as_, admin_a):
    version = current_version(admin_a.store.pk, "FS")
    address = reverse("revisits:script", args=["FS"]) + f"?store={admin_a.store.pk}"
    html = as_(admin_a).post(address, form_of(version, **{"steps-0-body": "您好，{custmer}。"})).content.decode()
    assert "系统不认识 {custmer}" in html
    assert "您好，{custmer}。" in html
    assert current_version(admin_a.store.pk, "FS") == version


def test_the_preview_follows_what_is_typed(as_, admin_a):
    version = current_version(admin_a.store.pk, "FS")
    address = reverse("revisits:script_preview", args=["FS"]) + f"?store={admin_a.store.pk}"
    html = as_(admin_a).post(address, form_of(version, **{"steps-0-body": "{customer}您好，{odd}"})).content.decode()
    assert "<var>周晓岚</var>您好，" in html
    assert "系统不认识 {odd}" in html
    assert current_version(admin_a.store.pk, "FS") == version


def test_the_list_says_which_rules_read_a_script(as_, manager_a):
    html = as_(manager_a).get(reverse("revisits:scripts")).content.decode()
    assert "交车满意度" in html
    assert "交车后 3 日满意度" in html


def test_an_earlier_version_is_read_again_by_a_click(as_, admin_a):
    made = change(admin_a, "FS", lambda steps: steps[1:])
    address = reverse("revisits:script_restore", args=["FS"]) + f"?store={admin_a.store.pk}"
    done = as_(admin_a).post(address, {"number": 1, "shown": made.pk})
    assert done.status_code == 302
    assert current_version(admin_a.store.pk, "FS").number == 3
    assert as_(admin_a).get(address).status_code == 405


def test_the_day_is_told_with_its_year_where_it_is_another():
    assert variables._spoken(DAY, DAY) == f"{DAY.month}月{DAY.day}日"
    assert variables._spoken(DAY.replace(year=DAY.year - 1), DAY).startswith(f"{DAY.year - 1}年")


@pytest.mark.parametrize("name", ["revisits:scripts", "revisits:results", "revisits:rules"])
def test_versions_do_not_cost_the_lists_queries(as_, admin_a, name, django_assert_max_num_queries):
    client = as_(admin_a)
    client.get(reverse(name))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse(name))
    for code in ("FS", "MT", "LOST"):
        for _again in range(2):
            change(admin_a, code, lambda steps: steps[1:])
    with django_assert_max_num_queries(len(few)):
        client.get(reverse(name))
