"""Addresses of imports."""

from django.urls import path

from crm_site.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.list_batches, name="list"),
    path("new/", views.upload, name="upload"),
    path("<int:pk>/", views.batch, name="batch"),
    path("<int:pk>/progress/", views.progress, name="progress"),
    path("<int:pk>/confirm/", views.confirm, name="confirm"),
    path("<int:pk>/abandon/", views.abandon, name="abandon"),
    path("<int:pk>/stop/", views.stop, name="stop"),
    path("<int:pk>/read/", views.read_again, name="read_again"),
]
