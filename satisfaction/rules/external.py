"""What a survey of the manufacturer or an institute says: the period it was made for, and scores on 10, 100 or 1000."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

SCALES = (10, 100, 1000)
HUNDRED = Decimal(100)
#: what files call the whole, which here is the factor ''
OVERALL = frozenset(
    {"总分", "总得分", "总成绩", "综合", "综合得分", "综合分", "总体", "总体得分", "整体", "整体得分", "合计", "全部",
     "满意度总分", "总指数", "综合指数", "overall", "total"}
)  # fmt: skip

_MONTH = re.compile(r"(\d{4}|\d{2}年)(?:([-/.年])?)(0?[1-9]|1[0-2])月?份?")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]?0{1,2}:00(?::00)?)?")
_QUARTER = re.compile(r"(\d{4})年?[-/]?(?:Q([1-4])|第?([1-4一二三四])季度?)|Q([1-4])[-/]?(\d{4})年?", re.IGNORECASE)
_HALF = re.compile(r"(\d{4})年?[-/]?(上半年|下半年|H[12]|[12]H)", re.IGNORECASE)
_YEAR = re.compile(r"(\d{4})(?:年|年度|全年|年全年)?")
_CHINESE = {"一": 1, "二": 2, "三": 3, "四": 4}
_BLANKS = re.compile(r"\s+(?!0{1,2}:)")
FIRST_YEAR, LAST_YEAR = 2000, 2099


class Period(NamedTuple):
    """A month (2026-05), quarter (2026-Q2), half (2026-H1) or year (2026), with its first and last day."""

    code: str
    first: date
    last: date


def parse_period(written: str, year: int | None = None) -> Period | None:
    """The period that a cell names; None where it names none for certain.

    `year` completes a period without one (二季度, 5月). 2026.1 is refused: as a number it may have been 2026.10.
    A single day stands for its month.
    """
    plain = _BLANKS.sub("", written.strip())
    if year is not None and not re.search(r"\d{4}", plain):
        plain = f"{year}年{plain}"
    if re.fullmatch(r"\d{4}\.1", plain):
        return None
    for read in (_day, _quarter, _half, _month, _year):
        found = read(plain)
        if found is not None:
            return found if FIRST_YEAR <= found.first.year <= LAST_YEAR else None
    return None


def _months(code: str, year: int, first: int, count: int) -> Period:
    """The period of `count` months from month `first` of a year."""
    after = date(year + (first + count > 12), (first + count - 1) % 12 + 1, 1)
    return Period(code, date(year, first, 1), after - timedelta(days=1))


def _day(plain: str) -> Period | None:
    match = _DAY.fullmatch(plain)
    if match is None or not 1 <= int(match[2]) <= 12 or not 1 <= int(match[3]) <= 31:
        return None
    return _months(f"{match[1]}-{int(match[2]):02d}", int(match[1]), int(match[2]), 1)


def _month(plain: str) -> Period | None:
    match = _MONTH.fullmatch(plain)
    if match is None or (match[2] is None and len(match[3]) == 1 and "年" not in match[1]):
        return None  # 20265 may be many things
    year = int(match[1]) if len(match[1]) == 4 else 2000 + int(match[1][:2])
    return _months(f"{year}-{int(match[3]):02d}", year, int(match[3]), 1)


def _quarter(plain: str) -> Period | None:
    match = _QUARTER.fullmatch(plain)
    if match is None:
        return None
    year = int(match[1] or match[5])
    named = match[2] or match[3] or match[4]
    quarter = _CHINESE.get(named) or int(named)
    return _months(f"{year}-Q{quarter}", year, quarter * 3 - 2, 3)


def _half(plain: str) -> Period | None:
    match = _HALF.fullmatch(plain)
    if match is None:
        return None
    half = 2 if match[2] == "下半年" or "2" in match[2] else 1
    return _months(f"{match[1]}-H{half}", int(match[1]), half * 6 - 5, 6)


def _year(plain: str) -> Period | None:
    match = _YEAR.fullmatch(plain)
    return _months(match[1], int(match[1]), 1, 12) if match else None


def out_of_100(raw: Decimal, scale: int) -> Decimal:
    """A score on a scale as one out of 100, to three decimals (863 of 1000 is 86.300)."""
    return (raw * HUNDRED / scale).quantize(Decimal("0.001"), ROUND_HALF_UP)


def scale_told_by(scores: Iterable[Decimal]) -> int | None:
    """The scale that the scores of one survey can only have; None where several are possible.

    More than 100 can only be out of 1000. 86 may be of 100 or of 1000, 8.6 of any: that is asked, never guessed.
    """
    return 1000 if any(score > 100 for score in scores) else None


#: words in a survey's name that say which kind it measures
NAMING = {"sales": ("SSI", "销售"), "service": ("CSI", "服务", "售后")}


def may_measure(survey: str, kind: str) -> bool:
    """Whether a survey may be about a kind: not where its name says another one and not this."""
    named = {one for one, words in NAMING.items() if any(word in survey.upper() for word in words)}
    return not named or kind in named
