"""Addresses of the audit log."""

from django.urls import path

from crm_site.history import views

app_name = "history"
urlpatterns = [path("", views.entries, name="list")]
