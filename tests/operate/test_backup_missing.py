"""Files that rows speak of and that are not there: what was removed meanwhile is explained, all else is told."""

import errno
import os
import shutil
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from crm_site.jobs.models import Beat
from crm_site.upkeep.backup import archive, making, troubles
from tests.operate.house import NOW, changed, made, unpacked

pytestmark = pytest.mark.usefixtures("in_english")


def test_a_file_that_is_removed_meanwhile_is_left_out_and_noted_as_gone(house, monkeypatch):
    def names(_root):
        yield "b.jpg"
        (house / "files" / "2026" / "a.xlsx").unlink()
        yield "2026/a.xlsx"

    def somewhat_later(_seconds):
        changed(house, "UPDATE files_storedfile SET removed_at = '2026-11-20' WHERE path = '2026/a.xlsx'")

    monkeypatch.setattr(archive, "names_below", names)
    monkeypatch.setattr(making.time, "sleep", somewhat_later)
    backup = made(house)
    assert (backup.files, backup.missing) == (1, [])
    unpacked(backup.path, house / "out")
    assert (house / "out" / "gone.txt").read_text() == "2026/a.xlsx"


@pytest.fixture
def impatient(monkeypatch):
    """Nobody is waited for whose row might still go."""
    monkeypatch.setattr(making, "PATIENCE", 0)


def test_a_file_that_was_removed_before_is_not_missed(house, impatient):
    (house / "files" / "b.jpg").unlink()
    changed(house, "UPDATE files_storedfile SET removed_at = '2026-11-19' WHERE path = 'b.jpg'")
    assert made(house).missing == []


@pytest.mark.parametrize("lost", ["b.jpg", "."], ids=["one file", "the whole folder, as when it is not mounted"])
def test_files_that_rows_speak_of_and_that_are_not_there_are_missed(house, impatient, lost):
    shutil.move(house / "files" / lost, house / "away")
    assert made(house).missing == (["b.jpg"] if lost != "." else ["2026/a.xlsx", "b.jpg"])


def test_a_house_without_files_needs_no_folder(house, settings):
    settings.MEDIA_ROOT = house / "none"
    changed(house, "DELETE FROM files_storedfile")
    assert (made(house).files, made(house, now=NOW + timedelta(days=1)).missing) == (0, [])


def test_a_folder_that_may_not_be_looked_into_ends_the_backup(house, monkeypatch):
    listed = os.scandir

    def refused(place):
        if str(place).endswith("2026"):
            raise PermissionError(errno.EACCES, "Permission denied", str(place))
        return listed(place)

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(CommandError, match=r"files/2026: Permission denied"), troubles.told(house):
        made(house)
    assert list((house / "kept").iterdir()) == []


@pytest.mark.django_db
def test_a_backup_that_lacks_files_is_told_and_removes_no_older_one(house, monkeypatch):
    old = made(house)
    lacking = making.Made(old.path, bytes=1, rows=2, files=3, seconds=4.0, missing=["ab/x.jpg"])
    monkeypatch.setattr(making, "make", lambda *_args, **_more: lacking)
    monkeypatch.setattr(making, "thin_out", lambda *_args: pytest.fail("good ones were removed"))
    with pytest.raises(CommandError, match=r"(?s)lacks 1 files.*ab/x\.jpg.*mounted"):
        call_command("backup", to=house / "kept", keep=1, stdout=StringIO())
    noted = Beat.objects.get(name="backup").detail
    assert (noted["ok"], noted["missing_count"]) == (False, 1)
