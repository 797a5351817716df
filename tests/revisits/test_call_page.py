"""The call page: who may see it, what stands on it, what a submit does, and that nothing typed is lost."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.models import Complaint, Level
from crm_site.accounts.models import Role
from crm_site.core import clock
from customers.models import ContactBan, VehicleRole
from revisits import actions
from revisits.models import CallAttempt, Revisit, State
from satisfaction.models import Response
from tests.cast import make_person
from tests.factories import ComplaintFactory, ContactFactory, EmployeeFactory, PhoneFactory, RepairOrderFactory
from tests.revisits.calls import WORDS, delivery_task, service_task
from tests.revisits.test_call_saving import confirming_task
from tests.satisfaction.surveys import SHORT

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(store_a, specialist_a, as_):
    """A service call that the specialist has claimed, ready to be made."""
    return Desk(service_task(store_a, numbers=1), specialist_a, as_(specialist_a))


class Desk:
    """One person's page of one call."""

    def __init__(self, task, person, client) -> None:
        self.task, self.person, self.client = task, person, client
        self.claim()
        self.url = f"/revisits/{task.pk}/call/"

    def claim(self) -> None:
        now = clock.now()
        Revisit.objects.filter(pk=self.task.pk).update(due_on=clock.today(), expires_on=clock.today())
        role = self.person.role
        actions.claim(self.task.pk, self.person.employee, role, now=now, today=clock.business_day(now))

    def page(self):
        return self.client.get(self.url)

    def save(self, **typed):
        shown = self.task.joined.open().values_list("pk", flat=True)
        return self.client.post(self.url, form(**{"purposes_shown": ",".join(map(str, shown))} | typed))


def form(result="SUCCESS", mark=9, **typed) -> dict[str, str]:
    """What a browser sends for a short CSI."""
    data = {"submission": str(uuid.uuid4()), "result": result, "channel": "phone", "go": "next"}
    data |= {f"answer_{code}": str(mark) for code in (*SHORT, "overall", "come_again")} if result == "SUCCESS" else {}
    return data | typed


LOW = {"answer_reception": "4", "reason_reception": WORDS, "decision": "grievance"}


# ---- who sees it -----------------------------------------------------------------------------------------------------


def test_only_the_holder_sees_the_page(desk, specialist_a2, as_):
    assert desk.page().status_code == 200
    answer = as_(specialist_a2).get(desk.url)
    assert (answer.status_code, answer.url) == (302, f"/revisits/{desk.task.pk}/")


def test_looking_changes_nothing(desk):
    before = Revisit.objects.filter(pk=desk.task.pk).values().get()
    desk.page()
    assert Revisit.objects.filter(pk=desk.task.pk).values().get() == before


def test_a_lease_that_ran_out_is_kept_as_long_as_nobody_takes_the_call(desk, specialist_a2, as_):
    Revisit.objects.filter(pk=desk.task.pk).update(lease_until=clock.now() - timedelta(minutes=1))
    assert desk.page().status_code == 200
    as_(specialist_a2).post(f"/revisits/{desk.task.pk}/open/")
    assert desk.page().status_code == 302


@pytest.mark.parametrize("path", ["call", "renew"])
def test_a_stranger_gets_404_and_the_wrong_role_403(desk, stranger_b, head_a, as_, path):
    for person, expected in ((stranger_b, 404), (head_a, 403)):
        assert as_(person).post(f"/revisits/{desk.task.pk}/{path}/", form()).status_code == expected
    assert not CallAttempt.objects.exists()


def test_the_frontline_does_not_reach_a_scored_call(desk, frontline_a, as_):
    assert as_(frontline_a).get(desk.url).status_code == 404
    assert as_(frontline_a).post(desk.url, form()).status_code == 404


def test_the_frontline_makes_its_care_call(store_a, frontline_a, as_):
    task = delivery_task(store_a, "DLV_D1", ago=1, sales_consultant=frontline_a.employee)
    desk = Desk(task, frontline_a, as_(frontline_a))
    assert "车辆使用一切正常" in desk.page().content.decode()
    answer = desk.save(answer_car_fine="1", answer_explained="1", answer_help_wanted="贴膜")
    assert answer.status_code == 302
    assert Response.objects.get().answers.count() == 3


