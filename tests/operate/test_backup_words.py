"""Backup and restore speak the language of the shell they were typed into."""

import errno
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from crm_site.jobs.models import Beat
from crm_site.upkeep.backup import engines, making, restoring
from crm_site.upkeep.management.commands import restore
from tests.operate.house import described, made, refusing, tampered

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
    report = restoring.Report(files=2, jobs=1, seconds=3.21)
    monkeypatch.setattr(restore, "restore", lambda *_args, **_more: report)
    words = {"into": "sqlite:///nowhere", "files": house / "new"}
    backup = str(made(house).path)
    assert said_in(CHINESE, monkeypatch, "restore", backup, **words).splitlines() == [
        "文件 2 个，待重新执行的任务 1 个，共用时 3.2 秒。",
        "所有数据表与备份逐行一致。所有人都需重新登录。",
        "接下来：依次运行 grant_rights（仅 PostgreSQL）、install_defaults、expire，"
        "再启动网页服务、后台进程和定时进程。",
    ]
    assert said_in(ENGLISH, monkeypatch, "restore", backup, **words).splitlines() == [
        "2 files, 1 jobs to be taken up again, 3.2 s in all.",
        "Every table is equal to the backup, row by row. All sign-ins have ended.",
        "Now: grant_rights (PostgreSQL), install_defaults, expire, then start web, worker and scheduler.",
    ]


def test_files_that_did_not_come_back_are_told_in_the_language_of_the_shell(house, monkeypatch):
    report = restoring.Report(missing=["2026/a.xlsx"], missing_count=1)
    monkeypatch.setattr(restore, "restore", lambda *_args, **_more: report)
    words = {"into": "sqlite:///nowhere", "files": house / "new", "stdout": StringIO()}
    backup = str(made(house).path)
    assert refused_in(CHINESE, monkeypatch, "restore", backup, **words).splitlines() == [
        "有 1 个文件在数据中有记录，备份里却没有：",
        "2026/a.xlsx",
        "更早的备份里可能还有：见 docs/operations.md 中的“A file is missing”。",
    ]
    assert refused_in(ENGLISH, monkeypatch, "restore", backup, **words).splitlines() == [
        "1 files are missing from the backup that rows speak of:",
        "2026/a.xlsx",
        "They may stand in an older backup: “A file is missing” in docs/operations.md.",
    ]
    assert (report.is_equal, report.as_detail()["ok"]) == (True, False)


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
    backup = making.Made(Path("/srv/kept/huifang.tar"), bytes=1_540_000, rows=501, files=2, seconds=0.24, missing=[])
    monkeypatch.setattr(making, "make", lambda *_args, **_more: backup)
    assert said_in(CHINESE, monkeypatch, "backup", to=house / "kept").splitlines() == [
        "/srv/kept/huifang.tar：501 行，2 个文件，1.5 MB，用时 0.2 秒",
        "备份不含环境变量（如 SECRET_KEY）和各服务器的密码，请另行妥善保存。",
    ]
    assert said_in(ENGLISH, monkeypatch, "backup", to=house / "kept").splitlines() == [
        "/srv/kept/huifang.tar: 501 rows, 2 files, 1.5 MB, 0.2 s",
        "Not in it: the environment with SECRET_KEY, and the servers' passwords. Keep them apart.",
    ]


def test_a_backup_that_cannot_be_noted_is_made_all_the_same(house, monkeypatch):
    """As in an update whose migration gives the very table a column."""
    backup = making.Made(Path("/srv/kept/huifang.tar"), bytes=1, rows=501, files=2, seconds=0.24, missing=[])
    monkeypatch.setattr(making, "make", lambda *_args, **_more: backup)
    refused = DatabaseError('column "mood" does not exist\nLINE 1: …')
    monkeypatch.setattr(type(Beat.objects.all()), "update_or_create", lambda *_args, **_more: throw(refused))
    assert said_in(CHINESE, monkeypatch, "backup", to=house / "kept").splitlines()[-1] == (
        '备份已完成，但没能登记，doctor 不会知道：column "mood" does not exist'
    )
    assert said_in(ENGLISH, monkeypatch, "backup", to=house / "kept").splitlines()[-1] == (
        'The backup is made, but the doctor will not know of it: column "mood" does not exist'
    )


def throw(problem: Exception):
    raise problem
