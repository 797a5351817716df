"""The file of a backup: whole or not there, for this account alone, and refused when anything in it is wrong."""

import errno
import gzip
import io
import json
import shutil
import sqlite3
import subprocess
import tarfile
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from crm_site.core.management.commands import serve
from crm_site.upkeep.backup import making, manifest, postgres, restoring, sqlite
from crm_site.upkeep.management.commands import restore
from tests.operate.house import NOW, described, made, refusing, tampered, unpacked

pytestmark = pytest.mark.usefixtures("in_english")


def test_it_holds_manifest_database_files_and_their_list_and_only_this_account_reads_it(house):
    backup = made(house)
    assert backup.path.stat().st_mode & 0o777 == 0o600
    with tarfile.open(backup.path) as tar:
        names = tar.getnames()
        described = json.load(tar.extractfile("manifest.json"))
    files = ["files/b.jpg", "files/2026/a.xlsx"]
    assert names == ["manifest.json", "database.sqlite3.gz", *files, "gone.txt", "files.sha256"]
    assert described["tables"]["things"]["rows"] == 500
    assert described["migrations"] == [["jobs", "0001_initial"]]
    assert (backup.files, backup.rows, backup.missing) == (2, 503, [])
    assert [path.name for path in backup.path.parent.iterdir()] == [backup.path.name], "something was left behind"


def test_nobody_stays_signed_in_and_no_secret_is_in_it(house, settings):
    settings.SECRET_KEY = "this-key-signs-everything"
    unpacked(made(house).path, house / "out")
    content = gzip.decompress((house / "out" / "database.sqlite3.gz").read_bytes())
    assert "词1".encode() in content
    assert b"whoever-holds-this-is-signed-in" not in content
    assert settings.SECRET_KEY.encode() not in content


def test_the_newest_stay(house):
    for day in range(4):
        made(house, now=NOW + timedelta(days=day))
    removed = making.thin_out(house / "kept", 2)
    assert [path.name for path in removed] == ["huifang-20261121-030000.tar", "huifang-20261120-030000.tar"]
    assert len(list((house / "kept").iterdir())) == 2


def test_it_goes_through_the_command_that_encrypts_and_comes_back_through_the_other(house):
    backup = made(house, pipe="gzip")
    assert backup.path.name.endswith(".tar.enc")
    with pytest.raises(CommandError, match="encrypted"):
        unpacked(backup.path, house / "closed")
    plain = house / "plain.tar"
    plain.write_bytes(gzip.decompress(backup.path.read_bytes()))
    assert "files/b.jpg" in unpacked(plain, house / "open")


@pytest.mark.parametrize("pipe", ["exit 3", "head -c 100 >/dev/null; exit 3", "cat; exit 1"])
def test_a_command_that_fails_leaves_nothing_behind(house, pipe):
    with pytest.raises(CommandError, match="--pipe"):
        made(house, pipe=pipe)
    assert list((house / "kept").iterdir()) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda name, content: None if name == "files.sha256" else content, "cut off"),
        (lambda name, content: content + b"x" if name == "files/b.jpg" else content, "not what they were"),
        (lambda name, content: None if name == "files/b.jpg" else content, "not what they were"),
        (lambda name, content: content + b"x" if "database" in name else content, "damaged"),
        (lambda name, content: None if name == "manifest.json" else content, "no backup of Huifang"),
        (described(engine="postgresql"), "goes back into the engine"),
        (described(format=99), "newer version"),
        (described(migrations=[["jobs", "9999_of_tomorrow"]]), "newer version"),
        (described(product="else"), "no backup of Huifang"),
    ],
    ids=["no list", "file changed", "file gone", "database", "no manifest", "engine", "format", "newer", "else"],
)
def test_what_is_wrong_is_refused_before_anything_is_touched(house, change, words):
    backup = made(house).path
    tampered(backup, change)
    place = restoring.Place(f"sqlite:///{house / 'new.sqlite3'}", house / "new")
    with pytest.raises(CommandError, match=words):
        restoring.restore(backup, place, pipe="", replace=False, say=lambda _words: None)
    assert not (house / "new.sqlite3").exists()
    assert not (house / "new").exists()


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.9, 0.99])
def test_one_that_is_cut_off_is_refused(house, share):
    backup = made(house).path
    backup.write_bytes(backup.read_bytes()[: int(backup.stat().st_size * share)])
    with pytest.raises(CommandError):
        unpacked(backup, house / "out")


