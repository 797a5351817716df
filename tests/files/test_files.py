"""Files: checked, stored under a name of our own, fetched by right and logged, gone when their time is over."""

import os
import stat
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.files import actions, rules
from crm_site.files.models import StoredFile
from crm_site.privacy import expiry
from tests.factories import NOON


def accept(person, content=b"a,b\n1,2\n", name="交车.csv", **more):
    return actions.accept(
        SimpleUploadedFile(name, content),
        store=person.store,
        owner=person.employee,
        purpose=StoredFile.Purpose.IMPORT,
        capability="imports.run",
        now=NOON,
        **more,
    )


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest", "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "ole"),
        (b"\x09\x08\x10\x00rest", "ole"),
        (b"\x09\x04\x06\x00\x00\x00", "ole"),
        (b"\x89PNG\r\n\x1a\nrest", "png"),
        (b"%PDF-1.7", "pdf"),
        ("工号,姓名\n".encode("gbk"), "text"),
        ("工号,姓名\n".encode("utf-16"), "text"),
        ("a,b\n1,2\n".encode("utf-16-le"), "text"),
        (bytes(range(32)) * 8, "unknown"),
    ],
)
def test_content_tells_what_a_file_is(head, kind):
    assert rules.sniff(head) == kind


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\交车 11月.xlsx", "交车 11月.xlsx"),
        ("a\r\nSet-Cookie: x.csv", "aSet-Cookie x.csv"),
        ("\u202exslx.exe", "xslx.exe"),
        ("...", "file"),
        ("长" * 300 + ".xlsx", "长" * 115 + ".xlsx"),
    ],
)
def test_names_are_made_safe(given, kept):
    assert rules.safe_name(given) == kept


@pytest.mark.django_db
def test_a_file_lies_under_a_name_of_our_own_for_us_alone(admin_a):
    stored = accept(admin_a)
    path = actions.path_of(stored)
    assert path.read_bytes() == b"a,b\n1,2\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "交车" not in str(path)
    assert stored.expires_on == clock.business_day(NOON) + timedelta(days=90)
    assert Entry.objects.filter(action="file.stored", subject_id=stored.pk).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("content", "limit", "code"), [(b"", None, "empty"), (b"x" * 11, 10, "too_big")])
def test_empty_and_too_large_files_are_refused(admin_a, content, limit, code):
    with pytest.raises(RuleBroken) as refused:
        accept(admin_a, content, limit=limit)
    assert (refused.value.code, refused.value.field) == (code, "file")
    assert not StoredFile.objects.exists()


@pytest.mark.django_db
def test_a_download_is_an_attachment_and_logged(as_, admin_a):
    stored = accept(admin_a)
    answer = as_(admin_a).post(reverse("files:download", args=[stored.pk]))
    assert b"".join(answer.streaming_content) == b"a,b\n1,2\n"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%E4%BA%A4")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "text/plain"
    assert Entry.objects.filter(action="file.fetched", subject_id=stored.pk).count() == 1


@pytest.mark.django_db
def test_who_may_not_import_may_not_fetch_and_a_stranger_finds_nothing(as_, admin_a, specialist_a, stranger_b):
    stored = accept(admin_a)
    address = reverse("files:download", args=[stored.pk])
    assert as_(specialist_a).post(address).status_code == 403
    assert as_(stranger_b).post(address).status_code == 404
    assert as_(admin_a).get(address).status_code == 405
    assert not Entry.objects.filter(action="file.fetched").exists()


@pytest.mark.django_db
def test_expiry_removes_the_content_and_keeps_the_row(as_, admin_a):
    stored = accept(admin_a, keep_days=1)
    gone = [
        expiry.expire(expiry.Term(admin_a.store.pk, NOON + timedelta(days=days), 99))["files"] for days in (1, 2, 2)
    ]
    assert gone == [0, 1, 0]
    assert not actions.path_of(stored).exists()
    assert as_(admin_a).post(reverse("files:download", args=[stored.pk])).status_code == 302


@pytest.mark.django_db
def test_what_a_transaction_that_broke_off_left_on_disk_is_swept_a_day_later(admin_a, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    kept = actions.path_of(accept(admin_a))
    with transaction.atomic():
        lost = actions.path_of(accept(admin_a))
        transaction.set_rollback(True)
    foreign = lost.with_name("README")
    foreign.write_text("put there by somebody else")
    for path in (kept, lost, foreign):
        os.utime(path, (NOON.timestamp(), NOON.timestamp()))
    assert actions.sweep(NOON + timedelta(hours=23)) == 0
    later = NOON + timedelta(hours=25)
    assert actions.left_behind(later) == [lost]
    assert [actions.sweep(later), actions.sweep(later)] == [1, 0]
    assert [path.exists() for path in (kept, lost, foreign)] == [True, False, True]
