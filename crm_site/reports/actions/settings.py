"""How a store closes its months: set by a manager or an admin, noted in the trail."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from crm_site.reports.models import ReportSettings

FIELDS = ("month_begins", "shown_days", "publish_after", "publishes_itself")


@transaction.atomic
def save_settings(store_id: int, values: dict[str, Any], *, by: Employee, shown: int) -> ReportSettings:
    """Save a store's settings; they hold for every month that is not published yet.

    `shown` is the version that the person had before them; another one is refused. Refuses a day of publishing that
    lies before the last public day.
    """
    if values["publish_after"] < values["shown_days"]:
        raise RuleBroken(
            _("The day of publishing cannot lie before the end of the public days."), field="publish_after"
        )
    ReportSettings.objects.get_or_create(store_id=store_id)
    row = ReportSettings.objects.select_for_update().get(store_id=store_id)
    if row.version != shown:
        raise RuleBroken(_("Somebody else has saved these settings meanwhile. Compare and save again."), code="stale")
    changed: dict[str, Any] = {
        name: (getattr(row, name), values[name]) for name in FIELDS if getattr(row, name) != values[name]
    }
    if not changed:
        return row
    for name, (_before, after) in changed.items():
        setattr(row, name, after)
    row.version += 1
    row.save(update_fields=[*changed, "version"])
    trail.record(by, "report_settings.changed", row, **changed)
    return row
