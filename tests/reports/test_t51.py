"""T51: 5,000 calls of 8 employees over three months; every cell equals plain SQL written apart."""

import re
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.db import connection, transaction

from crm_site.accounts.models import Department, Membership, Post
from crm_site.core import clock
from crm_site.reports import actions, rules
from crm_site.reports.snapshot import compose
from revisits.models import CallAttempt
from tests.cast import make_person
from tests.factories import PostingFactory, StoreFactory
from tests.reports.calls import call_everybody, handle_tickets
from tests.reports.month import World

pytestmark = [pytest.mark.django_db, pytest.mark.long]

MONTHS = [date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)]
LASTS = {MONTHS[0]: date(2026, 6, 30), MONTHS[1]: date(2026, 7, 31), MONTHS[2]: date(2026, 8, 31)}
COUNTED = "c.kind = 'complaint' AND l.rank >= 2"
NOTED = "(c.kind = 'grievance' OR (c.kind = 'complaint' AND l.rank = 1))"
VALID = "c.validity = 'valid' AND c.state <> 'merged'"
SERIES = (
    "CASE {post} WHEN 'service_advisor' THEN 'advisor' WHEN 'technician' THEN 'technician'"
    " WHEN 'sales_consultant' THEN 'sales' ELSE 'other' END"
)


def held(who: str, day: str, name: str = "p") -> str:
    """The join to the posting that an employee held on a day."""
    return (
        f" LEFT JOIN accounts_posting {name} ON {name}.employee_id = {who} AND {name}.since <= {day}"
        f" AND ({name}.until IS NULL OR {name}.until >= {day})"
    )


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Eight people of a store, one of whom moves in the middle of August, and what happened in three months."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = World(StoreFactory(code="T51L", go_live_on=date(2026, 6, 1)), staff=8, seed=51)
        mover = made.technicians[0]
        mover.postings.update(until=date(2026, 8, 14))
        PostingFactory(
            employee=mover, department=Department.SERVICE, post=Post.SERVICE_ADVISOR, since=date(2026, 8, 15)
        )
        made.orders(5000)
        made.deliveries(300)
        made.tickets(900)
        handle_tickets(made)
        assert call_everybody(made) == CallAttempt.objects.filter(store=made.store).count() == 5000
        connection.check_constraints()  # once for all its rows, rather than at the end of every test
        yield made
        transaction.set_rollback(True)


@pytest.fixture(scope="module", params=MONTHS, ids=str)
def month(request):
    return request.param


@pytest.fixture(scope="module")
def report(world, month, django_db_blocker):
    with django_db_blocker.unblock():
        return compose(world.store.pk, month)


def sql(query: str, *values) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def moment(value):
    """SQLite gives moments as text without a zone."""
    return datetime.fromisoformat(value + "+00:00") if isinstance(value, str) else value


def cells(report: dict, name: str) -> dict[tuple[int, str], object]:
    return {(row["employee"], row["series"]): row[name] for row in report["rows"]}


def lists(rows) -> dict[tuple[int, str], list[int]]:
    found = defaultdict(list)
    for who, series, pk in rows:
        found[who, series].append(pk)
    return {key: sorted(pks) for key, pks in found.items()}


def expect(report: dict, name: str, wanted: dict) -> None:
    """Every line has what the SQL says; no line that the SQL names is missing; and there is something to compare."""
    found = {key: sorted(value) for key, value in cells(report, name).items() if value}
    assert found == {key: sorted(value) for key, value in wanted.items() if value}
    assert found, name


def facts(world, kind: str, counts: str) -> list[dict]:
    """The tickets for which somebody is confirmed liable, with who, in which series, and all their moments."""
    columns = (
        "c.id, i.employee_id, c.received_on, c.received_at, c.closed_on, c.closed_at, c.state, c.responded_at,"
        " c.response_due_at, c.closing_due_at, c.paused_at, c.reopened, c.vehicle_id, c.customer_id,"
        " COALESCE(k.parent_id, k.id)"
    )
    post = SERIES.format(post="COALESCE(NULLIF(i.post, ''), p.post)")
    rows = sql(
        f"SELECT {columns}, {post} FROM complaints_complaint c JOIN complaints_level l ON l.id = c.level_id"
        " JOIN complaints_liability i ON i.complaint_id = c.id LEFT JOIN complaints_category k ON k.id = c.category_id"
        + held("i.employee_id", "c.received_on")
        + f" WHERE c.store_id = %s AND {VALID} AND {counts} AND i.kind = %s AND i.confirmed_at IS NOT NULL"
        " AND i.employee_id IS NOT NULL ORDER BY c.id",
        world.store.pk, kind,
    )  # fmt: skip
    names = ("pk", "who", "received_on", "received_at", "closed_on", "closed_at", "state", "responded_at",
             "response_due_at", "closing_due_at", "paused_at", "reopened", "vehicle", "customer", "top", "series",
    )  # fmt: skip
    found = [dict(zip(names, row, strict=True)) for row in rows]
    for row in found:
        for name in ("received_on", "closed_on"):
            row[name] = date.fromisoformat(row[name]) if isinstance(row[name], str) else row[name]
        for name in names:
            row[name] = moment(row[name]) if name.endswith("_at") else row[name]
    return found


