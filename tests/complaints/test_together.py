"""Two people at one ticket: what does not overlap is combined, what does comes back side by side, nothing is lost."""

import pytest

from complaints import actions
from complaints.ledger import fold
from complaints.models import State
from crm_site.audit.models import Entry
from crm_site.core import clock
from customers import search
from tests.complaints.pages import forms_of, send, shown
from tests.complaints.story import moment, snapshot
from tests.factories import CustomerFactory, EmployeeFactory, RepairOrderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(story):
    return story.ticket(State.ACCEPTED)


@pytest.fixture
def head(as_, story):
    return as_(story.head)


@pytest.fixture
def manager(as_, story):
    return as_(story.manager)


def test_fields_that_do_not_overlap_are_both_kept(ticket, head, manager):
    mine, theirs = shown(head, ticket, "edit"), shown(manager, ticket, "edit")
    assert send(manager, ticket, "edit", theirs | {"demand": "退还工时费"}).status_code == 302
    assert send(head, ticket, "edit", mine | {"external_number": "4S-778"}).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.demand, ticket.external_number) == ("退还工时费", "4S-778")
    assert [step.detail["changes"] for step in ticket.steps.filter(action="edit")] == [
        {"demand": ["", "退还工时费"]}, {"external_number": ["", "4S-778"]}
    ]  # fmt: skip


def test_a_field_that_both_changed_comes_back_with_mine_theirs_and_the_original(ticket, head, manager):
    mine, theirs = shown(head, ticket, "edit"), shown(manager, ticket, "edit")
    send(manager, ticket, "edit", theirs | {"demand": "退还工时费", "external_number": "4S-1"})
    before = snapshot(ticket)
    answer = send(head, ticket, "edit", mine | {"demand": "免费重做并道歉", "series": "途岳"})
    assert answer.status_code == 409
    assert snapshot(ticket) == before
    page = answer.content.decode()
    for words in ("退还工时费", "免费重做并道歉", "（空）", "温静", "外部编号: 4S-1"):
        assert words in page, words
    back = forms_of(answer)["edit"]
    assert (back["demand"], back["series"], back["external_number"]) == ("免费重做并道歉", "途岳", "4S-1")

    assert send(head, ticket, "edit", back).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.demand, ticket.series, ticket.external_number) == ("免费重做并道歉", "途岳", "4S-1")


def test_who_gives_a_field_up_keeps_theirs_and_saves_the_rest(ticket, head, manager):
    mine, theirs = shown(head, ticket, "edit"), shown(manager, ticket, "edit")
    send(manager, ticket, "edit", theirs | {"demand": "退还工时费"})
    back = forms_of(send(head, ticket, "edit", mine | {"demand": "免费重做", "series": "途岳"}))["edit"]
    assert back["keep-demand"] == "mine"
    assert send(head, ticket, "edit", back | {"keep-demand": "theirs"}).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.demand, ticket.series) == ("退还工时费", "途岳")


def test_a_third_change_between_looking_and_saving_again_is_seen_too(ticket, head, manager):
    mine, theirs = shown(head, ticket, "edit"), shown(manager, ticket, "edit")
    send(manager, ticket, "edit", theirs | {"demand": "第一次"})
    back = forms_of(send(head, ticket, "edit", mine | {"demand": "我的"}))["edit"]
    send(manager, ticket, "edit", shown(manager, ticket, "edit") | {"demand": "第二次"})
    answer = send(head, ticket, "edit", back)
    assert answer.status_code == 409
    assert "第一次" in answer.content.decode()
    assert "第二次" in answer.content.decode()


def test_the_same_change_by_both_is_no_clash(ticket, head, manager):
    mine, theirs = shown(head, ticket, "edit"), shown(manager, ticket, "edit")
    send(manager, ticket, "edit", theirs | {"demand": "退还工时费"})
    assert send(head, ticket, "edit", mine | {"demand": "退还工时费"}).status_code == 302
    assert ticket.steps.filter(action="edit").count() == 1


def test_a_double_click_is_one_step(ticket, head):
    fields = shown(head, ticket, "contact") | {"note": "已电话联系"}
    assert [send(head, ticket, "contact", fields).status_code for _ in range(2)] == [302, 302]
    assert ticket.steps.filter(action="contact").count() == 1
    fields = shown(head, ticket, "investigate") | {"cause_class": "product", "cause": "滤芯批次"}
    assert [send(head, ticket, "investigate", fields).status_code for _ in range(2)] == [302, 302]
    assert ticket.steps.filter(action="investigate").count() == 1


