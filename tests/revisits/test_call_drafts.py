"""T08: what is typed into a call is kept on the server, for whoever resumes it, and goes when the call is saved."""

import uuid
from datetime import timedelta

import pytest

from crm_site.core import clock
from revisits import actions
from revisits.models import CallAttempt, CallDraft, Revisit
from tests.revisits.calls import service_task
from tests.revisits.test_call_page import Desk, form

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(store_a, specialist_a, as_):
    return Desk(service_task(store_a), specialist_a, as_(specialist_a))


def typed(number=1, page=None, **fields) -> dict[str, str]:
    """What a page sends as its draft."""
    return {"number": str(number), "submission": str(page or uuid.uuid4()), "channel": "phone"} | fields


def keep(desk, number=1, page=None, client=None, **fields):
    return (client or desk.client).post(f"/revisits/{desk.task.pk}/draft/", typed(number, page, **fields))


def test_a_half_written_note_is_there_when_the_page_is_opened_again(desk):
    told = keep(desk, note="客户下周三下午有空", answer_clean_comfortable="8", reason_reception="等得太久").json()
    assert told["number"] == 1
    page = desk.page().content.decode()
    assert "客户下周三下午有空" in page
    assert "草稿" in page
    shown = desk.page().context["form"]
    assert (shown.typed("answer_clean_comfortable"), shown.typed("reason_reception")) == ("8", "等得太久")


def test_the_submission_of_a_draft_is_never_used_again(desk):
    page = uuid.uuid4()
    keep(desk, page=page, note="一半")
    assert str(desk.page().context["form"]["submission"].value()) != str(page)


def test_saving_the_call_removes_the_draft(desk):
    keep(desk, note="一半")
    assert desk.save(note="全部").status_code == 302
    assert CallAttempt.objects.get().note == "全部"
    assert not CallDraft.objects.exists()


def test_an_ended_sign_in_keeps_what_was_kept_and_asks_to_sign_in(desk, client):
    keep(desk, note="登录过期以前写的")
    address = f"/revisits/{desk.task.pk}/draft/"
    assert client.post(address, typed(2, note="x")).status_code == 302  # to the sign-in page
    assert client.post(address, typed(2, note="x"), headers={"hx-request": "true"}).status_code == 401
    assert "登录过期以前写的" in desk.page().content.decode()


def test_the_window_typed_into_last_is_kept(desk):
    old, new = uuid.uuid4(), uuid.uuid4()
    assert keep(desk, 1, old, note="一").status_code == 200
    assert keep(desk, 2, new, note="二").status_code == 200
    refused = keep(desk, 2, old, note="旧窗口")
    assert (refused.status_code, refused.json()["code"]) == (409, "older")
    assert CallDraft.objects.get().values["note"] == "二"


def test_a_page_whose_answer_was_lost_may_say_it_again(desk):
    page = uuid.uuid4()
    for note in ("一", "一二"):
        assert keep(desk, 1, page, note=note).status_code == 200
    assert CallDraft.objects.get().values["note"] == "一二"


def test_who_lost_the_call_keeps_no_draft_and_the_taker_finds_the_text(desk, specialist_a2, as_):
    keep(desk, note="她写的一半")
    Revisit.objects.update(lease_until=clock.now() - timedelta(minutes=1))
    taker = as_(specialist_a2)
    taker.post(f"/revisits/{desk.task.pk}/open/")
    refused = keep(desk, 2, note="太晚了")
    assert (refused.status_code, refused.json()["code"]) == (409, "held")
    assert specialist_a2.employee.name in refused.json()["message"]
    page = taker.get(desk.url).content.decode()
    assert "她写的一半" in page
    assert desk.person.employee.name in page


def test_a_lease_that_ran_out_costs_no_text(desk):
    Revisit.objects.update(lease_until=clock.now() - timedelta(minutes=1))
    assert keep(desk, note="还在说").status_code == 200


def test_a_saved_or_given_back_call_keeps_no_draft(desk):
    desk.save(result="NO_ANSWER", go="back")
    assert keep(desk, note="再写").status_code == 409
    assert not CallDraft.objects.exists()


def test_a_call_broken_off_keeps_its_answers_for_the_resume(desk, specialist_a2, as_):
    desk.save(
        result="PARTIAL",
        answer_clean_comfortable="8",
        answer_reception="4",
        reason_reception="等得太久",
        note="信号断了",
    )
    assert CallAttempt.objects.get().response is None
    kept = CallDraft.objects.get()
    assert kept.values == {"answer_clean_comfortable": "8", "answer_reception": "4", "reason_reception": "等得太久"}
    Revisit.objects.update(not_before=None)
    other = as_(specialist_a2)
    other.post(f"/revisits/{desk.task.pk}/open/")
    shown = other.get(desk.url).context["form"]
    assert shown.typed("answer_reception") == "4"
    assert (shown.typed("note"), shown["result"].value()) == ("", None)