def of(rows: list[dict], keep) -> dict:
    return lists((row["who"], row["series"], row["pk"]) for row in rows if keep(row))


def test_complaints_and_grievances_by_post_at_the_time(report, world, month):
    last = LASTS[month]
    for name, kind, counts in (
        ("direct", "direct", COUNTED), ("joint", "joint", COUNTED), ("grievances", "direct", NOTED),
    ):  # fmt: skip
        expect(report, name, of(facts(world, kind, counts), lambda row: month <= row["received_on"] <= last))


def test_the_mover_has_two_lines_and_every_complaint_once(report, world, month):
    mover = world.technicians[0].pk
    own = [row for row in report["rows"] if row["employee"] == mover]
    assert [row["series"] for row in own] == (["advisor", "technician"] if month == MONTHS[2] else ["technician"])
    listed = [pk for row in report["rows"] for pk in row["direct"]]
    assert len(listed) == len(set(listed))
    if month == MONTHS[2]:
        assert all(row["visits"] for row in own)


def test_how_complaints_were_handled(report, world, month):
    last = LASTS[month]
    start, end = clock.at(month), clock.at(last + timedelta(days=1))
    rows = facts(world, "direct", COUNTED)

    def inside(value):
        return value is not None and start <= value < end

    def own(row):
        return month <= row["received_on"] <= last

    def closed(row):
        return row["state"] == "closed" and month <= row["closed_on"] <= last

    def promised(row, limit):
        return inside(row[limit]) and (row["paused_at"] is None or row["paused_at"] >= row[limit])

    def due(row):
        return promised(row, "closing_due_at")

    def response(row):
        return promised(row, "response_due_at")

    expect(report, "closed", of(rows, lambda row: own(row) and row["state"] == "closed" and row["closed_on"] <= last))
    expect(report, "finished", of(rows, closed))
    expect(report, "closing_due", of(rows, due))
    expect(report, "closing_met", of(rows, lambda row: due(row) and row["state"] == "closed"
                                     and row["closed_at"] <= row["closing_due_at"]))  # fmt: skip
    expect(report, "response_due", of(rows, response))
    expect(report, "response_met", of(rows, lambda row: response(row) and row["responded_at"]
                                      and row["responded_at"] <= row["response_due_at"]))  # fmt: skip
    minutes = defaultdict(int)
    for row in rows:
        if closed(row):
            minutes[row["who"], row["series"]] += int((row["closed_at"] - row["received_at"]).total_seconds() // 60)
    assert {key: value for key, value in cells(report, "minutes").items() if value} == minutes


def test_what_came_back_and_what_was_solved_at_once(report, world, month):
    last = LASTS[month]
    others = [
        (pk, moment(at), vehicle, None if vehicle else customer, top)
        for pk, at, vehicle, customer, top in sql(
            "SELECT c.id, c.received_at, c.vehicle_id, c.customer_id, COALESCE(k.parent_id, k.id)"
            " FROM complaints_complaint c JOIN complaints_category k ON k.id = c.category_id WHERE c.store_id = %s"
            " AND c.kind = 'complaint' AND c.state <> 'merged' AND c.validity <> 'invalid'",
            world.store.pk,
        )  # fmt: skip
    ]

    def again(row, first, until) -> bool:
        key = (row["vehicle"], None if row["vehicle"] else row["customer"], row["top"])
        if row["top"] is None or key[:2] == (None, None):
            return False
        return any(pk != row["pk"] and first <= at <= until and key == tuple(about) for pk, at, *about in others)

    def solved(row) -> bool:
        closed = row["closed_at"]
        return not row["reopened"] and not again(row, closed + timedelta(microseconds=1), closed + timedelta(days=30))

    rows = facts(world, "direct", COUNTED)
    expect(report, "repeats", of(rows, lambda row: month <= row["received_on"] <= last
                                 and again(row, row["received_at"] - timedelta(days=90), row["received_at"])
                                 ))  # fmt: skip
    expect(report, "solved", of(rows, lambda row: row["state"] == "closed" and month <= row["closed_on"] <= last
                                and solved(row)))  # fmt: skip


def test_confirming_calls(report, world, month):
    start, end = clock.at(month), clock.at(LASTS[month] + timedelta(days=1))
    latest = dict(sql(
        "SELECT complaint_id, result FROM complaints_confirmation WHERE store_id = %s AND at >= %s AND at < %s"
        " AND result <> 'unreachable' ORDER BY round", world.store.pk, start, end,
    ))  # fmt: skip
    rows = facts(world, "direct", COUNTED)
    expect(report, "confirmed", of(rows, lambda row: row["pk"] in latest))
    happy = {"very_satisfied", "satisfied"}
    expect(report, "content", of(rows, lambda row: latest.get(row["pk"]) in happy))


def test_visits_and_rates(report, world, month):
    jobs = "o.state <> 'void' AND o.job_type NOT IN ('pdi', 'free_check', 'wash', 'internal')"
    served = (
        "SELECT o.service_advisor_id AS who, o.vehicle_id AS car, o.checked_in_on AS day, 'o' AS kind"
        f" FROM customers_repairorder o WHERE o.store_id = %s AND {jobs} AND o.service_advisor_id IS NOT NULL"
        " UNION SELECT w.technician_id, o.vehicle_id, o.checked_in_on, 'o' FROM customers_workmanship w"
        f" JOIN customers_repairorder o ON o.id = w.order_id WHERE o.store_id = %s AND {jobs}"
        " AND w.technician_id IS NOT NULL"
    )
    series = SERIES.format(post="p.post")
    rows = sql(
        f"SELECT s.who, {series}, COUNT(*) FROM ({served}) s" + held("s.who", "s.day")
        + " WHERE s.day BETWEEN %s AND %s GROUP BY 1, 2", world.store.pk, world.store.pk, month, LASTS[month],
    )  # fmt: skip
    cars = sql(
        f"SELECT d.sales_consultant_id, {series}, COUNT(DISTINCT d.vehicle_id) FROM customers_delivery d"
        + held("d.sales_consultant_id", "d.delivered_on")
        + " WHERE d.store_id = %s AND d.sales_consultant_id IS NOT NULL AND d.delivered_on BETWEEN %s AND %s"
        " GROUP BY 1, 2", world.store.pk, month, LASTS[month],
    )  # fmt: skip
    wanted = {(who, name): count for who, name, count in [*rows, *cars]}
    assert {key: value for key, value in cells(report, "visits").items() if value} == wanted
    for row in report["rows"]:
        if row["series"] != "sales":
            n, direct = row["visits"], len(row["direct"])
            rate = (Decimal(direct) * 100 / n).quantize(Decimal("0.01"), ROUND_HALF_UP) if n >= 30 else None
            assert (None if row["per_hundred"] is None else Decimal(row["per_hundred"])) == rate


def test_sales_look_back_three_months(report, world, month):
    first = date(month.year, month.month - 2, 1)
    days = (world.store.pk, first, LASTS[month])
    cars = dict(sql(
        "SELECT sales_consultant_id, COUNT(DISTINCT vehicle_id) FROM customers_delivery WHERE store_id = %s"
        " AND delivered_on BETWEEN %s AND %s GROUP BY 1", *days,
    ))  # fmt: skip
    named = [row["who"] for row in facts(world, "direct", COUNTED) if first <= row["received_on"] <= LASTS[month]]
    sales = [row for row in report["rows"] if row["series"] == "sales"]
    assert sales
    for row in sales:
        n = cars.get(row["employee"], 0)
        rate = (Decimal(named.count(row["employee"])) * 100 / n).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert (None if row["per_hundred"] is None else Decimal(row["per_hundred"])) == (rate if n >= 30 else None)


def test_satisfaction(report, world, month):
    series = SERIES.format(post="p.post")
    rows = sql(
        f"SELECT s.employee_id, {series}, r.id, s.score, s.low_count, (SELECT a.value FROM satisfaction_answer a JOIN"
        " satisfaction_question q ON q.id = a.question_id WHERE a.response_id = r.id AND q.kind = 'overall' AND"
        " a.state = 'given') FROM satisfaction_employeescore s JOIN satisfaction_response r ON r.id = s.response_id"
        " LEFT JOIN customers_repairorder o ON o.id = r.repair_order_id"
        + held("s.employee_id", "o.checked_in_on")
        + " WHERE r.store_id = %s AND r.called_on BETWEEN %s AND %s AND r.is_valid = %s AND r.excluded_at IS NULL"
        " AND s.score IS NOT NULL", world.store.pk, month, LASTS[month], True,
    )  # fmt: skip
    expect(report, "responses", lists((who, name, pk) for who, name, pk, *_rest in rows))
    expect(report, "low", lists((who, name, pk) for who, name, pk, _score, low, _overall in rows if low))
    marks, very, asked = defaultdict(list), defaultdict(int), defaultdict(int)
    for who, name, _pk, score, _low, overall in rows:
        marks[who, name].append(Decimal(str(score)))
        very[who, name] += overall is not None and overall >= 9
        asked[who, name] += overall is not None
    for key, row in {(row["employee"], row["series"]): row for row in report["rows"]}.items():
        assert (row["very_satisfied"], row["overall"]) == (very[key], asked[key])
        mean = sum(marks[key]) / len(marks[key]) if marks[key] else None
        assert (row["score"] is None) == (mean is None)
        assert mean is None or abs(Decimal(row["score"]) - mean) <= Decimal("0.0001")


def test_a_series_counts_a_shared_response_once(report):
    for series in rules.SERIES:
        own = [row for row in report["rows"] if row["series"] == series]
        for name in ("responses", "low"):
            assert report["scores"][series][name] == sorted({pk for row in own for pk in row[name]})


def test_the_parts_add_up_to_the_store_and_the_company(report, world, month):
    ((total,),) = sql(
        "SELECT COUNT(*) FROM complaints_complaint c JOIN complaints_level l ON l.id = c.level_id"
        f" WHERE c.store_id = %s AND {VALID} AND {COUNTED} AND c.received_at >= %s AND c.received_at < %s",
        world.store.pk, clock.at(month), clock.at(LASTS[month] + timedelta(days=1)),
    )  # fmt: skip
    found = rules.sum_of(report)
    assert found.is_even
    assert found.employees + sum(found.lines.values()) == found.total == found.company == total > 50


def test_the_store_s_shares_are_those_of_all_its_complaints(report):
    """Every list of the store holds the employees' lists, and the rest belongs to no employee."""
    for name in ("closed", "finished", "solved", "closing_due", "closing_met", "response_due", "response_met",
                 "repeats", "confirmed", "content"):  # fmt: skip
        own = {pk for row in report["rows"] for pk in row[name]}
        assert own <= set(report["handled"][name]), name


def test_money_by_liable_department_comes_to_the_sum_of_the_tickets_closed(report, world, month):
    ((paid, claimed),) = sql(
        "SELECT SUM(c.compensation), SUM(c.claim_amount) FROM complaints_complaint c LEFT JOIN complaints_level l"
        f" ON l.id = c.level_id WHERE c.store_id = %s AND {VALID} AND ({COUNTED} OR {NOTED}) AND c.state = 'closed'"
        " AND c.closed_on BETWEEN %s AND %s", world.store.pk, month, LASTS[month],
    )  # fmt: skip
    for name, wanted in (("compensation", paid), ("claim", claimed)):
        found = sum(Decimal(line[name]) for line in report["money"].values())
        assert found == Decimal(str(wanted)).quantize(Decimal("0.01"))


def test_the_change_is_against_the_month_before(world):
    earlier, later = (compose(world.store.pk, month) for month in MONTHS[1:])
    before = {key: len(pks) for key, pks in cells(earlier, "direct").items()}
    assert {key: value for key, value in cells(later, "before").items() if value} == {
        key: value for key, value in before.items() if value and key in cells(later, "before")
    }


def test_each_number_opens_a_list_of_that_length(world, as_):
    """For the manager and for a head, who sees the own department only."""
    store = world.store
    report = actions.build_draft(store, MONTHS[2], None, now=clock.at(date(2026, 9, 16)))
    for role, name in (("manager", "月经理"), ("head", "月主管")):
        person = make_person(store, role, name)
        client = as_(person)
        text = client.get(f"/reports/{report.pk}/").text
        found = re.findall(rf'href="(/reports/{report.pk}/(?:tickets|answers|visits)/[^"]*)">(?:<b>)?([\d,]+)', text)
        assert len(found) > 20
        for url, number in found:
            rows = client.get(url.replace("&amp;", "&")).context["rows"]
            assert len(rows) == int(number.replace(",", "")), (role, url)
    assert Membership.objects.filter(store=store).count() == 2
