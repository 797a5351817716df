"""Imports driven from outside, in a stack of real processes: stores A and B get the same files, B is disturbed."""

import time
from pathlib import Path

from tests.imports import sheets

PATIENCE = 150.0
RESUMED = 60.0  # seconds within which work goes on after a restart
EMPTY = "e3b0c44298fc1c149afbf4c8 0"  # the digest of a store without a row

TWO_STORES = """
import uuid
from django.core.files.uploadedfile import SimpleUploadedFile
from crm_site.accounts.models import *
from crm_site.core import clock
from crm_site.imports.actions import batches as actions
for code in "AB":
    store = Store.objects.create(code=code, name=code, short_name=code, go_live_on=clock.today())
    by = Employee.objects.create(store=store, number="1", name="admin")
    for path in {paths!r}:
        content = open(path, "rb").read()
        actions.upload(SimpleUploadedFile("o.csv", content), store=store, layout="repair_orders", by=by,
                       submission=uuid.uuid4(), historical=True, now=clock.now())
"""
ACT = """
from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.imports.actions import batches, undoing
from crm_site.imports.models import ImportBatch
for batch in ImportBatch.objects.filter(store__code={code!r}).order_by("pk"):
    by = Employee.objects.get(store=batch.store)
    {act}
"""
CONFIRM = "batches.confirm(batch.pk, by=by, now=clock.now())"
ASK_UNDO = "undoing.ask(batch.pk, by=by)"
CONFIRM_UNDO = "undoing.confirm(batch.pk, by=by)"
DIGEST = """
from tests.imports.digest import digest
from crm_site.accounts.models import Store
print(digest(Store.objects.get(code={code!r}).pk))
"""
HEADER = ["工单号", "开单时间", "车牌", "VIN", "车主", "送修人", "送修人电话", "维修类别", "进厂里程", "主修技师",
          "维修项目", "合计金额", "结算时间", "交车时间"]  # fmt: skip

OF_STORE = "batch.store_id = (SELECT id FROM accounts_store WHERE code = '{code}')"
STATES = "SELECT min(state), max(state) FROM imports_importbatch batch WHERE " + OF_STORE
UNDO_JOBS = (
    "SELECT min(job.state) FROM imports_importbatch batch JOIN jobs_job job ON job.id = batch.undo_job_id WHERE "
    + OF_STORE
)
CHUNKS = (
    """SELECT count(*), count(CASE WHEN undone THEN 1 END) FROM imports_appliedchunk
JOIN imports_importbatch batch ON batch.id = batch_id WHERE """
    + OF_STORE
)
STAGED_IN = "FROM imports_stagedrow JOIN imports_importbatch batch ON batch.id = batch_id WHERE applied AND " + OF_STORE
WHOLE = f"""SELECT (SELECT count(*) {STAGED_IN}), (SELECT count(*) FROM customers_repairorder batch WHERE {OF_STORE})"""


def orders(path: Path, count: int, first: int = 0) -> Path:
    """Orders of as many cars and owners, some of them with several."""
    rows = [
        [f"RO{n}", "2024-03-05", "", f"LSVAA4180E{n - n % 7:07d}", f"车主{n - n % 7}", "", f"139{n - n % 7:08d}",
         "一般修理", 1000 + n, f"技师{n % 5}", "换机油", 100 + n, "2024-03-06", "2024-03-06"]
        for n in range(first, first + count)
    ]  # fmt: skip
    path.write_text(sheets.csv_text([HEADER, *rows]))
    return path


def script(stack, text: str) -> str:
    """Run a script inside the stack's Django and give what it prints."""
    return stack.manage("shell", "--no-imports", "-c", text).strip()


def bring(stack, *paths: Path) -> None:
    """Make the stores A and B and have the files read in each; they wait at their preview."""
    script(stack, TWO_STORES.format(paths=[str(path) for path in paths]))
    stack.start_worker()
    for code in "AB":
        until_state(stack, code, "preview")


def act(stack, code: str, what: str) -> None:
    """Do something with each import of a store."""
    script(stack, ACT.format(code=code, act=what))


def digest(stack, code: str) -> str:
    """A hash of everything that stands in a store's archive, and how many rows it is."""
    return script(stack, DIGEST.format(code=code))


def until(stack, ask, wanted, patience: float = PATIENCE):
    """Ask again until the answer is as wanted, and give it."""
    deadline = time.monotonic() + patience
    while not wanted(answer := ask()):
        assert time.monotonic() < deadline, f"it stays {answer}\n{stack.log('worker')}"
        time.sleep(0.05)
    return answer


def is_in(stack, code: str, state: str) -> bool:
    """Whether every import of a store is in this state."""
    return stack.look(STATES.format(code=code)) == (state, state)


def until_state(stack, code: str, state: str) -> None:
    """Wait until every import of a store is in this state."""
    until(stack, lambda: stack.look(STATES.format(code=code)), lambda states: states == (state, state))


def until_planned(stack, code: str) -> None:
    """Wait until the undo of a store's import is planned."""
    until(stack, lambda: stack.look(UNDO_JOBS.format(code=code))[0], lambda state: state == "done")


def chunks(stack, code: str) -> tuple[int, int]:
    """How many chunks of a store's imports are in, and how many of them are taken back."""
    return stack.look(CHUNKS.format(code=code))


def assert_whole(stack, code: str) -> None:
    """No chunk is in only half: as many orders as rows that are marked as written."""
    marked, standing = stack.look(WHOLE.format(code=code))
    assert marked == standing, "a chunk is in only half"


def until_further(stack, code: str, before: tuple[int, int], state: str) -> float:
    """Wait until one more chunk stands, or the imports have left the state; gives how many seconds that took."""
    began = time.monotonic()
    until(
        stack,
        lambda: (chunks(stack, code), is_in(stack, code, state)),
        lambda now: now[0] != before or not now[1],
        RESUMED,
    )
    return time.monotonic() - began
