"""How numbers, phones, VINs and moments are written for a reader: plain text in, plain text out."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.utils.translation import gettext as _

from crm_site.core import clock, phones, vins

EMPTY = "–"
MINUS = "−"


def masked_phone(phone: str | None) -> str:
    """A number with its middle hidden, `138****2046`; empty is `–`."""
    return phones.mask(phone) if phone else EMPTY


def grouped_phone(phone: str | None) -> str:
    """A number in groups, to be dialled by eye: `138 0013 8000`; empty is `–`."""
    return phones.grouped(phone) if phone else EMPTY


def masked_vin(vin: str | None) -> str:
    """A VIN by its last six characters, `…004217`; empty is `–`."""
    return vins.mask(vin) if vin else EMPTY


def decimal_or_none(value) -> Decimal | None:
    """The value as a Decimal; None when it is empty or no number."""
    if isinstance(value, Decimal):
        return value
    if value is None or value == "":
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def number(value, places: int = 0) -> str:
    """A figure with thousands commas and a true minus, rounded half up: `1,290`, `−0.9`; empty is `–`."""
    amount = decimal_or_none(value)
    if amount is None or not amount.is_finite():
        return EMPTY
    rounded = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    sign = MINUS if rounded < 0 else ""
    return f"{sign}{abs(rounded):,.{places}f}"


def signed(value, places: int = 0) -> str:
    """A change with its sign: `+0.8`, `−3.4`, `0`; empty is `–`."""
    text = number(value, places)
    nothing = text == EMPTY or not text.strip("0.")
    return text if nothing or text.startswith(MINUS) else f"+{text}"


def money(value) -> str:
    """Yuan with fen: `¥1,286.00`, `−¥20.00`; empty is `–`."""
    text = number(value, 2)
    if text == EMPTY:
        return text
    return f"{MINUS}¥{text[1:]}" if text.startswith(MINUS) else f"¥{text}"


def score(value) -> str:
    """A score with one decimal, rounded half up: `88.6`; empty is `–`."""
    return number(value, 1)


def percent(value, places: int = 0) -> str:
    """A share of 1 as per cent: 0.671 → `67%`; empty is `–`."""
    share = decimal_or_none(value)
    return EMPTY if share is None else f"{number(share * 100, places)}%"


def duration(value) -> str:
    """A timedelta, or whole minutes, in words: `11 h 18 min`, in Chinese 11 小时 18 分."""
    if value is None or value == "":
        return EMPTY
    minutes = int(value.total_seconds() // 60) if isinstance(value, timedelta) else int(value)
    hours, rest = divmod(abs(minutes), 60)
    parts = []
    if hours:
        parts.append(_("%(count)d h") % {"count": hours})
    if rest or not hours:
        parts.append(_("%(count)d min") % {"count": rest})
    return (MINUS if minutes < 0 else "") + " ".join(parts)


def when(value: date | datetime | None, today: date | None = None) -> str:
    """A day or a moment as people say it: Today 13:40, Yesterday 17:30, 11-18 16:40, 2025-03-11 09:00.

    `today` is the business day it is read on (default: the clock's).
    """
    if not value:
        return EMPTY
    today = today or clock.today()
    if isinstance(value, datetime):
        moment = clock.local(value) if value.tzinfo else value
        return f"{day_name(moment.date(), today)} {moment:%H:%M}"
    return day_name(value, today)


def day(value: date | datetime | None, today: date | None = None) -> str:
    """The day of a moment as people say it, without its time: Today, 11-18, 2025-03-11."""
    return when(clock.business_day(value) if isinstance(value, datetime) else value, today)


def day_name(day: date, today: date) -> str:
    """Today, Yesterday, Tomorrow, then 11-18, and with the year when it is another year."""
    near = {0: _("Today"), -1: _("Yesterday"), 1: _("Tomorrow")}.get((day - today).days)
    if near:
        return near
    return f"{day:%m-%d}" if day.year == today.year else f"{day:%Y-%m-%d}"
