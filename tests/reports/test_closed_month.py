"""T52 and T46: a closed month is the same text and bytes wherever it is built; month edges in +08:00."""

import random
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, timedelta
from importlib import import_module
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.urls import reverse

from complaints.models import Complaint, Level, Liability
from crm_site.core import charts, clock
from crm_site.reports import actions, board, rules, workbook
from crm_site.reports.lens import Lens
from crm_site.reports.models import MonthlyReport
from crm_site.reports.snapshot import compose
from customers.models import Customer
from satisfaction.models import EmployeeScore, Response
from satisfaction.queries import current_version
from tests.factories import CustomerFactory, EmployeeFactory, StoreFactory
from tests.reports.calls import handle_tickets
from tests.reports.month import MONTH, full_month, make_staff
from tests.reports.test_figures import complain

NOW = clock.at(date(2026, 9, 16), 12)


def files_of(report) -> tuple[bytes, ...]:
    """The workbook and all pictures of a report."""
    lens = Lens(report)
    shapes = [(theme, narrow) for theme in charts.THEMES for narrow in (False, True)]
    groups = board.chart_groups(lens)
    return workbook.render(lens), *(charts.bar_chart(groups, theme=theme, narrow=narrow) for theme, narrow in shapes)


@pytest.mark.django_db
def test_files_of_a_published_month_are_the_same_bytes_and_hold_no_customer(store_a, manager_a):
    world = full_month(store_a, orders=60, deliveries=30, answers=30, tickets=120)
    handle_tickets(world)
    Customer.objects.filter(pk=world.customer.pk).update(name="覃客户独一")
    draft = actions.build_draft(store_a, MONTH, None, now=NOW)
    report = actions.publish(draft.pk, by=manager_a.employee, now=NOW)
    first = files_of(report)
    Complaint.objects.update(validity="invalid")  # late changes move neither the text nor the files
    again = MonthlyReport.objects.get(pk=report.pk)
    assert files_of(again) == first
    assert rules.digest(again.snapshot) == report.sha256
    assert "覃客户独一" not in rules.canonical(again.snapshot).decode()


#: what the first format said of a line and of a month
FIRST_ROW = (
    "employee", "number", "name", "post", "department", "series", "left", "new", "visits", "per_hundred", "before",
    "responses", "score", "interval", "very_satisfied", "overall", "low", "direct", "joint", "grievances", "categories",
)  # fmt: skip
FIRST = ("store", "month", "visits", "lines", "grievances", "categories", "unjudged", "numbers", "total")


def first_format(snapshot: dict) -> dict:
    """A snapshot as it was frozen before format 2."""
    rows = [{name: row[name] for name in FIRST_ROW} | {"closed": 1, "minutes": 90} for row in snapshot["rows"]]
    return {name: snapshot[name] for name in FIRST} | {"format": 1, "rows": rows}


@pytest.mark.django_db
def test_a_month_frozen_in_the_first_format_stays_readable_and_is_made_up_for(as_, store_a, manager_a):
    staff = make_staff(store_a, 2)
    ticket = complain(store_a, staff[0])
    old = first_format(compose(store_a.pk, MONTH))
    report = MonthlyReport.objects.create(
        store=store_a, month=MONTH, state="published", published_at=NOW, published_by=manager_a.employee, built_at=NOW,
        snapshot=old, sha256=rules.digest(old),
    )  # fmt: skip
    client = as_(manager_a)
    for name in ("report", "print"):
        answer = client.get(reverse(f"reports:{name}", args=[report.pk]))
        assert (answer.status_code, answer.context["is_intact"]) == (200, True)
    row = next(row for group in answer.context["groups"] for row in group["rows"] if row["number"] == staff[0].number)
    assert (row["direct"]["number"], row["took"]) == (1, "2 小时")
    assert {share["whole"]["number"] for share in row["shares"]} == {0}
    assert client.get(reverse("reports:list")).status_code == 200
    assert client.post(reverse("reports:workbook", args=[report.pk])).status_code == 200
    Liability.objects.filter(complaint=ticket).update(employee=staff[1])
    (line,) = compose(store_a.pk, date(2026, 9, 1))["adjustments"]
    assert (line["from"]["employee"], line["to"]["employee"]) == (staff[0].pk, staff[1].pk)


