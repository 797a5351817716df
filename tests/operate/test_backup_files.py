"""The file of a backup: whole or not there, for this account alone, and refused when anything in it is wrong."""

import errno
import gzip
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from crm_site.core.management.commands import serve
from crm_site.upkeep.backup import archive, engines, making, manifest, postgres, restoring, sqlite
from crm_site.upkeep.management.commands import restore

pytestmark = pytest.mark.usefixtures("in_english")
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def house(tmp_path, settings):
    """A small database file and two uploaded files, as an installation would have them."""
    path, files = tmp_path / "house.sqlite3", tmp_path / "files"
    session = next(iter(manifest.left_out()))
    with sqlite3.connect(path) as line:
        line.execute("CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT)")
        line.execute("INSERT INTO django_migrations (app, name) VALUES ('jobs', '0001_initial')")
        line.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, word TEXT)")
        line.executemany("INSERT INTO things (word) VALUES (?)", [(f"词{n}",) for n in range(500)])
        line.execute(f'CREATE TABLE "{session}" (session_key TEXT)')
        line.execute(f'INSERT INTO "{session}" VALUES (?)', ["whoever-holds-this-is-signed-in"])
    (files / "2026").mkdir(parents=True)
    (files / "2026" / "a.xlsx").write_bytes(b"PK one")
    (files / "b.jpg").write_bytes(bytes(range(256)) * 5000)
    settings.MEDIA_ROOT = files
    return tmp_path


def entry_of(house):
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(house / "house.sqlite3")}


def made(house, **options) -> making.Made:
    return making.make(house / "kept", now=options.pop("now", NOW), entry=entry_of(house), **options)


def unpacked(path, into):
    """Take it apart; gives {name: hash}."""
    into.mkdir()
    with path.open("rb") as stream:
        return archive.unpack(stream, into, lambda _manifest: None)


def test_it_holds_manifest_database_files_and_their_list_and_only_this_account_reads_it(house):
    backup = made(house)
    assert backup.path.stat().st_mode & 0o777 == 0o600
    with tarfile.open(backup.path) as tar:
        names = tar.getnames()
        described = json.load(tar.extractfile("manifest.json"))
    assert names == ["manifest.json", "database.sqlite3.gz", "files/b.jpg", "files/2026/a.xlsx", "files.sha256"]
    assert described["tables"]["things"]["rows"] == 500
    assert described["migrations"] == [["jobs", "0001_initial"]]
    assert (backup.files, backup.rows) == (2, 501)
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


def test_a_file_that_expires_meanwhile_is_left_out(house, monkeypatch):
    monkeypatch.setattr(archive, "names_below", lambda root: iter(["b.jpg", "gone.xlsx"]))
    assert made(house).files == 1


def tampered(backup, change) -> None:
    """Write the archive anew with `change(name, content)` -> content, or None to leave a part out."""
    parts = []
    with tarfile.open(backup) as tar:
        for member in tar:
            parts.append((member.name, change(member.name, tar.extractfile(member).read())))
    with tarfile.open(backup, "w") as tar:
        for name, content in parts:
            if content is not None:
                header = tarfile.TarInfo(name)
                header.size = len(content)
                tar.addfile(header, io.BytesIO(content))


def described(**values):
    """A change of the manifest."""

    def change(name, content):
        if name != "manifest.json":
            return content
        return json.dumps(json.loads(content) | values).encode()

    return change


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


def refusing(number):
    """What stands for an action that the operating system refuses."""

    def act(*_args, **_more):
        raise OSError(number, os.strerror(number), "/srv/kept/huifang.tar")

    return act


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


# ---- in the language of the shell -----------------------------------------------------------------------------------

CHINESE, ENGLISH = "zh_CN.UTF-8", "C.UTF-8"


def refused_in(shell, monkeypatch, command, *words, **options) -> str:
    """How a command refuses in a shell of that language."""
    monkeypatch.setenv("LC_ALL", shell)
    with pytest.raises(CommandError) as refused:
        call_command(command, *words, **options)
    return str(refused.value)


def said_in(shell, monkeypatch, command, *words, **options) -> str:
    """What a command says in a shell of that language."""
    monkeypatch.setenv("LC_ALL", shell)
    out = StringIO()
    call_command(command, *words, stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("change", "chinese", "english"),
    [
        (
            lambda name, content: None if name == "files.sha256" else content,
            "备份不完整：缺少文件清单。请换一份备份。",
            "The backup is cut off: its list of files is missing. Take another one.",
        ),
        (
            lambda name, content: content + b"x" if name == "files/b.jpg" else content,
            "备份中有 1 个文件与备份时不符，第一个是 b.jpg。",
            "1 files of the backup are not what they were, the first is b.jpg.",
        ),
        (
            lambda name, content: content + b"x" if "database" in name else content,
            "备份中的数据库与备份时不符：文件已损坏。请换一份备份。",
            "The database in the backup is not what it was: the file is damaged. Take another one.",
        ),
        (
            described(migrations=[["jobs", "9999_of_tomorrow"]], version="9.0", commit="0123456789abcdef"),
            "备份出自更新的版本（含有迁移 jobs.9999_of_tomorrow）：9.0 0123456789。请先安装该版本或更高版本。",
            "The backup was made by a newer version (it knows jobs.9999_of_tomorrow): 9.0 0123456789. "
            "Install that version or a later one first.",
        ),
        (
            described(engine="postgresql"),
            "备份来自 postgresql，而 DATABASE_URL 指向 sqlite。备份只能恢复到同一种数据库。",
            "The backup is of postgresql, and DATABASE_URL names sqlite. "
            "A backup goes back into the engine it came from.",
        ),
    ],
    ids=["no list", "file", "database", "newer", "engine"],
)
def test_what_is_wrong_with_a_backup_is_said_in_the_language_of_the_shell(house, monkeypatch, change, chinese, english):
    backup = made(house).path
    tampered(backup, change)
    place = {"into": f"sqlite:///{house / 'new.sqlite3'}", "files": house / "new"}
    assert refused_in(CHINESE, monkeypatch, "restore", str(backup), **place) == chinese
    assert refused_in(ENGLISH, monkeypatch, "restore", str(backup), **place) == english


