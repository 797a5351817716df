"""Addresses of complaints."""

app_name = "complaints"
urlpatterns: list = []
