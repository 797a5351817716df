"""The audit log: append-only, scoped to one's stores, in words."""

import ast
import re
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from crm_site.audit import trail
from crm_site.audit.models import Entry
from crm_site.history.names import NAMES
from crm_site.history.particulars import employee_ids, particulars
from crm_site.history.sentences import SENTENCES, alike, subject

pytestmark = pytest.mark.django_db


def test_an_entry_can_be_neither_changed_nor_removed(manager_a):
    entry = trail.record(manager_a.employee, "employee.changed", manager_a.employee, fields=["phone"])
    for change in (
        lambda: Entry.objects.filter(pk=entry.pk).update(action="nothing"),
        lambda: connection.cursor().execute("DELETE FROM audit_entry"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert Entry.objects.get(pk=entry.pk).action == "employee.changed"


def test_the_log_shows_only_ones_own_stores(as_, manager_a, stranger_b):
    trail.record(manager_a.employee, "employee.posted", manager_a.employee, post="delivery_specialist")
    page = as_(manager_a).get("/history/").content.decode()
    assert manager_a.employee.name in page
    assert "交车专员" in page
    assert "交车专员" not in as_(stranger_b).get("/history/").content.decode()


def test_values_become_plain_json(manager_a):
    from datetime import date
    from decimal import Decimal

    entry = trail.record(
        None, "x.y", manager_a.employee, day=date(2026, 1, 2), score=Decimal("1.50"), pair=(1, None), row=manager_a.user
    )
    entry.refresh_from_db()
    assert entry.detail == {"day": "2026-01-02", "score": "1.50", "pair": [1, None], "row": manager_a.user.pk}
    assert (entry.actor_type, entry.actor_id) == ("system", None)


def recorded_actions() -> set[str]:
    """The action codes that the product's own code writes into the trail."""
    root = Path(__file__).parents[2]
    rooms = [root / "crm_site", *(root / app for app in ("customers", "satisfaction", "complaints", "revisits"))]
    sources = [path.read_text() for room in rooms for path in room.rglob("*.py")]
    call = re.compile(r'trail\.record\(\s*[^,()]+(?:\([^()]*\))?,\s*"([a-z_]+\.[a-z_]+)"')
    return {action for source in sources for action in call.findall(source)}


def test_every_action_of_the_trail_has_a_sentence():
    found = recorded_actions()
    assert len(found) > 40
    assert found - set(SENTENCES) == set()


def recorded_facts() -> set[str]:
    """The names of the facts that the product's own code writes into the trail."""
    root = Path(__file__).parents[2]
    rooms = [root / "crm_site", *(root / app for app in ("customers", "satisfaction", "complaints", "revisits"))]
    calls = [node for room in rooms for path in room.rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))
             if isinstance(node, ast.Call) and ast.unparse(node.func) == "trail.record"]  # fmt: skip
    return {word.arg for call in calls for word in call.keywords if word.arg} - {"store_id"}


def test_every_fact_of_the_trail_has_a_name():
    found = recorded_facts()
    assert len(found) > 60
    assert found - set(NAMES) == set()


def test_every_subject_of_the_demo_world_s_trail_has_a_word():
    subjects = {"privacy.exportentry", "privacy.datarequest", "worktime.absence", "revisits.handover"}
    with translation.override("en"):
        assert all("." not in subject(one) for one in subjects)


def test_what_has_one_word_is_one_choice_of_the_filter(as_, manager_a):
    page = as_(manager_a).get("/history/")
    words = [word for _code, word in page.context["filters"][0]["options"]]
    assert len(words) == len(set(words))
    assert alike("revisits.ruleversion") == ("revisits.revisitrule", "revisits.ruleversion")


def told(subject_type: str, **detail) -> dict[str, str]:
    """The particulars of an entry in English."""
    with translation.override("en"):
        return dict(particulars(subject_type, detail, {7: "何志远"}))


@pytest.mark.parametrize(
    ("subject", "detail", "expected"),
    [
        ("complaints.complaint", {"state": ["told", "acting"]}, {"State": "Customer told → Being put right"}),
        ("complaints.complaint", {"state": ["acting", "acting"], "fields": []}, {}),
        ("complaints.complaint", {"fields": ["handler", "solution"]}, {"Fields changed": "Handler, Solution"}),
        ("complaints.complaint", {"handler": 7}, {"Handler": "何志远"}),
        ("complaints.complaint", {"reached": True}, {"Reached": "Yes"}),
        (
            "complaints.complaint",
            {"liability": [[], [["direct", "department", None], ["joint", "employee", 7]]]},
            {"Liability": "– → Directly liable Department; Jointly liable 何志远"},
        ),
        ("accounts.employee", {"role": ["head", "manager"]}, {"Role": "Department head → Customer relations manager"}),
        ("imports.importbatch", {"counts": {"new": 8, "cells": 0, "effects": {"x": 1}}}, {"Counts of rows": "New 8"}),
        ("reports.monthlyreport", {"month": "2026-10-01", "sha256": "0" * 64},
         {"Month": "2026-10", "Fingerprint of the file": "000000000000…"}),
        ("revisits.revisit", {"phone": 12}, {"Phone": "#12"}),
        ("customers.customer", {"fact": "address", "reason": "RETURNED"},
         {"Which fact": "Address", "Reason": "a letter came back"}),
        ("customers.customer", {"merged": 3, "merge": 1}, {"Merged card": "#3", "Merge": "#1"}),
        ("customers.customer", {"tables": {"customers.phone": 2, "revisits.revisit": 1}}, {"Rows changed": "3"}),
        ("privacy.exportentry", {"what": "repair_calls", "in_full": False},
         {"List": "Repair revisit sheet", "With full numbers": "No"}),
        ("complaints.complaint", {"files": [11, 12]}, {"Files": "#11, #12"}),
        ("revisits.handover", {"giver": 7}, {"Handed over by": "何志远"}),
        ("complaints.complaint", {"at": "2020-01-02T01:06:03.74+00:00"}, {"Time": "2020-01-02 09:06"}),
    ],
)  # fmt: skip
def test_particulars_are_told_in_words(subject, detail, expected):
    assert told(subject, **detail) == expected


def test_the_people_of_a_detail_are_known_beforehand():
    detail = {"handler": 7, "responsible": [1, None], "liability": [[], [["joint", "employee", 9]]], "phone": 5}
    assert sorted(employee_ids(detail)) == [1, 7, 9]
