"""Imports and undos left half-way: nobody comes back to them, and the nightly round ends them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crm_site.core.errors import RuleBroken
from crm_site.imports.actions import batches, halfway, undoing
from crm_site.imports.models import AppliedChunk, BatchState, StagedRow, UndoCase
from crm_site.jobs import actions as jobs
from crm_site.jobs import runner
from crm_site.jobs.models import Job, State
from crm_site.privacy import expiry
from tests.factories import NOON
from tests.imports import sheets

pytestmark = pytest.mark.django_db


def night(batch, days):
    """The round of the store so many days after the import's last job has ended."""
    Job.objects.filter(ended_at__isnull=False).update(ended_at=NOON)
    expiry.expire(expiry.Term.of(batch.store_id, NOON + timedelta(days=days)))
    batch.refresh_from_db()
    return batch


@pytest.fixture
def written(admin_a):
    return sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))


@pytest.fixture
def planned(admin_a, written):
    runner.run(undoing.ask(written.pk, by=admin_a.employee).undo_job_id)
    written.refresh_from_db()
    return written


def broken(batch, state, job):
    """The batch as a job leaves it that has failed for good."""
    Job.objects.filter(pk=getattr(batch, f"{job}_id")).update(state=State.FAILED, error="worker_lost", ended_at=NOON)
    batch.state = state
    batch.save(update_fields=["state"])
    return batch


def test_a_plan_of_which_nobody_says_anything_is_left_and_its_calls_come_back(admin_a, planned):
    assert night(planned, 6).state == BatchState.UNDOING
    Job.objects.filter(kind="revisits.generate").delete()
    assert night(planned, 8).state == BatchState.APPLIED
    assert Job.objects.filter(kind="revisits.generate").exists()
    assert not UndoCase.objects.exists()
    assert undoing.ask(planned.pk, by=admin_a.employee).state == BatchState.UNDOING


def test_an_undo_that_is_being_carried_out_is_not_left(admin_a, planned):
    undoing.confirm(planned.pk, by=admin_a.employee)
    assert night(planned, 100).state == BatchState.UNDOING
    assert AppliedChunk.objects.exists()
    halfway.end(planned.pk, now=NOON)
    planned.refresh_from_db()
    assert planned.state == BatchState.UNDOING


def test_a_reading_that_broke_off_is_forgotten(admin_a):
    batch = broken(sheets.read(admin_a, sheets.roster()), BatchState.READING, "stage_job")
    assert night(batch, 89).state == BatchState.READING
    assert night(batch, 91).state == BatchState.CANCELLED
    assert not StagedRow.objects.exists()


def test_a_writing_that_broke_off_keeps_its_figures_and_forgets_its_rows(as_, admin_a, written):
    StagedRow.objects.filter(row=2).update(applied=False)
    batch = night(broken(written, BatchState.APPLYING, "apply_job"), 91)
    assert (batch.state, batch.counts["applied"]) == (BatchState.PREVIEW, 2)
    assert not StagedRow.objects.exists()
    assert not AppliedChunk.objects.exists()
    assert "foot-blocked" in as_(admin_a).get(reverse("imports:batch", args=[batch.pk])).content.decode()
    with pytest.raises(RuleBroken):
        batches.confirm(batch.pk, by=admin_a.employee, now=NOON)


def test_what_is_tried_again_is_left_alone(admin_a):
    batch = broken(sheets.read(admin_a, sheets.roster()), BatchState.READING, "stage_job")
    jobs.retry(batch.stage_job_id, by=admin_a.employee)
    assert night(batch, 91).state == BatchState.READING
    assert StagedRow.objects.exists()
