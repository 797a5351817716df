"""Addresses of personal data: requests, exports, looks, rules, duplicates and merges."""

from django.urls import path

from crm_site.privacy.views import duplicates, exports, looks, merges, requests, rules

app_name = "privacy"
urlpatterns = [
    path("", requests.home, name="home"),
    path("requests/<int:pk>/", requests.show, name="request"),
    path("requests/<int:pk>/decide/", requests.decide, name="request_decide"),
    path("requests/<int:pk>/finish/", requests.finish, name="request_finish"),
    path("requests/<int:pk>/anonymise/", requests.anonymise, name="request_anonymise"),
    path("customers/<int:pk>/request/", requests.take, name="request_new"),
    path("exports/", exports.log, name="exports"),
    path("exports/customers/", exports.customers, name="export_customers"),
    path("exports/mine/", exports.mine, name="my_lists"),
    path("looks/", looks.log, name="looks"),
    path("rules/", rules.rules, name="rules"),
    path("duplicates/", duplicates.waiting, name="duplicates"),
    path("duplicates/<int:pk>/", duplicates.decide, name="decide"),
    path("duplicates/cards/<int:pk>/", duplicates.partner, name="partner"),
    path("duplicates/cards/<int:survivor_pk>/<int:merged_pk>/", duplicates.two_cards, name="two_cards"),
    path("merges/", merges.merges, name="merges"),
    path("merges/<int:pk>/", merges.merge, name="merge"),
    path("merges/<int:pk>/undo/", merges.take_back, name="merge_undo"),
]
