"""T63: what somebody types or imports leaves no trace in logs, addresses, the queue, the cache and the trail."""

import io
import json
import logging
import re
import subprocess
import sys
import uuid
from urllib.parse import unquote_plus

import pytest
import redis
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from crm_site.accounts.models import Role
from crm_site.audit.models import Entry, Refusal
from crm_site.core import clock
from crm_site.core.logging import JsonFormatter
from crm_site.jobs.models import Job
from crm_site.notices.models import Notice
from customers.models import Contact, Customer, Phone
from revisits import actions as revisits
from tests.cast import make_person
from tests.customers.intake import CUSTOMERS, take_in
from tests.factories import DAY
from tests.revisits.conftest import make_task

NAME, PHONE, VIN, IDENTITY = "萤火虫", "19912340876", "LSVCN4180E2940876", "500112199002308760"
MAIL = "yinghuo@example.com"
CANARIES = (NAME, PHONE, VIN, IDENTITY, MAIL, PHONE[:3] + " " + PHONE[3:7] + " " + PHONE[7:])


def canaries_in(text: str) -> list[str]:
    """Which canaries stand in a text, as typed, escaped as JSON or in an address."""
    written = text + unquote_plus(text) + text.encode().decode("unicode_escape", errors="ignore")
    return [canary for canary in CANARIES if canary in written]


