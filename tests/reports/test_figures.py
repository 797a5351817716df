"""T51 in small: every cell of a generated month equals plain SQL written apart from the report."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from complaints.models import Level, Liability
from crm_site.core import clock
from crm_site.reports import rules
from crm_site.reports.snapshot import compose
from tests.factories import ComplaintFactory, EmployeeFactory, PostingFactory, StoreFactory
from tests.reports.month import LAST, MONTH, full_month, make_staff

pytestmark = pytest.mark.django_db

COUNTING = "o.state <> 'void' AND o.job_type NOT IN ('pdi', 'free_check', 'wash', 'internal')"
COUNTED = "c.kind = 'complaint' AND c.validity = 'valid' AND c.state <> 'merged' AND l.rank >= 2"
FACTS = (
    "FROM (SELECT * FROM complaints_complaint WHERE store_id = (SELECT id FROM accounts_store WHERE code = 'T51')) c"
    " LEFT JOIN complaints_level l ON l.id = c.level_id"
)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """One generated store for all tests of this file; another store with the same facts must not be mixed in."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = full_month(StoreFactory(code="T51"))
        full_month(StoreFactory(code="T51X"), orders=30, deliveries=20, answers=10, tickets=40)
        connection.check_constraints()  # once for all its rows, rather than at the end of every test
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def report(world, db):
    return compose(world.store.pk, MONTH)


def sql(query: str, *values) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def by_employee(report: dict, name: str) -> dict:
    return {row["employee"]: row[name] for row in report["rows"]}


def grouped(found: list[tuple]) -> dict[int, list[int]]:
    lists = defaultdict(list)
    for who, pk in found:
        lists[who].append(pk)
    return lists


def expect(report: dict, name: str, wanted: dict, empty) -> None:
    """Every row has what the SQL says, and nobody whom the SQL names is missing."""
    found = by_employee(report, name)
    assert set(wanted) <= set(found)
    assert found == {who: wanted.get(who, empty) for who in found}
    assert any(value != empty for value in found.values())


def liable(kind: str, condition: str = COUNTED) -> dict[int, list[int]]:
    return grouped(sql(
        f"SELECT i.employee_id, c.id {FACTS} JOIN complaints_liability i ON i.complaint_id = c.id"
        f" WHERE {condition} AND i.kind = %s AND i.confirmed_at IS NOT NULL AND i.employee_id IS NOT NULL"
        " AND c.received_on BETWEEN %s AND %s ORDER BY c.id", kind, MONTH, LAST,
    ))  # fmt: skip


def test_direct_and_joint_complaints_equal_plain_sql(report, world):
    for kind in ("direct", "joint"):
        expect(report, kind, liable(kind), [])


def test_grievances_equal_plain_sql(report):
    noted = (
        "c.validity = 'valid' AND c.state <> 'merged' AND c.kind <> 'question' AND (c.kind = 'grievance' OR l.rank = 1)"
    )
    expect(report, "grievances", liable("direct", noted), [])


@pytest.mark.parametrize("line", rules.LINES)
def test_the_lines_equal_plain_sql(report, world, line):
    party = "COALESCE(MAX(i.party), 'undecided') AS party"
    rows = sql(
        f"SELECT c.id, {party} {FACTS} LEFT JOIN complaints_liability i ON i.complaint_id = c.id AND i.kind = 'direct'"
        f" AND i.confirmed_at IS NOT NULL WHERE {COUNTED} AND c.received_on BETWEEN %s AND %s"
        " GROUP BY c.id ORDER BY c.id", MONTH, LAST,
    )  # fmt: skip
    assert report["lines"][line] == [pk for pk, party in rows if party == line] != []


def test_the_store_total_equals_plain_sql_and_the_sum_of_its_parts(report, world):
    ((total,),) = sql(
        f"SELECT COUNT(*) {FACTS} WHERE {COUNTED} AND c.received_on BETWEEN %s AND %s",
        MONTH, LAST,
    )  # fmt: skip
    assert report["total"] == total > 30
    assert rules.sum_of(report).is_even


def test_categories_of_an_employee_add_up_to_his_complaints(report):
    for row in report["rows"]:
        assert sorted(pk for pks in row["categories"].values() for pk in pks) == row["direct"]
    assert sum(len(pks) for pks in report["categories"].values()) == report["total"]


