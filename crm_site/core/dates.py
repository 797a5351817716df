"""Days and moments as spreadsheets and people write them; what cannot be read for certain is refused, never guessed."""

import calendar
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import NamedTuple

from crm_site.core import text
from crm_site.core.clock import BUSINESS_ZONE
from crm_site.core.errors import RuleBroken
from crm_site.core.verdicts import message

FIRST_YEAR = 1900
LAST_YEAR = 2100
#: Serials outside these are not days of our lifetime: 1927-05-18 … 2100-01-01 in the 1900 system.
_SERIAL_LOW, _SERIAL_HIGH = 10_000, 73_051
_EPOCH_1900 = date(1899, 12, 30)  # right from serial 61 on: day 60 is Excel's 1900-02-29, which never was
_EPOCH_1904 = date(1904, 1, 1)

#: Longer text is no date; also keeps the patterns below from running long.
_LONGEST_CELL = 60

#: 2026-11-21 and 2026-11-21 14:05, as programs write them: read at once, without trying the forms below
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?: (?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)?")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
_SHORT_YEAR_CHINESE = re.compile(r"(\d{2})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_THREE_PARTS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_MONTH_DAY = re.compile(r"(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
#: 5-Mar-2024, 5 March 24, Mar 5, 2024: the month is a word, so nothing is in doubt.
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORD = rf"({'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_DAY_WORD_YEAR = re.compile(rf"(\d{{1,2}})[-/. ]*{_WORD}[-/., ]*(\d{{4}}|\d\d)", re.IGNORECASE)
_WORD_DAY_YEAR = re.compile(rf"{_WORD} *(\d{{1,2}})(?: *, *| +)(\d{{4}})", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_WEEKDAY = re.compile(r"\s*[(]?(?:星期|周|礼拜)[一二三四五六日天][)]?\s*")
_TIME = re.compile(
    r"\s*(?:T|\s)?\s*(上午|下午|晚上|早上|凌晨|中午|AM|PM)?\s*(\d{1,2})\s*[:时点]\s*(\d{1,2})?\s*(?:[:分]\s*(\d{1,2})?(?:\.\d+)?\s*秒?)?\s*(AM|PM)?\s*(Z|[+-]\d\d:?\d\d)?",
    re.IGNORECASE,
)
_AFTERNOON = {"下午", "晚上", "PM"}
_FORMS = (_YEAR_FIRST, _SHORT_YEAR_CHINESE, _COMPACT, _YEAR_LAST, _THREE_PARTS, _DAY_WORD_YEAR, _WORD_DAY_YEAR,
          _MONTH_DAY)  # fmt: skip
#: The orders in which day, month and year may stand.
ORDERS = ("ymd", "dmy", "mdy")


class Month(NamedTuple):
    """A calendar month, as half-open range and as text."""

    year: int
    month: int

    @property
    def start(self) -> date:
        """The first day."""
        return date(self.year, self.month, 1)

    @property
    def end(self) -> date:
        """The first day of the next month (half-open)."""
        return self.shift(1).start

    @property
    def last(self) -> date:
        """The last day."""
        return self.end - timedelta(days=1)

    def shift(self, months: int) -> "Month":
        """The month so many months later (earlier when negative)."""
        index = self.year * 12 + self.month - 1 + months
        return Month(index // 12, index % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def month_of(day: date) -> Month:
    """The month that a day lies in."""
    return Month(day.year, day.month)


def parse_month(written: str) -> Month:
    """'2026-11' as it stands in URLs; raises RuleBroken for anything else."""
    match = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", written)
    if not match or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        raise _broken("date_form")
    return Month(int(match[1]), int(match[2]))


def months_between(first: Month, last: Month) -> Iterator[Month]:
    """Every month from first to last, both included."""
    while first <= last:
        yield first
        first = first.shift(1)


def add_months(day: date, months: int) -> date:
    """The same day so many months later; where the month has no such day, its last one.

    31 January + 1 month is 28 (29) February; 29 February + 12 months is 28 February. Always count from the original
    day, never step by step: 31 January + 2 months is 31 March.
    """
    target = month_of(day).shift(months)
    return date(target.year, target.month, min(day.day, calendar.monthrange(target.year, target.month)[1]))


def anniversary(day: date, year: int) -> date:
    """The day's return in a year; 29 February comes on 28 February of other years."""
    return add_months(day, (year - day.year) * 12)


def parse_date(value: object, *, today: date | None = None, is_1904: bool = False, order: str = "") -> date | None:
    """The day in a cell or a form field; None for an empty one.

    `today` completes dates without a year (11-21); without it they are refused. `is_1904` is the workbook's system.
    `order` ('ymd', 'mdy', 'dmy') reads what is ambiguous alone, once a person or the whole column has said so.
    Raises RuleBroken with code date_form, date_impossible, date_ambiguous, date_range or date_time_only.
    """
    if isinstance(value, str) and (match := _ISO.fullmatch(value)):
        return _checked(int(match[1]), int(match[2]), int(match[3]))
    found = _parse(value, today=today, is_1904=is_1904, order=order)
    return found[0] if found else None


def parse_datetime(
    value: object, *, today: date | None = None, is_1904: bool = False, order: str = ""
) -> datetime | None:
    """The moment in a cell, aware in Asia/Shanghai (midnight when only a day is written); None for an empty one.

    Use `parse_date` for facts that are days. Raises RuleBroken as `parse_date` does.
    """
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(BUSINESS_ZONE)
    found = _parse(value, today=today, is_1904=is_1904, order=order)
    if not found:
        return None
    day, clock_time = found
    if clock_time.tzinfo is not None:
        return datetime.combine(day, clock_time).astimezone(BUSINESS_ZONE)
    return datetime.combine(day, clock_time, BUSINESS_ZONE)


def orders(value: object) -> frozenset[str]:
    """The orders ('ymd', 'dmy', 'mdy') under which a written date names a real day; none where no order matters.

    More than one: the text alone does not say which day is meant, except that 3/3/2024 is the same either way.
    27/11/2026 is {'dmy'}, 5/11/2026 {'dmy', 'mdy'}, 5/11/26 all three; 24/3/5 is {'ymd'}, as `parse_date` reads it.
    2026-11-27, serials and real dates give nothing.
    """
    written = text.half_width(value) if isinstance(value, str) else ""
    written = _WEEKDAY.sub(" ", written[:_LONGEST_CELL]).strip()
    match = _YEAR_LAST.match(written) or _THREE_PARTS.match(written)
    if not match or _YEAR_FIRST.match(written):
        return frozenset()
    parts = int(match[1]), int(match[3]), int(match[4])
    if match.re is _THREE_PARTS and parts[0] > 12 and parts[2] <= 12:
        return frozenset({"ymd"})
    known = ORDERS[1:] if match.re is _YEAR_LAST else ORDERS
    return frozenset(order for order in known if _is_real(match, parts, order))


def _is_real(match: re.Match[str], parts: tuple[int, int, int], order: str) -> bool:
    """Whether three numbers name a day when read in an order."""
    try:
        _year_last(*parts, order) if match.re is _YEAR_LAST else _three_parts(parts, order)
    except RuleBroken:
        return False
    return True


def has_time(value: object) -> bool:
    """Whether a cell says a time of day besides the day."""
    found = _parse(value)
    return bool(found and found[1] != time())


def _parse(
    value: object, *, today: date | None = None, is_1904: bool = False, order: str = ""
) -> tuple[date, time] | None:
    """Day and wall-clock time of a cell; None for an empty one."""
    if isinstance(value, datetime):
        local = value.astimezone(BUSINESS_ZONE) if value.tzinfo else value
        return _in_range(local.date()), local.time()
    if isinstance(value, date):
        return _in_range(value), time()
    if isinstance(value, time):
        raise _broken("date_time_only")
    if isinstance(value, bool):
        raise _broken("date_form")
    if isinstance(value, int | float):
        return _from_number(float(value), is_1904=is_1904)
    if text.is_empty(value):
        return None
    written = text.half_width(value)
    if len(written) > _LONGEST_CELL:
        raise _broken("date_form")
    return _from_text(written, today=today, is_1904=is_1904, order=order)


def _from_number(number: float, *, is_1904: bool) -> tuple[date, time]:
    """A serial of the workbook's date system, or a day written as the number 20261121."""
    if not isfinite(number):
        raise _broken("date_form")
    if number == int(number) and (match := _COMPACT.fullmatch(str(int(number)))) and number > _SERIAL_HIGH:
        return _checked(*map(int, match.groups())), time()
    if 0 <= number < 1:
        raise _broken("date_time_only")
    shift = (_EPOCH_1904 - _EPOCH_1900).days if is_1904 else 0
    if not _SERIAL_LOW <= number + shift < _SERIAL_HIGH:
        raise _broken("date_range")
    days, seconds = divmod(round(number * 86_400), 86_400)
    day = (_EPOCH_1904 if is_1904 else _EPOCH_1900) + timedelta(days=days)
    return day, (datetime.min + timedelta(seconds=seconds)).time()


def _from_text(written: str, *, today: date | None, is_1904: bool, order: str) -> tuple[date, time]:
    """A date in words of one of the known forms, with or without a time."""
    if _NUMBER.fullmatch(written) and not _MONTH_DAY.fullmatch(written):
        if float(written) < _SERIAL_LOW:
            raise _broken("date_form")
        return _from_number(float(written), is_1904=is_1904)
    written = _WEEKDAY.sub(" ", written).strip()
    for pattern in _FORMS:
        match = pattern.match(written)
        if match and (rest := _time_of(written[match.end() :])) is not None:
            return _day_of(pattern, match, today, order), rest
    if _time_of(written):
        raise _broken("date_time_only")
    raise _broken("date_form")


def _day_of(pattern: re.Pattern[str], match: re.Match[str], today: date | None, order: str) -> date:
    """The day that a matched form names; refuses the forms that can be read two ways."""
    if pattern is _YEAR_LAST:
        return _year_last(int(match[1]), int(match[3]), int(match[4]), order)
    if pattern is _THREE_PARTS:
        return _three_parts((int(match[1]), int(match[3]), int(match[4])), order)
    if pattern is _SHORT_YEAR_CHINESE:
        return _checked(_century(int(match[1])), int(match[2]), int(match[3]))
    if pattern is _DAY_WORD_YEAR:
        return _named_month(match[2], match[1], match[3])
    if pattern is _WORD_DAY_YEAR:
        return _named_month(match[1], match[2], match[3])
    if pattern is _MONTH_DAY:
        if today is None:
            raise _broken("date_ambiguous")
        return _checked(today.year, int(match[1]), int(match[2]))
    return _checked(int(match[1]), int(match[2]), int(match[3]))


def _year_last(first: int, second: int, year: int, order: str) -> date:
    """5/3/2024 can be read two ways, 25/3/2024 and 3/25/2024 only one; 3/3/2024 is the same either way."""
    if order == "dmy" or (first > 12 and order != "mdy"):
        return _checked(year, second, first)
    if order == "mdy" or second > 12 or first == second:
        return _checked(year, first, second)
    raise _broken("date_ambiguous")


def _three_parts(parts: tuple[int, int, int], order: str) -> date:
    """Two-digit years: 24/3/5 is year-month-day, the order of the country, as 24 is no month.

    Refused unless `order` is given: 5/3/24 (month or day first) and 24/3/15 (or is it 24 March 2015?).
    """
    if not order:
        first, _middle, third = parts
        if first <= 12 or (third > 12 and first <= 31 and first != third):
            raise _broken("date_ambiguous")
    by_letter = dict(zip(order or "ymd", parts, strict=True))
    return _checked(_century(by_letter["y"]), by_letter["m"], by_letter["d"])


def _named_month(word: str, day: str, year: str) -> date:
    """A day whose month is a word; its year may have two digits."""
    return _checked(int(year) if len(year) == 4 else _century(int(year)), _MONTHS.index(word[:3].lower()) + 1, int(day))


def _century(short: int) -> int:
    """Two-digit years: 00-49 are 20xx, 50-99 are 19xx."""
    return 2000 + short if short < 50 else 1900 + short


def _checked(year: int, month: int, day: int) -> date:
    """A real day of a plausible year, or RuleBroken."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _broken("date_range")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise _broken("date_impossible") from error


def _in_range(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _broken("date_range")
    return day


def _time_of(written: str) -> time | None:
    """The time of day behind a date; midnight when nothing is there, None when it is not a time."""
    if not written.strip():
        return time()
    match = _TIME.fullmatch(written)
    if not match:
        return None
    half = (match[1] or match[5] or "").upper()
    hour, minute, second = int(match[2]), int(match[3] or 0), int(match[4] or 0)
    if half in _AFTERNOON and hour < 12:
        hour += 12
    elif half in {"AM", "凌晨"} and hour == 12:
        hour = 0
    if hour > 23 or minute > 59 or second > 59:
        raise _broken("date_impossible")
    return time(hour, minute, second, tzinfo=_zone_of(match[6]))


def _zone_of(written: str | None):
    """The zone written behind a time, if any."""
    if not written:
        return None
    try:
        return datetime.fromisoformat(f"2000-01-01T00:00:00{written.upper().replace('Z', '+00:00')}").tzinfo
    except ValueError as error:
        raise _broken("date_impossible") from error


def _broken(code: str) -> RuleBroken:
    return RuleBroken(message(code), code=code)
