"""The command line as an operator meets it: what they can set right is said in two lines, not as a traceback."""

from __future__ import annotations

import gettext
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.core.management.base import BaseCommand
from django.db import DatabaseError, OperationalError
from django.utils import translation

from crm_site.core.i18n import gettext_noop

LOCALES = Path(__file__).resolve().parents[2] / "locale"
SETTINGS = gettext_noop(
    "The settings stand in /etc/huifang/huifang.env, or where SETTINGS says (docs/operations.md, Settings)."
)
REFUSAL = gettext_noop("The database refused: %(reason)s")
#: what to do, by PostgreSQL's code for what it refused
REFUSED = {
    "42501": gettext_noop(
        "The role of DATABASE_URL may not do this. The owner makes tables (deploy/manage.sh --owner migrate) and "
        "gives the application its rights (deploy/manage.sh --owner grant_rights --role huifang_app)."
    ),
    "42P01": gettext_noop("Tables are missing: deploy/manage.sh --owner migrate makes them."),
}
#: for what it broke a statement off: a conflict, a deadlock, a lock, a bound of time; no address is wrong then
BROKEN_OFF = {"40001", "40P01", "55P03", "57014"}
UNREACHED = gettext_noop(
    "Does the database run, and has its disk room? Are host, name, role and password in DATABASE_URL right?"
)


class SpeakingCommand(BaseCommand):
    """A command that says all it says, its refusals too, in the language of the shell it was typed into."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """As Django's."""
        with translation.override(shell_language()):
            return super().execute(*args, **options)

    def say(self, words: str) -> None:
        """One line at once, however long the next step takes."""
        self.stdout.write(words)
        self.stdout.flush()


def run(words: Sequence[str]) -> None:
    """Carry out one command line; ends with exit code 2 and what to do where settings or the database are in the way.

    Mistakes of the program itself keep their traceback, and with `--traceback` everything does.
    """
    try:
        execute_from_command_line(list(words))
    except (ImproperlyConfigured, DatabaseError) as problem:
        said = "" if "--traceback" in words else explained(problem)
        if not said:
            raise
        print(said, file=sys.stderr)
        raise SystemExit(2) from None


def explained(problem: Exception) -> str:
    """What is wrong and what to do about it, in the shell's language; '' where no setting can mend it."""
    if isinstance(problem, ImproperlyConfigured):
        return f"{_in_shell_words(str(problem))}\n→ {_in_shell_words(SETTINGS)}"
    codes = [getattr(one, "pgcode", None) for one in _causes(problem)]
    advice = next((REFUSED[code] for code in codes if code in REFUSED), "")
    if "no such table" in str(problem):  # SQLite knows no codes
        advice = REFUSED["42P01"]
    if not advice and isinstance(problem, OperationalError) and not BROKEN_OFF.intersection(codes):
        advice = UNREACHED
    if not advice:
        return ""
    refusal = _in_shell_words(REFUSAL) % {"reason": str(problem).strip().splitlines()[0]}
    return f"{refusal}\n→ {_in_shell_words(advice)}"


def shell_language(env: Mapping[str, str] = os.environ) -> str:
    """The language of whoever typed a command: "zh-hans" where LANG begins with zh, else "en"."""
    named = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return "zh-hans" if named.lower().startswith("zh") else "en"


def _in_shell_words(text: str) -> str:
    """A text in the language of the shell, found without Django, whose settings may be just what is wrong."""
    language = translation.to_locale(shell_language())
    return gettext.translation("django", LOCALES, [language], fallback=True).gettext(text)


def _causes(problem: BaseException | None) -> Iterator[BaseException]:
    while problem is not None:
        yield problem
        problem = problem.__cause__
