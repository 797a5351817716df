"""Cleans the text of one spreadsheet cell or form field: full-width forms, invisible characters, words for "empty"."""

import re
import unicodedata

#: What people type into a cell that has no value (compared after cleaning).
EMPTY_WORDS = frozenset(
    {
        "",
        "-",
        "--",
        "—",
        "——",
        "/",
        "//",
        "\\",
        "无",
        "暂无",
        "没有",
        "未知",
        "空",
        "n/a",
        "na",
        "null",
        "none",
        "nil",
        "#n/a",
    }
)

_BLANKS = dict.fromkeys(
    map(ord, "\u00a0\u1680\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"), " "
)
_INVISIBLE = dict.fromkeys(
    [
        0xAD,
        0x34F,
        0x61C,
        0x180E,
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        0xFEFF,
        0xFFFC,
        0xFFFD,
    ]
)
_CONTROL = {code: " " if code in (9, 10, 13) else None for code in [*range(32), *range(127, 160)]}
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_HALF_WIDTH = {**_BLANKS, **_INVISIBLE, **_FULL_WIDTH, **_CONTROL}
_TIDY = {**_BLANKS, **_INVISIBLE, **_CONTROL}
_RUN_OF_BLANKS = re.compile(r" {2,}")


def cell_text(value: object) -> str:
    """The text of a cell value: None is '', a whole float loses its '.0', everything else is `str(value)`."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def half_width(value: object) -> str:
    """Trimmed text with full-width letters, digits and signs as ASCII and invisible characters removed.

    For codes and numbers (phones, plates, VINs, dates); use `tidy` for prose, which keeps Chinese punctuation.
    """
    text = cell_text(value)
    if text.isalnum() and text.isascii():
        return text
    return text.translate(_HALF_WIDTH).strip(" '’‘`")


def tidy(value: object) -> str:
    """Trimmed prose: invisible and control characters removed, runs of blanks made one, NFC; punctuation kept."""
    text = cell_text(value)
    if text.isalnum() and text.isascii():
        return text
    text = unicodedata.normalize("NFC", text).translate(_TIDY)
    return _RUN_OF_BLANKS.sub(" ", text).strip()


def is_empty(value: object) -> bool:
    """Whether a cell says "nothing": blank or one of the words people write for it."""
    if value is None:
        return True
    return half_width(value).casefold() in EMPTY_WORDS
