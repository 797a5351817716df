"""No process of production starts on a database that holds the demo world, and each says what is wrong."""

import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import prepared

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parent.parent.parent
MARK = """
import django
django.setup()
from datetime import date
from crm_site.accounts.models import Store
from crm_site.demo import marker
marker.mark(Store.objects.create(code="D", name="演示店", short_name="演示店", go_live_on=date(2026, 1, 1)))
"""
CELERY = [sys.executable, "-m", "celery", "-A", "crm_site"]


def environment(folder: Path, **more: str) -> dict[str, str]:
    """An environment whose database is a file of its own."""
    cleared = dict.fromkeys(("REDIS_URL", "HUIFANG_DEMO", "DEBUG"), "")
    own = {
        "DATABASE_URL": f"sqlite:///{folder}/demo.sqlite3",
        "HUIFANG_VAR": str(folder),
        "DJANGO_SETTINGS_MODULE": "crm_site.settings",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "crm.example.cn",
    }
    return {**os.environ, **cleared, **own, **more}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A folder with a database that is marked as a demo world."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(prepared.file(), folder / "demo.sqlite3")
    subprocess.run([sys.executable, "-c", MARK], cwd=ROOT, env=environment(folder, HUIFANG_DEMO="1"), check=True)
    return folder


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "-c", "import crm_site.wsgi"],
        [sys.executable, "manage.py", "migrate"],
        [*CELERY, "worker", "--concurrency", "1"],
        [*CELERY, "beat"],
    ],
    ids=["web", "migrate", "worker", "beat"],
)
def test_production_does_not_start_on_a_demo_database(command, demo):
    done = subprocess.run(
        command, cwd=ROOT, env=environment(demo), capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode != 0
    assert "production does not run on it" in done.stdout + done.stderr


def test_the_web_server_divides_itself_without_a_connection(tmp_path):
    shutil.copy(prepared.file(), tmp_path / "demo.sqlite3")
    ask = (
        "import crm_site.wsgi; from django.db import connections; print([one.connection for one in connections.all()])"
    )
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True, timeout=90,
        check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[None]"


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_names_what_is_missing(name, tmp_path):
    env = environment(tmp_path, **{name: ""})
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert f"{name} is missing" in done.stderr


def test_debug_cannot_be_switched_on_in_production(tmp_path):
    ask = "from django.conf import settings; print(settings.DEBUG, repr(settings.DEMO_PASSWORD))"
    env = environment(tmp_path, DEBUG="1")
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False ''"


def test_production_logs_neither_numbers_nor_query_strings(tmp_path):
    fail = "import django, logging; django.setup(); logging.error('GET /x/?q=王 Key (number)=(13800138000) exists')"
    done = subprocess.run(
        [sys.executable, "-c", fail], cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    assert '"level": "ERROR"' in done.stderr
    assert "13800138000" not in done.stderr
    assert "王" not in done.stderr
