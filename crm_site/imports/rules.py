"""Plain rules of imports: how headers compare, what is a total line, and when a value is changed or in conflict."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from crm_site.core import text

#: Findings of these severities stand in a row; a problem refuses it, a warning and a repair do not.
PROBLEM, WARNING, FIXED = "problem", "warning", "fixed"

_NOT_LETTERS = re.compile(r"[\s_\-/\\·.。:：*※#()（）\[\]【】<>《》\"“”'、,，]+")
_OPTIONAL = re.compile(r"[(（\[【]?(?:必填项?|选填项?|非必填|required|optional)[)）\]】]?", re.IGNORECASE)
_UNIT = re.compile(r"[(（\[【](?:元|km|公里|里|yyyy[^)）]*|年月日|VIN)[)）\]】]", re.IGNORECASE)
_MAYBE_TOTAL = re.compile(r"[合小总共计录]|total", re.IGNORECASE)
_TOTAL = re.compile(
    r"(?:合计|小计|总计|本页小计|记录数|共计|sub-?total|(?:grand )?total)[:：]?\s*[\d,.]*.*", re.IGNORECASE
)
_RECORD_COUNT = re.compile(r"(?:记录数|共|合计)\s*[:：]?\s*\d+\s*(?:条|行|笔|台次?|辆)?(?:记录)?")
_EXAMPLES = frozenset({"示例", "示例行", "样例", "范例", "例", "example", "sample"})
_HINT_WORDS = frozenset(
    {"必填", "选填", "非必填", "必填项", "选填项", "必须", "可选", "required", "optional", "文本", "日期"}
)


@lru_cache(maxsize=8192)
def header_key(title: object) -> str:
    """The form in which two spellings of a column's title are equal: '* 车架号 (VIN)' and '车架号' are one.

    Units and 必填/选填 marks are dropped, full-width letters become ASCII, case and punctuation do not count.
    """
    plain = text.half_width(text.tidy(title))
    plain = _OPTIONAL.sub("", plain)
    without_unit = _UNIT.sub("", plain)
    return _NOT_LETTERS.sub("", without_unit or plain).casefold()


def is_total(cells: Sequence[object]) -> bool:
    """Whether a row is no record but a sum or a count: 合计, 小计, 记录数:120 in its first filled cell."""
    lead = next((cell for cell in cells if cell not in (None, "")), None)
    if not isinstance(lead, str) or not _MAYBE_TOTAL.search(lead):
        return False
    filled = [cell for cell in cells if cell not in (None, "")]
    first = text.tidy(lead).replace(" ", "")
    if len(first) > 30:
        return False
    return bool(_RECORD_COUNT.fullmatch(first) or (_TOTAL.fullmatch(first) and _few_words(filled[1:])))


def _few_words(rest: list[object]) -> bool:
    """Whether the cells beside a word like 合计 are figures only, as in a sum line."""
    return all(re.fullmatch(r"[-¥￥]?[\d,.]+%?(?:元|台|台次)?", text.half_width(cell) or "0") for cell in rest)


def is_example(cells: Iterable[object]) -> bool:
    """Whether a row calls itself an example in its first filled cell, as those of a template do."""
    first = next((cell for cell in cells if cell not in (None, "")), None)
    return isinstance(first, str) and text.tidy(first).casefold() in _EXAMPLES


def is_hint_line(cells: Iterable[object]) -> bool:
    """Whether a row below the header says 必填/选填 (or the like) of the columns and is no record."""
    filled = [text.tidy(cell).strip("()（）*") for cell in cells if not text.is_empty(cell)]
    hints = sum(cell.casefold() in _HINT_WORDS for cell in filled)
    return bool(filled) and hints >= 1 and hints * 2 >= len(filled)


#: A list brought within so many days of its last record speaks for the quiet days between as well.
QUIET_DAYS = 3


def speaks_for(first: date, last: date, brought_on: date) -> tuple[date, date]:
    """The days of which a list brought on a day says everything that happened, given its first and last record.

    Nobody takes delivery of a car on some days: a list that was brought soon after its last record is complete up to
    the evening before it was brought; an older one only up to that record.
    """
    is_fresh = (brought_on - last).days <= QUIET_DAYS + 1
    return first, max(last, brought_on - timedelta(days=1)) if is_fresh else last


class Comparison(NamedTuple):
    """What an import would do to a row that exists: fields that change, and those changed by somebody meanwhile."""

    changes: dict[str, list[Any]]
    conflicts: dict[str, list[Any]]


def compare_values(
    current: Mapping[str, Any], source: Mapping[str, Any], said: Mapping[str, Any], decision: str = ""
) -> Comparison:
    """Compare what a file says with what stands and with what the last import said.

    An empty value in the file says nothing. Changed: the file differs and nobody has touched the value since the last
    import, or it is empty. Conflict: the file says something new, and the value standing is not the last import's.
    A file that repeats what the last import said changes nothing, even if somebody has corrected the value since.
    Values must be of the same plain type on all sides (text, numbers, ISO days). `decision` is what a person has said
    of this row's conflicts: with "file" they are changes, with "ours" there are none.
    """
    changes: dict[str, list[Any]] = {}
    conflicts: dict[str, list[Any]] = {}
    for name, value in said.items():
        standing, before = current.get(name), source.get(name)
        if value in (None, "") or value in (standing, before):
            continue
        is_ours = standing in (None, "") or (name in source and standing == before)
        (changes if is_ours else conflicts)[name] = [standing, value]
    if decision == "file":
        return Comparison({**changes, **conflicts}, {})
    return Comparison(changes, {} if decision == "ours" else conflicts)