@pytest.mark.parametrize("name", ["../outside", "files/../../outside", "/outside"])
def test_a_name_never_leads_out_of_the_folder(house, name):
    backup = made(house).path
    with tarfile.open(backup, "a") as tar:
        header = tarfile.TarInfo(name)
        tar.addfile(header, io.BytesIO())
    with pytest.raises(CommandError, match="leads out"):
        unpacked(backup, house / "out")
    assert not (house / "outside").exists()


def test_what_holds_tables_or_files_is_not_overwritten_unasked(house):
    backup = made(house).path
    shutil.copy(house / "house.sqlite3", house / "taken.sqlite3")
    for place, words in (
        (restoring.Place(f"sqlite:///{house / 'taken.sqlite3'}", house / "new"), "tables already"),
        (restoring.Place(f"sqlite:///{house / 'new.sqlite3'}", house / "files"), "files already"),
    ):
        with pytest.raises(CommandError, match=words):
            restoring.restore(backup, place, pipe="", replace=False, say=lambda _words: None)


def test_what_somebody_has_open_is_not_replaced(house):
    backup = made(house).path
    with sqlite3.connect(house / "taken.sqlite3") as line:
        line.execute("PRAGMA journal_mode=WAL")
        line.execute("CREATE TABLE things (id INTEGER)")
        place = restoring.Place(f"sqlite:///{house / 'taken.sqlite3'}", house / "new")
        with pytest.raises(CommandError, match="Stop web, worker"):
            restoring.restore(backup, place, pipe="", replace=True, say=lambda _words: None)
    line.close()
    assert sqlite.Sqlite({"NAME": str(house / "taken.sqlite3")}).in_use() == 0


def test_nothing_is_restored_below_a_house_that_is_served(house, settings):
    settings.VAR_DIR = house
    backup = made(house).path
    with serve.only_one_in(house), pytest.raises(CommandError, match="Stop it first"):
        call_command("restore", str(backup), replace=True)


def test_a_missing_program_is_named_with_a_way_out(monkeypatch):
    monkeypatch.setenv("PG_BIN", "/nowhere")
    with pytest.raises(CommandError, match=r"postgresql-client.*PG_BIN"):
        postgres.program("pg_dump")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, r"/srv/kept.*Permission denied.*account “\w+”.*install -d"),
        (errno.ENOSPC, r"/srv/kept.*No space left.*Make room"),
        (errno.ENOTDIR, r"has to be a folder"),
    ],
)
@pytest.mark.parametrize("command", ["backup", "restore"])
def test_what_the_system_refuses_is_said_with_a_way_out(command, number, words, house, monkeypatch):
    backup = made(house).path
    monkeypatch.setattr(making, "make", refusing(number))
    monkeypatch.setattr(restore, "restore", refusing(number))
    with pytest.raises(CommandError, match=words):
        call_command(command, *([str(backup)] if command == "restore" else ["--to", str(house / "kept")]))


def test_a_folder_that_is_a_file_is_said(house):
    with pytest.raises(CommandError, match="has to be a folder"):
        call_command("backup", to=house / "house.sqlite3")


def test_the_commit_is_told_from_a_checkout_that_belongs_to_root(tmp_path, settings, monkeypatch):
    settings.BASE_DIR = tmp_path
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.cn"]
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "One."]):
        subprocess.run([*git, *words], check=True)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    told = manifest.product()
    assert told["version"] == "1.2.3"
    assert len(told["commit"]) == 40


def test_a_file_that_is_not_there_is_said():
    with pytest.raises(CommandError, match="There is no file"):
        call_command("restore", "/nowhere/huifang.tar")
