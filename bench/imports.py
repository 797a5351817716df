"""How long 50,000 rows × 20 columns take from file to preview and from preview to tables, on the embedded database."""

import csv
import io
import os
import tempfile
import time
import uuid

from bench.figure import figure

ROWS = 50_000
HEADER = ["工号", "姓名", "性别", "部门", "岗位", "手机", "入职日期", "在职状态", *(f"备注{n}" for n in range(12))]


def main() -> int:
    """Import a roster into a fresh SQLite file; 1 when a figure misses its goal."""
    with tempfile.TemporaryDirectory(prefix="huifang-bench-") as folder:
        os.environ |= {"HUIFANG_VAR": folder, "DATABASE_URL": "", "REDIS_URL": "", "HUIFANG_DEMO": "1"}
        os.environ |= {"SECRET_KEY": "bench", "DJANGO_SETTINGS_MODULE": "crm_site.settings"}
        import django

        django.setup()
        return _measure()


def _measure() -> int:
    from django.core.management import call_command

    from crm_site.imports.actions import batches as actions
    from crm_site.jobs import runner

    call_command("migrate", verbosity=0)
    batch = _bring()
    read = _seconds(lambda: runner.run(batch.stage_job_id))
    actions.confirm(batch.pk, by=batch.uploaded_by, now=batch.uploaded_at)
    batch.refresh_from_db()
    written = _seconds(lambda: runner.run(batch.apply_job_id))
    batch.refresh_from_db()
    assert batch.state == "applied", batch.state
    fine = figure("imports-50k-total", read + written, "s", goal=180)
    figure("imports-read", ROWS / read, "rows/s", better="higher")
    figure("imports-write", ROWS / written, "rows/s", better="higher")
    return 0 if fine else 1


def _bring():
    """A store with one employee, who brings the file."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from crm_site.accounts.models import Employee, Store
    from crm_site.core import clock
    from crm_site.imports.actions import batches as actions

    store = Store.objects.create(code="A", name="A", short_name="A", go_live_on=clock.today())
    by = Employee.objects.create(store=store, number="1", name="A")
    upload = SimpleUploadedFile("roster.csv", _roster())
    values = {"layout": "employees", "historical": True, "submission": uuid.uuid4(), "now": clock.now()}
    return actions.upload(upload, store=store, by=by, **values)


def _roster() -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(HEADER)
    for number in range(ROWS):
        known = [
            f"K{number:06d}",
            f"员工{number % 997}",
            "男",
            "车间",
            "技师",
            f"138{number:08d}",
            "2024-03-05",
            "在职",
        ]
        writer.writerow([*known, *["备注内容"] * 12])
    return stream.getvalue().encode("utf-8-sig")


def _seconds(work) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started
