"""Addresses of personal data: requests, exports, looks, rules, duplicates and merges."""

from django.urls import path

from crm_site.privacy.views import exports, looks, requests, rules

app_name = "privacy"
urlpatterns = [
    path("", requests.home, name="home"),
    path("exports/", exports.log, name="exports"),
    path("looks/", looks.log, name="looks"),
    path("rules/", rules.rules, name="rules"),
]
