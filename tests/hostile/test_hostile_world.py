"""T56 and T58 over every page: in a world whose every text is hostile nothing but text comes of it, in any answer.

`HOSTILE_ROUNDS` (1 unless told) says how many payloads each field and each parameter gets; `HOSTILE_TURN` begins
elsewhere in the lists. Who wants all 500 in every parameter asks for 500 rounds and has hours.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection, transaction
from django.urls import resolve

from crm_site.accounts.models import Role
from tests.hostile import payloads, reading, walking
from tests.hostile.listening import encoded, listening, names_heard
from tests.hostile.planting import store_mark
from tests.hostile.world import World, standing

pytestmark = [pytest.mark.django_db, pytest.mark.long]

ROUNDS = int(os.environ.get("HOSTILE_ROUNDS") or 1)
TURN = int(os.environ.get("HOSTILE_TURN") or 0)
#: role -> the language in which somebody of that role walks
WALKERS = {Role.MANAGER: "zh-hans", Role.ADMIN: "zh-hans", Role.SPECIALIST: "en"}
#: a planted column's mark, also within another one
_MARKS = re.compile(f"(?=({payloads.MARK}[0-9a-z]{{2}}))")
#: a statement that takes longer on these few rows was told to wait
SLOW = 1.0


@dataclass
class Walked:
    """What was found on the way: what was wrong, the texts that showed, the forms and the parameters of the pages."""

    world: World
    strange: list[str] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    forms: dict[tuple, tuple[str, walking.Form]] = field(default_factory=dict)
    #: (address's name, parameter) -> who asked for it, and an address
    parameters: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    #: address's name -> who reached it, and an address
    places: dict[str, tuple[str, str]] = field(default_factory=dict)

    def judge(self, what: str, answer: Any) -> str:
        """Look closely at an answer; gives its text."""
        body = walking.body_of(answer)
        where = f"{what[:160]} {answer.status_code}"
        if answer.status_code >= 500:
            raised = getattr(answer, "exc_info", None)
            self.failed.append(f"{where} {raised[1]!r:.300}" if raised else where)
        self.strange += [f"{where}: {one}" for one in reading.strange_in(body, answer.get("Content-Type", ""))]
        self.loose += [f"{where}: {one}" for one in _loose(answer)]
        text = body.decode("utf-8", "replace")
        if store_mark(self.world.there.pk) in text:
            self.foreign.append(where)
        return text


def _loose(answer: Any) -> list[str]:
    """What the headers of an answer allow too much."""
    found = reading.loose_in_policy(answer.get("Content-Security-Policy", ""))
    return found if answer.get("X-Content-Type-Options") == "nosniff" else [*found, "no nosniff"]


@contextmanager
def timed(walked: Walked, what: Callable[[], str]) -> Iterator[None]:
    """Note every statement that takes long."""

    def measure(execute, sql, params, many, context):
        started = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            if perf_counter() - started > SLOW:
                walked.slow.append(f"{what()[:160]}: {sql[:80]}")

    with connection.execute_wrapper(measure):
        yield


@pytest.fixture(scope="module")
def walked(django_db_setup, django_db_blocker):
    """The hostile world and what three people saw of it; taken back at the end."""
    with django_db_blocker.unblock(), standing(TURN) as world, listening():
        found = Walked(world)
        for role, language in WALKERS.items():
            client = client_of(world, role, language)
            most = ROUNDS if role != Role.MANAGER else 1 + ROUNDS
            for url, answer in walking.walk(client, world.addresses, of_a_kind=ROUNDS, of_a_name=most):
                _note(found, role, url, answer)
        yield found


def client_of(world: World, role: str, language: str = "zh-hans"):
    """Somebody whose failures are answers, as they are for a user."""
    client = world.client(role, language)
    client.raise_request_exception = False
    return client


def _note(found: Walked, role: str, url: str, answer: Any) -> None:
    text = found.judge(f"{role} {url}", answer)
    name = walking.name_of(url)
    found.names.add(name)
    columns = found.world.planter.columns
    found.seen |= {columns[mark] for mark in set(_MARKS.findall(text)) & columns.keys()}
    if answer.status_code == 200:
        found.places.setdefault(name, (role, url))
        for parameter in names_heard(answer):
            found.parameters.setdefault((name, parameter), (role, url))
        if answer.get("Content-Type", "").startswith("text/html"):
            for form in walking.forms_in(url, text):
                found.forms.setdefault(form.kind(), (role, form))


def told(found: list[str]) -> str:
    """What was found, one a line."""
    return "\n".join(found)


def test_there_are_as_many_payloads_as_the_issue_asks():
    assert len(set(payloads.markup())) >= 80
    assert len(payloads.injections()) >= 500


def test_every_text_column_took_its_payload(walked):
    assert walked.world.planter.refused == {}
    assert len(walked.world.planter.columns) >= 200


def test_the_walk_reached_the_house_and_saw_what_was_planted(walked):
    assert len(walked.names) > 150
    assert len(walked.seen) > 100


def test_no_text_becomes_more_than_text_on_any_page(walked):
    assert not walked.strange, told(walked.strange)


def test_every_answer_has_a_strict_policy(walked):
    assert not walked.loose, told(walked.loose)


def test_no_page_fails_over_a_text(walked):
    assert not walked.failed, told(walked.failed)


def test_no_text_of_another_store_is_shown(walked):
    assert not walked.foreign, told(walked.foreign)


@contextmanager
def judged(walked: Walked) -> Iterator[Walked]:
    """A fresh judge over the same world; at the end nothing may have been found."""
    fresh = Walked(walked.world)
    yield fresh
    for found in (fresh.failed, fresh.strange, fresh.foreign, fresh.slow):
        assert not found, told(found)


def test_every_form_takes_hostile_texts_as_texts(walked):
    texts = cycle([*payloads.markup(), *payloads.naughty()])
    sendable = [one for one in walked.forms.values() if one[1].texts]
    assert len(sendable) > 60
    with judged(walked) as found:
        for role, form in sendable * ROUNDS:
            with transaction.atomic():
                for answer in walking.send(client_of(walked.world, role), form, form.filled(lambda: next(texts))):
                    found.judge(f"{role} posts {form.action}", answer)
                transaction.set_rollback(True)


def test_every_form_takes_odd_values_in_any_field(walked):
    values = cycle(payloads.injections())
    asked = ""
    with judged(walked) as found, timed(found, lambda: asked):
        for role, form in list(walked.forms.values()) * ROUNDS:
            sent = form.filled(lambda: postable(next(values)), all_fields=True)
            asked = f"{role} posts {form.action} {str(sent)[:300]}"
            with transaction.atomic():
                for answer in walking.send(client_of(walked.world, role), form, sent):
                    found.judge(asked, answer)
                transaction.set_rollback(True)


def postable(value: str) -> str:
    """A value that the test client can send: it encodes strictly, so halves of signs go as their replacement."""
    return value.encode("utf-8", "replace").decode()


def test_every_parameter_of_every_page_takes_odd_values(walked):
    """Each parameter gets another value, some at a time, beside names that nobody offers."""
    assert len(walked.parameters) > 250
    values = cycle(payloads.injections()[TURN:] + payloads.injections()[:TURN])
    asked = ""
    with judged(walked) as found, timed(found, lambda: asked):
        for role, url, some in asked_at_once(walked):
            for _round in range(ROUNDS):
                asked = with_parameters(url, {name: next(values) for name in some})
                found.judge(f"{role} {asked}", client_of(walked.world, role).get(asked))


def asked_at_once(walked: Walked) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(who, an address, some of its parameters): three at a time, one at a time in long runs."""
    of_page = defaultdict(list)
    for (_name, parameter), place in walked.parameters.items():
        of_page[place].append(parameter)
    for (role, url), names in of_page.items():
        for some in batched(names, 3 if ROUNDS == 1 else 1):
            yield role, url, some


