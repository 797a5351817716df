"""A worker killed in the middle of an import: after a restart the work is done, once, on either pair of engines."""

import time
import uuid
from pathlib import Path

import pytest

from tests.imports import afar, sheets

pytestmark = [pytest.mark.races, pytest.mark.long]

ROWS = 10_000

SET_UP = """
import uuid
from django.core.files.uploadedfile import SimpleUploadedFile
from crm_site.accounts.models import *
from crm_site.core import clock
from crm_site.imports.actions import batches as actions
store = Store.objects.create(code="A", name="A", short_name="A", go_live_on=clock.today())
by = Employee.objects.create(store=store, number="1", name="admin")
content = open({path!r}, "rb").read()
batch = actions.upload(SimpleUploadedFile("e.csv", content), store=store, layout="employees", by=by,
                       submission=uuid.uuid4(), historical=False, now=clock.now())
print(batch.pk)
"""
CONFIRM = """
from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.imports.actions import batches as actions
actions.confirm({batch}, by=Employee.objects.get(number="1"), now=clock.now())
"""
WATCH = """
import time
from crm_site.jobs.models import Job
deadline = time.monotonic() + 60
while not Job.objects.filter(kind={kind!r}, state="running", done__gt=0).exists():
    assert time.monotonic() < deadline, list(Job.objects.values())
    time.sleep(0.02)
"""
BATCH = "__import__('crm_site.imports.models', fromlist=['x']).ImportBatch.objects.get()"
JOB = "__import__('crm_site.jobs.models', fromlist=['x']).Job.objects.get(kind={kind!r})"
EMPLOYEES = "__import__('crm_site.accounts.models', fromlist=['x']).Employee.objects.filter(number__startswith='K')"
STAGED = "__import__('crm_site.imports.models', fromlist=['x']).StagedRow.objects"


def roster(path: Path) -> Path:
    rows = [[f"K{n:05d}", f"员工{n}", "男", "车间", "技师", f"138{n:08d}", "2024-03-05", "在职"] for n in range(ROWS)]
    path.write_text(sheets.csv_text([sheets.EMPLOYEE_HEADER, *rows]))
    return path


def until(stack, expression: str, wanted, patience: float = afar.PATIENCE) -> str:
    """Ask again until the answer is as wanted."""
    deadline = time.monotonic() + patience
    while not wanted(answer := stack.ask(expression)):
        assert time.monotonic() < deadline, f"{expression} stays {answer}\n{stack.log('worker')}"
        time.sleep(0.3)
    return answer


def kill_in_the_middle(stack, kind: str) -> None:
    """Let the worker begin a job, then end it as a power cut would, and start another."""
    stack.manage("shell", "--no-imports", "-c", WATCH.format(kind=kind))
    stack.kill("worker")
    assert stack.ask(f"{JOB.format(kind=kind)}.state") in {"running", "done"}  # a fast machine may be through
    stack.start_worker()


def test_killed_while_reading_and_while_writing_the_rows_come_in_once(fresh_stack, tmp_path):
    stack = fresh_stack
    stack.env["JOB_LEASE_SECONDS"] = "4"
    code = SET_UP.format(path=str(roster(tmp_path / f"{uuid.uuid4()}.csv")))
    batch = stack.manage("shell", "--no-imports", "-c", code).strip()
    stack.start_worker()
    kill_in_the_middle(stack, "import.stage")
    began = time.monotonic()
    until(stack, f"{BATCH}.state", lambda state: state == "preview")
    assert time.monotonic() - began < 60
    assert stack.ask(f"{STAGED}.count(), {STAGED}.values('sheet', 'row').distinct().count()") == f"{ROWS} {ROWS}"
    stack.manage("shell", "--no-imports", "-c", CONFIRM.format(batch=batch))
    kill_in_the_middle(stack, "import.apply")
    until(stack, f"{BATCH}.state", lambda state: state == "applied")
    assert stack.ask(f"{EMPLOYEES}.count()") == str(ROWS)
    assert stack.ask(f"{STAGED}.filter(applied=True).exclude(target_id=None).count()") == str(ROWS)
    assert stack.ask(f"{JOB.format(kind='import.apply')}.furthest") == str(ROWS)


def test_lost_messages_are_sent_again_when_a_worker_starts(fresh_stack, tmp_path):
    path = tmp_path / "e.csv"
    path.write_bytes(sheets.csv_text([sheets.EMPLOYEE_HEADER, *sheets.ROSTER]).encode())
    fresh_stack.env["JOB_LEASE_SECONDS"] = "2"
    lost = "from crm_site.jobs import queue\nqueue.publish = lambda job_id: True\n"
    fresh_stack.manage("shell", "--no-imports", "-c", lost + SET_UP.format(path=str(path)))
    fresh_stack.start_worker()
    until(fresh_stack, f"{BATCH}.state", lambda state: state == "preview", 60)