def test_a_car_that_is_brought_in_meanwhile_is_told_on_the_page_and_in_the_list(desk):
    assert not desk.page().context["in_workshop"]
    day = clock.today()
    RepairOrderFactory(
        store=desk.task.store, vehicle=desk.task.vehicle, state="open", handed_back_on=None, checked_in_on=day,
        recorded_on=day,
    )  # fmt: skip
    assert "车辆正在修" in desk.page().content.decode()
    Revisit.objects.update(claimed_by=None, claimed_at=None, lease_until=None)
    (line,) = [line for group in desk.client.get("/revisits/").context["groups"] for line in group["lines"]]
    assert line.status["word"] == "车辆在修"
    assert desk.client.post(f"/revisits/{desk.task.pk}/open/").url == f"/revisits/{desk.task.pk}/"


QUIET = "静默时段（12:00–14:00）"


def at_noon(desk, monkeypatch) -> None:
    """It is half past twelve, and the call is in hand."""
    noon = clock.at(clock.today(), 12, 30)
    monkeypatch.setattr(clock, "now", lambda: noon)
    Revisit.objects.filter(pk=desk.task.pk).update(claimed_at=noon, lease_until=noon + actions.LEASE)


def test_quiet_hours_are_told_on_the_page_and_over_the_list_and_refuse_nothing(desk, monkeypatch):
    at_noon(desk, monkeypatch)
    assert QUIET in desk.page().content.decode()
    assert QUIET in desk.client.get("/revisits/").content.decode()
    assert desk.save(result="NO_ANSWER").status_code == 302


def test_quiet_hours_do_not_count_for_a_time_that_the_customer_named(desk, monkeypatch):
    at_noon(desk, monkeypatch)
    Revisit.objects.filter(pk=desk.task.pk).update(promised_at=clock.now())
    assert QUIET not in desk.page().content.decode()


@pytest.mark.parametrize(("level", "told"), [("L2", True), ("L3", False), ("L4", False)])
def test_quiet_hours_do_not_count_for_who_waits_over_a_grave_complaint(desk, monkeypatch, level, told):
    ComplaintFactory(
        store=desk.task.store, customer=desk.task.customer, level=Level.objects.get(store=None, code=level)
    )
    at_noon(desk, monkeypatch)
    assert (QUIET in desk.page().content.decode()) == told


def test_between_the_quiet_hours_nothing_is_told(desk, monkeypatch):
    at_noon(desk, monkeypatch)
    afternoon = clock.at(clock.today(), 15)
    monkeypatch.setattr(clock, "now", lambda: afternoon)
    assert "静默时段" not in desk.page().content.decode()


# ---- what stands on it -----------------------------------------------------------------------------------------------


def test_the_number_stands_in_full_and_the_script_is_filled_in(desk):
    page = desk.page().content.decode()
    digits = desk.task.phone.number
    assert f'href="tel:{digits}"' in page
    assert f"{digits[:3]} {digits[3:7]} {digits[7:]}" in page
    said = re.sub(r"<[^>]+>", "", page)
    assert "请问是周晓岚女士吗？我是渝北一店客户关系中心的陈思雨" in said
    assert "{" not in said.split("话术")[1].split("结束语")[1][:400]


def test_every_question_and_every_result_can_be_chosen_without_javascript(desk):
    page = desk.page().content.decode()
    for code in (*SHORT, "overall", "come_again"):
        assert len(re.findall(f'name="answer_{code}"', page)) == 11
        assert (f'name="reason_{code}"' in page) == (code != "come_again")
    assert page.count('name="result"') == 17
    assert page.count('name="decision"') == 4


def test_the_page_says_what_saving_will_do(desk):
    page = desk.page().content.decode()
    assert "已用 1 / 3 次" in page
    assert "此号码记为无效，任务转待补号码。" in page


def test_an_open_ticket_takes_the_marks_off_the_page(desk):
    ticket = ComplaintFactory(store=desk.task.store, customer=desk.task.customer)
    page = desk.page().content.decode()
    assert ticket.number in page
    assert "answer_reception" not in page
    assert desk.save(note="已告知配件明天到").status_code == 302
    assert not Response.objects.exists()


def test_who_has_refused_meanwhile_is_not_dialled(desk):
    ContactBan.objects.create(
        store=desk.task.store, customer=desk.task.customer, purpose="revisit", since=clock.today()
    )
    page = desk.page().content.decode()
    assert "tel:" not in page
    assert desk.task.phone.number not in page
    assert "客户" in re.search(r"hf-note--bad.*?</p>", page, re.S)[0]


