"""申诉: once, in the public days, by the employee or the head; decided by the manager, or the director."""

import uuid
from datetime import date

import pytest
from django.urls import reverse

from complaints.models import Liability
from crm_site.accounts.models import Department, Post
from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.jobs.models import Job
from crm_site.notices.models import Notice
from crm_site.reports import actions
from crm_site.reports.models import Appeal, MonthlyReport
from satisfaction.models import Answer, EmployeeScore
from satisfaction.scoring import differences, loaded
from tests.factories import PostingFactory
from tests.reports.month import MONTH, make_staff
from tests.reports.test_figures import complain
from tests.satisfaction.surveys import order_of, respond, short_answers

pytestmark = pytest.mark.django_db

#: August's public days are 1, 2 and 3 September, its day of publishing is the 7th
SHOWN = clock.at(date(2026, 9, 2), 10)
DUE = clock.at(date(2026, 9, 7), 10)


@pytest.fixture
def staff(store_a):
    return make_staff(store_a, 4)


@pytest.fixture
def ticket(store_a, staff):
    """A complaint for which the service advisor is confirmed liable."""
    return complain(store_a, staff[0], department="service")


@pytest.fixture
def draft(store_a, ticket):
    return actions.build_draft(store_a, MONTH, None, now=SHOWN)


@pytest.fixture
def today(monkeypatch):
    """today(moment): the pages stand at that moment."""
    return lambda moment: monkeypatch.setattr(clock, "now", lambda: moment)


def appeal(draft, employee, by, now=SHOWN, reason="当天休假", submission=None, **about) -> Appeal:
    return actions.raise_appeal(
        draft.pk, employee=employee, reason=reason, by=by.employee, submission=submission or uuid.uuid4(), now=now,
        **about,
    )  # fmt: skip


def refused(call) -> str:
    with pytest.raises(RuleBroken) as error:
        call()
    return error.value.code or error.value.field


def test_the_head_appeals_for_his_people_and_the_manager_is_told(draft, staff, ticket, head_a, manager_a):
    found = appeal(draft, staff[0], head_a, complaint=ticket)
    assert (found.state, found.raised_by, found.report) == ("open", head_a.employee, draft)
    assert Entry.objects.filter(action="appeal.raised", subject_id=found.pk).count() == 1
    assert Notice.objects.get(user=manager_a.user).code == "appeal.raised"


def test_an_employee_with_a_sign_in_appeals_for_himself_only(store_a, draft, ticket, frontline_a, staff):
    assert refused(lambda: appeal(draft, staff[0], frontline_a, complaint=ticket)) == "role"
    Liability.objects.update(employee=frontline_a.employee)
    again = actions.build_draft(store_a, MONTH, None, now=SHOWN)
    assert appeal(again, frontline_a.employee, frontline_a, complaint=ticket).employee == frontline_a.employee


def test_a_head_does_not_appeal_for_another_department(store_a, staff, head_a):
    other = complain(store_a, staff[1])
    draft = actions.build_draft(store_a, MONTH, None, now=SHOWN)
    assert refused(lambda: appeal(draft, staff[1], head_a, complaint=other)) == "role"


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(2026, 8, 31), "early"), (date(2026, 9, 1), ""), (date(2026, 9, 3), ""), (date(2026, 9, 4), "late")],
)
def test_appeals_are_taken_in_the_public_days_only(draft, staff, ticket, head_a, day, code):
    now = clock.at(day, 23, 59)
    if code:
        assert refused(lambda: appeal(draft, staff[0], head_a, complaint=ticket, now=now)) == code
    else:
        assert appeal(draft, staff[0], head_a, complaint=ticket, now=now).pk


def test_each_liability_is_appealed_against_once_and_a_second_click_is_the_first(draft, staff, ticket, head_a):
    submission = uuid.uuid4()
    first = appeal(draft, staff[0], head_a, complaint=ticket, submission=submission)
    assert appeal(draft, staff[0], head_a, complaint=ticket, submission=submission) == first
    assert refused(lambda: appeal(draft, staff[0], head_a, complaint=ticket)) == "twice"


def test_a_reason_is_needed_and_the_thing_must_stand_in_the_draft(store_a, draft, staff, ticket, head_a):
    assert refused(lambda: appeal(draft, staff[0], head_a, complaint=ticket, reason="  ")) == "required"
    other = complain(store_a, None)
    assert refused(lambda: appeal(draft, staff[0], head_a, complaint=other)) == "absent"


