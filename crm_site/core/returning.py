"""Where somebody is sent when a form is done or a sign-in has ended: only ever to a page of this site."""

from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def own_page(request: HttpRequest, asked: str, otherwise: str = "/") -> str:
    """The address that was asked for, if it is a path of this site; else the other one."""
    ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if ours and asked.startswith("/") else otherwise


def page_that_was_open(request: HttpRequest) -> str:
    """The path of the page on which somebody was: a form and a part of a page tell where they stand."""
    if request.headers.get("HX-Request"):
        return _path_of(request, request.headers.get("HX-Current-URL", ""))
    if request.method == "POST":
        return _path_of(request, request.headers.get("Referer", ""))
    return request.get_full_path()


def _path_of(request: HttpRequest, address: str) -> str:
    """The path and query of a whole address of this site; the home page for any other."""
    try:
        told = urlsplit(address)
    except ValueError:
        return "/"
    path = urlunsplit(told._replace(scheme="", netloc=""))
    return own_page(request, path) if told.netloc == request.get_host() else "/"
