"""Every change of a month's report, of the appeals against it and of how a store closes its months."""

from crm_site.reports.actions.appeals import check_open, decide, raise_appeal
from crm_site.reports.actions.drafts import build_draft
from crm_site.reports.actions.publishing import obstacles, publish, record_download, reopen
from crm_site.reports.actions.settings import save_settings

__all__ = [
    "build_draft",
    "check_open",
    "decide",
    "obstacles",
    "publish",
    "raise_appeal",
    "record_download",
    "reopen",
    "save_settings",
]
