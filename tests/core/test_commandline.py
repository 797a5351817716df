"""The command line says in two lines what an operator can set right; a mistake of the program keeps its traceback."""

import psycopg2
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, OperationalError, ProgrammingError

from crm_site.core import commandline, environ


class Refused(psycopg2.ProgrammingError):
    """PostgreSQL's answer; outside a connection psycopg2's own cannot be given a code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def pgcode(self) -> str:
        return self.code


def refused(code: str, kind: type[DatabaseError] = ProgrammingError) -> DatabaseError:
    problem = kind("permission denied for table accounts_store\nLINE 1: …")
    problem.__cause__ = Refused(code)
    return problem


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (ImproperlyConfigured("SECRET_KEY is missing."), "huifang.env"),
        (OperationalError("connection refused\nIs the server running?"), "Does the database run"),
        (OperationalError("no such table: jobs_beat"), "migrate makes them"),
        (refused("42501"), "grant_rights"),
        (refused("42P01"), "migrate makes them"),
    ],
)
def test_what_an_operator_can_set_right_is_said_in_two_lines(problem, words, monkeypatch, capsys):
    def fail(_words):
        raise problem

    monkeypatch.setattr(commandline, "execute_from_command_line", fail)
    with pytest.raises(SystemExit) as ended:
        commandline.run(["manage.py", "migrate"])
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert words in said
    assert len(said.splitlines()) == 2
    with pytest.raises(type(problem)):
        commandline.run(["manage.py", "migrate", "--traceback"])


@pytest.mark.parametrize(
    "problem",
    [
        IntegrityError("twice"),
        refused("42601"),
        refused("57014", OperationalError),
        refused("40P01", OperationalError),
        ZeroDivisionError(),
    ],
)
def test_a_mistake_of_the_program_keeps_its_traceback(problem, monkeypatch):
    def fail(_words):
        raise problem

    monkeypatch.setattr(commandline, "execute_from_command_line", fail)
    with pytest.raises(type(problem)):
        commandline.run(["manage.py", "migrate"])


def test_a_chinese_shell_is_told_in_chinese_even_where_there_are_no_settings(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    with pytest.raises(ImproperlyConfigured) as unread:
        environ.database_from_url("postgres://app:a#b@127.0.0.1/huifang", None, kind="web")
    what, advice = commandline.explained(unread.value).splitlines()
    assert what.startswith("无法识别 DATABASE_URL。密码中的特殊字符要写成编码：@ %40")
    assert advice.startswith("→ 配置写在 /etc/huifang/huifang.env")
    assert commandline.explained(OperationalError("connection refused\nmore")) == (
        "数据库报错：connection refused\n"
        "→ 数据库是否在运行，磁盘是否还有空间？DATABASE_URL 中的主机、库名、角色和密码是否正确？"
    )
    assert "→ DATABASE_URL 所用角色无权这样做。" in commandline.explained(refused("42501"))


@pytest.mark.parametrize(
    ("env", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh-hans"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_a_command_speaks_the_language_of_the_shell(env, language):
    assert commandline.shell_language(env) == language
