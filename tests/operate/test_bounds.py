"""How long a statement may take, by kind of process; what strikes becomes a clear page."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.urls import path

from crm_site import urls as product
from crm_site.core import engine, environ
from tests import environment

needs_servers = pytest.mark.skipif(not environment.on_servers(), reason="SQLite has no statement timeout")


def options(kind, monkeypatch, **env):
    for name in ("HUIFANG_PROCESS", "DB_STATEMENT_SECONDS", "DB_POOLED"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    return environ.database_from_url("postgres://u@h/d", None, kind=kind)["OPTIONS"]["options"]


@pytest.mark.parametrize(
    ("program", "kind"),
    [
        ("/opt/huifang/.venv/bin/gunicorn", "web"),
        ("/x/site-packages/gunicorn/__main__.py", "web"),
        ("/opt/huifang/.venv/bin/celery", "worker"),
        ("/x/site-packages/celery/__main__.py", "worker"),
        ("manage.py", "command"),
        ("/home/gunicorn-lover/manage.py", "command"),
    ],
)
def test_a_process_is_known_by_its_program(program, kind, monkeypatch):
    monkeypatch.delenv("HUIFANG_PROCESS", raising=False)
    assert environ.process_kind(program) == kind
    monkeypatch.setenv("HUIFANG_PROCESS", "worker")
    assert environ.process_kind(program) == "worker"
    monkeypatch.setenv("HUIFANG_PROCESS", "webb")
    with pytest.raises(ImproperlyConfigured, match="webb"):
        environ.process_kind(program)


def test_pages_are_bound_tightly_jobs_widely_and_migrations_not_at_all(monkeypatch):
    web, worker, command = (options(kind, monkeypatch) for kind in ("web", "worker", "command"))
    assert "statement_timeout=20s" in web
    assert "lock_timeout=10s" in web
    assert "idle_in_transaction_session_timeout=60s" in web
    assert "statement_timeout=900s" in worker
    assert "statement_timeout=0s" in command
    assert "statement_timeout=7s" in options("web", monkeypatch, DB_STATEMENT_SECONDS="7")
    assert "statement_timeout=900s" in options("worker", monkeypatch, DB_STATEMENT_SECONDS="7")


@pytest.mark.parametrize("password", ["a#b", "a/b", "1/2", "7#8", "a?b@c", "a]b["])
def test_a_password_that_makes_another_address_is_refused_with_what_to_write(password):
    with pytest.raises(ImproperlyConfigured, match="%2F"):
        environ.database_from_url(f"postgres://app:{password}@127.0.0.1:5432/huifang", None, kind="web")


@pytest.mark.parametrize("url", ['"postgres://app:x@127.0.0.1/huifang"', "mysql://x", "huifang"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="without quotes"):
        environ.database_from_url(url, None, kind="web")


def test_a_password_written_by_numbers_is_read():
    entry = environ.database_from_url("postgres://app:a%23b%2Fc%40:%25@db:5433/huifang", None, kind="web")
    assert (entry["PASSWORD"], entry["HOST"], entry["PORT"], entry["NAME"]) == ("a#b/c@:%", "db", "5433", "huifang")


def test_behind_a_pool_a_connection_says_nothing_and_keeps_no_cursor(monkeypatch):
    monkeypatch.setenv("DB_POOLED", "1")
    entry = environ.database_from_url("postgres://u@h/d?sslmode=require", None, kind="web")
    assert entry["OPTIONS"] == {"sslmode": "require"}
    assert entry["DISABLE_SERVER_SIDE_CURSORS"]


def sleepy(_request):
    """A page whose statement takes longer than it may."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '50ms'")
        cursor.execute("SELECT pg_sleep(2)")
    return HttpResponse("never")


handler500 = product.handler500
urlpatterns = [*product.urlpatterns, path("sleepy/", sleepy)]


@needs_servers
@pytest.mark.django_db
@pytest.mark.urls("tests.operate.test_bounds")
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_page_that_takes_too_long_says_so_and_when_to_try_again(as_, manager_a, language):
    client = as_(manager_a, language)
    client.raise_request_exception = False
    answer = client.get("/sleepy/")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    text = answer.content.decode()
    assert ("没有响应" in text) if language == "zh-hans" else ("again" in text)
    assert "pg_sleep" not in text


@needs_servers
@pytest.mark.django_db
def test_what_struck_is_told_from_other_faults():
    with pytest.raises(OperationalError) as struck, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(1)")
    assert engine.took_too_long(struck.value)
    assert not engine.took_too_long(OperationalError("away"))
