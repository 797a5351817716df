"""The command line says in two lines what an operator can set right; a mistake of the program keeps its traceback."""

import psycopg2
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, OperationalError, ProgrammingError

from crm_site.core import commandline


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
