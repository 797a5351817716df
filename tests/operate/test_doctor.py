"""The doctor: each bad case is named with what to do, in the asked language; healthy things are left alone."""

import json
import os
from datetime import timedelta
from io import StringIO
from zoneinfo import ZoneInfoNotFoundError

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from redis import ConnectionError as RedisAway

from crm_site.accounts.models import Role
from crm_site.core import clock, engine
from crm_site.demo import marker
from crm_site.jobs.models import Beat, Job, State
from crm_site.upkeep.doctor import configured, peopled, placed, stored, table, working
from crm_site.upkeep.doctor.findings import Grade
from crm_site.worktime import calendars
from tests import environment
from tests.cast import make_person
from tests.factories import StoreFactory

NOW = clock.now()
GOOD_KEY = "k3x-9Qw_7ZpLm2Vn8Rt5Yb1Hc6Jd4Fg0Sa" * 2


@pytest.fixture
def healthy(settings, tmp_path):
    """Settings of production as they should be."""
    folder = tmp_path / "var"
    folder.mkdir(mode=0o700)
    settings.SECRET_KEY, settings.ALLOWED_HOSTS = GOOD_KEY, ["crm.example.cn"]
    settings.DEMO, settings.PLAIN_HTTP, settings.BEHIND_PROXY = False, False, True
    settings.VAR_DIR, settings.STATIC_ROOT = folder, folder / "static"
    settings.STATIC_ROOT.mkdir()
    (settings.STATIC_ROOT / "staticfiles.json").write_text("{}")
    settings.BASE_DIR = tmp_path
    (tmp_path / "locale/zh_Hans/LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "locale/zh_Hans/core.po").touch()
    (tmp_path / "locale/zh_Hans/LC_MESSAGES/django.mo").touch()
    return settings


def grade(look, now=NOW):
    """How grave a check finds it; whatever is not fine says what to do."""
    found = look(now)
    assert found.grade == Grade.FINE or found.advice
    return found.grade


# ---- settings and folders -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "look", [*(one.look for one in table.TABLE if not one.needs and one.code not in {"database", "queue"})]
)
def test_a_healthy_installation_is_left_alone(look, healthy):
    assert grade(look) == Grade.FINE


def missing_zone(_name):
    raise ZoneInfoNotFoundError


@pytest.mark.parametrize(
    ("look", "changes", "expected"),
    [
        (configured.secret, {"SECRET_KEY": "short"}, Grade.WRONG),
        (configured.secret, {"SECRET_KEY": "a" * 80}, Grade.WRONG),
        (configured.hosts, {"ALLOWED_HOSTS": ["*"]}, Grade.WATCH),
        (configured.demo, {"DEMO": True}, Grade.WRONG),
        (configured.transport, {"PLAIN_HTTP": True}, Grade.WRONG),
        (configured.transport, {"BEHIND_PROXY": False}, Grade.WATCH),
    ],
)
def test_a_dangerous_setting_is_named(look, changes, expected, healthy):
    for name, value in changes.items():
        setattr(healthy, name, value)
    assert grade(look) == expected


def test_missing_time_zones_are_named(monkeypatch):
    monkeypatch.setattr(configured, "ZoneInfo", missing_zone)
    assert grade(configured.zones) == Grade.WRONG


def test_an_open_folder_and_a_missing_one_are_named(healthy):
    healthy.VAR_DIR.chmod(0o755)
    assert grade(placed.folder) == Grade.WATCH
    healthy.VAR_DIR = healthy.VAR_DIR / "nowhere"
    assert grade(placed.folder) == Grade.WRONG


def test_a_folder_of_somebody_else_is_named(healthy, monkeypatch):
    monkeypatch.setattr(placed.os, "geteuid", lambda: healthy.VAR_DIR.stat().st_uid + 1)
    assert grade(placed.folder) == Grade.WATCH


@pytest.mark.parametrize(("free", "expected"), [(0.5, Grade.WRONG), (3, Grade.WATCH), (9, Grade.FINE)])
def test_a_full_disk_is_named(free, expected, healthy, monkeypatch):
    usage = type("Usage", (), {"free": free * placed.GIGABYTE})
    monkeypatch.setattr(placed.shutil, "disk_usage", lambda _place: usage)
    assert grade(placed.space) == expected


def test_missing_static_files_and_translations_are_named(healthy, tmp_path):
    (healthy.STATIC_ROOT / "staticfiles.json").unlink()
    assert grade(placed.statics) == Grade.WRONG
    (tmp_path / "locale/zh_Hans/LC_MESSAGES/django.mo").unlink()
    assert grade(placed.translations) == Grade.WRONG