def test_a_call_that_goes_on_without_answers_leaves_nothing(desk):
    keep(desk, note="没人接")
    desk.save(result="NO_ANSWER", note="没人接")
    assert not CallDraft.objects.exists()


def test_a_draft_can_be_dropped(desk):
    keep(desk, note="打错人了")
    assert desk.client.post(f"/revisits/{desk.task.pk}/afresh/").url == desk.url
    assert "打错人了" not in desk.page().content.decode()


def test_a_stale_page_does_not_drop_what_a_colleague_left_for_the_resume(desk, specialist_a2, as_):
    Revisit.objects.update(lease_until=clock.now() - timedelta(minutes=1))
    as_(specialist_a2).post(f"/revisits/{desk.task.pk}/open/")
    as_(specialist_a2).post(desk.url, form(result="PARTIAL", answer_clean_comfortable="8"))
    assert CallDraft.objects.get().by == specialist_a2.employee
    assert desk.client.post(f"/revisits/{desk.task.pk}/afresh/").url == f"/revisits/{desk.task.pk}/"
    assert CallDraft.objects.exists()


def test_a_call_that_a_manager_ends_leaves_no_draft(desk, manager_a):
    keep(desk, note="一半")
    Revisit.objects.update(lease_until=clock.now() - timedelta(minutes=1))
    actions.end_by_hand(desk.task.pk, state="cancelled", reason="duplicate", by=manager_a.employee, now=clock.now())
    assert not CallDraft.objects.exists()


def test_what_no_call_form_has_is_not_kept(desk):
    keep(desk, note="x" * 9000, score="100", claimed_by="1", by="2")
    values = CallDraft.objects.get().values
    assert set(values) == {"submission", "channel", "note"}
    assert len(values["note"]) == 2000


@pytest.mark.parametrize("number", ["", "0", "-1", "viel"])
def test_a_draft_without_a_number_is_no_draft(desk, number):
    assert keep(desk, number, note="x").status_code == 400


def test_a_stranger_gets_404_and_the_wrong_role_403(desk, stranger_b, head_a, as_):
    for person, expected in ((stranger_b, 404), (head_a, 403)):
        for tail in ("draft", "afresh"):
            assert as_(person).post(f"/revisits/{desk.task.pk}/{tail}/", typed()).status_code == expected


# ---- interrupted calls -----------------------------------------------------------------------------------------------


def test_interrupted_calls_stand_on_todays_page_also_when_the_lease_ran_out(desk):
    keep(desk, note="一半")
    for lease in (timedelta(minutes=9), timedelta(minutes=-9)):
        Revisit.objects.update(lease_until=clock.now() + lease)
        page = desk.client.get("/revisits/")
        assert page.context["held"] == [desk.task]
        assert "草稿" in page.content.decode()
    resumed = desk.client.post(f"/revisits/{desk.task.pk}/open/")
    assert resumed.url == desk.url
    assert Revisit.objects.get(pk=desk.task.pk).lease_until > clock.now()


def yesterday(desk) -> None:
    """The call was taken and begun to be written down yesterday evening."""
    began = clock.now() - timedelta(hours=15)
    keep(desk, note="昨晚写的", started_at=began.isoformat())
    Revisit.objects.update(claimed_at=began, lease_until=began + actions.LEASE)
    CallDraft.objects.update(started_at=began)


def test_a_call_resumed_the_next_day_is_one_of_that_day_and_keeps_the_text(desk):
    yesterday(desk)
    desk.client.post(f"/revisits/{desk.task.pk}/open/")
    page = desk.page().context["form"]
    assert page.typed("note") == "昨晚写的"
    assert desk.save(result="NO_ANSWER", started_at=page.typed("started_at")).status_code == 302
    attempt = CallAttempt.objects.get()
    assert attempt.called_on == clock.today()
    assert attempt.ended_at - attempt.started_at < timedelta(minutes=5)


def test_a_page_left_open_overnight_saves_a_call_of_today(desk):
    yesterday(desk)
    opened = CallDraft.objects.get().started_at
    assert desk.save(result="NO_ANSWER", started_at=opened.isoformat()).status_code == 302
    attempt = CallAttempt.objects.get()
    assert attempt.ended_at - attempt.started_at < timedelta(minutes=5)


def test_what_somebody_else_took_is_no_interrupted_call_of_mine(desk, specialist_a2, as_):
    Revisit.objects.update(lease_until=clock.now() - timedelta(minutes=1))
    as_(specialist_a2).post(f"/revisits/{desk.task.pk}/open/")
    assert desk.client.get("/revisits/").context["held"] == []


def test_keeping_a_draft_costs_the_same_however_long_the_page(desk, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        keep(desk, note="x")
