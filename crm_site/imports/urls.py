"""Addresses of imports."""

from django.urls import path

from crm_site.imports.views import batches, corrections, downloads, mapping, rulings, undo

app_name = "imports"
urlpatterns = [
    path("", batches.list_batches, name="list"),
    path("new/", batches.upload, name="upload"),
    path("templates/<slug:code>/", downloads.template, name="template"),
    path("<int:pk>/", batches.batch, name="batch"),
    path("<int:pk>/progress/", batches.progress, name="progress"),
    path("<int:pk>/confirm/", batches.confirm, name="confirm"),
    path("<int:pk>/abandon/", batches.abandon, name="abandon"),
    path("<int:pk>/stop/", batches.stop, name="stop"),
    path("<int:pk>/read/", batches.read_again, name="read_again"),
    path("<int:pk>/columns/", mapping.columns, name="columns"),
    path("<int:pk>/answer/", mapping.answer, name="answer"),
    path("<int:pk>/rulings/", rulings.rule, name="rule"),
    path("<int:pk>/undo/", undo.show, name="undo"),
    path("<int:pk>/undo/progress/", undo.progress, name="undo_progress"),
    path("<int:pk>/undo/ask/", undo.ask, name="undo_ask"),
    path("<int:pk>/undo/plan/", undo.plan_again, name="undo_plan_again"),
    path("<int:pk>/undo/decide/", undo.decide, name="undo_decide"),
    path("<int:pk>/undo/confirm/", undo.confirm, name="undo_confirm"),
    path("<int:pk>/undo/stop/", undo.stop, name="undo_stop"),
    path("<int:pk>/undo/leave/", undo.leave, name="undo_leave"),
    path("<int:pk>/rows/<int:row>/", corrections.row, name="row"),
    path("<int:pk>/workbook/", downloads.workbook, name="workbook"),
    path("<int:pk>/workbook/ask/", downloads.ask_workbook, name="ask_workbook"),
    path("<int:pk>/workbook/progress/", downloads.workbook_progress, name="workbook_progress"),
]