def test_where_it_cannot_go_is_said_in_the_language_of_the_shell(house, monkeypatch):
    backup = str(made(house).path)
    taken, empty = f"sqlite:///{house / 'house.sqlite3'}", f"sqlite:///{house / 'new.sqlite3'}"
    for options, chinese, english in (
        ({"into": taken, "files": house / "new"}, "该数据库中已有数据表", "That database holds tables already"),
        ({"into": empty, "files": house / "files"}, "中已有文件。请先清空", "holds files already. Empty it"),
        ({"into": empty}, "使用 --into 时须同时写明 --files", "--into wants --files too"),
    ):
        assert chinese in refused_in(CHINESE, monkeypatch, "restore", backup, **options)
        assert english in refused_in(ENGLISH, monkeypatch, "restore", backup, **options)
    assert refused_in(CHINESE, monkeypatch, "restore", "/nowhere/huifang.tar") == "找不到文件 /nowhere/huifang.tar。"


def test_what_the_system_refuses_is_said_in_the_language_of_the_shell(house, monkeypatch):
    monkeypatch.setattr(making, "make", refusing(errno.ENOSPC))
    chinese = refused_in(CHINESE, monkeypatch, "backup", to=house / "kept")
    assert chinese.startswith("/srv/kept/huifang.tar：磁盘空间不足。请腾出空间")
    english = refused_in(ENGLISH, monkeypatch, "backup", to=house / "kept")
    assert english.startswith("/srv/kept/huifang.tar: No space left on device. Make room")


def test_what_came_back_is_told_in_the_language_of_the_shell(house, monkeypatch):
    report = restoring.Report(files=2, jobs=1, seconds=3.21, missing=["2026/a.xlsx"], missing_count=1)
    monkeypatch.setattr(restore, "restore", lambda *_args, **_more: report)
    words = {"into": "sqlite:///nowhere", "files": house / "new"}
    backup = str(made(house).path)
    assert said_in(CHINESE, monkeypatch, "restore", backup, **words).splitlines() == [
        "文件 2 个，待重新执行的任务 1 个，共用时 3.2 秒。",
        "有 1 个文件在数据中有记录，备份里却没有（可能在备份期间到期删除）：",
        "2026/a.xlsx",
        "所有数据表与备份逐行一致。所有人都需重新登录。",
        "接下来：依次运行 grant_rights（仅 PostgreSQL）、install_defaults、expire，"
        "再启动网页服务、后台进程和定时进程。",
    ]
    assert said_in(ENGLISH, monkeypatch, "restore", backup, **words).splitlines() == [
        "2 files, 1 jobs to be taken up again, 3.2 s in all.",
        "1 files are missing that rows speak of (expired while the backup ran?):",
        "2026/a.xlsx",
        "Every table is equal to the backup, row by row. All sign-ins have ended.",
        "Now: grant_rights (PostgreSQL), install_defaults, expire, then start web, worker and scheduler.",
    ]


def test_a_difference_is_told_in_the_language_of_the_shell_and_kept_in_none(house, monkeypatch):
    lost = restoring.Difference("customers_customer", engines.Facts(3, "ab" * 32), None)
    report = restoring.Report(differences=[lost])
    monkeypatch.setattr(restore, "restore", lambda *_args, **_more: report)
    words = {"into": "sqlite:///nowhere", "files": house / "new", "stdout": StringIO()}
    backup = str(made(house).path)
    assert refused_in(CHINESE, monkeypatch, "restore", backup, **words).splitlines() == [
        "与备份不一致：",
        "customers_customer：备份时：3 行（SHA-256 abababababab…）；恢复后：没有此表",
    ]
    assert refused_in(ENGLISH, monkeypatch, "restore", backup, **words).splitlines() == [
        "Not equal to the backup:",
        "customers_customer: 3 rows (SHA-256 abababababab…) became no table",
    ]
    assert json.loads(json.dumps(report.as_detail()))["differences"] == ["customers_customer"]
    assert report.as_detail()["ok"] is False


@pytest.mark.django_db
def test_what_was_backed_up_is_told_in_the_language_of_the_shell(house, monkeypatch):
    backup = making.Made(Path("/srv/kept/huifang.tar"), bytes=1_540_000, rows=501, files=2, seconds=0.24)
    monkeypatch.setattr(making, "make", lambda *_args, **_more: backup)
    assert said_in(CHINESE, monkeypatch, "backup", to=house / "kept").splitlines() == [
        "/srv/kept/huifang.tar：501 行，2 个文件，1.5 MB，用时 0.2 秒",
        "备份不含环境变量（如 SECRET_KEY）和各服务器的密码，请另行妥善保存。",
    ]
    assert said_in(ENGLISH, monkeypatch, "backup", to=house / "kept").splitlines() == [
        "/srv/kept/huifang.tar: 501 rows, 2 files, 1.5 MB, 0.2 s",
        "Not in it: the environment with SECRET_KEY, and the servers' passwords. Keep them apart.",
    ]