class Answering:
    """A Redis that tells a state."""

    def __init__(self, told):
        self.told = told

    def info(self):
        if isinstance(self.told, Exception):
            raise self.told
        return self.told

    def close(self):
        pass


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (RedisAway(), Grade.WRONG),
        ({"maxmemory_policy": "allkeys-lru"}, Grade.WATCH),
        ({"rdb_last_bgsave_status": "err"}, Grade.WATCH),
        ({"maxmemory_policy": "noeviction", "rdb_last_bgsave_status": "ok"}, Grade.FINE),
    ],
)
def test_a_redis_that_is_away_or_forgets_is_named(told, expected, healthy, monkeypatch):
    healthy.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(placed.Redis, "from_url", lambda *_args, **_more: Answering(told))
    assert grade(placed.queue) == expected


# ---- the database ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("look", [stored.reachable, stored.version, stored.texts, stored.migrated, stored.guarded,
                                  stored.bounded, stored.clocks])  # fmt: skip
def test_the_database_of_the_tests_is_left_alone(look):
    assert grade(look) == Grade.FINE


def refuse(*_args, **_more):
    raise DatabaseError("connection refused\nsecond line")


def test_a_database_that_is_away_is_named_and_nothing_that_needs_it_is_asked(monkeypatch, healthy):
    monkeypatch.setattr(stored.engine, "ask", refuse)
    found = {check.code: finding for check, finding in table.examine(NOW)}
    assert found["database"].grade == Grade.WRONG
    assert "second line" not in found["database"].said
    assert not found.keys() & {check.code for check in table.TABLE if check.needs}


def test_tables_are_not_asked_while_migrations_wait(monkeypatch):
    waits = table.Check("migrations", lambda now: table.wrong("waits", "migrate"))
    never = table.Check("role", refuse, "tables")
    assert [check.code for check, _finding in table.examine(NOW, (waits, never))] == ["migrations"]


def test_a_check_that_the_database_refuses_becomes_a_finding():
    found = list(table.examine(NOW, (table.Check("x", refuse),)))
    assert found[0][1].grade == Grade.WRONG


@pytest.mark.django_db
def test_waiting_migrations_are_named(monkeypatch):
    migration = type("Migration", (), {"app_label": "customers", "name": "0099_later"})
    monkeypatch.setattr(stored.weighing, "waiting", lambda: [migration])
    found = stored.migrated(NOW)
    assert found.grade == Grade.WRONG
    assert "customers.0099_later" in found.said


@pytest.mark.django_db
def test_an_old_server_and_a_wrong_encoding_are_named(monkeypatch):
    monkeypatch.setattr(stored.engine, "version", lambda: (3, 1))
    assert grade(stored.version) == Grade.WRONG
    monkeypatch.setattr(stored.engine, "has_roles", lambda: True)
    monkeypatch.setattr(stored.engine, "ask", lambda question: "LATIN1" if "encoding" in question else "de_DE.UTF-8")
    assert grade(stored.texts) == Grade.WRONG
    monkeypatch.setattr(stored.engine, "ask", lambda question: "UTF8" if "encoding" in question else "de_DE.UTF-8")
    assert grade(stored.texts) == Grade.WATCH


@pytest.mark.django_db
def test_a_missing_trigger_is_named(monkeypatch):
    there = engine.triggers()
    gone = min(name for name in there if "append_only" in name)
    monkeypatch.setattr(stored.engine, "triggers", lambda: there - {gone})
    found = stored.guarded(NOW)
    assert found.grade == Grade.WRONG
    assert gone in found.said


@pytest.mark.django_db
@pytest.mark.skipif(not environment.on_servers(), reason="SQLite knows no roles")
def test_an_owner_who_serves_is_named_and_the_applications_role_is_not():
    assert grade(stored.role) == Grade.WATCH
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE only_serves; GRANT SELECT, INSERT ON audit_entry TO only_serves")
        cursor.execute("SET LOCAL ROLE only_serves")
        assert grade(stored.role) == Grade.FINE
        cursor.execute("RESET ROLE")


@pytest.mark.django_db
def test_clocks_apart_and_lost_bounds_are_named(monkeypatch):
    monkeypatch.setattr(stored.engine, "now", lambda: clock.now() + timedelta(minutes=1))
    assert grade(stored.clocks) == Grade.WRONG
    monkeypatch.setattr(stored.engine, "has_roles", lambda: True)
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"options": "-c random_page_cost=4"})
    assert grade(stored.bounded) == Grade.WATCH