@contextmanager
def without_refusals() -> Iterator[None]:
    """The rows come back before the database's own refusals do, as a restored dump puts them in."""
    frozen = import_module("satisfaction.migrations.0006_frozen_trees").Migration.operations
    with connection.schema_editor() as editor:
        for one in frozen:
            one.database_backwards("satisfaction", editor, None, None)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            for one in frozen:
                one.database_forwards("satisfaction", editor, None, None)


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_and_a_restored_backup_give_the_identical_text(reference, tmp_path):
    """Both build the same draft; then everything is dumped, wiped, loaded and built once more."""
    store = StoreFactory(code="T52")
    world = full_month(store, orders=60, deliveries=30, answers=30, tickets=150)
    handle_tickets(world)
    start, found = threading.Barrier(2), []

    def work() -> None:
        try:
            start.wait()
            found.append(actions.build_draft(store, MONTH, None, now=NOW).sha256)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    report = MonthlyReport.objects.get(store=store, month=MONTH)
    text = rules.canonical(report.snapshot)
    assert len(found) == 2
    assert set(found) == {report.sha256}
    files, backup = files_of(report), tmp_path / "backup.json"
    out = StringIO()
    call_command(
        "dumpdata", "--natural-foreign", "-e", "contenttypes", "-e", "auth.permission", "-e", "audit", stdout=out
    )
    backup.write_text(out.getvalue())
    call_command("flush", interactive=False, verbosity=0)
    assert not MonthlyReport.objects.exists()
    with without_refusals():
        call_command("loaddata", str(backup), verbosity=0)
    assert rules.canonical(compose(store.pk, MONTH)) == text
    restored = MonthlyReport.objects.get(store_id=store.pk, month=MONTH)
    assert (restored.sha256, rules.digest(restored.snapshot)) == (report.sha256, report.sha256)
    assert files_of(restored) == files


@pytest.mark.django_db
def test_2000_calls_around_24_month_ends_stand_each_in_its_month_and_add_up():
    """T46: moments within ±1 s of midnight in +08:00, kept in UTC; the complaints that followed from them too."""
    store = StoreFactory(code="T46", go_live_on=date(2024, 1, 1))
    advisor = make_staff(store, 1)[0]
    chance = random.Random(46)
    ends = [clock.at(date(2024 + number // 12, number % 12 + 1, 1)) for number in range(1, 25)]
    moments = [ends[number % 24] + timedelta(microseconds=chance.randrange(-(10**6), 10**6)) for number in range(2000)]
    _calls(store, advisor, moments)
    _complaints(store, advisor, moments)
    wanted: dict[str, int] = {}
    for moment in moments:
        name = f"{moment.astimezone(UTC) + timedelta(hours=8):%Y-%m}"  # written apart from core.clock
        wanted[name] = wanted.get(name, 0) + 1
    counted = {}
    for number in range(25):
        month = date(2024 + number // 12, number % 12 + 1, 1)
        snapshot = compose(store.pk, month)
        (row,) = (one for one in snapshot["rows"] if one["employee"] == advisor.pk)
        assert rules.sum_of(snapshot).is_even
        assert snapshot["total"] == snapshot["company"] == len(row["direct"]) == len(row["responses"])
        counted[f"{month:%Y-%m}"] = len(row["direct"])
    assert counted == wanted
    assert sum(counted.values()) == 2000
    assert connection.timezone_name == "UTC"


def _calls(store, advisor, moments) -> None:
    version, caller = current_version("CSI_SHORT", store.pk), EmployeeFactory(store=store)
    customer = CustomerFactory(store=store)
    rows = Response.objects.bulk_create(
        Response(store=store, version=version, customer=customer, asked_by=caller, answered_at=moment, score=90,
                 called_on=clock.business_day(moment), is_valid=True, submission=uuid.UUID(int=number + 1))
        for number, moment in enumerate(moments)
    )  # fmt: skip
    EmployeeScore.objects.bulk_create(
        EmployeeScore(response=row, employee=advisor, part="service_advisor", score=90, weight=20) for row in rows
    )


def _complaints(store, advisor, moments) -> None:
    level, reporter = Level.objects.get(store=None, code="L2"), EmployeeFactory(store=store)
    rows = Complaint.objects.bulk_create(
        Complaint(store=store, number=f"E{number}", kind="complaint", source="phone", level=level, words="x",
                  reported_by=reporter, received_at=moment, received_on=clock.business_day(moment), validity="valid",
                  submission=uuid.UUID(int=number + 1))
        for number, moment in enumerate(moments)
    )  # fmt: skip
    Liability.objects.bulk_create(
        Liability(store=store, complaint=row, kind="direct", party="employee", employee=advisor, confirmed_at=NOW)
        for row in rows
    )
