"""No test makes the product talk to the outside: every socket that leads past this machine is refused, and told (T61).

Watches the interpreter itself, so that whoever opens the socket is seen, and a test fails even where the product has
caught the refusal. Chromium resolves no name but this machine's (tests/chromium.py).
"""

import ipaddress
import socket
import sys
from typing import Any

import pytest

#: names that lead to this machine
OWN = {"localhost", "localhost.localdomain", "ip6-localhost", "", socket.gethostname().lower()}
#: which argument of an event names the other side
_PLACES = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0}
attempts: list[str] = []
#: empty while nobody watches
_watched: list[str] = []


class OutgoingError(OSError):
    """Somebody wanted to leave this machine."""


def is_ours(place: Any) -> bool:
    """Whether an address is a Unix socket's or this machine's: (host, port, …), a host, a path, None."""
    host = place[0] if isinstance(place, tuple) else place
    if host is None or isinstance(place, bytes) or (isinstance(place, str) and place.startswith(("/", "\0"))):
        return True
    host = host.decode() if isinstance(host, bytes) else str(host)
    if host.lower() in OWN:
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def watch(event: str, arguments: tuple) -> None:
    """The interpreter's audit hook."""
    if event not in _PLACES or not _watched:
        return
    place = arguments[_PLACES[event]]
    if not is_ours(place):
        attempts.append(f"{event} {place}")
        raise OutgoingError(f"a test may not leave this machine: {event} {place}")


def pytest_configure() -> None:
    """Begin to watch; a hook of the interpreter cannot be taken off, so it is told to stand by at the end."""
    sys.addaudithook(watch)
    _watched.append("this run")


def pytest_unconfigure() -> None:
    """Watch no longer."""
    _watched.clear()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Fail the test during which somebody wanted to leave, whether or not it noticed."""
    told = attempts[:]
    attempts.clear()
    assert not told, f"{item.nodeid}: {told}"
