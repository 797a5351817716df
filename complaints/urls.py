"""Addresses of complaints."""

from django.urls import path

from complaints.views import (
    attachments,
    board,
    bulk,
    charts,
    dashboard,
    evidence,
    lists,
    presence,
    quick,
    recount,
    reporting,
    sheet,
    slip,
    text_settings,
    texts,
    tickets,
)
from complaints.views import settings as setup

app_name = "complaints"
urlpatterns = [
    path("", lists.complaints, name="list"),
    path("board/", board.board, name="board"),
    path("figures/", dashboard.learn, name="learn"),
    path("figures/chart/<slug:name>/", charts.chart, name="learn_chart"),
    path("figures/workbook/", sheet.workbook, name="learn_workbook"),
    path("assign/", bulk.assign, name="assign"),
    path("settings/", setup.overview, name="settings"),
    path("settings/numbers/", setup.numbers, name="settings_numbers"),
    path("settings/levels/<slug:code>/", setup.level, name="settings_level"),
    path("settings/phrases/", setup.phrases, name="settings_phrases"),
    path("settings/categories/", setup.categories, name="settings_categories"),
    path("settings/categories/<str:code>/", setup.category, name="settings_category"),
    path("settings/categories/<str:code>/add/", setup.add_category, name="settings_category_add"),
    path("settings/texts/<slug:code>/", text_settings.text, name="settings_text"),
    path("settings/recount/", recount.recount, name="recount"),
    path("new/", reporting.new, name="new"),
    path("new/preview/", reporting.foresee, name="foresee"),
    path("<int:pk>/texts/", texts.texts, name="texts"),
    path("<int:pk>/go/", quick.lead, name="lead"),
    path("<int:pk>/quick/", quick.quick, name="quick"),
    path("<int:pk>/quick/number/", quick.number, name="number"),
    path("<int:pk>/quick/<slug:step>/", quick.take, name="quick_take"),
    path("<int:pk>/slip/", slip.slip, name="slip"),
    path("<int:pk>/", tickets.detail, name="detail"),
    path("<int:pk>/chase/", tickets.chase, name="chase"),
    path("<int:pk>/attach/", attachments.attach, name="attach"),
    path("<int:pk>/files/<int:attachment_pk>/withdraw/", attachments.withdraw, name="withdraw"),
    path("<int:pk>/evidence/", evidence.pack, name="evidence"),
    path("<int:pk>/presence/", presence.beat, name="presence"),
    path("<int:pk>/<slug:action>/", tickets.do, name="do"),
]
