"""The addresses that the shell links to, so that the gallery stands without the rooms."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def nothing(request: HttpRequest) -> HttpResponse:
    """An empty answer; the gallery only needs the names."""
    return HttpResponse()


def room(name: str, *pages: str):
    """The named pages of a room."""
    return path(f"{name}/", include(([path(f"{page}/", nothing, name=page) for page in pages], name)))


urlpatterns = [
    path("", include(([path("", nothing, name="home")], "dashboard"))),
    room("accounts", "language", "switch_store", "theme", "sign_out", "change_password", "view_save", "views"),
    room("customers", "find", "suggest"),
    room("notices", "list"),
]
