"""T55: fields that a form does not have, and rows of another store where one is chosen, change nothing; in every post.

Each form that a page offers is sent as it stands and once more with everything that nobody may set: the statements that
write have to be the same to the letter, for the clock stands still and new rows get the same keys.
"""

from __future__ import annotations

import os
import random
import re
from unittest.mock import patch
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import connection
from django.urls import Resolver404, resolve

from crm_site.accounts.policy import roles_for
from tests.access.asking import Answer
from tests.access.forms import Form, forms_in
from tests.access.table import OPEN
from tests.access.world import GUARDED, World, built, savepoint
from tests.fingerprint import fingerprint

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="sets the counters of PostgreSQL's keys"),
    pytest.mark.long,
]

#: who asks, the first one to whom an address is open
BY = ("manager", "admin", "specialist", "head", "director", "frontline")
#: what no form has, unless it says so
NAMES = (
    "is_staff", "is_superuser", "role", "store", "store_id", "owner", "owner_id", "score", "deadline", "created_by",
    "created_by_id", "created_at", "version", "state", "id", "pk", "merged_into", "merged_into_id", "employee",
    "employee_id", "handler", "handler_id", "customer", "customer_id", "vehicle", "vehicle_id", "questionnaire",
    "questionnaire_id", "by", "by_id", "user", "user_id", "now", "at", "due_at", "restricted", "is_active", "password",
    "number", "submission_id", "sha256", "path", "points", "applied_at", "published_at", "survivor", "merged",
)  # fmt: skip
#: where a form might be made to lead
RETURNS = ("next", "back", "after", "prev_url", "return_to", "url", "redirect", "success_url", "_next")
EVIL = "https://evil.example/"
#: fields of forms that the page shows only for some rows, or that a script sends
OWN = {"customers:phone_checked": ("number",), "complaints:foresee": ("customer",)}
_FOREIGN = re.compile(r"(?<!\d)7\d{7}(?!\d)")
sent: dict[str, bool] = {}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), built() as made:
        before = fingerprint()
        yield made
        assert fingerprint() == before


@pytest.fixture(scope="module")
def offered(world) -> dict[str, list[tuple[str, str, Form]]]:
    """{address: [(who, where to, the form)]} of every form on every page."""
    found: dict[str, list[tuple[str, str, Form]]] = {}
    for route in GUARDED:
        who, url = whoever_may(world, route), world.url(route)
        for form in forms_in(world.house.ask(world.cookies[who], "get", url).said):
            to = urljoin(url, form.action)
            name = name_of(to)
            if name and len(found.setdefault(name, [])) < 3 and form.fields.keys() not in [
                one[2].fields.keys() for one in found[name]
            ]:  # fmt: skip
                found[name].append((who, to, form))
    return found


def whoever_may(world: World, route) -> str:
    return next(role for role in BY if role in roles_for(route.capability))


def name_of(url: str) -> str:
    """The name of an address of ours that is guarded; '' for any other."""
    try:
        name = resolve(urlsplit(url).path).view_name
    except Resolver404:
        return ""
    return "" if name in OPEN else name


def send(world: World, who: str, url: str, fields: dict[str, str]) -> Answer:
    """One post, as if it were the first ever: the same keys, the same random numbers; taken back."""
    world.same_keys()
    with patch.object(os, "urandom", random.Random(8).randbytes), savepoint():  # of which keys are made
        return world.house.ask(world.cookies[who], "post", url, fields)


def posts(world, offered, route) -> list[tuple[str, str, Form]]:
    """The forms of an address, or an empty one where it is sent by a button or script without fields."""
    return offered.get(route.name) or [(whoever_may(world, route), world.url(route), Form(""))]


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.name)
def test_what_no_form_has_changes_nothing(route, world, offered):
    for who, url, form in posts(world, offered, route):
        fields = {"none": "of these"} | form.fields  # a post without any field is not read as one
        plain = send(world, who, url, fields)
        if plain.status == 405:
            return
        extras = world.forged(name for name in NAMES if name not in {*form.fields, *OWN.get(route.name, ())})
        extras |= {name: EVIL for name in RETURNS if name not in form.fields}
        forged = send(world, who, url, extras | fields)
        sent[route.name] = sent.get(route.name, False) or bool(plain.writes)
        assert (forged.status, forged.writes) == (plain.status, plain.writes)
        assert "evil.example" not in forged.headers.get("Location", "")


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.name)
def test_no_choice_takes_a_row_of_another_store(route, world, offered):
    for who, url, form in posts(world, offered, route):
        for name in sorted(form.choices):
            for foreign in world.foreign(name):
                answer = send(world, who, url, {**form.fields, name: str(foreign)})
                assert answer.status < 500, (name, foreign)
                touched = [one for one in answer.writes if _FOREIGN.search(repr(one[2]))]
                assert not touched, (name, foreign, touched)


def test_most_forms_were_taken_as_they_stood(world):
    """The comparison says something only where the plain form was taken."""
    if len(sent) < 100:
        pytest.skip("only a part of the addresses was walked")
    taken = {name for name, was_taken in sent.items() if was_taken}
    assert len(taken) >= 60, sorted(set(sent) - taken)
