"""Addresses of imports."""

from django.urls import path

from crm_site.imports.views import batches, downloads

app_name = "imports"
urlpatterns = [
    path("", batches.list_batches, name="list"),
    path("new/", batches.upload, name="upload"),
    path("<int:pk>/", batches.batch, name="batch"),
    path("<int:pk>/progress/", batches.progress, name="progress"),
    path("<int:pk>/confirm/", batches.confirm, name="confirm"),
    path("<int:pk>/abandon/", batches.abandon, name="abandon"),
    path("<int:pk>/stop/", batches.stop, name="stop"),
    path("<int:pk>/read/", batches.read_again, name="read_again"),
    path("<int:pk>/workbook/", downloads.workbook, name="workbook"),
    path("<int:pk>/workbook/ask/", downloads.ask_workbook, name="ask_workbook"),
    path("<int:pk>/workbook/progress/", downloads.workbook_progress, name="workbook_progress"),
]
