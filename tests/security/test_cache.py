"""The cache while Redis is away: no page fails or waits for it, and nothing in it can make us run anything."""

import pickle
import socket
import threading
import time

import pytest
from django.conf import settings
from django.core.cache import cache

from crm_site.core import cache as patient
from crm_site.core.web import policy
from tests import servers


@pytest.fixture
def nobody() -> patient.PatientCache:
    """A cache whose Redis does not run."""
    return patient.PatientCache(f"redis://127.0.0.1:{servers.free_port()}/0", {})


@pytest.fixture
def silent():
    """A cache whose Redis takes the call and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        yield patient.PatientCache(f"redis://127.0.0.1:{door.getsockname()[1]}/0", {})


def use(one) -> list:
    """Everything that our pages do with a cache."""
    return [
        one.add("n", 0, 60), one.incr("n"), one.incr("n"), one.get("n"), one.set("p", b"\x89PNG", 60), one.get("p"),
        one.get_many(["n", "p"]), one.has_key("p"), one.touch("p", 9), one.delete("p"), one.get("p", "none"),
        one.set_many({"a": 1}), one.delete_many(["a"]), one.get_or_set("g", lambda: "made"),
    ]  # fmt: skip


def test_without_redis_the_process_remembers_by_itself(nobody):
    got = use(nobody)
    assert got[:4] == [True, 1, 2, 2]
    assert got[5:7] == [b"\x89PNG", {"n": 2, "p": b"\x89PNG"}]
    assert got[-1] == "made"


def test_a_silent_redis_costs_half_a_second_once_and_not_for_every_question(silent):
    began = time.monotonic()
    use(silent)
    assert time.monotonic() - began <= 2.0
    assert silent._away_until > time.monotonic()


def test_redis_is_asked_again_after_a_while(nobody, monkeypatch):
    nobody.set("x", 1)
    asked = []
    monkeypatch.setattr(patient.RedisCache, "get", lambda self, *args, **kwargs: asked.append(args) or 7)
    assert nobody.get("x") == 1
    nobody._away_until = 0.0
    assert nobody.get("x") == 7
    assert len(asked) == 1


def test_an_outage_and_a_return_are_bounded():
    assert patient.SOCKET_SECONDS <= 1
    assert patient.AWAY_SECONDS <= 10


@pytest.mark.skipif(not settings.REDIS_URL, reason="stands on the embedded broker")
def test_with_redis_counts_are_shared_and_exact():
    cache.delete("shared")
    cache.add("shared", 0, 60)
    other = patient.PatientCache(settings.REDIS_URL, {"KEY_PREFIX": "hf"})
    threads = [threading.Thread(target=lambda: [other.incr("shared") for _ in range(20)]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.get("shared") == 60


@pytest.mark.parametrize(
    "value", [0, -3, 10**12, True, None, 1.5, "文", "7", b"", b"\x00\xff", [1, "a"], {"a": [None]}]
)
def test_values_come_back_as_they_went(value):
    plain = patient.PlainSerializer()
    kept = plain.dumps(value)
    back = plain.loads(kept if isinstance(kept, bytes) else str(kept).encode())
    assert back == value
    assert type(back) is type(value)


def test_what_would_run_when_it_is_read_is_refused():
    with pytest.raises(TypeError):
        patient.PlainSerializer().dumps({1, 2})
    with pytest.raises(ValueError):
        patient.PlainSerializer().loads(pickle.dumps(print))


def test_the_settings_take_this_cache_where_there_is_redis():
    assert policy.cache_settings("redis://x/0")["default"]["BACKEND"].endswith("PatientCache")
    assert policy.cache_settings("")["default"]["BACKEND"].endswith("LocMemCache")
