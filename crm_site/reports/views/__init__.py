"""The pages of reports: the months, one month, what is behind its numbers, its picture and its workbook."""

from crm_site.reports.views.appeals import appeal, appeals, decide, object_to
from crm_site.reports.views.company import company
from crm_site.reports.views.director import director
from crm_site.reports.views.files import chart, workbook
from crm_site.reports.views.layouts import (
    bring_layout,
    fill_layout,
    layout,
    layouts,
    map_layout,
    put_away_layout,
)
from crm_site.reports.views.lists import answers, tickets, visits
from crm_site.reports.views.mine import mine
from crm_site.reports.views.months import build, months, publish, reopen, report, sheet
from crm_site.reports.views.settings import settings, settings_home

__all__ = [
    "answers",
    "appeal",
    "appeals",
    "bring_layout",
    "build",
    "chart",
    "company",
    "decide",
    "director",
    "fill_layout",
    "layout",
    "layouts",
    "map_layout",
    "mine",
    "months",
    "object_to",
    "publish",
    "put_away_layout",
    "reopen",
    "report",
    "settings",
    "settings_home",
    "sheet",
    "tickets",
    "visits",
    "workbook",
]
