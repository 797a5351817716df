"""A full disk: the upload is refused in words, nothing half stays, and a hundred uploads leave no temporary file."""

import errno
import tempfile
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.urls import reverse

from crm_site.files import actions as files
from crm_site.files.models import StoredFile
from crm_site.imports.models import ImportBatch, StagedRow
from tests.imports import sheets

pytestmark = pytest.mark.django_db
LARGE = b"a,b\n" * 1_000_000


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """A folder of its own for temporary files."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(settings, "FILE_UPLOAD_TEMP_DIR", str(folder))
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "files")
    return folder


def post(client, store, content):
    upload = SimpleUploadedFile("工单.csv", content)
    data = {"store": store.pk, "layout": "", "submission": uuid.uuid4(), "file": upload}
    return client.post(reverse("imports:upload"), data)


def full(*_args, **_kwargs):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(("where", "content"), [("temporary", LARGE), ("store", sheets.roster())])
def test_a_full_disk_is_said_and_leaves_nothing(as_, admin_a, temporary, monkeypatch, where, content):
    if where == "temporary":
        monkeypatch.setattr(TemporaryUploadedFile, "write", full, raising=False)
    else:
        monkeypatch.setattr(files, "_pour", full)
    answer = post(as_(admin_a), admin_a.store, content)
    assert answer.status_code == 200
    assert "磁盘已满" in answer.content.decode()
    assert not ImportBatch.objects.exists()
    assert not StoredFile.objects.exists()
    assert not list(temporary.iterdir())
    assert not [path for path in (temporary.parent / "files").rglob("*") if path.is_file()]


def test_a_hundred_uploads_leave_no_temporary_file(as_, admin_a, temporary):
    client = as_(admin_a)
    for place in range(100):
        answer = post(client, admin_a.store, LARGE if place % 25 == 0 else sheets.roster())
        assert answer.status_code == 302
    assert not list(temporary.iterdir())
    assert ImportBatch.objects.count() == StoredFile.objects.count() == 100


def test_a_reading_without_room_for_its_folder_leaves_no_rows(admin_a, temporary, monkeypatch):
    batch = sheets.bring(admin_a, sheets.roster())
    monkeypatch.setattr(tempfile, "mkdtemp", full)
    sheets.runner.run(batch.stage_job_id)
    assert not StagedRow.objects.filter(batch=batch).exists()
    assert not list(temporary.iterdir())