def test_a_driver_is_greeted_by_his_own_name(store_a, specialist_a, as_):
    task = service_task(store_a)
    driver = ContactFactory(customer=task.customer, name="王师傅", identity="driver", sex="m")
    PhoneFactory(customer=task.customer, contact=driver, rank=2)
    Revisit.objects.filter(pk=task.pk).update(phone=driver.phones.get())
    page = Desk(task, specialist_a, as_(specialist_a)).page().content.decode()
    assert "王师傅先生" in re.sub(r"<[^>]+>", "", page)


def test_in_english_everything_but_the_script_is_english(desk, as_):
    client = as_(desk.person, "en")
    page = client.get(desk.url, headers={"accept-language": "en"}).content.decode()
    outside = re.sub(r'lang="zh-Hans">.*?</p>', "", page, flags=re.S)
    for word in ("Why this call", "Save and take the next", "Reception", "Broken off", "Try 1 of 3"):
        assert word in outside
    assert "保存" not in outside
    assert "话术" not in outside


def test_queries_do_not_grow_with_the_past(desk, specialist_a):
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert desk.page().status_code == 200
        return len(queries)

    count()
    before = count()
    task = desk.task
    for _ in range(8):
        ComplaintFactory(store=task.store, customer=task.customer, vehicle=task.vehicle)
        RepairOrderFactory(store=task.store, vehicle=task.vehicle, customer=task.customer)
        contact = ContactFactory(customer=task.customer)
        PhoneFactory(customer=task.customer, contact=contact, rank=5)
        VehicleRole.objects.create(
            store=task.store, vehicle=task.vehicle, customer=task.customer, contact=contact, role="driver"
        )
        make_attempt(task, specialist_a)
    assert count() <= before + 1


def make_attempt(task, person) -> None:
    result = actions.calls.result_of(task.store_id, "NO_ANSWER")
    CallAttempt.objects.create(
        store=task.store, revisit=task, by=person.employee, started_at=clock.now(), ended_at=clock.now(),
        called_on=clock.today(), result=result, submission=uuid.uuid4(),
    )  # fmt: skip


# ---- saving ----------------------------------------------------------------------------------------------------------


def test_saving_takes_the_next_call(desk):
    other = service_task(desk.task.store)
    Revisit.objects.filter(pk=other.pk).update(due_on=clock.today(), expires_on=clock.today())
    answer = desk.save(**LOW)
    assert (answer.status_code, answer.url) == (302, f"/revisits/{other.pk}/call/")
    other.refresh_from_db()
    assert other.claimed_by == desk.person.employee
    assert Complaint.objects.get().words == WORDS


def test_saving_and_going_back_takes_nothing(desk):
    other = service_task(desk.task.store)
    Revisit.objects.filter(pk=other.pk).update(due_on=clock.today(), expires_on=clock.today())
    assert desk.save(go="back").url == "/revisits/"
    other.refresh_from_db()
    assert other.claimed_by is None


def test_when_nothing_is_left_the_list_says_so(desk):
    answer = desk.client.post(desk.url, form(), follow=True)
    assert answer.redirect_chain[-1][0] == "/revisits/"
    assert "通话已保存。" in answer.content.decode()


def test_the_same_submission_is_saved_once_and_shown_the_second_time(desk):
    data = form(go="back")
    assert desk.client.post(desk.url, data).url == "/revisits/"
    again = desk.client.post(desk.url, data)
    assert again.url == f"/revisits/{desk.task.pk}/"
    assert CallAttempt.objects.count() == 1


