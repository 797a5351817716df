"""Addresses of files."""

from django.urls import path

from crm_site.files import views

app_name = "files"
urlpatterns = [
    path("<int:pk>/", views.download, name="download"),
]
