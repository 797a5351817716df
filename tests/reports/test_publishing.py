"""A draft is rebuilt, a published month is frozen, reopening makes a revision; the clock makes missed drafts."""

from datetime import date, timedelta

import pytest

from complaints.models import Complaint, Liability
from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.jobs import runner
from crm_site.jobs.models import Job, State
from crm_site.reports import actions, rules, tasks
from crm_site.reports.models import MonthlyReport, ReportState
from tests.factories import EmployeeFactory, StoreFactory
from tests.reports.month import MONTH, make_staff
from tests.reports.test_figures import complain

pytestmark = pytest.mark.django_db

NOW = clock.at(date(2026, 9, 16), 12)


@pytest.fixture
def staff(store_a):
    return make_staff(store_a, 4)


@pytest.fixture
def draft(store_a, staff):
    complain(store_a, staff[1])
    complain(store_a, None)
    return actions.build_draft(store_a, MONTH, None, now=NOW)


def publish(report, by):
    return actions.publish(report.pk, by=by.employee, now=NOW)


def test_a_rebuilt_draft_replaces_the_draft(store_a, staff, draft):
    complain(store_a, staff[1])
    again = actions.build_draft(store_a, MONTH, None, now=NOW + timedelta(hours=1))
    assert again.pk == draft.pk
    assert again.snapshot["total"] == 3
    assert again.sha256 != draft.sha256
    assert MonthlyReport.objects.count() == 1


def test_a_published_month_keeps_its_text_whatever_happens_to_the_rows(store_a, staff, draft, manager_a):
    report = publish(draft, manager_a)
    before = (report.sha256, rules.canonical(report.snapshot))
    Liability.objects.update(party="nobody", employee=None)
    complain(store_a, staff[2])
    report.refresh_from_db()
    assert (report.sha256, rules.canonical(report.snapshot)) == before
    assert rules.digest(report.snapshot) == report.sha256


def test_a_published_month_is_never_rebuilt(store_a, draft, manager_a):
    publish(draft, manager_a)
    with pytest.raises(RuleBroken) as refused:
        actions.build_draft(store_a, MONTH, None, now=NOW)
    assert refused.value.code == "published"


def test_publishing_is_audited_once_and_a_second_click_is_refused(draft, manager_a):
    report = publish(draft, manager_a)
    assert (report.published_by, report.published_at) == (manager_a.employee, NOW)
    with pytest.raises(RuleBroken) as refused:
        publish(draft, manager_a)
    assert refused.value.code == "published"
    assert Entry.objects.filter(action="report.published", subject_id=report.pk).count() == 1


def test_a_running_month_is_not_published(store_a, staff, manager_a):
    running = actions.build_draft(store_a, date(2026, 9, 1), None, now=NOW)
    with pytest.raises(RuleBroken) as refused:
        publish(running, manager_a)
    assert refused.value.code == "running"


def test_a_month_to_come_has_no_report(store_a):
    with pytest.raises(RuleBroken):
        actions.build_draft(store_a, date(2026, 10, 1), None, now=NOW)


def test_a_sum_that_is_uneven_refuses_to_publish(draft, manager_a):
    draft.snapshot["lines"]["undecided"] = []
    draft.save(update_fields=["snapshot"])
    with pytest.raises(RuleBroken) as refused:
        publish(draft, manager_a)
    assert refused.value.code == "uneven"
    draft.refresh_from_db()
    assert draft.state == ReportState.DRAFT


def test_a_draft_that_was_rebuilt_since_it_was_seen_is_not_published(store_a, staff, draft, manager_a):
    complain(store_a, staff[0])
    actions.build_draft(store_a, MONTH, None, now=NOW)
    with pytest.raises(RuleBroken) as refused:
        actions.publish(draft.pk, by=manager_a.employee, now=NOW, sha256=draft.sha256)
    assert refused.value.code == "rebuilt"


def test_reopening_makes_a_further_revision_and_keeps_the_old_one(store_a, staff, draft, manager_a):
    first = publish(draft, manager_a)
    complain(store_a, staff[1])
    second = actions.reopen(first.pk, by=manager_a.employee, reason="厂家改判", now=NOW)
    assert (second.revision, second.state, second.snapshot["total"]) == (2, "draft", 3)
    first.refresh_from_db()
    assert (first.state, first.snapshot["total"]) == ("published", 2)
    publish(second, manager_a)
    first.refresh_from_db()
    assert first.state == ReportState.SUPERSEDED


