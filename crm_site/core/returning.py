"""Where a form sends somebody when it is done: only to a page of this site, whatever the address in it says."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def own_page(request: HttpRequest, asked: str, otherwise: str = "/") -> str:
    """The address that was asked for, if it is a path of this site; else the other one."""
    ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if ours and asked.startswith("/") else otherwise
