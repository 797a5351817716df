"""T05–T07: the same page sent twice, its answer lost, or come back to by the back button."""

import uuid
from functools import partial

import pytest

from complaints.models import Complaint
from crm_site.accounts.models import Role
from crm_site.core import clock
from revisits import actions
from revisits.models import CallAttempt
from tests.cast import make_person
from tests.factories import StoreFactory
from tests.revisits.calls import service_task
from tests.revisits.test_call_page import LOW, Desk, form
from tests.revisits.test_races import at_once


@pytest.fixture
def desk(store_a, specialist_a, as_):
    return Desk(service_task(store_a), specialist_a, as_(specialist_a))


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("reference")
def test_t05_the_same_post_twice_at_once_makes_one_row_and_both_are_told_the_same(as_, repeat):
    store = StoreFactory()
    person = make_person(store, Role.SPECIALIST, "陈思雨")
    for _ in range(repeat):
        task = service_task(store)
        now = clock.now()
        actions.claim(task.pk, person.employee, Role.SPECIALIST, now=now, today=clock.business_day(now))
        data = form(go="back", note="两次") | LOW
        told = at_once([partial(as_(person).post, f"/revisits/{task.pk}/call/", data) for _ in range(2)])
        assert [answer.status_code for answer in told] == [302, 302]
        assert {answer.url for answer in told} <= {"/revisits/", f"/revisits/{task.pk}/"}
        for model in (CallAttempt, Complaint):
            assert model.objects.filter(submission=data["submission"]).count() == 1


@pytest.mark.django_db
def test_t06_an_answer_that_was_lost_is_asked_for_again_and_nothing_is_written_twice(
    store_a, specialist_a, as_, repeat
):
    client = as_(specialist_a)
    for _ in range(repeat):
        desk = Desk(service_task(store_a), specialist_a, client)
        data = form(note="改约", go="back") | LOW
        client.post(desk.url, data)  # the answer never arrives
        again = client.post(desk.url, data)
        assert (again.status_code, again.url) == (302, f"/revisits/{desk.task.pk}/")
    assert CallAttempt.objects.count() == Complaint.objects.count() == repeat


@pytest.mark.django_db
@pytest.mark.parametrize("number", range(20))
def test_t07_text_changed_after_going_back_is_asked_about_and_kept(desk, number):
    data = form(note="第一次写的", go="back")
    desk.client.post(desk.url, data)
    words = f"回来以后补写的第 {number} 条"
    asked = desk.client.post(desk.url, data | {"note": words})
    assert asked.status_code == 200
    page = asked.content.decode()
    assert "第一次写的" in page
    assert words in page
    made = CallAttempt.objects.get()
    assert desk.client.post(f"/revisits/attempts/{made.pk}/note/", {"note": words}).status_code == 302
    made.refresh_from_db()
    assert made.note == words


@pytest.mark.django_db
def test_answers_and_a_result_changed_after_going_back_are_shown_as_words(desk):
    data = form(note="说好了", go="back")
    desk.client.post(desk.url, data)
    page = desk.client.post(desk.url, data | LOW).content.decode()
    assert LOW["reason_reception"] in page
    other = desk.client.post(desk.url, form("REFUSED", submission=data["submission"], note="说好了")).content.decode()
    assert "拒访" in other
    assert CallAttempt.objects.get().result.code == "SUCCESS"


@pytest.mark.django_db
def test_only_the_caller_changes_a_note_and_only_on_the_day(desk, specialist_a2, as_):
    desk.save(note="原来的", go="back")
    made = CallAttempt.objects.get()
    address = f"/revisits/attempts/{made.pk}/note/"
    refused = as_(specialist_a2).post(address, {"note": "别人改"})
    assert refused.status_code == 422
    assert "别人改" in refused.content.decode()
    CallAttempt.objects.update(called_on=clock.today().replace(day=1, month=1))
    assert desk.client.post(address, {"note": "过几天改"}).status_code == 422
    made.refresh_from_db()
    assert made.note == "原来的"


@pytest.mark.django_db
def test_a_note_that_is_too_long_is_refused_with_the_text_kept(desk):
    desk.save(go="back")
    made = CallAttempt.objects.get()
    refused = desk.client.post(f"/revisits/attempts/{made.pk}/note/", {"note": "长" * 1001})
    assert (refused.status_code, "长" * 1001 in refused.content.decode()) == (422, True)


@pytest.mark.django_db
def test_the_first_post_wins_also_with_another_submission(desk):
    desk.save(go="back")
    refused = desk.client.post(desk.url, form(note="第二份", submission=str(uuid.uuid4())))
    assert refused.status_code == 422
    assert "第二份" in refused.content.decode()
    assert CallAttempt.objects.count() == 1