@pytest.fixture
def log():
    """Everything that is logged, as production writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def a_day(client, person, store) -> list[str]:
    """A card entered, corrected, found, looked at; a complaint; a list taken in; gives the addresses that were used."""
    used = []

    def ask(method: str, url: str, **sent):
        answer = getattr(client, method)(url, sent) if sent else getattr(client, method)(url)
        used.extend([url, answer.headers.get("Location", ""), answer.headers.get("HX-Push-Url", "")])
        used.extend(re.findall(r'(?:href|src|action|hx-get)="([^"]*)"', answer.content.decode(errors="replace")))
        return answer

    ask("post", reverse("customers:new"), store=store.pk, name=NAME, phone=PHONE, customer_type="person",
        submission=uuid.uuid4(), note=f"{NAME} {IDENTITY}")  # fmt: skip
    customer = Customer.objects.get(name=NAME)
    for where in ("customers:card", "customers:edit", "customers:phone_new", "customers:contact_new"):
        ask("get", reverse(where, args=[customer.pk]))
    ask("post", reverse("customers:phone_new", args=[customer.pk]), number="bad " + PHONE, kind="mobile")
    ask("post", reverse("customers:contact_new", args=[customer.pk]), name=NAME, identity="other", phone=PHONE)
    for wanted in CANARIES:
        ask("post", reverse("customers:find"), q=wanted)
    phone = customer.phones.first()
    ask("get", reverse("customers:reveal", args=[customer.pk]) + f"?fact={phone.fact}")
    ask(
        "post", reverse("customers:reveal", args=[customer.pk]), fact=phone.fact, reason="other", note=f"{NAME} {PHONE}"
    )
    ask("get", reverse("complaints:new") + f"?customer={customer.pk}")
    ask("post", reverse("complaints:new"), customer=customer.pk, words=f"{NAME} {PHONE} {VIN}", store=store.pk)
    row = {"客户编号": "K9", "客户名称": NAME, "手机": PHONE, "证件号码": IDENTITY, "车架号(VIN)": VIN, "备注": MAIL}
    take_in(person, CUSTOMERS, row, {**row, "客户编号": "K10", "手机": PHONE + "x"})
    return used


@pytest.mark.django_db
def test_a_day_of_work_leaves_no_trace(as_, store_a, log):
    person = make_person(store_a, Role.MANAGER, "温静")
    client = as_(person)
    task = make_task(store_a)
    revisits.claim(task.pk, person.employee, "manager", now=clock.now(), today=DAY)
    used = a_day(client, person, store_a)
    client.post(reverse("revisits:call", args=[task.pk]), {"note": f"{NAME} {PHONE}", "result": "NO_ANSWER"})
    assert len(used) > 200
    assert len(log.getvalue()) > 0
    assert canaries_in(log.getvalue()) == [], "logs"
    assert [url for url in used if canaries_in(url)] == [], "addresses"
    assert not canaries_in(json.dumps(list(Job.objects.values("key", "payload", "lane")), default=str)), "jobs"
    assert not canaries_in(json.dumps(list(Notice.objects.values("params", "url", "key")), default=str)), "notices"
    assert not canaries_in(json.dumps(list(Entry.objects.values("detail", "action")), default=str)), "the trail"
    assert not canaries_in(json.dumps(list(Refusal.objects.values()), default=str)), "refusals"


@pytest.mark.django_db
@pytest.mark.skipif(not settings.REDIS_URL, reason="stands on the embedded broker")
def test_neither_the_cache_nor_the_queue_holds_a_person(as_, store_a):
    person = make_person(store_a, Role.MANAGER, "温静")
    a_day(as_(person), person, store_a)
    held = redis.from_url(settings.REDIS_URL)
    kept = b" ".join(key + b" " + _content(held, key) for key in held.scan_iter())
    assert not canaries_in(kept.decode(errors="replace"))


def _content(held, key: bytes) -> bytes:
    kind = held.type(key)
    read = {b"string": held.get, b"hash": held.hgetall, b"set": held.smembers}
    if kind == b"list":
        return repr(held.lrange(key, 0, -1)).encode()
    if kind == b"zset":
        return repr(held.zrange(key, 0, -1)).encode()
    return repr(read[kind](key)).encode()


@pytest.mark.django_db
def test_an_error_says_where_and_not_about_whom(store_a, log):
    logger = logging.getLogger("somewhere")
    customer = Customer.objects.create(store=store_a, name=NAME, number="K1", created_at=clock.now())
    Contact.objects.create(store=store_a, customer=customer, name=NAME)
    try:
        with transaction.atomic():
            Contact.objects.create(store=store_a, customer=customer, name=NAME)
    except IntegrityError:
        logger.exception("could not save %s", PHONE)
    for bad in (NAME, PHONE, VIN, MAIL):
        try:
            int(bad + "?")
        except ValueError:
            logger.exception("GET /find/?q=%s failed", bad)
    lines = log.getvalue()
    assert "test_traces.py" in lines
    assert "IntegrityError" in lines
    assert canaries_in(lines) == []


@pytest.mark.django_db
def test_a_failing_page_tells_nothing_of_the_person(as_, specialist_a, store_a, log, monkeypatch):
    customer = Customer.objects.create(store=store_a, name=NAME, created_at=clock.now())
    Phone.objects.create(store=store_a, customer=customer, number=PHONE)

    def fail(*_args, **_kwargs):
        raise ValueError(f"cannot draw '{NAME}' {PHONE} {VIN}")

    monkeypatch.setattr("customers.views.card.render", fail)
    client = as_(specialist_a)
    client.raise_request_exception = False
    answer = client.get(reverse("customers:card", args=[customer.pk]))
    assert answer.status_code == 500
    assert not canaries_in(answer.content.decode())
    assert "ValueError" in log.getvalue()
    assert canaries_in(log.getvalue()) == []


@pytest.mark.parametrize("text", ["a\nFORGED", "a\r\nFORGED", "a\u2028FORGED", "a\x85FORGED", 'a"}\n{"level": "INFO"'])
def test_a_line_break_in_a_text_forges_no_line(log, text):
    logging.getLogger("somewhere").warning("typed: %s", text)
    lines = log.getvalue().splitlines()
    assert len(lines) == 1
    assert json.loads(lines[0])["message"].startswith("typed: a")


def test_the_queue_takes_json_only():
    assert settings.CELERY_ACCEPT_CONTENT == ["json"]
    assert settings.CELERY_TASK_SERIALIZER == "json"


def test_no_mail_tells_of_errors_and_production_has_no_debug_page():
    assert not settings.DEBUG
    handlers = json.dumps(settings.LOGGING)
    assert "AdminEmailHandler" not in handlers
    assert not settings.ADMINS


def test_the_lock_pins_every_package_by_hash():
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (settings.BASE_DIR / name).read_text()
        pinned = re.findall(r"^([a-z0-9._\[\]-]+)==\S+", text, re.MULTILINE)
        blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
        assert len(pinned) == len(blocks)
        assert [block.split("\n")[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_bill_of_materials_names_every_package_with_its_hashes():
    made = subprocess.run(
        [sys.executable, settings.BASE_DIR / ".ci" / "sbom.py"], capture_output=True, text=True, check=True
    )
    parts = json.loads(made.stdout)["components"]
    lock = (settings.BASE_DIR / "requirements.txt").read_text()
    assert [part["name"] for part in parts] == re.findall(r"^([a-z0-9._-]+)==", lock, re.MULTILINE)
    assert all(part["hashes"] for part in parts)
