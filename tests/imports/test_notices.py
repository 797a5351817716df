"""Whoever brought a file is told when it is read and when it is written, even if the worker dies in between."""

import pytest

from crm_site.imports import applying, staging
from crm_site.imports.models import BatchState
from crm_site.jobs.models import Job, State
from crm_site.notices.models import Notice
from tests.imports import sheets

pytestmark = pytest.mark.django_db


def codes(person) -> list[str]:
    """What the person was told, oldest first."""
    return list(Notice.objects.filter(user=person.user).order_by("pk").values_list("code", flat=True))


def test_the_owner_is_told_when_a_file_is_read_and_when_it_is_written(admin_a):
    batch = sheets.read(admin_a, sheets.roster())
    assert codes(admin_a) == ["import.ready"]
    sheets.write(admin_a, batch)
    assert codes(admin_a) == ["import.ready", "import.applied"]


@pytest.mark.parametrize(("work", "which", "code"), [
    (staging.stage, "stage_job", "import.ready"),
    (applying.apply, "apply_job", "import.applied"),
])  # fmt: skip
def test_an_attempt_that_died_after_its_last_commit_is_told_by_the_next_one(admin_a, work, which, code):
    batch = sheets.read(admin_a, sheets.roster())
    if code == "import.applied":
        batch = sheets.write(admin_a, batch)
        assert batch.state == BatchState.APPLIED
    job = Job.objects.get(pk=getattr(batch, which).pk)
    first = job.result
    job.state, job.result = State.RUNNING, {}
    again = work(job, None)
    assert again["notice"] == first["notice"]
    assert again["notice"]["code"] == code