def test_nothing_is_published_while_an_appeal_is_open_and_the_refusal_names_it(draft, staff, ticket, head_a, manager_a):
    found = appeal(draft, staff[0], head_a, complaint=ticket)
    with pytest.raises(RuleBroken) as error:
        actions.publish(draft.pk, by=manager_a.employee, now=DUE)
    assert error.value.code == "appeals"
    assert staff[0].name in error.value.message
    assert ticket.number in error.value.message
    actions.decide(found.pk, accepts=False, decision="考勤在岗", by=manager_a.employee, now=DUE)
    assert actions.publish(draft.pk, by=manager_a.employee, now=DUE).state == "published"


def test_accepted_the_liability_is_changed_by_the_ticket_s_own_action_and_the_draft_is_rebuilt(
    store_a, draft, staff, ticket, head_a, manager_a
):
    found = appeal(draft, staff[0], head_a, complaint=ticket)
    actions.decide(found.pk, accepts=True, decision="排班表显示休假", party="employee", liable=staff[1],
                   by=manager_a.employee, now=DUE)  # fmt: skip
    row = Liability.objects.get(complaint=ticket, kind="direct")
    assert (row.employee, row.confirmed_by, row.post) == (staff[1], manager_a.employee, "technician")
    step = ticket.steps.get(action="appeal")
    assert (step.by, step.note) == (manager_a.employee, "排班表显示休假")
    assert Job.objects.filter(kind="reports.draft", key__contains=f"appeal-{found.pk}").count() == 1
    assert refused(lambda: actions.publish(draft.pk, by=manager_a.employee, now=DUE)) == "rebuilding"
    again = actions.build_draft(store_a, MONTH, None, now=DUE.replace(hour=11))
    assert {row["employee"]: row["direct"] for row in again.snapshot["rows"]}[staff[1].pk] == [ticket.pk]
    assert actions.publish(draft.pk, by=manager_a.employee, now=DUE.replace(hour=12)).state == "published"
    assert Notice.objects.get(user=head_a.user, code="appeal.accepted")


def test_an_appeal_is_decided_once_with_a_reason(draft, staff, ticket, head_a, manager_a):
    found = appeal(draft, staff[0], head_a, complaint=ticket)
    decide = {"by": manager_a.employee, "now": DUE}
    assert refused(lambda: actions.decide(found.pk, accepts=False, decision=" ", **decide)) == "required"
    actions.decide(found.pk, accepts=False, decision="维持", **decide)
    assert (
        refused(lambda: actions.decide(found.pk, accepts=True, decision="改判", party="nobody", **decide)) == "decided"
    )
    assert Liability.objects.get(complaint=ticket).employee == staff[0]


def test_what_concerns_the_manager_is_the_director_s(store_a, manager_a, director_a, head_a, staff):
    ticket = complain(store_a, manager_a.employee)
    draft = actions.build_draft(store_a, MONTH, None, now=SHOWN)
    found = appeal(draft, manager_a.employee, manager_a, complaint=ticket)
    assert refused(lambda: actions.decide(found.pk, accepts=True, decision="x", party="nobody",
                                          by=manager_a.employee, now=DUE)) == "role"  # fmt: skip
    actions.decide(found.pk, accepts=True, decision="非经理责任", party="nobody", by=director_a.employee, now=DUE)
    assert Liability.objects.get(complaint=ticket).party == "nobody"


def test_the_director_leaves_other_appeals_to_the_manager(draft, staff, ticket, head_a, director_a):
    found = appeal(draft, staff[0], head_a, complaint=ticket)
    call = {"accepts": False, "decision": "x", "by": director_a.employee, "now": DUE}
    assert refused(lambda: actions.decide(found.pk, **call)) == "role"


def test_an_accepted_answer_judges_somebody_else_and_the_answers_stay(store_a, staff, head_a, manager_a):
    response = respond(store_a, order=order_of(store_a, staff[0]), day=date(2026, 8, 10), by=staff[3],
                       answers=short_answers(5))  # fmt: skip
    draft = actions.build_draft(store_a, MONTH, None, now=SHOWN)
    before = list(Answer.objects.filter(response=response).order_by("pk").values())
    found = appeal(draft, staff[0], head_a, response=response)
    old = EmployeeScore.objects.get(response=response, employee=staff[0])
    actions.decide(found.pk, accepts=True, decision="接车的是同事", liable=staff[2], by=manager_a.employee, now=DUE)
    new = EmployeeScore.objects.get(response=response)
    assert (new.employee, new.score, new.low_count) == (staff[2], old.score, old.low_count)
    assert list(Answer.objects.filter(response=response).order_by("pk").values()) == before
    assert differences(loaded(type(response).objects.all()).get(pk=response.pk)) == []


