"""Addresses of complaints."""

from django.urls import path

from complaints.views import attachments, board, charts, dashboard, lists, presence, reporting, sheet, tickets

app_name = "complaints"
urlpatterns = [
    path("", lists.complaints, name="list"),
    path("board/", board.board, name="board"),
    path("figures/", dashboard.learn, name="learn"),
    path("figures/chart/<slug:name>/", charts.chart, name="learn_chart"),
    path("figures/workbook/", sheet.workbook, name="learn_workbook"),
    path("new/", reporting.new, name="new"),
    path("<int:pk>/", tickets.detail, name="detail"),
    path("<int:pk>/chase/", tickets.chase, name="chase"),
    path("<int:pk>/attach/", attachments.attach, name="attach"),
    path("<int:pk>/files/<int:attachment_pk>/withdraw/", attachments.withdraw, name="withdraw"),
    path("<int:pk>/presence/", presence.beat, name="presence"),
    path("<int:pk>/<slug:action>/", tickets.do, name="do"),
]
