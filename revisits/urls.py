"""Addresses of revisits."""

from django.urls import path

from revisits.views import assign, call, detail, drafts, leave, lists, past, rang, results, rules, saved, team
from revisits.views.figures import pages, sheets, targets

app_name = "revisits"
urlpatterns = [
    path("", lists.today, name="today"),
    path("next/", lists.take_next, name="next"),
    path("generate/", lists.generate_now, name="generate"),
    path("all/", lists.all_calls, name="all"),
    path("not-called/", lists.not_called, name="not_called"),
    path("past/", past.past, name="past"),
    path("team/", team.overview, name="team"),
    path("team/desk/<int:pk>/", team.settings, name="desk_settings"),
    path("team/assign/", assign.assign, name="assign"),
    path("team/assign/give/", assign.assign_many, name="assign_many"),
    path("team/nobody/", assign.nobody, name="nobody"),
    path("team/nobody/<int:pk>/", assign.give, name="give"),
    path("team/absence/<int:pk>/", leave.leave, name="leave"),
    path("team/person/<int:pk>/", leave.leaver, name="leaver"),
    path("team/handed-over/<int:pk>/undo/", leave.undo_hand_over, name="undo_hand_over"),
    path("indicators/", pages.indicators, name="indicators"),
    path("indicators/workbook/", pages.workbook, name="indicator_book"),
    path("indicators/targets/", targets.targets, name="targets"),
    path("indicators/coverage/<slug:kind>/", pages.covered, name="covered"),
    path("indicators/sheet/", sheets.sheet_page, name="sheet"),
    path("indicators/sheet/print/", sheets.sheet_print, name="sheet_print"),
    path("indicators/sheet/workbook/", sheets.sheet_workbook, name="sheet_book"),
    path("indicators/sheet/analysis/", sheets.analysis_page, name="analysis"),
    path("indicators/sheet/analysis/print/", sheets.analysis_print, name="analysis_print"),
    path("indicators/sheet/analysis/workbook/", sheets.analysis_workbook, name="analysis_book"),
    path("indicators/<slug:code>/", pages.indicator, name="indicator"),
    path("rules/", rules.rules, name="rules"),
    path("rules/results/", results.results, name="results"),
    path("rules/results/new/", results.result_new, name="result_new"),
    path("rules/results/<slug:code>/", results.result, name="result"),
    path("rules/<slug:code>/", rules.rule, name="rule"),
    path("<int:pk>/", detail.detail, name="detail"),
    path("<int:pk>/open/", lists.open_call, name="open"),
    path("<int:pk>/give-back/", detail.give_back, name="give_back"),
    path("<int:pk>/end/", detail.end, name="end"),
    path("<int:pk>/call/", call.call, name="call"),
    path("<int:pk>/renew/", call.renew, name="renew"),
    path("<int:pk>/draft/", drafts.draft, name="draft"),
    path("<int:pk>/afresh/", drafts.start_afresh, name="afresh"),
    path("attempts/<int:pk>/note/", saved.amend, name="amend"),
    path("customers/<int:pk>/rang/", rang.rang, name="rang"),
]
