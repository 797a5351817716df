"""Addresses of history."""

app_name = "history"
urlpatterns: list = []
