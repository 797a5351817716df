"""Addresses of personal data: requests, exports, looks, rules, duplicates and merges."""

from django.urls import path

from crm_site.privacy.views import exports, requests

app_name = "privacy"
urlpatterns = [
    path("", requests.home, name="home"),
    path("exports/", exports.log, name="exports"),
]