def batched(names: list[str], size: int) -> Iterator[tuple[str, ...]]:
    """The names in groups."""
    waiting = iter(names)
    while some := tuple(islice(waiting, size)):
        yield some


def with_parameters(url: str, changed: dict[str, str]) -> str:
    """The address with some parameters changed, and with names that it does not know."""
    parts = urlsplit(url)
    kept = [(key, one) for key, one in parse_qsl(parts.query) if key not in changed]
    unknown = [(name, value) for name, value in zip(payloads.NAMES, cycle("1*x'"), strict=False) if "_" in name]
    sent = [*kept, *changed.items(), *unknown]
    return f"{parts.path}?{'&'.join(f'{encoded(key)}={encoded(value)}' for key, value in sent)}"


def test_every_argument_of_an_address_takes_odd_values(walked):
    values = cycle(payloads.injections())
    numbers = cycle(["0", "9" * 19, "9" * 400, "00", "9223372036854775808"])
    asked = ""
    with judged(walked) as found, timed(found, lambda: asked):
        for role, url in walked.places.values():
            path = urlsplit(url).path
            for argument in resolve(path).kwargs.values():
                odd = next(numbers) if isinstance(argument, int) else next(values)
                asked = f"/{encoded(odd[:8000])}/".join(path.split(f"/{argument}/", 1))
                found.judge(f"{role} {asked}", client_of(walked.world, role).get(asked))
