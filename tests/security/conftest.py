"""What the tests of safety share: production's answers, limits that count, and the log as production writes it."""

import io
import json
import logging
import os
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache

from crm_site.core.logging import JsonFormatter

ROOT = django_settings.BASE_DIR
READ = (
    "DEBUG", "DEMO", "SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY",
    "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_SAMESITE", "SECURE_HSTS_SECONDS", "SECURE_SSL_REDIRECT",
    "LOGGING", "RATE_LIMITS", "DEMO_PASSWORD", "MESSAGE_STORAGE",
)  # fmt: skip


def probe(**changes: str) -> subprocess.CompletedProcess:
    """Runs tests/security/production.py with production's environment and these changes."""
    production = {
        "HUIFANG_DEMO": "",
        "DEBUG": "1",  # somebody's mistake; it must not count
        "SECRET_KEY": "zeu3-9Qhd_kkwnRTYx7vPq2LmbAcEoFj8sGt4KiUyWlXrNdVhO51pJeM6a0",
        "ALLOWED_HOSTS": "crm.example.cn",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none",  # nothing answers there
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "HUIFANG_BEHIND_PROXY": "",
        "HUIFANG_PLAIN_HTTP": "",
        "LOG_LEVEL": "CRITICAL",
    }
    command = [sys.executable, "-m", "tests.security.production", json.dumps(READ)]
    env = os.environ | production | changes
    env.pop("DJANGO_ALLOW_ASYNC_UNSAFE")  # set for Playwright
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def production() -> dict:
    """What an installation in production answers and has set, without a database."""
    done = probe()
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def limited(settings):
    """Limits count in this test, from nothing."""
    settings.RATE_LIMITS = True
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def log():
    """Everything that is logged, as production writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root, requests = logging.getLogger(), logging.getLogger("huifang.request")
    levels = root.level, requests.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    requests.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(levels[0])
    requests.setLevel(levels[1])


def lines(log: io.StringIO) -> list[dict]:
    """The lines of the log."""
    return [json.loads(line) for line in log.getvalue().splitlines()]
