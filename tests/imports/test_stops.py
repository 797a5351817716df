"""An import that is asked to stop in its middle ends within seconds, and who asks never meets a deadlock."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from crm_site.imports import staging
from crm_site.imports.actions import batches, undoing
from crm_site.imports.models import BatchState
from crm_site.jobs import runner
from tests.cast import make_person
from tests.customers import intake
from tests.factories import NOON, StoreFactory
from tests.imports import afar, sheets

pytestmark = pytest.mark.races
ROWS = 20_000
WITHIN = 5.0

#: Asks for a thing, lets the worker come some way, has it stopped, and prints the seconds until the job has ended.
STOP = """
import time
from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.imports.actions import batches, undoing
from crm_site.imports.models import ImportBatch
from crm_site.jobs.models import Job
batch = ImportBatch.objects.order_by("pk").last()
by = Employee.objects.get(store=batch.store)
{begin}
batch.refresh_from_db()
job = Job.objects.filter(pk=batch.{job}_id)
deadline = time.monotonic() + 60
while not job.filter(state="running", done__gt={least}).exists():
    assert time.monotonic() < deadline, list(job.values())
    time.sleep(0.01)
began = time.monotonic()
{stop}
while job.filter(state="running").exists():
    assert time.monotonic() < began + 60, list(job.values())
    time.sleep(0.05)
print(time.monotonic() - began, job.get().state, job.get().done)
"""
UPLOAD = """
import uuid
from django.core.files.uploadedfile import SimpleUploadedFile
content = open({path!r}, "rb").read()
batch = batches.upload(SimpleUploadedFile("o.csv", content), store=batch.store, layout="repair_orders", by=by,
                       submission=uuid.uuid4(), historical=True, now=clock.now())
"""

UNDO_JOB = "SELECT job.state FROM imports_importbatch batch JOIN jobs_job job ON job.id = batch.undo_job_id"


def stop(stack, begin: str, job: str, act: str, least: int = 0) -> None:
    """Stop one job in its middle, after at `least` so many rows; it has ended within 5 s, cancelled and not through."""
    told = afar.script(stack, STOP.format(begin=begin, job=job, stop=act, least=least)).split()
    print(job, *told)
    assert told[1] == "cancelled"
    assert float(told[0]) <= WITHIN


def test_reading_writing_and_undoing_20_000_rows_end_within_5_s_of_being_stopped(fresh_stack, tmp_path):
    stack = fresh_stack
    afar.bring(stack, afar.orders(tmp_path / "first.csv", 10))
    path = str(afar.orders(tmp_path / "o.csv", ROWS))
    stop(stack, UPLOAD.format(path=path), "stage_job", "batches.abandon(batch.pk, by=by)")
    afar.script(stack, STOP.partition("batch.refresh")[0].format(begin=UPLOAD.format(path=path)))
    newest = "SELECT state FROM imports_importbatch ORDER BY id DESC LIMIT 1"
    afar.until(stack, lambda: stack.look(newest)[0], lambda state: state == "preview")
    # so many that the undo is not through before it is stopped, be the machine as slow as it may
    stop(stack, afar.CONFIRM, "apply_job", "batches.stop(batch.pk, by=by)", least=4_000)
    assert stack.look(newest)[0] == "preview"
    afar.script(stack, STOP.partition("batch.refresh")[0].format(begin=afar.ASK_UNDO))
    afar.until(stack, lambda: stack.look(UNDO_JOB)[0], lambda state: state == "done")
    stop(stack, afar.CONFIRM_UNDO, "undo_job", "undoing.stop(batch.pk, by=by, now=clock.now())")
    assert stack.look(newest)[0] == "undoing"


# ---- a chunk holds its job and then wants its batch; whoever stops it must not hold them the other way round --------


@pytest.fixture
def person(reference):
    return make_person(StoreFactory(code="A"), "admin", "段文")


@pytest.fixture
def meet(monkeypatch):
    """Runs a job whose chunk pauses before a function, and has it stopped meanwhile; gives how the job ended."""

    def meet(job: int, module, name: str, stop) -> str:
        reached, goes_on = threading.Event(), getattr(module, name)

        def paused(*arguments, **named):
            reached.set()
            time.sleep(0.3)  # by then the other side waits for what this transaction holds
            return goes_on(*arguments, **named)

        monkeypatch.setattr(module, name, paused)
        with ThreadPoolExecutor(1) as pool:
            working = pool.submit(alone, job)
            assert reached.wait(20)
            stop()
            return working.result()

    return meet


def alone(job: int) -> str:
    try:
        return runner.run(job)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_who_gives_a_reading_up_waits_for_its_chunk(person, meet):
    batch = sheets.bring(person, sheets.roster())
    meet(batch.stage_job_id, staging, "load_rows", lambda: batches.abandon(batch.pk, by=person.employee))
    batch.refresh_from_db()
    assert batch.state == BatchState.CANCELLED
    assert not batch.rows.exists()


@pytest.mark.django_db(transaction=True)
def test_who_stops_a_writing_or_an_undo_waits_for_its_chunk(person, meet):
    batch = intake.look(person, intake.CUSTOMERS, intake.CUSTOMER)
    batches.confirm(batch.pk, by=person.employee, now=NOON)
    batch.refresh_from_db()
    meet(batch.apply_job_id, batches, "add_effects", lambda: batches.stop(batch.pk, by=person.employee))
    batch.refresh_from_db()
    assert batch.state == BatchState.APPLIED  # it was the last chunk
    undo_job = undoing.ask(batch.pk, by=person.employee).undo_job_id
    assert runner.run(undo_job) == "done"
    undo_job = undoing.confirm(batch.pk, by=person.employee).undo_job_id
    meet(undo_job, undoing, "chunk_taken_back", lambda: undoing.stop(batch.pk, by=person.employee, now=NOON))
    assert batch.chunks.get().undone