def test_handling_time_equals_plain_sql(report):
    rows = sql(
        f"SELECT i.employee_id, c.received_at, c.closed_at {FACTS} JOIN complaints_liability i ON i.complaint_id = c.id"
        f" WHERE {COUNTED} AND i.kind = 'direct' AND i.confirmed_at IS NOT NULL AND i.employee_id IS NOT NULL"
        " AND c.closed_on BETWEEN %s AND %s AND c.state = 'closed'", MONTH, LAST,
    )  # fmt: skip
    minutes, finished = defaultdict(int), defaultdict(int)
    for who, received, ended in rows:
        minutes[who] += int((_moment(ended) - _moment(received)).total_seconds() // 60)
        finished[who] += 1
    expect(report, "minutes", minutes, 0)
    assert {who: len(pks) for who, pks in by_employee(report, "finished").items() if pks} == finished


def _moment(value):
    """SQLite gives moments as text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def test_visits_equal_plain_sql(report, world):
    days = (world.store.pk, MONTH, LAST)
    rows = sql(
        "SELECT who, COUNT(*) FROM ("
        f" SELECT o.service_advisor_id AS who, o.vehicle_id AS car, CAST(o.checked_in_on AS CHAR(10)) AS day"
        f" FROM customers_repairorder o WHERE {COUNTING} AND o.store_id = %s AND o.checked_in_on BETWEEN %s AND %s"
        " UNION SELECT w.technician_id, o.vehicle_id, CAST(o.checked_in_on AS CHAR(10)) FROM customers_workmanship w"
        f" JOIN customers_repairorder o ON o.id = w.order_id WHERE {COUNTING}"
        " AND o.store_id = %s AND o.checked_in_on BETWEEN %s AND %s"
        " UNION SELECT d.sales_consultant_id, d.vehicle_id, '' FROM customers_delivery d"
        " WHERE d.store_id = %s AND d.delivered_on BETWEEN %s AND %s"
        ") served WHERE who IS NOT NULL GROUP BY who", *days, *days, *days,
    )  # fmt: skip
    expect(report, "visits", dict(rows), 0)


def test_satisfaction_equals_plain_sql(report, world):
    rows = sql(
        "SELECT s.employee_id, s.score, s.low_count, (SELECT a.value FROM satisfaction_answer a"
        " JOIN satisfaction_question q ON q.id = a.question_id WHERE a.response_id = r.id AND q.kind = 'overall'"
        " AND a.state = 'given') FROM satisfaction_employeescore s JOIN satisfaction_response r ON r.id = s.response_id"
        " WHERE r.store_id = %s AND r.called_on BETWEEN %s AND %s AND r.is_valid = %s AND r.excluded_at IS NULL"
        " AND s.score IS NOT NULL", world.store.pk, MONTH, LAST, True,
    )  # fmt: skip
    marks, low, very, overall = defaultdict(list), defaultdict(int), defaultdict(int), defaultdict(int)
    for who, score, lows, wish in rows:
        marks[who].append(Decimal(str(score)))
        low[who] += lows > 0
        very[who] += wish is not None and wish >= 9
        overall[who] += wish is not None
    assert marks
    for row in report["rows"]:
        who = row["employee"]
        assert len(row["responses"]) == len(marks[who])
        assert (len(row["low"]), row["very_satisfied"], row["overall"]) == (low[who], very[who], overall[who])
        if marks[who]:
            mean = sum(marks[who]) / len(marks[who])
            assert abs(Decimal(row["score"]) - mean) <= Decimal("0.0001")
        else:
            assert row["score"] is None


def test_the_month_before_is_counted_the_same_way(report):
    july = grouped(sql(
        f"SELECT i.employee_id, c.id {FACTS} JOIN complaints_liability i ON i.complaint_id = c.id WHERE {COUNTED}"
        " AND i.kind = 'direct' AND i.confirmed_at IS NOT NULL AND i.employee_id IS NOT NULL"
        " AND c.received_on BETWEEN %s AND %s", date(2026, 7, 1), date(2026, 7, 31),
    ))  # fmt: skip
    expect(report, "before", {who: len(pks) for who, pks in july.items()}, 0)


def test_a_consultants_rate_looks_back_three_months(report, world):
    consultant = world.consultants[0].pk
    (row,) = [row for row in report["rows"] if row["employee"] == consultant]
    ((cars,),) = sql(
        "SELECT COUNT(DISTINCT vehicle_id) FROM customers_delivery WHERE sales_consultant_id = %s"
        " AND delivered_on BETWEEN %s AND %s", consultant, date(2026, 6, 1), LAST,
    )  # fmt: skip
    ((count,),) = sql(
        f"SELECT COUNT(*) {FACTS} JOIN complaints_liability i ON i.complaint_id = c.id WHERE {COUNTED}"
        " AND i.kind = 'direct' AND i.confirmed_at IS NOT NULL AND i.employee_id = %s"
        " AND c.received_on BETWEEN %s AND %s", consultant, date(2026, 6, 1), LAST,
    )  # fmt: skip
    wanted = rules.per_hundred(count, cars)
    assert row["per_hundred"] == (f"{wanted}" + "00" if wanted is not None else None)


def test_built_twice_it_is_the_same_text(report, world):
    assert rules.canonical(compose(world.store.pk, MONTH)) == rules.canonical(report)


# ---- who stands in it -----------------------------------------------------------------------------------------------


def names(report: dict) -> dict[str, dict]:
    return {row["name"]: row for row in report["rows"]}


def test_everybody_employed_on_any_day_stands_in_it_with_zeros(store_a):
    EmployeeFactory(store=store_a, name="全月")
    EmployeeFactory(store=store_a, name="月末入职", hired_on=LAST)
    EmployeeFactory(store=store_a, name="月初离职", left_on=MONTH)
    EmployeeFactory(store=store_a, name="早已离职", left_on=MONTH - timedelta(days=1))
    EmployeeFactory(store=store_a, name="下月入职", hired_on=LAST + timedelta(days=1))
    found = names(compose(store_a.pk, MONTH))
    assert set(found) == {"全月", "月末入职", "月初离职"}
    assert [row["direct"] for row in found.values()] == [[], [], []]
    assert (found["月初离职"]["left"], found["月末入职"]["new"], found["全月"]["left"]) == (True, True, False)


def test_somebody_who_left_before_stands_in_it_when_a_complaint_names_him(store_a):
    gone = EmployeeFactory(store=store_a, name="早已离职", left_on=MONTH - timedelta(days=40))
    PostingFactory(employee=gone, post="technician", department="workshop", until=gone.left_on)
    complain(store_a, gone)
    row = names(compose(store_a.pk, MONTH))["早已离职"]
    assert (row["left"], row["series"], len(row["direct"])) == (True, "technician", 1)


def test_who_moves_in_mid_month_has_a_line_in_each_series_and_each_complaint_once(store_a):
    mover = EmployeeFactory(store=store_a, name="转岗")
    PostingFactory(employee=mover, post="service_advisor", until=date(2026, 8, 14))
    PostingFactory(employee=mover, post="technician", department="workshop", since=date(2026, 8, 15))
    early, late = (complain(store_a, mover, day=date(2026, 8, day)) for day in (14, 15))
    rows = [row for row in compose(store_a.pk, MONTH)["rows"] if row["name"] == "转岗"]
    assert [(row["series"], row["direct"], row["held"]) for row in rows] == [
        ("advisor", [early.pk], ["2026-08-01", "2026-08-14"]),
        ("technician", [late.pk], ["2026-08-15", "2026-08-31"]),
    ]


def test_the_post_written_down_with_the_liability_decides_its_series(store_a):
    mover = EmployeeFactory(store=store_a, name="转岗")
    PostingFactory(employee=mover, post="technician", department="workshop")
    ticket = complain(store_a, mover)
    Liability.objects.update(post="service_advisor")
    rows = {row["series"]: row["direct"] for row in compose(store_a.pk, MONTH)["rows"] if row["name"] == "转岗"}
    assert rows == {"technician": [], "advisor": [ticket.pk]}


def complain(store, employee, day=date(2026, 8, 31), hour=23, **given):
    """A valid L2 complaint for which an employee (None: nobody yet) is confirmed directly liable."""
    ticket = ComplaintFactory(
        store=store, level=Level.objects.get(code="L2"), received_at=clock.at(day, hour, 59), received_on=day, **given
    )
    if employee is not None:
        Liability.objects.create(store=store, complaint=ticket, kind="direct", party="employee", employee=employee,
                                 confirmed_at=clock.at(day, hour, 59))  # fmt: skip
    return ticket


def test_the_last_minute_of_the_month_counts_and_the_next_one_does_not(store_a):
    (employee,) = make_staff(store_a, 1)
    inside = complain(store_a, employee)
    complain(store_a, employee, day=date(2026, 9, 1), hour=0)
    assert names(compose(store_a.pk, MONTH))[employee.name]["direct"] == [inside.pk]


def test_an_undecided_complaint_stands_in_its_own_line_and_never_vanishes(store_a):
    ticket = complain(store_a, None)
    report = compose(store_a.pk, MONTH)
    assert report["lines"]["undecided"] == [ticket.pk]
    assert report["total"] == 1


def test_a_complaint_whose_validity_is_open_is_named_beside_the_sum(store_a):
    ticket = complain(store_a, None, validity="pending")
    report = compose(store_a.pk, MONTH)
    assert (report["unjudged"], report["total"]) == ([ticket.pk], 0)


def test_the_number_of_queries_does_not_grow_with_people_and_facts(store_a, store_b):
    full_month(store_a, staff=4, orders=10, deliveries=5, answers=3, tickets=8)
    full_month(store_b, staff=30, orders=100, deliveries=50, answers=30, tickets=80)
    counts = []
    for store in (store_a, store_b):
        with CaptureQueriesContext(connection) as queries:
            compose(store.pk, MONTH)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 24
