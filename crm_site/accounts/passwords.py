"""Which passwords are refused beside Django's list of common ones: habits of this country, and words about oneself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pypinyin import lazy_pinyin

from crm_site.accounts.models import Employee, Store

#: words that people begin or end a password with; with digits, years or signs around them they are guessed first
HABITS = (
    "woaini", "woaiwo", "woaijia", "woainima", "iloveyou", "aini", "baobei", "laopo", "laogong", "nihao", "zhongguo",
    "chongqing", "beijing", "shanghai", "admin", "administrator", "root", "password", "passw0rd", "mima", "test",
    "user", "login", "welcome", "huifang", "kehu", "fuwu", "qiche", "toyota", "honda", "nissan", "buick", "benz",
    "audi", "bmw", "byd", "geely", "chery", "changan", "dazhong", "fengtian", "bentian", "richan", "biaozhi", "qwerty",
    "qwertyuiop", "asdfgh", "asdfghjkl", "zxcvbn", "zxcvbnm", "qazwsx", "qazwsxedc", "qweasd", "qweasdzxc", "abc",
    "abcd", "abcde", "abcdef", "aaa", "aa", "a", "q", "z", "w", "qq", "wang", "zhang", "li", "liu", "chen", "yang",
)  # fmt: skip
#: runs of digits that fill a password up
RUNS = ("01234567890123456789", "98765432109876543210", "5201314", "1314520", "147258369", "789456123", "112233445566")
_DATE = re.compile(r"((19|20)\d\d)((0[1-9]|1[0-2])([0-2]\d|3[01]))?|\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])")
#: a word of one's own that is shorter is no hint
SHORTEST = 3


class LongEnough(MinimumLengthValidator):
    """Refuses what is too short, in a sentence of ours: that of Django has no Chinese."""

    def get_error_message(self) -> str:
        """What is said of a password that is too short."""
        words = ngettext(
            "This password is too short. It needs at least %(count)d character.",
            "This password is too short. It needs at least %(count)d characters.",
            self.min_length,
        )
        return words % {"count": self.min_length}


class ChineseHabits:
    """Refuses woaini1314, a123456789 and the like: a habitual word with nothing but digits that anybody would try."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError for a password of that kind."""
        plain = re.sub(r"[^a-z0-9]", "", password.lower())
        letters, digits = re.sub(r"[0-9]", "", plain), re.sub(r"[a-z]", "", plain)
        if plain and (not letters or letters in HABITS) and (_is_run(digits) or _is_date(digits)):
            raise ValidationError(
                _("This password is among the first that would be tried. Take three or four words that do not belong"
                  " together."),
                code="password_habit",
            )  # fmt: skip

    def get_help_text(self) -> str:
        """What a new password must be, in the words of its form."""
        return _("No word and number that others use as well, such as woaini1314.")


class NothingOfOneself:
    """Refuses what names the user or the store: names, also in pinyin, numbers, the brand."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError where such a word makes up half of the password or more."""
        written = password.lower()
        if user is None or user.pk is None:
            return
        if any(word in written and 2 * len(word) >= len(written) - 4 for word in words_about(user)):
            raise ValidationError(
                _("This password names you or your store. Take words that have nothing to do with you."),
                code="password_about_oneself",
            )

    def get_help_text(self) -> str:
        """What a new password must be, in the words of its form."""
        return _("Not your name, your number, the store or the brand.")


def words_about(user: Any) -> set[str]:
    """What a stranger who knows the person would try, in lower case."""
    return {word.lower() for word in _told(user) if len(word) >= SHORTEST}


def _told(user: Any) -> Iterator[str]:
    yield user.username
    yield from _spellings(user.name)
    for number, phone in Employee.objects.filter(user=user).values_list("number", "phone"):
        yield from (number, phone)
    for store in Store.objects.filter(memberships__user=user):
        yield store.code
        for name in (store.name, store.short_name, store.brand, store.city):
            yield from _spellings(name)


def _spellings(name: str) -> Iterator[str]:
    """A name as it is written, and in pinyin with and without blanks."""
    yield name
    syllables = lazy_pinyin(name)
    yield "".join(syllables)
    yield from name.split()


def _is_run(digits: str) -> bool:
    """Whether digits are none, a run up or down, one or two digits again and again, or a number of lovers."""
    if len(digits) <= 3 or any(digits in run or run in digits for run in RUNS):
        return True
    return any(digits == (digits[:width] * len(digits))[: len(digits)] for width in (1, 2, 3))


def _is_date(digits: str) -> bool:
    """Whether digits read as a year or a day: 1988, 19880808, 880808."""
    return _DATE.fullmatch(digits) is not None
