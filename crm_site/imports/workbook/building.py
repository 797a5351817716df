"""The job that builds a batch's error workbook: marks the user's own file, or rebuilds it where that cannot be done."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from crm_site.core import clock
from crm_site.files.actions import path_of
from crm_site.imports.actions import exports
from crm_site.imports.models import ImportBatch
from crm_site.imports.reading.reader import Unreadable
from crm_site.imports.workbook import plan as plans
from crm_site.imports.workbook import rebuild
from crm_site.imports.workbook.ink import Ink, Tell
from crm_site.jobs.errors import Failed
from crm_site.jobs.kinds import described
from crm_site.jobs.models import Job
from crm_site.jobs.runner import Run

logger = logging.getLogger(__name__)

#: Wall-clock seconds that marking may take.
TIMEOUT = 600.0
#: A workbook that unpacks to more is written row by row, whatever its number of rows.
LARGE_UNPACKED = 30 * 1024 * 1024
CHILD = "crm_site.imports.workbook.child"


@described(_("Build an error workbook"), {"mark": _("marking rows")})
def error_workbook(job: Job, run: Run) -> dict[str, Any]:
    """Build the workbook of a batch, in the language asked for, and keep it as a file; harmless to run again."""
    batch = ImportBatch.objects.select_related("store", "file").get(pk=job.payload["batch"])
    if not path_of(batch.file).exists():
        raise Failed("file_gone")
    total = batch.counts.get("rows", 0)
    run.progress(0, total, "mark")
    with translation.override(job.payload["language"]), TemporaryDirectory(prefix="workbook-") as folder:
        out = build(batch, Path(folder), lambda done: run.progress(done, total, "mark"))
        stored = exports.keep_workbook(batch, out, job=job, hold=run.hold, now=clock.now())
    url = reverse("imports:workbook", args=[batch.pk])
    notice = {"code": "import.workbook", "params": {"file": batch.file.name}, "url": url, "kind": "ok"}
    return {"file": stored.pk, "notice": notice}


def build(batch: ImportBatch, folder: Path, tell: Tell) -> Path:
    """Write the workbook of a batch into an empty folder, in the active language; `tell` hears of the rows done.

    Raises Failed where the file cannot be read any more.
    """
    path, out = path_of(batch.file), folder / "out.xlsx"
    plan = plans.write(batch, folder)
    if _is_xlsx(path, plan, folder) and _mark(path, folder, out, tell):
        return out
    out.unlink(missing_ok=True)
    try:
        rebuild.write(path, Ink(plan, folder, tell), out, unnamed=str(plan["summary"]["sheet"]))
    except Unreadable as refused:
        raise Failed(refused.code) from refused
    return out


def _is_xlsx(path: Path, plan: dict[str, Any], folder: Path) -> bool:
    """Whether openpyxl may keep the file as it is; a heavy one is planned to be written row by row."""
    try:
        with zipfile.ZipFile(path) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                return False
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    if unpacked > LARGE_UNPACKED and not plan["is_large"]:
        plan["is_large"] = True
        (folder / "plan.json").write_text(json.dumps(plan, ensure_ascii=False))
    return True


def _mark(path: Path, folder: Path, out: Path, tell: Tell) -> bool:
    """Have the child mark the file; gives whether it came to its end."""
    with _start(path, folder, out) as child:
        watchdog = threading.Timer(TIMEOUT, child.kill)
        watchdog.start()
        ended = False
        try:
            for line in child.stdout or ():
                if line.strip() == "end":
                    ended = True
                else:
                    tell(int(line))
        finally:
            watchdog.cancel()
            if not ended:
                child.kill()
    if ended and child.returncode == 0 and out.exists():
        return True
    logger.warning("a workbook was not marked but is rebuilt: the child ended with %s", child.returncode)
    return False


def _start(path: Path, folder: Path, out: Path) -> subprocess.Popen[str]:
    """The child, with an environment that holds nothing of ours but where its code lies."""
    return subprocess.Popen(
        [sys.executable, "-s", "-m", CHILD, str(path.resolve()), str(folder), str(out)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONIOENCODING": "utf-8", "LANG": "C.UTF-8", "PYTHONUTF8": "1", "TMPDIR": str(folder)},
        cwd=settings.BASE_DIR,
        text=True,
    )
