"""A worker killed in the middle of an import: after a restart the work is done, once, on either pair of engines."""

import os
import random
import time
import uuid
from functools import partial
from pathlib import Path

import pytest

from tests.imports import sheets

pytestmark = pytest.mark.races

ROWS = 10_000
PATIENCE = 150.0

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


def until(stack, expression: str, wanted, patience: float = PATIENCE) -> str:
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
    stack.env["JOB_LEASE_SECONDS"] = "10"  # with the sweep every 15 s work goes on within 25 s
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


# ---- T14, T15: at random moments, and the tables are as if nothing had happened -------------------------------------

TWO_STORES = """
import uuid
from django.core.files.uploadedfile import SimpleUploadedFile
from crm_site.accounts.models import *
from crm_site.core import clock
from crm_site.imports.actions import batches as actions
content = open({path!r}, "rb").read()
for code in "AB":
    store = Store.objects.create(code=code, name=code, short_name=code, go_live_on=clock.today())
    by = Employee.objects.create(store=store, number="1", name="admin")
    actions.upload(SimpleUploadedFile("o.csv", content), store=store, layout="repair_orders", by=by,
                   submission=uuid.uuid4(), historical=True, now=clock.now())
"""
ACT = """
from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.imports.actions import batches, undoing
from crm_site.imports.models import ImportBatch
batch = ImportBatch.objects.get(store__code={code!r})
by = Employee.objects.get(store=batch.store)
{act}
"""
CONFIRM_IT = "batches.confirm(batch.pk, by=by, now=clock.now())"
WHOLE = """
from crm_site.imports.models import ImportBatch, StagedRow
from customers.models import RepairOrder
batch = ImportBatch.objects.get(store__code="B")
applied = StagedRow.objects.filter(batch=batch, applied=True).count()
print(batch.state, applied == RepairOrder.objects.filter(store=batch.store).count(), applied % 1000)
"""


def of_store(code: str, what: str) -> str:
    return f"__import__('crm_site.imports.models', fromlist=['x']).ImportBatch.objects.get(store__code={code!r}).{what}"


def orders(path: Path, count: int) -> Path:
    """Orders of as many cars and owners, some of them with several."""
    header = ["工单号", "开单时间", "车牌", "VIN", "车主", "送修人", "送修人电话", "维修类别", "进厂里程", "主修技师",
              "维修项目", "合计金额", "结算时间", "交车时间"]  # fmt: skip
    rows = [
        [f"RO{n}", "2024-03-05", "", f"LSVAA4180E{n - n % 7:07d}", f"车主{n - n % 7}", "", f"139{n - n % 7:08d}",
         "一般修理", 1000 + n, f"技师{n % 5}", "换机油", 100 + n, "2024-03-06", "2024-03-06"] for n in range(count)
    ]  # fmt: skip
    path.write_text(sheets.csv_text([header, *rows]))
    return path


def script(stack, text: str) -> str:
    return stack.manage("shell", "--no-imports", "-c", text).strip()


def digest(stack, code: str) -> str:
    ask = "from tests.imports.digest import digest\nfrom crm_site.accounts.models import Store\n"
    return script(stack, f"{ask}print(digest(Store.objects.get(code={code!r}).pk))")


def kill_often(stack, state: str, times: int) -> None:
    """Kill the worker at random moments until store B's import has left its state; it goes on within 60 s."""
    for _ in range(times):
        time.sleep(random.uniform(0.1, 2.5))
        stack.kill("worker")
        if state == "applying":
            _state, is_whole, rest = script(stack, WHOLE).split()
            assert is_whole == "True", "a chunk is in only half"
            assert rest == "0" or stack.ask(of_store("B", "state")) != state
        stack.start_worker()
        if stack.ask(of_store("B", "state")) != state:
            return
        began, before = time.monotonic(), stack.ask(_progress())
        still = partial(_is_still, before, state)
        until(stack, f"({_progress()}, {of_store('B', 'state')})", lambda now, still=still: not still(now), 60)
        assert time.monotonic() - began < 60


def _is_still(before: str, state: str, now: str) -> bool:
    return before in now and state in now


def _progress() -> str:
    """How far the running job is, and which attempt it is in: it has gone on when this has changed."""
    job = "__import__('crm_site.jobs.models', fromlist=['x']).Job.objects.order_by('-pk').first()"
    return f"(lambda job: f'{{job.holder}} {{job.done}} {{job.state}}')({job})"


def test_killed_at_random_moments_the_tables_end_as_in_an_undisturbed_run(fresh_stack, tmp_path):
    stack, kills = fresh_stack, int(os.environ.get("REPEAT") or 2)
    stack.env["JOB_LEASE_SECONDS"] = "4"
    path = orders(tmp_path / "o.csv", 4_000 + 1_000 * kills)
    empty = "e3b0c44298fc1c149afbf4c8 0"
    script(stack, TWO_STORES.format(path=str(path)))
    stack.start_worker()
    for code in "AB":
        until(stack, of_store(code, "state"), lambda state: state == "preview")
    script(stack, ACT.format(code="A", act=CONFIRM_IT))
    until(stack, of_store("A", "state"), lambda state: state == "applied")
    script(stack, ACT.format(code="B", act=CONFIRM_IT))
    kill_often(stack, "applying", kills)
    until(stack, of_store("B", "state"), lambda state: state == "applied")
    assert digest(stack, "B") == digest(stack, "A") != empty
    script(stack, ACT.format(code="B", act="undoing.ask(batch.pk, by=by)"))
    until(stack, of_store("B", "undo_job.state"), lambda state: state == "done")
    script(stack, ACT.format(code="B", act="undoing.confirm(batch.pk, by=by)"))
    kill_often(stack, "undoing", kills)
    until(stack, of_store("B", "state"), lambda state: state == "undone")
    assert digest(stack, "B") == empty