# ---- pages ----------------------------------------------------------------------------------------------------------


def test_the_head_appeals_from_the_list_and_the_manager_decides_on_the_page(
    as_, draft, staff, ticket, head_a, manager_a, today
):
    today(SHOWN)
    client = as_(head_a)
    listed = client.get(f"{reverse('reports:tickets', args=[draft.pk])}?employee={staff[0].pk}&column=direct")
    (line,) = listed.context["rows"]
    form = client.get(line["appeal_url"])
    assert form.status_code == 200
    answer = client.post(line["appeal_url"], {"reason": "", "submission": str(uuid.uuid4())})
    assert answer.status_code == 422
    sent = {"reason": "当天休假", "submission": str(uuid.uuid4())}
    assert client.post(line["appeal_url"], sent, follow=True).status_code == 200
    found = Appeal.objects.get()
    assert "申诉" in client.get(reverse("reports:appeals", args=[draft.pk])).text
    assert client.post(reverse("reports:decide", args=[found.pk]), {"verdict": "accepted"}).status_code == 403
    boss = as_(manager_a)
    assert boss.get(reverse("reports:appeal", args=[found.pk])).context["form"] is not None
    url = reverse("reports:decide", args=[found.pk])
    assert boss.post(url, {"verdict": "accepted", "party": "employee", "decision": "同意"}).status_code == 422
    boss.post(url, {"verdict": "accepted", "party": "nobody", "decision": "同意"})
    found.refresh_from_db()
    assert (found.state, Liability.objects.get(complaint=ticket).party) == ("accepted", "nobody")


def test_my_month_shows_my_own_line_in_the_public_days_and_lets_me_appeal(
    as_, store_a, ticket, frontline_a, staff, today
):
    Liability.objects.update(employee=frontline_a.employee)
    draft = actions.build_draft(store_a, MONTH, None, now=SHOWN)
    today(SHOWN)
    client, url = as_(frontline_a), reverse("reports:mine")
    text = client.get(url).text
    assert ticket.number in text
    assert staff[0].name not in text
    assert f"/reports/{draft.pk}/object/" in text
    today(clock.at(date(2026, 9, 4), 9))
    assert client.get(url).context["months"] == []  # the public days are over, nothing is published
    MonthlyReport.objects.update(state="published", published_at=SHOWN)
    assert [month["rows"][0]["direct"] for month in client.get(url).context["months"]] == [1]


def test_nobody_reads_an_appeal_that_is_not_theirs(as_, draft, staff, ticket, head_a, frontline_a, specialist_a):
    found = appeal(draft, staff[0], head_a, complaint=ticket)
    for person in (frontline_a, specialist_a):
        assert as_(person).get(reverse("reports:appeal", args=[found.pk])).status_code == 404
    url = f"{reverse('reports:object', args=[draft.pk])}?employee={staff[0].pk}&complaint={ticket.pk}"
    assert as_(frontline_a).get(url).status_code == 404


def test_outside_the_public_days_the_form_is_not_shown_and_says_when(as_, draft, staff, ticket, head_a, today):
    url = f"{reverse('reports:object', args=[draft.pk])}?employee={staff[0].pk}&complaint={ticket.pk}"
    today(SHOWN)
    assert as_(head_a).get(url).status_code == 200
    today(clock.at(date(2026, 9, 4), 9))
    answer = as_(head_a).get(url, follow=True)
    assert answer.redirect_chain == [(reverse("reports:mine"), 302)]
    assert "公示期已于" in answer.text
    typed = as_(head_a).post(url, {"reason": "不是我们", "submission": str(uuid.uuid4())})
    assert typed.status_code == 422, "what was written in time stays on the page"
    assert "不是我们" in typed.text


def test_a_head_of_another_department_does_not_see_it(as_, store_a, draft, staff, ticket, head_a):
    found = appeal(draft, staff[0], head_a, complaint=ticket)
    head_a.employee.postings.all().delete()
    PostingFactory(employee=head_a.employee, department=Department.SALES, post=Post.HEAD)
    Appeal.objects.update(raised_by=staff[0])
    assert as_(head_a).get(reverse("reports:appeal", args=[found.pk])).status_code == 404
