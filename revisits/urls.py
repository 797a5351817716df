"""Addresses of revisits."""

app_name = "revisits"
urlpatterns: list = []
