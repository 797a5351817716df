"""The real web server: what it says to bodies and headers that are too large, while they are still being sent."""

import http.client
import socket
import time

import pytest

from tests import environment
from tests.stack import Stack

pytestmark = pytest.mark.races

MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def web():
    running = Stack(embedded=not environment.on_servers())
    try:
        running.start_web()
        yield running
    finally:
        running.stop()


def exchange(port: int, head: str, body: bytes = b"", pieces: int = 1) -> tuple[int, bytes]:
    """Send a request as it is written, its body in so many equal pieces, then read the answer: (status, all of it)."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        for _ in range(pieces):
            line.sendall(body)
        answer = b""
        while more := line.recv(65536):
            answer += more
    return int(answer.split(b" ", 2)[1]), answer


def test_who_sends_too_much_can_read_why(web):
    """A browser reads the answer when it has sent everything: the door takes it in and throws it away."""
    pieces = 60
    head = f"POST /sign-in/ HTTP/1.1\nHost: localhost\nAccept-Language: en\nContent-Length: {pieces * MEGABYTE}"
    began = time.monotonic()
    status, answer = exchange(web.port, head, b"x" * MEGABYTE, pieces)
    assert status == 413
    assert b"That is too much at once" in answer
    assert time.monotonic() - began < 5


def test_a_chunked_body_is_not_taken(web):
    head = "POST /sign-in/ HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked"
    assert exchange(web.port, head, b"5\r\nhello\r\n0\r\n\r\n")[0] == 411


@pytest.mark.parametrize(
    "head",
    [
        f"GET /{'a' * 5000} HTTP/1.1\nHost: localhost",
        f"GET / HTTP/1.1\nHost: localhost\nX: {'a' * 9000}",
        "GET / HTTP/1.1\nHost: localhost\n" + "\n".join(f"X-{number}: 1" for number in range(70)),
        "GET / HTTP/1.1\nHost: localhost\nContent-Length: 5\nTransfer-Encoding: chunked",
        "POST / HTTP/1.1\nHost: localhost\nContent-Length: 5\nContent-Length: 6",
    ],
    ids=["long address", "long header", "many headers", "two lengths", "two lengths that differ"],
)
def test_a_request_that_is_too_long_or_says_two_things_is_refused(web, head):
    status, answer = exchange(web.port, head)
    assert 400 <= status < 500
    assert b"Traceback" not in answer


def test_the_server_names_no_version(web):
    line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=10)
    line.request("TRACE", "/sign-in/", headers={"X-Secret": "echo-me"})
    answer = line.getresponse()
    assert answer.status == 405
    assert b"echo-me" not in answer.read()
    assert not any(character.isdigit() for character in answer.headers.get("Server", ""))
    assert answer.headers["X-Powered-By"] is None