def test_after_a_double_click_one_goes_on_with_the_call_that_was_taken(desk):
    other = service_task(desk.task.store)
    Revisit.objects.filter(pk=other.pk).update(due_on=clock.today(), expires_on=clock.today())
    third = service_task(desk.task.store)
    Revisit.objects.filter(pk=third.pk).update(due_on=clock.today(), expires_on=clock.today())
    data = form()
    first, second = desk.client.post(desk.url, data), desk.client.post(desk.url, data)
    assert first.url == second.url
    assert Revisit.objects.filter(claimed_by=desk.person.employee).count() == 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"answer_reception": "4", "decision": "grievance"}, "打了低分"),
        ({"answer_reception": "4", "reason_reception": WORDS}, "选一项"),
        ({"answer_reception": "11"}, "11"),
        ({"result": ""}, "选择这次通话的结果。"),
        ({"result": "RESCHED"}, "选择客户约定的日期和时间。"),
        ({"result": "NOT_OWNER", "contact_phone": "12"}, "12"),
        ({"channel": "wechat"}, "评分要在通话或面访中询问"),
        ({"gap_insurance_until": "下个月"}, "下个月"),
        ({"submission": "nonsense"}, "你写的内容都还在"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(desk, typed, told):
    answer = desk.save(**{"note": "客户下周三有空", "answer_clean_comfortable": "7"} | typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert told in page
    assert "客户下周三有空" in page
    assert re.search(r'name="answer_clean_comfortable" value="7"[^>]* checked', page)
    assert not any(model.objects.exists() for model in (CallAttempt, Response, Complaint))


def test_everything_that_is_missing_is_said_at_once(desk):
    page = desk.save(answer_reception="4", answer_on_time="3").content.decode()
    assert page.count("打了低分") == 2
    assert "选一项" in page


def test_what_somebody_else_took_is_refused_with_the_name_and_the_text_kept(desk, specialist_a2, as_):
    Revisit.objects.filter(pk=desk.task.pk).update(lease_until=clock.now() - timedelta(minutes=1))
    as_(specialist_a2).post(f"/revisits/{desk.task.pk}/open/")
    answer = desk.save(note="客户下周三有空")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "冉月" in page
    assert "客户下周三有空" in page
    assert not CallAttempt.objects.exists()


def test_who_served_the_customer_is_refused_on_saving_too(desk):
    order = desk.task.repair_order
    order.service_advisor = desk.person.employee
    order.save(update_fields=["service_advisor"])
    assert desk.save().status_code == 422
    assert not CallAttempt.objects.exists()


def test_an_employee_of_another_store_cannot_be_accused(desk, store_b):
    stranger = EmployeeFactory(store=store_b)
    assert desk.save(**LOW, accused=str(stranger.pk)).status_code == 422
    assert not Complaint.objects.exists()


def test_the_time_of_dialling_cannot_lie_before_the_claim(desk):
    desk.save(started_at="2020-01-01T00:00:00Z")
    assert CallAttempt.objects.get().called_on == clock.today()


def test_a_promise_is_kept_as_it_was_typed(desk):
    day = clock.today() + timedelta(days=1)
    desk.save(result="RESCHED", agreed_on=f"{day:%Y-%m-%d}", agreed_time="20:15")
    desk.task.refresh_from_db()
    assert desk.task.promised_at == clock.at(day, 20, 15)
    assert desk.task.state == State.IN_PROGRESS


def test_a_confirming_call_asks_for_the_verdict_and_opens_no_ticket(store_a, specialist_a, as_, story):
    desk = Desk(confirming_task(story), specialist_a, as_(specialist_a))
    page = desk.page().content.decode()
    assert page.count('name="confirm_result"') == 6
    assert 'name="decision"' not in page
    marks = {f"answer_handling_{part}": "4" for part in ("manner", "speed", "result")}
    words = {f"reason_handling_{part}": WORDS for part in ("manner", "speed", "result")}
    typed = {"submission": str(uuid.uuid4()), "result": "SUCCESS", "channel": "phone", "go": "back"} | marks | words
    refused = desk.client.post(desk.url, typed)
    assert refused.status_code == 422
    assert "选择客户对处理结果的表态。" in refused.content.decode()
    assert desk.client.post(desk.url, typed | {"confirm_result": "dissatisfied"}).status_code == 302
    assert Complaint.objects.get().state == "reopened"


# ---- the lease -------------------------------------------------------------------------------------------------------


def test_the_page_keeps_its_lease(desk):
    answer = desk.client.post(f"/revisits/{desk.task.pk}/renew/")
    assert answer.status_code == 200
    assert 800 < answer.json()["left"] <= 900


def test_a_lost_lease_is_told(desk, store_a, as_):
    actions.release(desk.task.pk, desk.person.employee)
    answer = desk.client.post(f"/revisits/{desk.task.pk}/renew/")
    assert answer.status_code == 409
    assert "不再占用" in answer.json()["message"]


def test_the_manager_helps_out(store_a, as_):
    manager = make_person(store_a, Role.MANAGER, "温静")
    assert Desk(service_task(store_a), manager, as_(manager)).save(go="back").status_code == 302


def test_of_a_card_restricted_while_the_call_is_held_nothing_is_told(desk):
    customer = desk.task.customer
    assert customer.name in desk.page().content.decode()
    type(customer).objects.filter(pk=customer.pk).update(restricted=True)
    html = desk.page().content.decode()
    assert not re.search(f"{customer.name}|{desk.task.vehicle.plate_no}|{desk.task.phone.number}", html)
    assert "限制处理" in html
