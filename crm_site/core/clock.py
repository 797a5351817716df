"""What time it is for the business: Asia/Shanghai days, asked only in views and tasks and passed on from there."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This moment, aware (UTC)."""
    return timezone.now()


def today() -> date:
    """The business day of this moment."""
    return business_day(now())


def business_day(moment: datetime) -> date:
    """The Asia/Shanghai calendar day that an aware moment falls on."""
    return moment.astimezone(BUSINESS_ZONE).date()


def local(moment: datetime) -> datetime:
    """The same moment as Asia/Shanghai wall time."""
    return moment.astimezone(BUSINESS_ZONE)


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """An aware moment at a wall-clock time of a business day."""
    return datetime.combine(day, time(hour, minute), BUSINESS_ZONE)


def day_bounds(first: date, last: date | None = None) -> tuple[datetime, datetime]:
    """Half-open moments [start, end) that cover the business days first…last (last defaults to first)."""
    return at(first), at((last or first) + timedelta(days=1))
