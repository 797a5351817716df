"""T61: no address in a request leads away from the site, and no test lets the product talk to the outside."""

import re
import socket
from html import unescape

import pytest
from django.test import RequestFactory
from django.urls import reverse

from crm_site.core.returning import own_page
from tests import outgoing

HOST = "testserver"
#: what somebody would write to lead a user away
PAYLOADS = [
    "http://evil.example", "https://evil.example/", "HTTPS://EVIL.EXAMPLE", "//evil.example", "///evil.example",
    "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\\/evil.example", "\\evil.example",
    "/\t/evil.example", "/\n/evil.example", "/\r\n/evil.example", "\t//evil.example", " //evil.example",
    "\n//evil.example", "\x00//evil.example",
    "\x01https://evil.example", "\u00a0//evil.example", "\u2028//evil.example",
    "\ufeff//evil.example", "https:evil.example", "https:/evil.example", "https:///evil.example",
    "http:\\\\evil.example",
    "https://testserver@evil.example", "//testserver@evil.example", "https://testserver:pw@evil.example/",
    "https://testserver.evil.example", "//testserver.evil.example", "https://evil.example#testserver",
    "https://evil.example?testserver", "https://evil.example/testserver", "//evil.example\\@testserver",
    "//evil.example%2f@testserver", "//evil%2eexample", "https://xn--evil-abc.example", "//ｅｖｉｌ.example",
    "//evil。example", "https://127.0.0.1.evil.example", "//[::1].evil.example", "//[::ffff:1.2.3.4]", "//1.2.3.4",
    "//0x01020304", "//16909060", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)",
    "javascript://testserver/%0aalert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)",
    "file:///etc/passwd", "ftp://evil.example", "blob:https://evil.example/x", "mailto:a@evil.example",
    "evil.example", "www.evil.example/home", "https://testserver:8443@evil.example", "//evil.example/..;/home",
    "https://[evil.example", "//testserver:80:evil.example",
]  # fmt: skip
NAMES = ("next", "back", "after", "prev_url", "return_to", "url", "redirect")


def stays(location: str) -> bool:
    """Whether a browser that is led there stays on the site."""
    plain = location.replace("\\", "/").translate({ord(sign): None for sign in "\t\r\n"}).lstrip()
    return plain.startswith("/") and not plain.startswith("//")


def test_there_are_sixty_of_them():
    assert len(set(PAYLOADS)) >= 60


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_address_leads_away(payload):
    request = RequestFactory().post("/", headers={"host": HOST})
    assert own_page(request, payload, "/else/") == "/else/"


@pytest.mark.parametrize("page", ["/", "/customers/1/?a=b#c", "/complaints/?next=//evil.example"])
def test_pages_of_ours_are_gone_back_to(page):
    assert own_page(RequestFactory().get("/"), page) == page


@pytest.mark.django_db
def test_nobody_is_led_away_by_signing_in_or_by_the_switches_of_the_header(client, manager_a, as_):
    inside = as_(manager_a)
    for payload in PAYLOADS:
        fields = dict.fromkeys(NAMES, payload) | {"language": "zh-hans", "theme": "dark"}
        answers = [inside.get(reverse("accounts:sign_in"), {"next": payload.replace("\0", "")})]
        answers += [inside.post(reverse(name), fields) for name in ("accounts:language", "accounts:theme")]
        answers.append(client.post(reverse("accounts:language"), fields, headers={"referer": payload.strip()}))
        for answer in answers:
            assert answer.status_code == 302, payload
            assert stays(answer["Location"]), payload


@pytest.mark.django_db
def test_the_page_of_signing_in_keeps_no_address_of_another_site(client):
    for payload in PAYLOADS:
        page = client.get(reverse("accounts:sign_in"), {"next": payload.replace("\0", "")}).content.decode()
        kept = [unescape(one) for one in re.findall(r'name="next" value="([^"]*)"', page)]
        assert kept, payload
        assert all(map(stays, kept)), payload


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "a b", "x:y"])
def test_a_host_that_is_not_ours_is_not_answered(client, host):
    assert client.get(reverse("accounts:sign_in"), headers={"host": host}).status_code == 400
    answer = client.get("/", headers={"x-forwarded-host": host, "forwarded": f"host={host}"})
    assert stays(answer["Location"])


# ---- the watch over connections --------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [("127.0.0.1", 1), ("::1", 1, 0, 0), ("localhost", 80), "/run/x.sock", b"\0x", None])
def test_this_machine_may_be_asked(place):
    assert outgoing.is_ours(place)


@pytest.mark.parametrize("place", [("10.0.0.1", 80), ("evil.example", 443), ("169.254.169.254", 80), "8.8.8.8"])
def test_nobody_else_is_asked(place):
    assert not outgoing.is_ours(place)


def test_a_socket_that_leads_away_is_refused_and_told():
    with socket.socket() as line, pytest.raises(outgoing.OutgoingError):
        line.connect(("192.0.2.1", 80))
    with pytest.raises(outgoing.OutgoingError):
        socket.getaddrinfo("evil.example", 443)
    assert len(outgoing.attempts) == 2
    outgoing.attempts.clear()  # these two were ours
