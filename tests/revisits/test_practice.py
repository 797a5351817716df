"""Practice mode: the review as a table, the pages, and that nothing of an invented call stays anywhere."""

import hashlib
import uuid
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection
from django.urls import reverse

from crm_site.core import clock
from revisits.defaults.practice import BY_CODE, CASES
from revisits.models import PracticeCall
from revisits.rules.practice import FINDINGS, Expected, Moment, Said, review
from tests.factories import DAY

pytestmark = pytest.mark.django_db

NOW = clock.at(DAY, 10)
SHORT = {
    "clean_comfortable": 9, "reception": 9, "fixed_first_time": 9, "charges_transparent": 9, "on_time": 9,
    "overall": 9, "come_again": 9,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr("crm_site.core.clock.now", lambda: NOW)
    monkeypatch.setattr("crm_site.core.clock.today", lambda: DAY)


# ---- the review ------------------------------------------------------------------------------------------------------

LOW = Expected("SUCCESS", answers=7, low=frozenset({"on_time"}), decision="grievance")


@pytest.mark.parametrize(
    ("expected", "said", "right", "missed"),
    [
        (Expected("SUCCESS", answers=7), Said("SUCCESS", answers=7), "result answers low", ""),
        (Expected("SUCCESS", answers=7), Said("SUCCESS", answers=5), "result low", "answers"),
        (Expected("SUCCESS", answers=7), Said("SUCCESS", 7, {"on_time": "慢"}), "result answers", "low"),
        (LOW, Said("SUCCESS", 7, {"on_time": "等三小时"}, "grievance"), "result answers low words decision", ""),
        (LOW, Said("SUCCESS", 7, {"on_time": " "}, "grievance"), "result answers low decision", "words"),
        (LOW, Said("SUCCESS", 7, {"on_time": "慢"}, "settled"), "result answers low words", "decision"),
        (LOW, Said("SUCCESS", 7, {"reception": "慢"}, "grievance"), "result answers decision", "low words"),
        (Expected("RESCHED", agreed=Moment(1, 19)), Said("RESCHED", agreed=Moment(1, 19)), "result agreed", ""),
        (Expected("RESCHED", agreed=Moment(1, 19)), Said("RESCHED", agreed=Moment(0, 19)), "result", "agreed"),
        (Expected("REFUSED", refuses_calls=True), Said("REFUSED"), "result", "ban"),
        (Expected("WRONG_NO"), Said("VACANT"), "", "result"),
        (Expected("NOT_OWNER", contact="13900002018"), Said("NOT_OWNER", contact="13900002018"), "result contact", ""),
        (Expected("NOT_OWNER", contact="13900002018"), Said("NOT_OWNER"), "result", "contact"),
        (Expected("PARTIAL", note=True), Said("PARTIAL", note="  "), "result", "note"),
        (Expected("PARTIAL", note=True), Said("PARTIAL", note="断线"), "result note", ""),
        (Expected("SUCCESS", booking_days=2), Said("SUCCESS", booking_days=2), "result booking", ""),
        (Expected("SUCCESS", purposes=("refused",)), Said("SUCCESS", purposes=("done",)), "result", "purposes"),
    ],
)
def test_a_record_is_held_against_its_case(expected, said, right, missed):
    found = review(expected, said)
    assert (" ".join(found.right), " ".join(found.missed)) == (right, missed)


def test_there_are_ten_cases_that_differ():
    assert len(BY_CODE) == len(CASES) == 10
    assert len({case.expected for case in CASES}) == 10
    assert {case.expected.result for case in CASES} >= {"SUCCESS", "REFUSED", "WRONG_NO", "RESCHED", "SOLD", "PARTIAL"}


# ---- the pages -------------------------------------------------------------------------------------------------------


def page(code):
    return reverse("revisits:practice_call", args=[code])


def marks(**changes) -> dict:
    return {f"answer_{code}": value for code, value in (SHORT | changes).items()}


def written(case, client) -> dict:
    """What a good record of each case says in the form."""
    form = client.get(page(case)).context["form"]
    common = {
        "submission": str(uuid.uuid4()),
        "started_at": (NOW - timedelta(minutes=3)).isoformat(),
        "channel": "phone",
    }
    tomorrow, later = DAY + timedelta(days=1), DAY + timedelta(days=2)
    said = {
        "happy": {"result": "SUCCESS", **marks()},
        "waited": {"result": "SUCCESS", **marks(on_time=5), "reason_on_time": "等到下午两点", "decision": "grievance"},
        "brakes": {
            "result": "SUCCESS", **marks(fixed_first_time=1, overall=2, come_again=1), "decision": "complaint",
            "reason_fixed_first_time": "刹车踩不住", "reason_overall": "差点追尾", "reason_come_again": "不敢再来",
            "note": "客户称将投诉12315",
        },
        "refuses": {"result": "REFUSED", "refuses_calls": "on"},
        "stranger": {"result": "WRONG_NO"},
        "evening": {"result": "RESCHED", "agreed_on": f"{tomorrow}", "agreed_time": "19:00"},
        "sold": {"result": "SOLD"},
        "spouse": {"result": "NOT_OWNER", "contact_name": "宋立", "contact_phone": "13900002018"},
        "breaks_off": {"result": "PARTIAL", "note": "信号中断"},
        "two_things": {
            "result": "SUCCESS", "booking_on": f"{later}",
            **{f"purpose_{task.pk}": "refused" for task in form.desk.joined},
        },
    }  # fmt: skip
    return common | said[case]


@pytest.mark.parametrize("case", list(BY_CODE))
def test_a_good_record_of_every_case_has_nothing_missed(as_, specialist_a, case):
    client = as_(specialist_a)
    answer = client.post(page(case), written(case, client))
    assert answer.status_code == 302, [str(one) for one in answer.context["form"].errors.values()]
    row = PracticeCall.objects.get()
    assert row.findings["missed"] == []
    assert row.findings["right"] == [code for code in FINDINGS if code in row.findings["right"]]
    assert "全部正确" in client.get(answer.url).content.decode()


@pytest.mark.parametrize("case", list(BY_CODE))
def test_no_fact_stands_against_an_invented_call_and_its_form_is_asked(as_, specialist_a, case):
    told = as_(specialist_a).get(page(case)).context
    assert told["stopped"] == ""
    assert (told["questionnaire"] is not None) == bool(BY_CODE[case].form)
    assert told["number"]


def test_what_was_missed_is_told_with_what_was_right_here(as_, specialist_a):
    client = as_(specialist_a)
    answer = client.post(page("waited"), written("waited", client) | {"decision": "complaint"})
    told = client.get(answer.url).content.decode()
    assert "抱怨" in told
    assert PracticeCall.objects.get().findings["missed"] == ["decision"]


def test_the_real_page_says_that_it_is_practice_and_leads_nowhere_else(as_, specialist_a):
    told = as_(specialist_a).get(page("happy")).content.decode()
    assert "练习" in told
    assert "梁晓梅" in told
    assert "data-draft" not in told
    assert "data-renew" not in told
    assert f'action="{page("happy")}"' in told


def test_what_the_real_action_refuses_is_told_and_nothing_typed_is_lost(as_, specialist_a):
    client = as_(specialist_a)
    said = written("waited", client) | {"reason_on_time": "", "note": "客户着急"}
    answer = client.post(page("waited"), said)
    assert answer.status_code == 422
    assert "客户着急" in answer.content.decode()
    assert not PracticeCall.objects.exists()


def test_a_double_click_is_kept_once(as_, specialist_a):
    client = as_(specialist_a)
    said = written("happy", client)
    first, second = client.post(page("happy"), said), client.post(page("happy"), said)
    assert first.url == second.url
    assert PracticeCall.objects.count() == 1


@pytest.mark.parametrize("role", ["frontline_a", "manager_a"])
def test_consultants_and_managers_practise_too(as_, request, role):
    client = as_(request.getfixturevalue(role))
    assert client.get(reverse("revisits:practice")).status_code == 200
    assert client.post(page("happy"), written("happy", client)).status_code == 302


def test_nobody_reads_the_practice_of_a_colleague(as_, specialist_a, specialist_a2):
    client = as_(specialist_a)
    done = client.post(page("happy"), written("happy", client)).url
    assert as_(specialist_a2).get(done).status_code == 404


# ---- nothing stays ---------------------------------------------------------------------------------------------------


def _table(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{name}"')  # names come from the models
        rows = sorted(repr(row) for row in cursor.fetchall())
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def fingerprints() -> dict[str, str]:
    """A hash of every table but the sessions."""
    names = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    return {name: _table(name) for name in sorted(names - {"accounts_session"})}


def files() -> set[str]:
    return set(default_storage.listdir("")[1]) if default_storage.exists("") else set()


@pytest.mark.parametrize("case", list(BY_CODE))
def test_looking_changes_nothing_and_saving_only_the_practice(
    as_, specialist_a, case, django_capture_on_commit_callbacks
):
    client = as_(specialist_a)
    client.get(reverse("revisits:practice"))
    before, kept = fingerprints(), files()
    with django_capture_on_commit_callbacks() as after_commit:
        said = written(case, client)
        assert fingerprints() == before
        client.post(page(case), said)
    now = fingerprints()
    assert {name for name in now if now[name] != before[name]} == {"revisits_practicecall"}
    assert after_commit == []
    assert files() == kept


def test_a_refused_record_changes_nothing_at_all(as_, specialist_a):
    client = as_(specialist_a)
    client.get(reverse("revisits:practice"))
    before = fingerprints()
    assert client.post(page("evening"), {"result": "RESCHED"}).status_code == 422
    assert fingerprints() == before


def test_two_who_practise_have_worlds_of_their_own(as_, specialist_a, specialist_a2):
    keys = [as_(person).get(page("happy")).context["task"].pk for person in (specialist_a, specialist_a2)]
    assert keys[0] != keys[1]