@pytest.mark.django_db
def test_what_a_killed_restore_has_left_is_named(healthy, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    healthy.MEDIA_ROOT = healthy.VAR_DIR / "files"
    assert grade(stored.leftovers) == Grade.FINE
    left = healthy.VAR_DIR / ".restoring-abc"
    left.mkdir()
    assert grade(stored.leftovers) == Grade.FINE, "somebody may be at it"
    os.utime(left, (0, 0))
    assert grade(stored.leftovers) == Grade.WATCH
    assert str(left) in stored.leftovers(NOW).said


# ---- work and people ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(("look", "name"), [(working.worker, "worker"), (working.scheduler, "scheduler")])
def test_who_is_silent_is_named(look, name):
    Beat.objects.all().delete()
    assert grade(look) == Grade.WRONG
    Beat.objects.create(name=name, at=NOW - timedelta(seconds=20))
    assert grade(look) == Grade.FINE
    Beat.objects.filter(name=name).update(at=NOW - timedelta(minutes=3))
    assert grade(look) == Grade.WRONG


@pytest.mark.django_db
def test_backups_that_are_missing_or_old_are_named():
    Beat.objects.all().delete()
    assert grade(working.backup) == Grade.WRONG
    for hours, expected in ((2, Grade.FINE), (40, Grade.WATCH), (200, Grade.WRONG)):
        Beat.objects.update_or_create(name="backup", defaults={"at": NOW - timedelta(hours=hours)})
        assert grade(working.backup) == expected
    assert grade(working.drill) == Grade.WATCH
    Beat.objects.create(name="drill", at=NOW, detail={"ok": True})
    assert grade(working.drill) == Grade.FINE


@pytest.mark.django_db
@pytest.mark.parametrize(("look", "name"), [(working.backup, "backup"), (working.drill, "drill")])
def test_a_backup_or_drill_that_was_not_whole_is_wrong_however_new(look, name):
    Beat.objects.update_or_create(name=name, defaults={"at": NOW, "detail": {"ok": False, "missing_count": 2}})
    assert grade(look) == Grade.WRONG


@pytest.mark.django_db
def test_jobs_that_failed_or_wait_are_named():
    assert grade(working.failed) == grade(working.waiting) == Grade.FINE
    long_ago = NOW - timedelta(minutes=30)
    common = {"kind": "count", "created_at": long_ago, "due_at": long_ago}
    Job.objects.create(key="1", state=State.FAILED, ended_at=long_ago, **common)
    Job.objects.create(key="2", state=State.QUEUED, **common)
    assert grade(working.failed) == grade(working.waiting) == Grade.WATCH


@pytest.mark.django_db
def test_an_installation_without_administrator_is_named(store_a):
    assert grade(peopled.administrators) == Grade.WRONG
    make_person(store_a, Role.ADMIN, "段文")
    assert grade(peopled.administrators) == Grade.FINE


@pytest.mark.django_db
def test_who_must_have_a_second_factor_and_has_none_is_named(store_a):
    person = make_person(store_a, Role.DIRECTOR, "罗总")
    make_person(store_a, Role.SPECIALIST, "陈思雨")
    found = peopled.second_factor(NOW)
    assert found.grade == Grade.WATCH
    assert person.user.username in found.said
    peopled.TOTPDevice.objects.create(user=person.user, confirmed=True)
    assert grade(peopled.second_factor) == Grade.FINE


@pytest.mark.django_db
def test_known_passwords_and_the_demo_world_are_named(store_a, settings):
    settings.DEMO = False
    user = make_person(store_a, Role.ADMIN, "段文").user
    assert grade(peopled.known_accounts) == Grade.FINE
    user.set_password("huifang-demo")
    user.save(update_fields=["password"])
    assert user.username in peopled.known_accounts(NOW).said
    marker.mark(StoreFactory(code="DEMO"))
    assert grade(peopled.known_accounts) == Grade.WRONG


@pytest.mark.django_db
def test_missing_holidays_are_named(monkeypatch):
    monkeypatch.setattr(calendars, "missing_years", lambda today: [today.year + 1])
    assert grade(peopled.holidays) == Grade.WATCH


# ---- the command ----------------------------------------------------------------------------------------------------


def told(*options, **settings):
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", *options, stdout=out, **settings)
    return ended.value.code, out.getvalue()


@pytest.mark.django_db
def test_its_exit_code_is_the_gravest_finding_and_it_speaks_both_languages():
    code, chinese = told("--lang", "zh-hans")
    _code, english = told("--lang", "en")
    assert code == Grade.WRONG  # the tests' settings are a demo's
    assert "HUIFANG_DEMO" in chinese
    assert "人人皆知" in chinese
    assert "everybody knows" in english


@pytest.mark.django_db
def test_it_follows_the_languages_of_the_shell(monkeypatch):
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "→" in told()[1]
    monkeypatch.setenv("LANG", "C.UTF-8")
    assert "Take HUIFANG_DEMO out" in told()[1]


@pytest.mark.django_db
def test_machines_get_json():
    rows = json.loads(told("--json", "--lang", "en")[1])
    assert {row["code"] for row in rows} == {check.code for check in table.TABLE}
    assert {row["grade"] for row in rows} <= {"fine", "watch", "wrong"}