@pytest.mark.parametrize("reason", ["", "   "])
def test_reopening_needs_a_reason(draft, manager_a, reason):
    report = publish(draft, manager_a)
    with pytest.raises(RuleBroken) as refused:
        actions.reopen(report.pk, by=manager_a.employee, reason=reason, now=NOW)
    assert refused.value.field == "reason"


def test_an_open_month_is_not_reopened(draft, manager_a):
    report = publish(draft, manager_a)
    actions.reopen(report.pk, by=manager_a.employee, reason="改判", now=NOW)
    for pk in (report.pk, draft.pk):
        with pytest.raises(RuleBroken):
            actions.reopen(pk, by=manager_a.employee, reason="改判", now=NOW)
    assert MonthlyReport.objects.count() == 2


def test_the_month_before_is_compared_as_it_was_published(store_a, staff, draft, manager_a):
    publish(draft, manager_a)
    Complaint.objects.update(validity="invalid")
    september = actions.build_draft(store_a, date(2026, 9, 1), None, now=NOW)
    assert {row["employee"]: row["before"] for row in september.snapshot["rows"]}[staff[1].pk] == 1


# ---- the clock ------------------------------------------------------------------------------------------------------


def run_all() -> None:
    for pk in list(Job.objects.filter(state=State.QUEUED).values_list("pk", flat=True)):
        runner.run(pk)


def test_on_the_first_every_store_gets_a_draft_of_the_month_before_once(store_a, staff, db):
    StoreFactory(code="NEW", go_live_on=date(2026, 9, 2))
    store_a.go_live_on = date(2026, 8, 5)
    store_a.save(update_fields=["go_live_on"])
    today = date(2026, 9, 1)
    assert tasks.ask_for_missing(today) == 1
    assert tasks.ask_for_missing(today) == 1  # the first has not run yet
    assert Job.objects.filter(kind="reports.draft").count() == 1
    run_all()
    assert list(MonthlyReport.objects.values_list("store", "month", "state")) == [(store_a.pk, MONTH, "draft")]
    assert tasks.ask_for_missing(today) == 0


def test_missed_months_are_made_up(store_a, staff):
    assert tasks.ask_for_missing(date(2026, 9, 20)) == 3
    run_all()
    assert [report.month for report in MonthlyReport.objects.order_by("month")] == [
        date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1),
    ]  # fmt: skip


def test_drafts_are_rebuilt_once_a_day_and_published_months_are_left_alone(store_a, staff, draft, manager_a):
    tomorrow = date(2026, 9, 17)
    assert tasks.ask_for_fresh(date(2026, 9, 16)) == 0
    assert tasks.ask_for_fresh(tomorrow) == tasks.ask_for_fresh(tomorrow) == 1
    assert Job.objects.count() == 1
    complain(store_a, staff[1])
    run_all()
    draft.refresh_from_db()
    assert draft.snapshot["total"] == 3
    assert draft.built_by_job == Job.objects.get()
    publish(draft, manager_a)
    assert tasks.ask_for_fresh(date(2026, 9, 18)) == 0


def test_a_rebuild_that_comes_after_publishing_leaves_the_month_alone(store_a, staff, draft, manager_a):
    tasks.ask_for_fresh(date(2026, 9, 17))
    publish(draft, manager_a)
    run_all()
    job = Job.objects.get()
    assert (job.state, job.result) == (State.DONE, {"report": None, "left": "published"})


def test_a_draft_done_twice_by_a_lost_worker_is_one_draft(store_a, staff):
    tasks.ask_for_missing(date(2026, 9, 20))
    run_all()
    hashes = list(MonthlyReport.objects.values_list("sha256", flat=True))
    Job.objects.update(state=State.QUEUED)
    run_all()
    assert list(MonthlyReport.objects.values_list("sha256", flat=True)) == hashes


def test_another_stores_people_and_tickets_stay_out(store_a, staff, draft, store_b):
    stranger = EmployeeFactory(store=store_b)
    complain(store_b, stranger)
    snapshot = actions.build_draft(store_a, MONTH, None, now=NOW).snapshot
    assert snapshot["total"] == 2
    assert stranger.pk not in {row["employee"] for row in snapshot["rows"]}
