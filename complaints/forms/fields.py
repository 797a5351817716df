"""Fields that several forms of tickets share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee
from crm_site.core import dates
from crm_site.core.forms import ScopedChoiceField


def check_year(moment: datetime) -> None:
    """Refuse a moment that no calendar of ours reaches, as a slip of the keyboard makes it (year 0202)."""
    if not dates.FIRST_YEAR < moment.year < dates.LAST_YEAR:
        text = _("Write a day between %(first)s and %(last)s.")
        years = {"first": dates.FIRST_YEAR + 1, "last": dates.LAST_YEAR - 1}
        raise ValidationError(text, code="year", params=years)


class EmployeeField(ScopedChoiceField):
    """A choice of employees, each with the post held today."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("empty_label", "—")
        super().__init__(Employee, **kwargs)
        self.day: date | None = None

    def offer(self, rows: Any, day: date) -> None:
        """Offer these employees, with their posts of the day."""
        self.day = day
        self.queryset = rows.order_by("number").prefetch_related("postings")

    def label_from_instance(self, obj: Employee) -> str:
        """`何志远 (Department head)`."""
        posting = obj.posting_on(self.day) if self.day else None
        return f"{obj.name} ({posting.get_post_display()})" if posting else obj.name
