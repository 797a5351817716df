"""T62: what an installation in production is set up as, and what it answers to strangers, even without its database."""

import re

import pytest
from django.contrib.auth import get_user_model

from tests.security.conftest import probe


def test_the_deployment_check_finds_nothing(production):
    assert "no issues (0 silenced)" in production["deploy"]


def test_debug_cannot_be_switched_on_outside_the_demo(production):
    assert production["settings"]["DEBUG"] is False
    assert production["settings"]["DEMO"] is False


@pytest.mark.parametrize(("variable", "word"), [("SECRET_KEY", "SECRET_KEY"), ("ALLOWED_HOSTS", "ALLOWED_HOSTS")])
def test_what_is_missing_in_production_is_named_and_refused(variable, word):
    done = probe(**{variable: ""})
    assert done.returncode != 0
    assert f"{word} is missing" in done.stderr


@pytest.mark.django_db
def test_there_is_no_default_account(production):
    assert not get_user_model().objects.exists()  # a fresh database with its reference rows
    assert production["settings"]["DEMO_PASSWORD"] == ""


def test_cookies_are_for_this_host_over_https_only(production):
    found = production["settings"]
    assert found["SESSION_COOKIE_NAME"] == "__Host-sessionid"
    assert found["CSRF_COOKIE_NAME"] == "__Host-csrftoken"
    assert found["SESSION_COOKIE_SECURE"]
    assert found["CSRF_COOKIE_SECURE"]
    assert found["SESSION_COOKIE_HTTPONLY"]
    assert found["MESSAGE_STORAGE"].endswith("SessionStorage")
    for name, written in production["sign_in"]["cookies"].items():
        assert name.startswith("__Host-")
        assert "Secure" in written
        assert "Path=/;" in f"{written};"
        assert "Domain" not in written
        assert re.search("SameSite=(Lax|Strict)", written)


def test_plain_http_is_led_to_https_and_https_stays(production):
    assert production["plain"]["status"] == 301
    assert production["plain"]["headers"]["Location"] == "https://crm.example.cn/sign-in/"
    assert production["sign_in"]["status"] == 200
    assert (
        production["sign_in"]["headers"]["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    )


def test_a_foreign_host_is_refused_and_told_nothing(production):
    assert production["foreign_host"]["status"] == 400
    assert "evil.example" not in production["foreign_host"]["text"]


def test_without_a_database_a_page_says_so_in_both_languages(production):
    for name, word in (("no_database", "系统暂时没有响应"), ("no_database_en", "Huifang cannot answer at this moment")):
        found = production[name]
        assert found["status"] == 503
        assert found["headers"]["Retry-After"] == "15"
        assert word in found["text"]
        assert found["headers"]["X-Request-ID"] in found["text"]
        assert "no-store" in found["headers"]["Cache-Control"]


def test_without_its_files_even_the_last_page_stands_and_tells_nothing(production):
    found = production["uncollected"]
    assert found["status"] == 500
    assert "系统暂时无法显示此页" in found["text"]
    assert "This page cannot be shown now" in found["text"]
    assert found["headers"]["X-Request-ID"] in found["text"]


def test_no_answer_names_the_software(production):
    for name in ("sign_in", "nowhere", "plain", "foreign_host", "no_database", "uncollected"):
        found = production[name]
        assert not {"X-Powered-By", "Server"} & set(found["headers"])
        assert not re.search(r"Django|gunicorn|Python|Traceback|psycopg|site-packages", found["text"]), name


def test_the_log_of_production_is_json_and_mails_nobody(production):
    log = production["settings"]["LOGGING"]
    assert log["handlers"]["console"]["formatter"] == "json"
    assert log["loggers"]["django"]["handlers"] == []
