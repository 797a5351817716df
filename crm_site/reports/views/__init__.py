"""The pages of reports: the months, one month, what is behind its numbers, its picture and its workbook."""

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
from crm_site.reports.views.months import build, months, publish, reopen, report

__all__ = [
    "answers",
    "bring_layout",
    "build",
    "chart",
    "director",
    "fill_layout",
    "layout",
    "layouts",
    "map_layout",
    "months",
    "publish",
    "put_away_layout",
    "reopen",
    "report",
    "tickets",
    "visits",
    "workbook",
]
