"""Which post an employee held when something happened, and so in which series of the report it stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from crm_site.accounts.models import Employee, Posting
from crm_site.reports import rules
from crm_site.reports.cases import Liable
from crm_site.reports.periods import Period


class Posts:
    """The postings of a roster, read once."""

    def __init__(self, people: Iterable[Employee]) -> None:
        self.by_employee = {one.pk: sorted(one.postings.all(), key=lambda post: post.since) for one in people}
        self.only = {pk: _only_series(postings) for pk, postings in self.by_employee.items()}

    def at(self, employee: int, day: date) -> Posting | None:
        """The post held on a day; the last one begun before it for who has left, the first one before the first day."""
        postings = self.by_employee.get(employee, [])
        held = [one for one in postings if one.since <= day and (one.until is None or one.until >= day)]
        begun = held or [one for one in postings if one.since <= day]
        return begun[-1] if begun else next(iter(postings), None)

    def series(self, employee: int, day: date) -> str:
        """The series of the post held on a day."""
        known = self.only.get(employee)
        if known:
            return known
        posting = self.at(employee, day)
        return rules.series_of(posting.post if posting else "")

    def series_liable(self, liable: Liable, day: date) -> str:
        """The series in which a liability stands: by the post written down with it, else by that of the day."""
        return rules.series_of(liable.post) if liable.post else self.series(liable.employee, day)

    def held(self, employee: Employee, period: Period) -> list[Posting]:
        """The posts held on any day of a period, the last one too for who left within it; oldest first."""
        last = min(period.last, employee.left_on or period.last)
        postings = self.by_employee.get(employee.pk, [])
        return [one for one in postings if one.since <= last and (one.until is None or one.until >= period.start)] or [
            posting for posting in [self.at(employee.pk, last)] if posting
        ]

    def last_in(self, employee: Employee, series: str, period: Period) -> Posting | None:
        """The posting that a period's line of a series names: the last of the series begun by the period's end."""
        begun = [one for one in self.by_employee.get(employee.pk, []) if one.since <= period.last]
        return next((one for one in reversed(begun) if rules.series_of(one.post) == series), None)


def _only_series(postings: list[Posting]) -> str:
    """The series that all posts of somebody stand in; '' where they differ."""
    found = {rules.series_of(one.post) for one in postings}
    return found.pop() if len(found) == 1 else ""