def test_back_with_another_text_is_saved_as_its_own_step(ticket, head):
    fields = shown(head, ticket, "contact") | {"note": "已电话联系"}
    send(head, ticket, "contact", fields)
    assert send(head, ticket, "contact", fields | {"note": "客户要求明天来电"}).status_code == 302
    assert list(ticket.steps.filter(action="contact").values_list("note", flat=True)) == [
        "已电话联系", "客户要求明天来电"
    ]  # fmt: skip


def test_two_windows_of_one_person_are_no_clash_unless_they_differ(ticket, head):
    first, second = shown(head, ticket, "edit"), shown(head, ticket, "edit")
    send(head, ticket, "edit", first | {"demand": "退还工时费"})
    assert send(head, ticket, "edit", second | {"series": "途岳"}).status_code == 302
    third = second | {"demand": "道歉"}
    answer = send(head, ticket, "edit", third)
    assert answer.status_code == 409
    assert "你（另一个窗口）" in answer.content.decode()
    ticket.refresh_from_db()
    assert (ticket.demand, ticket.series) == ("退还工时费", "途岳")


def test_a_step_that_moves_the_ticket_says_who_was_faster_and_keeps_the_text(story, head, manager):
    ticket = story.ticket(State.INVESTIGATING)
    mine, theirs = shown(head, ticket, "propose"), shown(manager, ticket, "propose")
    assert send(manager, ticket, "propose", theirs | {"solution": "更换蒸发箱"}).status_code == 302
    answer = send(head, ticket, "propose", mine | {"solution": "免费重做"})
    assert answer.status_code == 409
    page = answer.content.decode()
    for words in ("温静", "提出方案", "更换蒸发箱", "免费重做"):
        assert words in page, words
    ticket.refresh_from_db()
    assert ticket.solution == "更换蒸发箱"


def test_a_step_that_is_no_longer_possible_keeps_the_text_too(story, head, manager):
    ticket = story.ticket(State.REGISTERED)
    mine, theirs = shown(head, ticket, "accept"), shown(manager, ticket, "accept")
    handler = str(story.manager.employee.pk)
    assert send(manager, ticket, "accept", theirs | {"handler": handler}).status_code == 302
    fields = mine | {"handler": str(story.head.employee.pk), "reason": "本部门的单子"}
    answer = send(head, ticket, "accept", fields)
    assert answer.status_code == 409
    assert "本部门的单子" in answer.content.decode()
    ticket.refresh_from_db()
    assert ticket.handler == story.manager.employee


def test_a_forged_version_or_seal_overwrites_nothing_unseen(ticket, head, manager):
    mine, theirs = shown(head, ticket, "edit"), shown(manager, ticket, "edit")
    send(manager, ticket, "edit", theirs | {"demand": "退还工时费"})
    for forged in ({"version": "999999"}, {"shown": "x"}, {"shown": "", "version": "999999"}):
        answer = send(head, ticket, "edit", mine | {"demand": "免费重做"} | forged)
        assert answer.status_code == 409, forged
    ticket.refresh_from_db()
    assert ticket.demand == "退还工时费"


# --- correcting facts ---


def test_a_correction_keeps_old_and_new_in_the_log_and_no_words_in_the_trail(ticket, head):
    fields = shown(head, ticket, "edit") | {"words": "空调清洗后有霉味", "reason": "客户原话更正"}
    assert send(head, ticket, "edit", fields).status_code == 302
    step = ticket.steps.get(action="edit")
    assert step.detail["changes"] == {"words": ["空调清洗后仍有异味", "空调清洗后有霉味"]}
    entry = Entry.objects.get(action="complaint.edit")
    assert entry.detail["changes"] == {"words": None}
    page = head.get(f"/complaints/{ticket.pk}/").content.decode()
    assert "空调清洗后仍有异味" in page
    assert "空调清洗后有霉味" in page


def test_words_and_receipt_are_corrected_with_a_reason_only(ticket, head):
    before = snapshot(ticket)
    shown_fields = shown(head, ticket, "edit")
    assert send(head, ticket, "edit", shown_fields | {"words": "别的"}).status_code == 422
    assert snapshot(ticket) == before


def test_saving_without_a_change_writes_nothing(ticket, head):
    before = snapshot(ticket)
    assert send(head, ticket, "edit", shown(head, ticket, "edit")).status_code == 302
    assert snapshot(ticket) == before


def test_the_handler_cannot_become_the_accused(ticket, head, story):
    before = snapshot(ticket)
    fields = shown(head, ticket, "edit") | {"accused": str(story.head.employee.pk)}
    answer = send(head, ticket, "edit", fields)
    assert answer.status_code == 422
    assert "何志远" in answer.content.decode()
    assert snapshot(ticket) == before


