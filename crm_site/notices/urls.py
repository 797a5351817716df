"""Addresses of notices."""

from django.urls import path

from crm_site.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.list_notices, name="list"),
    path("read/", views.mark_read, name="mark_read"),
]
