"""The job room and the banner: who is told what when worker or clock are silent, and what the room shows."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.core import clock
from crm_site.jobs import periodic, pulse, standing, tasks, wording_room
from crm_site.jobs.models import Beat, Job, PeriodicRun, State
from tests.cast import make_person
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

ROOM = "jobs:room"
BANNER, QUIET = "后台任务已停止运行", "后台工作暂停"


def ticked(ago: float, *names: str) -> None:
    for name in names or (pulse.WORKER, pulse.SCHEDULER):
        moment = clock.now() - timedelta(seconds=ago)
        Beat.objects.update_or_create(name=name, defaults={"at": moment, "since": moment - timedelta(hours=3)})


# ---- the beats ------------------------------------------------------------------------------------------------------


def test_a_clockwork_keeps_since_when_it_ticks_until_it_pauses():
    Beat.objects.all().delete()
    now = clock.now()
    for after in (0, 15, 100, 215):
        pulse.write(pulse.WORKER, now + timedelta(seconds=after))
    assert Beat.objects.get(name=pulse.WORKER).since == now
    pulse.write(pulse.WORKER, now + timedelta(seconds=215 + 121))
    assert Beat.objects.get(name=pulse.WORKER).since == now + timedelta(seconds=215 + 121)


@pytest.mark.parametrize(("ago", "is_silent"), [(0, False), (119, False), (122, True)])
def test_silence_begins_after_two_minutes(ago, is_silent):
    ticked(ago)
    assert bool(pulse.silent(clock.now())) is is_silent


def test_each_run_of_a_periodic_task_is_kept_in_one_row():
    PeriodicRun.objects.all().delete()
    for _time in range(3):
        tasks.sweep.apply()
    run = PeriodicRun.objects.get()
    assert (run.name, run.rows, run.error) == ("sweep", 0, "")
    assert run.slowest_seconds >= run.seconds >= 0


def test_a_periodic_task_that_breaks_off_is_kept_with_its_error(monkeypatch):
    monkeypatch.setattr("crm_site.jobs.actions.sweep", lambda now: 1 / 0)
    tasks.sweep.apply()
    run = PeriodicRun.objects.get(name="sweep")
    assert (run.rows, run.error) == (None, "ZeroDivisionError")
    assert run.failed_at == run.started_at


def test_the_slowest_run_of_a_day_is_remembered_and_then_forgotten():
    now = clock.now()
    for hours, seconds, slowest in ((0, 2, 2), (1, 9, 9), (2, 3, 9), (25, 4, 9), (26, 4, 4)):
        periodic.note("sums", began=now + timedelta(hours=hours), seconds=seconds, rows=1)
        assert PeriodicRun.objects.get(name="sums").slowest_seconds == slowest


def test_every_entry_of_the_schedule_has_a_name_for_people():
    assert set(settings.CELERY_BEAT_SCHEDULE) <= set(wording_room.PERIODIC)
    assert len(periodic.names()) == len(settings.CELERY_BEAT_SCHEDULE), "two entries run one task"


# ---- the banner -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "name", "words"),
    [
        ("admin_a", "accounts:people", BANNER),
        ("manager_a", "customers:list", BANNER),
        ("director_a", "satisfaction:dashboard", BANNER),
        ("specialist_a", "revisits:today", QUIET),
        ("specialist_a", "customers:list", ""),
        ("frontline_a", "dashboard:home", ""),
    ],
)
def test_whoever_answers_for_it_is_told_on_every_page_and_a_specialist_at_work(request, as_, who, name, words):
    client = as_(request.getfixturevalue(who))
    assert not {word for word in (BANNER, QUIET) if word in client.get(reverse(name)).text}
    ticked(130, pulse.SCHEDULER)
    told = {word for word in (BANNER, QUIET) if word in client.get(reverse(name)).text}
    assert told == ({words} if words else set())


def test_the_banner_leads_to_the_room_from_everywhere_but_the_room_itself(as_, admin_a):
    client, room = as_(admin_a), reverse("jobs:room")
    ticked(130, pulse.SCHEDULER)
    assert client.get(reverse("accounts:people")).context["shell"].standing["url"] == room
    assert "url" not in client.get(room).context["shell"].standing


def test_the_banner_asks_one_small_query_and_remembers_the_answer(as_, manager_a, settings):
    client = as_(manager_a)
    client.get(reverse("notices:list"))

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("notices:list"))
        return sum("jobs_beat" in query["sql"] for query in queries)

    assert asked() == 1
    settings.PULSE_SECONDS = 3600.0
    pulse._remembered.cache_clear()
    assert [asked(), asked()] == [1, 0]
    pulse._remembered.cache_clear()


def test_the_banner_never_breaks_a_page(as_, manager_a):
    def broken(execute, sql, params, many, context):
        if "jobs_beat" in sql:
            raise OperationalError("gone")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(broken):
        assert as_(manager_a).get(reverse("notices:list")).status_code == 200


# ---- the room -------------------------------------------------------------------------------------------------------


def test_the_room_says_what_ran_when_and_whether_it_is_late(as_, admin_a):
    ticked(5)
    now = clock.now()
    periodic.note("sums", began=now - timedelta(seconds=30), seconds=0.2, rows=17)
    periodic.note("complaints", began=now - timedelta(minutes=10), seconds=3, rows=1)
    periodic.note("looks", began=now - timedelta(minutes=1), seconds=3, rows=None, error="OperationalError")
    shown = {entry.name: entry for entry in as_(admin_a).get(reverse(ROOM)).context["entries"]}
    assert {name: shown[name].state for name in ("sums", "complaints", "looks")} == {
        "sums": "ok", "complaints": "late", "looks": "failed",
    }  # fmt: skip
    assert shown["sums"].next_at == shown["sums"].run.started_at + timedelta(seconds=60)
    assert shown["sweep"].state == "late", "it has never run, though the clock has ticked for three hours"


def test_the_queue_is_shown_by_lane_with_the_longest_wait(as_, admin_a, store_a, store_b):
    now = clock.now()
    rows = [("import:1", "queued", 600), ("import:2", "queued", 60), ("import:3", "running", 900), ("", "queued", -60),
            ("report:1", "done", 5000)]  # fmt: skip
    for number, (lane, state, ago) in enumerate(rows):
        Job.objects.create(
            store=store_a, kind="reports.draft", key=f"k{number}", lane=lane, state=state, created_at=now,
            due_at=now - timedelta(seconds=ago), lease_until=now,
        )  # fmt: skip
    Job.objects.create(store=store_b, kind="x", key="b", lane="report:9", created_at=now, due_at=now)
    (lane,) = as_(admin_a).get(reverse(ROOM)).context["lanes"]
    assert (str(lane.label), lane.waiting, lane.running, lane.age) == ("导入", 2, 1, "10 分")


def test_what_has_failed_leads_to_its_list_for_who_may_open_it(as_, admin_a, director_a, store_a):
    Job.objects.create(store=store_a, kind="reports.draft", key="k", state=State.FAILED, created_at=clock.now(),
                       due_at=clock.now(), ended_at=clock.now())  # fmt: skip
    for person, url in ((admin_a, "/jobs/?state=failed"), (director_a, "")):
        figure = as_(person).get(reverse(ROOM)).context["figures"][-1]
        assert (figure["value"], figure["url"], figure["kind"]) == (1, url, "bad")


def test_the_machine_is_shown_to_an_admin_of_every_store_alone(as_, admin_a, director_a, store_b):
    assert as_(admin_a).get(reverse(ROOM)).context["machine"] is None
    assert as_(director_a).get(reverse(ROOM)).context["machine"] is None
    MembershipFactory(user=admin_a.user, store=store_b, role="admin")
    machine = as_(admin_a).get(reverse(ROOM)).context["machine"]
    assert machine.engine.startswith(connection.display_name)
    assert machine.database[0].isdigit()


@pytest.mark.parametrize(("hours", "kind"), [(None, "warn"), (25, ""), (27, "warn")])
def test_a_backup_that_is_missing_or_old_is_marked(as_, admin_a, hours, kind):
    if hours is not None:
        detail = {"name": "huifang-x.tar", "bytes": 2_500_000, "rows": 10, "files": 2}
        Beat.objects.create(name="backup", at=clock.now() - timedelta(hours=hours), detail=detail)
    answer = as_(admin_a).get(reverse(ROOM))
    assert answer.context["backup"].kind == kind
    assert ("huifang-x.tar · 2.5 MB" in answer.text) is (hours is not None)


def test_a_drill_that_found_a_difference_is_bad(as_, admin_a):
    Beat.objects.create(name="drill", at=clock.now(), detail={"ok": False})
    assert as_(admin_a).get(reverse(ROOM)).context["drill"].kind == "bad"


def test_a_drill_that_broke_off_is_told_as_that(as_, admin_a):
    Beat.objects.create(name="drill", at=clock.now(), detail={"ok": False, "broke_off": True})
    answer = as_(admin_a).get(reverse(ROOM))
    assert answer.context["drill"].kind == "bad"
    assert "中途中断" in answer.text


@pytest.mark.parametrize("deed", ["backup", "drill"])
def test_a_backup_or_drill_that_lacked_files_says_so(as_, admin_a, deed):
    detail = {"ok": False, "missing_count": 3, "differences": [], "rows": 10, "files": 2}
    Beat.objects.create(name=deed, at=clock.now(), detail=detail)
    answer = as_(admin_a).get(reverse(ROOM))
    assert answer.context[deed].kind == "bad"
    assert "缺少 3 个文件" in answer.text


def test_the_fragment_is_the_inside_and_both_languages_are_spoken(as_, admin_a):
    headers = {"hx-request": "true", "hx-target": "room"}
    answer = as_(admin_a).get(reverse(ROOM), headers=headers)
    assert answer.text.lstrip().startswith('<div class="stack" id="room"')
    assert "Begin the day&#x27;s call list" in as_(admin_a, language="en").get(reverse(ROOM)).text


def test_the_tabs_lead_only_where_one_may_go(as_, admin_a, manager_a, director_a):
    assert [tab["url"] for tab in as_(admin_a).get(reverse("jobs:list")).context["tabs"]] == ["/jobs/", "/jobs/room/"]
    assert as_(manager_a).get(reverse("jobs:list")).context["tabs"] == []
    assert as_(director_a).get(reverse(ROOM)).context["tabs"] == []


def test_queries_do_not_grow_with_jobs(as_, store_a):
    client, counts = as_(make_person(store_a, "admin", "段文")), []
    for number in (3, 30):
        for one in range(number):
            Job.objects.create(store=store_a, kind="reports.draft", key=f"{number}-{one}", lane=f"report:{one}",
                               created_at=clock.now(), due_at=clock.now())  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(ROOM))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert standing.lanes(Job.objects.all(), clock.now())[0].waiting == 33
