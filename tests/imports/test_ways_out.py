"""An import that broke off or was stopped at an awkward moment: a person always gets out of it."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from crm_site.accounts.models import Employee
from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.imports import applying
from crm_site.imports.actions import batches as actions
from crm_site.imports.actions import undoing
from crm_site.imports.gathering import Findings
from crm_site.imports.models import BatchState, StagedRow, Verdict
from crm_site.jobs import actions as jobs
from crm_site.jobs import runner
from crm_site.jobs.errors import Cancelled
from crm_site.jobs.models import Job, State
from tests.factories import NOON
from tests.imports import sheets

pytestmark = pytest.mark.django_db


def written_but_not_ended(person):
    """A batch whose rows are all written, and whose job died before its end."""
    batch = sheets.write(person, sheets.read(person, sheets.roster()))
    actions.ImportBatch.objects.filter(pk=batch.pk).update(state=BatchState.APPLYING, applied_at=None)
    Job.objects.filter(pk=batch.apply_job_id).update(state=State.FAILED, error="worker_lost")
    batch.refresh_from_db()
    return batch


def test_an_import_of_which_only_the_end_is_missing_can_be_ended(admin_a):
    batch = sheets.write(admin_a, written_but_not_ended(admin_a))
    assert batch.state == BatchState.APPLIED
    assert batch.counts["applied"] == 3


def test_stopped_behind_the_last_row_an_import_is_written(admin_a, monkeypatch):
    batch = sheets.read(admin_a, sheets.roster())
    actions.confirm(batch.pk, by=admin_a.employee, now=NOON)
    batch.refresh_from_db()
    report = jobs.report

    def stop_at_the_end(job, *, done, total, **how):
        if done == total:
            jobs.cancel(job.pk, by=admin_a.employee)
        report(job, done=done, total=total, **how)

    monkeypatch.setattr(jobs, "report", stop_at_the_end)
    runner.run(batch.apply_job_id)
    batch.refresh_from_db()
    assert StagedRow.objects.filter(batch=batch, applied=True).count() == 3
    assert batch.state == BatchState.APPLIED
    assert batch.applied_at <= clock.now()
    assert Job.objects.filter(kind="revisits.generate").exists()


def test_the_figures_of_a_stopped_import_add_up_to_its_rows(admin_a):
    batch = sheets.read(admin_a, sheets.roster())
    actions.confirm(batch.pk, by=admin_a.employee, now=NOON)
    StagedRow.objects.filter(batch=batch, row=2).update(applied=True)
    StagedRow.objects.filter(batch=batch).exclude(row=2).update(verdict=Verdict.CONFLICT)
    actions.stop_applying(batch.pk, counts=actions.count_rows(batch))
    StagedRow.objects.filter(batch=batch).update(verdict=Verdict.UNCHANGED)
    actions.stop_applying(batch.pk, counts=actions.count_rows(batch))
    batch.refresh_from_db()
    assert sum(batch.counts[verdict] for verdict in Verdict.values) == batch.counts["rows"] == 3


def broken_in_its_middle(person, monkeypatch):
    """A batch of three chunks whose writing fails for good behind the first."""
    monkeypatch.setattr("crm_site.imports.applying.CHUNK", 1)
    batch = sheets.read(person, sheets.roster())
    actions.confirm(batch.pk, by=person.employee, now=NOON)
    batch.refresh_from_db()
    write, written = applying._write, []

    def once(*how):
        if written:
            raise MemoryError
        written.append(how)
        return write(*how)

    with monkeypatch.context() as broken:
        broken.setattr(applying, "_write", once)
        assert runner.run(batch.apply_job_id) == "failed"
    return batch


def test_a_writing_that_failed_for_good_can_be_left_and_undone(as_, admin_a, monkeypatch):
    client, batch = as_(admin_a), broken_in_its_middle(admin_a, monkeypatch)
    stop = reverse("imports:stop", args=[batch.pk])
    assert f'action="{stop}"' in client.get(reverse("imports:batch", args=[batch.pk])).content.decode()
    client.post(stop)
    batch.refresh_from_db()
    assert (batch.state, batch.counts["applied"], actions.waiting_rows(batch)) == (BatchState.PREVIEW, 1, 2)
    assert Entry.objects.filter(action="import.stopped").count() == 1
    undone = undoing.ask(batch.pk, by=admin_a.employee)
    runner.run(undone.undo_job_id)
    undone = undoing.confirm(batch.pk, by=admin_a.employee)
    assert runner.run(undone.undo_job_id) == "done"
    assert not Employee.objects.filter(number__startswith="E90").exists()


def test_one_that_is_left_can_be_written_after_all(admin_a, monkeypatch):
    batch = broken_in_its_middle(admin_a, monkeypatch)
    actions.stop(batch.pk, by=admin_a.employee)
    assert sheets.write(admin_a, batch).state == BatchState.APPLIED
    assert Employee.objects.filter(number__startswith="E90").count() == 3


def test_stopped_before_its_next_attempt_a_writing_tells_what_is_written(admin_a, monkeypatch):
    batch = broken_in_its_middle(admin_a, monkeypatch)
    jobs.retry(batch.apply_job_id, by=admin_a.employee)
    stopped = actions.stop(batch.pk, by=admin_a.employee)
    assert (stopped.state, stopped.counts["applied"]) == (BatchState.PREVIEW, 1)
    with pytest.raises(RuleBroken):
        actions.abandon(batch.pk, by=admin_a.employee)


def test_one_of_which_only_the_end_is_missing_is_left_and_ended(as_, admin_a):
    client, batch = as_(admin_a), written_but_not_ended(admin_a)
    actions.stop(batch.pk, by=admin_a.employee)
    shown = client.get(reverse("imports:batch", args=[batch.pk]))
    assert "foot-blocked" not in shown.content.decode()
    client.post(reverse("imports:confirm", args=[batch.pk]), {"shown": shown.context["batch"].stamp})
    batch.refresh_from_db()
    assert runner.run(batch.apply_job_id) == "done"


@pytest.mark.parametrize("key", ["9" * 30, "9" * 5000, "²", "-1", ""])
@pytest.mark.parametrize(("name", "prefix"), [("rule", "row-"), ("undo_decide", "case-")])
def test_a_key_that_no_row_can_have_says_nothing(as_, admin_a, name, prefix, key):
    batch = sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    if name == "undo_decide":
        undoing.ask(batch.pk, by=admin_a.employee)
        batch.refresh_from_db()
        runner.run(batch.undo_job_id)
    sent = urlencode({"verdict": "ask", f"{prefix}{key}": "keep"})
    answer = as_(admin_a).post(
        reverse(f"imports:{name}", args=[batch.pk]), sent, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 302


@pytest.mark.parametrize("content", [sheets.roster(), sheets.roster([])], ids=["preview", "refused"])
def test_a_worker_thought_dead_says_nothing_of_a_file_that_another_reads(admin_a, monkeypatch, content):
    batch = sheets.bring(admin_a, content)
    as_list = Findings.as_list

    def taken_over(found):
        Job.objects.filter(pk=batch.stage_job_id).update(holder="another")
        return as_list(found)

    monkeypatch.setattr(Findings, "as_list", taken_over)
    assert runner.run(batch.stage_job_id) == "not ours"
    batch.refresh_from_db()
    assert batch.state == BatchState.READING


def test_an_earlier_job_reads_nothing_once_another_is_asked_for(admin_a):
    batch = sheets.bring(admin_a, sheets.roster())
    other = jobs.enqueue(actions.STAGE, "other", store=batch.store, payload={"batch": batch.pk})
    runner.run(other.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.rows.exists()) == (BatchState.READING, False)


def test_a_reading_stops_also_within_a_sheet_of_which_nothing_is_taken(admin_a, monkeypatch):
    notes = sheets.workbook(("备注", [["随手记", number] for number in range(1_000)]))
    batch = sheets.bring(admin_a, notes)
    seen = []

    def stop_early(job, *, done, **how):
        seen.append(done)
        raise Cancelled

    monkeypatch.setattr(jobs, "report", stop_early)
    assert runner.run(batch.stage_job_id) == "cancelled"
    batch.refresh_from_db()
    assert (batch.state, seen) == (BatchState.CANCELLED, [250])
