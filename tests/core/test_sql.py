"""The two doors to plain SQL, the triggers and the token range, on whichever engine the suite stands."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, migrations, models, transaction
from django.db.models import Value
from django.db.models.functions import Concat

from crm_site.audit.models import Entry
from crm_site.core import sql

AWKWARD = ["tab\there", "back\\slash \\N \\.", "line\nbreak\r\n", "quote ' \" %s", "空格 中文 😀", ""]


@pytest.mark.django_db
def test_refreshed_statistics_know_the_rows_just_loaded():
    sql.load_rows(Group, ["name"], [(f"group {number}",) for number in range(50)])
    sql.refresh_statistics()
    known = {
        "postgresql": "SELECT reltuples FROM pg_class WHERE relname = 'auth_group'",
        "sqlite": "SELECT stat FROM sqlite_stat1 WHERE tbl = 'auth_group'",
    }
    with connection.cursor() as cursor:
        cursor.execute(known[connection.vendor])
        assert int(str(cursor.fetchone()[0]).split()[0].split(".")[0]) == 50


@pytest.mark.django_db
def test_loaded_text_comes_back_as_it_was():
    at = datetime(2026, 11, 21, 4, 5, 6, 789, tzinfo=UTC)
    rows = [(at, None, "user", number, "", text, "x", None, {"text": text}) for number, text in enumerate(AWKWARD)]
    columns = [
        "at",
        "store_id",
        "actor_type",
        "actor_id",
        "actor_name",
        "action",
        "subject_type",
        "subject_id",
        "detail",
    ]
    before = Entry.objects.count()
    assert sql.load_rows(Entry, columns, iter(rows)) == len(AWKWARD)
    assert Entry.objects.count() == before + len(AWKWARD)
    for entry in Entry.objects.filter(actor_type="user", subject_type="x").order_by("actor_id"):
        assert (entry.at, entry.store_id, entry.action) == (at, None, AWKWARD[entry.actor_id])
        assert entry.detail == {"text": AWKWARD[entry.actor_id]}


@pytest.mark.django_db
def test_loading_many_rows_crosses_every_buffer():
    names = [f"group {number} {'长' * (number % 60)}" for number in range(5_000)]
    assert sql.load_rows("auth_group", ["name"], ([name] for name in names)) == 5_000
    assert set(Group.objects.values_list("name", flat=True)) >= set(names)


@pytest.mark.django_db
def test_loading_a_row_twice_is_refused():
    with pytest.raises(IntegrityError), transaction.atomic():
        sql.load_rows(Group, ["name"], [["same"], ["same"]])


@pytest.mark.django_db
def test_inserted_objects_get_keys_that_nobody_else_has():
    first, others = Group.objects.create(name="first"), [Group(name=name) for name in AWKWARD]
    with transaction.atomic():
        sql.insert_rows(others)
    last = Group.objects.create(name="last")
    assert [Group.objects.get(pk=one.pk).name for one in others] == AWKWARD
    assert len({first.pk, last.pk, *(one.pk for one in others)}) == len(others) + 2


@pytest.mark.django_db
def test_each_row_is_set_to_its_own_values():
    stranger = Group.objects.create(name="stranger")
    groups = [Group(name=f"group {number}") for number in range(len(AWKWARD))]
    sql.insert_rows(groups)
    sql.update_rows(Group, ["name"], [(group.pk, name) for group, name in zip(groups, AWKWARD, strict=True)])
    assert [Group.objects.get(pk=group.pk).name for group in groups] == AWKWARD
    assert Group.objects.get(pk=stranger.pk).name == "stranger"


@pytest.mark.django_db
def test_selected_rows_are_inserted_once():
    Group.objects.bulk_create([Group(name=f"g{number}") for number in range(10)])
    source = Group.objects.filter(name__startswith="g").order_by("name").values_list(Concat(Value("copy "), "name"))
    assert sql.insert_select(Group, ["name"], source) == 10
    assert sql.insert_select(Group, ["name"], source) == 0
    assert Group.objects.filter(name__startswith="copy ").count() == 10


@pytest.mark.django_db
def test_conflicts_raise_when_they_are_not_to_be_ignored():
    Group.objects.create(name="g")
    with pytest.raises(IntegrityError), transaction.atomic():
        sql.insert_select(Group, ["name"], Group.objects.values_list("name"), ignore_conflicts=False)


@pytest.mark.django_db
def test_an_empty_selection_inserts_nothing():
    assert sql.insert_select(Group, ["name"], Group.objects.none().values_list("name")) == 0


@pytest.mark.django_db
def test_many_texts_are_searched_as_one_array_and_none_finds_nothing():
    Group.objects.bulk_create([Group(name=name) for name in ("one", "two's", "three")])
    found = Group.objects.filter(name__any_of={"one", "two's", "four"})
    assert set(found.values_list("name", flat=True)) == {"one", "two's"}
    assert list(Group.objects.filter(name__any_of=[])) == []
    either = Group.objects.filter(models.Q(name__any_of=[]) | models.Q(name__any_of=["three"]))
    assert [group.name for group in either] == ["three"]


@pytest.mark.django_db
def test_literals_keep_their_type():
    at = datetime(2026, 11, 21, tzinfo=UTC)
    Group.objects.create(name="g")
    source = Group.objects.values_list(
        Value(at), Value(None, models.BigIntegerField()), Value("t"), "pk", "name", Value("a"), Value("s"), Value(7),
        Value({}, models.JSONField()),
    )  # fmt: skip
    columns = [
        "at",
        "store_id",
        "actor_type",
        "actor_id",
        "actor_name",
        "action",
        "subject_type",
        "subject_id",
        "detail",
    ]
    assert sql.insert_select(Entry, columns, source) == Group.objects.count()
    entry = Entry.objects.get(actor_name="g", actor_type="t")
    assert (entry.at, entry.store_id, entry.subject_id, entry.detail) == (at, None, 7, {})


@pytest.mark.django_db
def test_the_trigger_refuses_change_and_removal_and_can_be_taken_back():
    operation = sql.append_only_trigger("auth_group")
    assert isinstance(operation, migrations.operations.base.Operation)
    group = Group.objects.create(name="kept")
    with _editor() as editor:
        operation.database_forwards("auth", editor, None, None)
    for change in (
        lambda: Group.objects.update(name="x"),
        lambda: Group.objects.filter(pk=group.pk)._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    with _editor() as editor:
        operation.database_backwards("auth", editor, None, None)
    assert Group.objects.filter(pk=group.pk).update(name="changed") == 1


class _editor:
    """A schema editor inside the test's transaction: SQLite's own refuses to begin there."""

    def __enter__(self):
        self.editor = connection.SchemaEditorClass(connection, atomic=False)
        self.editor.deferred_sql = []
        return self.editor

    def __exit__(self, *_error):
        return None


@pytest.mark.parametrize(("prefix", "after"), [("a", "b"), ("张", "弡"), ("13800", "13801"), ("z9", "z:")])
def test_a_prefix_is_a_range(prefix, after):
    assert sql.prefix_range(prefix) == (prefix, after)


def test_an_empty_prefix_has_no_range():
    with pytest.raises(ValueError):
        sql.prefix_range("")


def test_the_engine_is_asked_for_nowhere_else():
    root = Path(__file__).resolve().parents[2]
    rooms = ["crm_site", "customers", "revisits", "complaints", "satisfaction"]
    asking = [
        path.relative_to(root).as_posix()
        for room in rooms
        for path in (root / room).rglob("*.py")
        if "connection.vendor" in path.read_text(encoding="utf-8")
    ]
    assert set(asking) <= {"crm_site/core/sql.py", "crm_site/core/engine.py", "crm_site/core/triggers.py"}
