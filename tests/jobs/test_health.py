"""/healthz: what a proxy or a watchman is told, in every state that an installation may be in."""

import socket
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, ProgrammingError, connection
from django.test import Client

from crm_site.core import clock
from crm_site.jobs import health, pulse
from crm_site.jobs.models import Beat

pytestmark = pytest.mark.django_db


def tick(*names: str, ago: int = 0) -> None:
    """Both clockworks, or those named, ticked so many seconds ago."""
    for name in names or (pulse.WORKER, pulse.SCHEDULER):
        Beat.objects.update_or_create(name=name, defaults={"at": clock.now() - timedelta(seconds=ago)})


def asked(**headers):
    return Client().get("/healthz", **headers)


def breaking(kind: type[Exception], word: str):
    """A wrapper of the database that fails whatever holds a word."""

    def wrapper(execute, sql, params, many, context):
        if word in sql:
            raise kind("gone")
        return execute(sql, params, many, context)

    return connection.execute_wrapper(wrapper)


def test_all_is_well_while_worker_and_scheduler_tick(django_assert_num_queries):
    tick()
    with django_assert_num_queries(2):
        answer = asked()
    assert answer.status_code == 200
    found = answer.json()
    assert found.pop("queue") in {"ok", "embedded"}
    assert found == {"status": "ok", "database": "ok", "worker": "ok", "scheduler": "ok"}
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("silent", "other"), [("worker", "scheduler"), ("scheduler", "worker")])
def test_one_clockwork_that_is_silent_for_two_minutes_is_named(silent, other):
    tick(other)
    tick(silent, ago=121)
    found = asked().json()
    assert (found["status"], found[silent], found[other]) == ("degraded", "silent", "ok")


def test_a_new_installation_without_any_beat_is_degraded_and_answers():
    Beat.objects.all().delete()
    assert asked().json()["worker"] == "silent"


def test_it_answers_before_the_first_migration():
    with breaking(ProgrammingError, "jobs_beat"):
        answer = asked()
    assert answer.status_code == 200
    assert {answer.json()[name] for name in ("worker", "scheduler")} == {"unknown"}


def test_without_the_database_it_is_down():
    with breaking(OperationalError, "SELECT"):
        answer = asked()
    assert (answer.status_code, answer.json()["status"], answer.json()["database"]) == (503, "down", "down")


@pytest.mark.parametrize("listens", [False, True], ids=["refused", "deaf"])
def test_without_redis_it_answers_within_two_seconds(listens, settings):
    tick()
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        if listens:
            place.listen()  # takes the call and never says a word
        settings.REDIS_URL = f"redis://127.0.0.1:{place.getsockname()[1]}/0"
        began = time.monotonic()
        found = asked().json()
    assert time.monotonic() - began < 2
    assert (found["status"], found["queue"]) == ("degraded", "down")


def test_any_host_name_and_plain_http_are_answered(settings):
    settings.SECURE_SSL_REDIRECT = True
    assert asked(headers={"host": "10.0.0.7:8000"}).status_code == 200


def test_a_signed_in_browser_is_told_no_more_and_no_session_is_read(as_, admin_a, django_assert_num_queries):
    client = as_(admin_a)
    with django_assert_num_queries(2):
        found = client.get("/healthz").json()
    assert set(found) == {"status", "database", "queue", "worker", "scheduler"}


def test_nothing_but_reading_is_accepted():
    assert Client().post("/healthz").status_code == 405


def test_the_report_holds_words_only():
    assert all(word.isalpha() for word in health.report().values())
