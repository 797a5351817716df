"""Says weeks and days in words, in the user's language."""

from django.utils.translation import gettext as _

from crm_site.worktime import rules
from crm_site.worktime.models import Weekday


def week_lines(week: rules.Week) -> list[dict[str, str]]:
    """A week in as few lines as possible: [{days: "Monday to Friday", hours: "8:30–18:00"}]; no hours is closed."""
    return [
        {"days": _days(first, last), "hours": rules.hours_text(segments)}
        for first, last, segments in rules.week_groups(week)
    ]


def _days(first: int, last: int) -> str:
    if (first, last) == (0, 6):
        return _("Every day")
    if first == last:
        return str(Weekday(first).label)
    return _("%(first)s to %(last)s") % {"first": Weekday(first).label, "last": Weekday(last).label}
