"""Addresses of the home page."""

from django.urls import path

from crm_site.dashboard import views

app_name = "dashboard"
urlpatterns = [path("", views.home, name="home")]
