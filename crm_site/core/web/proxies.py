"""What a request says about its sender, as far as it may be believed: only our own proxy's word counts."""

import ipaddress
import re

from django.conf import settings
from django.http import HttpRequest

_ID = re.compile(r"[0-9a-f-]{8,64}")


def client_address(request: HttpRequest) -> str:
    """The address of whoever asks: the one that our proxy has seen, or the other end of the line.

    Of X-Forwarded-For only the last entry is our proxy's own; everything before it is what the client wrote.
    """
    told = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    return told.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")


def counted_address(request: HttpRequest) -> str:
    """The address under which somebody is counted who is not signed in; '' where there is none (a local socket).

    Of IPv6 it is the network of 64 bits: a single line has all of its addresses, and would never meet a limit.
    """
    try:
        address = ipaddress.ip_address(client_address(request))
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.IPv6Address(int(address) >> 64 << 64))


def told_id(request: HttpRequest) -> str:
    """The request's id that our proxy has given, if it is short and plain; '' otherwise."""
    told = request.headers.get("X-Request-ID", "") if settings.BEHIND_PROXY else ""
    return told if _ID.fullmatch(told) else ""