def test_another_customer_is_found_and_taken_on_the_form(ticket, head):
    other = CustomerFactory(store=ticket.store, name="周晓芸")
    search.refresh([other.pk])
    fields = shown(head, ticket, "edit") | {"demand": "退款"}
    answer = send(head, ticket, "edit", fields | {"typed": "周晓芸", "find": "1"})
    assert answer.status_code == 200
    back = forms_of(answer)["edit"]
    assert back["demand"] == "退款"
    assert f'value="{other.pk}"' in answer.content.decode()
    assert send(head, ticket, "edit", back | {"customer": str(other.pk)}).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.customer, ticket.demand) == (other, "退款")


def test_rows_of_another_store_are_refused(ticket, head, store_b):
    before = snapshot(ticket)
    for field, row in (("customer", CustomerFactory(store=store_b)), ("accused", EmployeeFactory(store=store_b))):
        assert send(head, ticket, "edit", shown(head, ticket, "edit") | {field: str(row.pk)}).status_code == 422
    assert snapshot(ticket) == before


def test_a_closed_ticket_takes_only_what_came_from_outside(story, head):
    ticket = story.ticket(State.CLOSED)
    fields = shown(head, ticket, "edit")
    assert "words" not in fields
    assert send(head, ticket, "edit", fields | {"external_number": "12315-9", "words": "x"}).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.external_number, ticket.words) == ("12315-9", "空调清洗后仍有异味")


def test_corrected_words_are_weighed_like_those_of_the_intake(ticket, head):
    fields = shown(head, ticket, "edit") | {"reason": "客户原话更正"}
    send(head, ticket, "edit", fields | {"words": "制动时有异响，要求检查"})
    ticket.refresh_from_db()
    assert (ticket.level.code, ticket.grave_words, ticket.grave_answered_at) == ("L2", "制动", None)
    send(head, ticket, "edit", shown(head, ticket, "edit") | {"words": "高速上刹车失灵", "reason": "客户来电更正"})
    ticket.refresh_from_db()
    assert ticket.level.code == "L4"
    assert ticket.clock.latest("sequence").kind == "level"


def test_a_changed_category_proposes_the_liable_anew_unless_confirmed(as_, story, head):
    order = RepairOrderFactory(store=story.head.store, service_advisor=EmployeeFactory(store=story.head.store))
    ticket = story.ticket(State.ACCEPTED, repair_order=order)
    send(head, ticket, "edit", shown(head, ticket, "edit") | {"category": "service.waiting"})
    assert ticket.liabilities.get().employee == order.service_advisor
    actions.confirm_liability(ticket.pk, party="manufacturer", by=story.head.employee, now=moment(2))
    send(head, ticket, "edit", shown(head, ticket, "edit") | {"category": "service.attitude"})
    assert ticket.liabilities.get().party == "manufacturer"


def test_a_receipt_is_moved_with_a_reason_and_later_only_by_a_manager(ticket, head, manager):
    first = ticket.received_at
    day_text = clock.local(first).strftime("%Y-%m-%dT")
    earlier = {"received_at": f"{day_text}11:00", "reason": "前台十一点已听到"}
    assert send(head, ticket, "edit", shown(head, ticket, "edit") | earlier).status_code == 302
    ticket.refresh_from_db()
    assert (first - ticket.received_at).total_seconds() == 3600
    assert ticket.clock.latest("sequence").kind == "received"
    later = {"received_at": f"{day_text}11:30", "reason": "记录有误"}
    assert send(head, ticket, "edit", shown(head, ticket, "edit") | later).status_code == 403
    assert send(manager, ticket, "edit", shown(manager, ticket, "edit") | later).status_code == 302
    ticket.refresh_from_db()
    assert ticket.closing_due_at == fold(ticket).closing


def test_nobody_approves_or_tells_a_solution_that_their_page_did_not_show(story, as_, head, manager):
    ticket = story.ticket(State.INVESTIGATING)
    send(head, ticket, "propose", shown(head, ticket, "propose") | {"solution": "补偿两千元", "compensation": "2000"})
    approval = shown(manager, ticket, "approve")
    actions.propose(ticket.pk, solution="补偿九千元", compensation=9000, by=story.head.employee, now=moment(3))
    answer = send(manager, ticket, "approve", approval)
    assert answer.status_code == 409
    ticket.refresh_from_db()
    assert ticket.approved_by is None
    assert "补偿九千元" in answer.content.decode()
    assert send(manager, ticket, "approve", forms_of(answer)["approve"]).status_code == 302
