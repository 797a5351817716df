"""Addresses of complaints."""

from django.urls import path

from complaints.views import lists, reporting, tickets

app_name = "complaints"
urlpatterns = [
    path("", lists.complaints, name="list"),
    path("new/", reporting.new, name="new"),
    path("<int:pk>/", tickets.detail, name="detail"),
    path("<int:pk>/chase/", tickets.chase, name="chase"),
    path("<int:pk>/<slug:action>/", tickets.do, name="do"),
]
