"""The background job that builds an evidence pack and keeps it as a file of whoever asked for it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from complaints.actions import evidence
from complaints.evidence import packing
from complaints.models import Complaint
from crm_site.core import clock
from crm_site.jobs.errors import Failed
from crm_site.jobs.kinds import described
from crm_site.jobs.models import Job
from crm_site.jobs.runner import Run


@described(_("Build an evidence pack"), {"pack": _("packing files")})
def build(job: Job, run: Run) -> dict[str, Any]:
    """Build the pack of the ticket that the payload names, in the language asked for; harmless to run again."""
    complaint = Complaint.objects.select_related("store").get(pk=job.payload["complaint"])
    run.progress(0, 1, "pack")
    with translation.override(job.payload["language"]), TemporaryDirectory(prefix="evidence-") as folder:
        out = Path(folder) / "evidence.zip"
        try:
            packing.write(complaint, out, lambda done, total: run.progress(done, total, "pack"))
        except packing.TooBig as too_big:
            raise Failed("too_big") from too_big
        stored = evidence.keep(complaint, out, job=job, hold=run.hold, now=clock.now())
    url = reverse("complaints:detail", args=[complaint.pk])
    notice = {"code": "complaint.evidence", "params": {"number": complaint.number}, "url": url, "kind": "ok"}
    return {"file": stored.pk, "notice": notice}
