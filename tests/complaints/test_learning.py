"""Board and figures: a number is the length of its list for everybody, rates follow domain 7, queries stay few."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from complaints.models import Category, Complaint, Confirmation, Level, Liability, State
from complaints.queries import period
from complaints.queries.groups import AGES, DIMENSIONS
from complaints.queries.period import PERIOD, RATES
from complaints.views import board as boards
from crm_site.accounts.models import Role
from crm_site.core import clock
from crm_site.core.dates import month_of
from tests.cast import make_person
from tests.factories import DAY, NOON, ComplaintFactory, CustomerFactory, EmployeeFactory, VehicleFactory

LIST, BOARD, LEARN = (reverse(f"complaints:{name}") for name in ("list", "board", "learn"))
MONTH = str(month_of(DAY))


def text(answer) -> str:
    return answer.content.decode()


def level(code: str) -> Level:
    return Level.objects.get(store=None, code=code)


def category(code: str) -> Category:
    return Category.objects.get(store=None, code=code)


def ticket(store, **given) -> Complaint:
    """A live complaint at L2, received at noon of DAY."""
    at = given.setdefault("received_at", NOON)
    values = {"received_on": clock.business_day(at), "department": "service", "kind": "complaint"}
    return ComplaintFactory(store=store, level=given.pop("level", None) or level("L2"), **values | given)


def closed(store, *, at=NOON, days=2, **given) -> Complaint:
    ended = at + timedelta(days=days)
    return ticket(store, received_at=at, state=State.CLOSED, closed_at=ended, **given)


def confirm(row: Complaint, result: str, by, round_number: int = 1) -> None:
    Confirmation.objects.create(
        store=row.store, complaint=row, round=round_number, at=row.closed_at, by=by, result=result
    )  # fmt: skip


def blame(row: Complaint, employee=None, party="employee", confirmed=NOON) -> None:
    Liability.objects.create(
        store=row.store, complaint=row, kind="direct", party=party, employee=employee, confirmed_at=confirmed
    )  # fmt: skip


@pytest.fixture
def world(store_a, monkeypatch):
    """A month with something of everything, looked at three days later."""
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=3))
    car, somebody = VehicleFactory(store=store_a, series="远岚"), EmployeeFactory(store=store_a, name="责任人")
    first = closed(
        store_a, days=1, vehicle=car, category=category("repair"), cause_class="product", compensation=Decimal(300),
        at=NOON - timedelta(days=9), closing_due_at=NOON, responded_at=NOON - timedelta(days=9),
        response_due_at=NOON - timedelta(days=8), result="satisfied",
    )  # fmt: skip
    confirm(first, "satisfied", somebody)
    blame(first, somebody)
    again = ticket(store_a, vehicle=car, category=category("repair"), repeat_of=first, department="sales")
    late = closed(store_a, category=category("service"), closing_due_at=NOON + timedelta(days=1), reopened=1)
    confirm(late, "dissatisfied", somebody)
    blame(late, party="manufacturer")
    ticket(store_a, level=level("L1"), kind="grievance", source="web")
    ticket(store_a, kind="question", source="walk_in")
    ticket(store_a, validity="invalid", category=category("service"))
    ticket(store_a, state=State.MERGED, merged_into=again, category=category("service"))
    ticket(
        store_a, historical=True, state=State.RECORDED, level=None, series="旧款", category=category("parts"),
        reported_by=None, source="", day_only=["received_at"],
    )  # fmt: skip
    return store_a


def people(store) -> list:
    """Somebody of every role that sees tickets."""
    roles = (Role.SPECIALIST, Role.FRONTLINE, Role.HEAD, Role.MANAGER, Role.DIRECTOR)
    return [make_person(store, role, f"看{role}") for role in roles]


def length(client, url: str) -> int:
    """How many rows the list behind an address shows."""
    answer = client.get(url)
    assert answer.status_code == 200
    assert len(answer.context["rows"]) == answer.context["total"].number
    return len(answer.context["rows"])


def numbers(context) -> list[tuple[str, str]]:
    """Every number of the page of figures with its address."""
    found = [(tile["value"], tile["url"]) for tile in context["tiles"]]
    for row in context["rates"]:
        found += [(str(row["rate"].n), row["url"]), (str(row["part"]), row["part_url"])]
    found.append((str(context["handling"]["n"]), context["handling"]["url"]))
    tables = [context["ages"]["rows"], [context["ages"]["total"]], context["days_rows"], context["money"]["rows"]]
    for row in [one for table in tables for one in table]:
        found += [(cell["text"], cell["url"]) for cell in row["cells"] if cell.get("url")]
    if context["has_any"]:
        found += [(row["n"], row["url"]) for row in context["pareto"]["rows"]]
        found.append((context["pareto"]["total"], context["pareto"]["total_url"]))
    return found


# --- a number is its list ---


@pytest.mark.parametrize("role", [Role.HEAD, Role.MANAGER, Role.DIRECTOR])
def test_every_number_of_the_figures_is_the_length_of_its_list(as_, world, role):
    client = as_(make_person(world, role, "来人"))
    for number, url in dict.fromkeys(numbers(client.get(LEARN, {"month": MONTH}).context)):
        assert length(client, url) == int(number), url


@pytest.mark.parametrize("by", list(DIMENSIONS))
def test_every_line_of_a_pareto_is_the_length_of_its_list(as_, world, manager_a, by):
    client = as_(manager_a)
    for row in client.get(LEARN, {"month": MONTH, "by": by, "register": "all"}).context["pareto"]["rows"]:
        assert length(client, row["url"]) == int(row["n"]), row["url"]


def test_the_figures_are_not_all_empty(as_, world, manager_a):
    context = as_(manager_a).get(LEARN, {"month": MONTH}).context
    assert [tile["value"] for tile in context["tiles"]] == ["3", "1", "2", "4", "0"]
    rates = {row["label"]: (row["rate"].hits, row["rate"].n, row["part"]) for row in context["rates"]}
    assert list(rates.values()) == [(1, 1, 0), (0, 0, 0), (1, 2, 1), (0, 2, 2), (1, 4, 1), (1, 2, 1)]
    assert context["handling"]["value"] in ("1.5 天", "1.5 days")


@pytest.mark.parametrize("by", list(DIMENSIONS))
def test_the_lines_of_a_pareto_add_up(as_, world, manager_a, by):
    pareto = as_(manager_a).get(LEARN, {"month": MONTH, "by": by, "register": "all"}).context["pareto"]
    assert sum(int(row["n"]) for row in pareto["rows"]) == int(pareto["total"]) == 5
    assert pareto["rows"][-1]["running"] == "100.0%"


@pytest.mark.parametrize(
    "query", [{}, {"level": "L2"}, {"tab": "closed"}, {"tab": "historical"}, {"department": "sales"}]
)
def test_a_column_of_the_board_is_exactly_its_list(as_, world, query):
    for person in people(world) if not query else people(world)[2:3]:
        client = as_(person)
        answer = client.get(BOARD, query)
        assert answer.status_code == 200
        for column in answer.context["columns"]:
            assert length(client, column["url"]) == column["count"].number
        whole = sum(column["count"].number for column in answer.context["columns"])
        assert whole == length(client, f"{LIST}?{'&'.join(f'{name}={value}' for name, value in query.items())}")


def test_a_column_shows_some_cards_and_leads_to_all(as_, store_a, manager_a):
    for _ in range(boards.CARDS + 2):
        ticket(store_a)
    column = as_(manager_a).get(BOARD).context["columns"][0]
    assert (len(column["cards"]), column["count"].number) == (boards.CARDS, boards.CARDS + 2)


# --- who sees it ---


@pytest.mark.parametrize("role", [Role.SPECIALIST, Role.FRONTLINE, Role.ADMIN])
def test_figures_are_for_those_who_lead(as_, world, role):
    client = as_(make_person(world, role, "来人"))
    for url in (LEARN, reverse("complaints:learn_workbook"), reverse("complaints:learn_chart", args=["days"])):
        assert client.get(url).status_code == 403


def test_a_head_sees_the_figures_of_the_department(as_, world, head_a, manager_a):
    whole, own = (
        as_(person).get(LEARN, {"month": MONTH}).context["tiles"][0]["value"] for person in (manager_a, head_a)
    )
    assert (whole, own) == ("3", "2")


def test_a_stranger_sees_nothing_of_it(as_, world, stranger_b):
    context = as_(stranger_b).get(LEARN, {"month": MONTH, "register": "all", "store": world.pk}).context
    assert [tile["value"] for tile in context["tiles"]] == ["0"] * 5


# --- what rates mean ---


def test_few_cases_show_no_rate(as_, world, manager_a):
    rows = as_(manager_a).get(LEARN, {"month": MONTH}).context["rates"]
    assert {row["value"] for row in rows} == {"样本不足"}


def test_ten_cases_show_a_rate_with_its_interval(as_, store_a, manager_a):
    for number in range(10):
        closed(store_a, closing_due_at=NOON + timedelta(days=1 if number < 3 else 4))
    row = as_(manager_a).get(LEARN, {"month": MONTH}).context["rates"][2]
    assert (row["value"], row["interval"]) == ("70%", "40%–89%")


def scope(person, now=NOON + timedelta(days=60)):
    month = month_of(DAY)
    return period.scope_of(person.user, [person.store.pk], month.start, month.end, now=now)


def count(person, code: str) -> int:
    return PERIOD[code].of(scope(person))


@pytest.mark.parametrize(
    ("earlier", "repeated"),
    [
        ({}, 1),
        ({"validity": "invalid"}, 0),
        ({"state": State.MERGED}, 0),
        ({"kind": "question"}, 0),
        ({"received_at": NOON - timedelta(days=90)}, 1),
        ({"received_at": NOON - timedelta(days=90, minutes=1)}, 0),
        ({"category": "parts"}, 0),
        ({"category": "repair.not_fixed"}, 1),
    ],
)
def test_a_renewed_complaint_has_a_valid_one_before_it(store_a, manager_a, earlier, repeated):
    car = VehicleFactory(store=store_a)
    given = {"received_at": NOON - timedelta(days=50), "category": "repair"} | earlier
    given["category"] = (
        Category.objects.filter(store=None, code__startswith=given["category"]).order_by("-code").first()
    )
    if earlier.get("state") == State.MERGED:
        given["merged_into"] = ticket(store_a, received_at=NOON - timedelta(days=200))
    before = ticket(store_a, vehicle=car, **given)
    ticket(store_a, vehicle=car, category=category("repair"), repeat_of=before)
    assert count(manager_a, "repeated") == repeated


@pytest.mark.parametrize(
    ("own", "later", "solved"),
    [
        ({}, None, 1),
        ({"reopened": 1}, None, 0),
        ({}, {"days": 2}, 0),
        ({}, {"days": 30}, 0),
        ({}, {"days": 31}, 1),
        ({}, {"days": 2, "category": "parts"}, 1),
        ({}, {"days": 2, "validity": "invalid"}, 1),
        ({}, {"days": 2, "kind": "grievance"}, 1),
    ],
)
@pytest.mark.parametrize("key", ["vehicle", "customer"])
def test_solved_at_the_first_go_means_that_nothing_came_again(store_a, manager_a, own, later, solved, key):
    who = (
        {"vehicle": VehicleFactory(store=store_a)} if key == "vehicle" else {"customer": CustomerFactory(store=store_a)}
    )
    row = closed(store_a, days=1, category=category("repair"), **who, **own)
    if later:
        at = row.closed_at + timedelta(days=later["days"])
        more = {"category": category(later.get("category", "repair"))}
        more |= {name: later[name] for name in ("validity", "kind") if name in later}
        ticket(store_a, received_at=at, **who, **more)
    assert (count(manager_a, "solved_once"), count(manager_a, "came_back")) == (solved, 1 - solved)


def test_a_limit_is_due_only_when_it_has_passed_and_the_clock_runs(store_a, manager_a):
    ticket(store_a, closing_due_at=NOON + timedelta(days=1))
    ticket(store_a, closing_due_at=NOON + timedelta(days=1), paused_at=NOON)
    at = [NOON, NOON + timedelta(days=2)]
    due = [PERIOD["closing_due"].of(scope(manager_a, now)) for now in at]
    late = [PERIOD["closing_late"].of(scope(manager_a, now)) for now in at]
    assert (due, late) == ([0, 1], [0, 1])


@pytest.mark.parametrize("limit", ["response", "proposal", "closing"])
def test_what_was_broken_before_the_clock_stood_is_due_and_late(store_a, manager_a, limit):
    due = NOON + timedelta(days=1)
    for since in (due - timedelta(minutes=1), due, due + timedelta(days=1)):
        ticket(store_a, **{f"{limit}_due_at": due}, paused_at=since)
    at = scope(manager_a, NOON + timedelta(days=4))
    assert [PERIOD[f"{limit}_{word}"].of(at) for word in ("due", "late")] == [2, 2]


def test_the_one_time_resolution_is_provisional_for_thirty_days(manager_a):
    last = month_of(DAY).last
    assert period.provisional_until(scope(manager_a), last + timedelta(days=30)) == last + timedelta(days=30)
    assert period.provisional_until(scope(manager_a), last + timedelta(days=31)) is None


def test_the_latest_confirming_call_of_the_period_counts(store_a, manager_a):
    row = closed(store_a)
    confirm(row, "dissatisfied", manager_a.employee)
    confirm(row, "very_satisfied", manager_a.employee, 2)
    confirm(row, "unreachable", manager_a.employee, 3)
    assert (count(manager_a, "confirmed"), count(manager_a, "satisfied"), count(manager_a, "dissatisfied")) == (1, 1, 0)


def test_the_definitions_name_figures_that_exist():
    assert {name for one in RATES for name in (one.whole, one.part)} <= set(PERIOD)


def test_the_ages_leave_no_gap():
    ends = [(least, most) for least, most in AGES.values()]
    assert [least for least, _most in ends[1:]] == [most + 1 for _least, most in ends[:-1]]


# --- pictures, workbook, speed ---


@pytest.mark.parametrize("name", ["days", *DIMENSIONS])
def test_pictures_are_drawn_for_every_theme_and_width(as_, world, manager_a, name):
    client = as_(manager_a)
    url = reverse("complaints:learn_chart", args=[name])
    for theme in ("light", "dark"):
        answer = client.get(url, {"month": MONTH, "theme": theme, "size": "narrow"})
        assert answer.content.startswith(b"<?xml") or b"<svg" in answer.content[:400]
        again = client.get(
            url, {"month": MONTH, "theme": theme, "size": "narrow"}, headers={"if-none-match": answer["ETag"]}
        )
        assert again.status_code == 304


def test_the_workbook_has_the_tables(as_, world, manager_a):
    import io

    from openpyxl import load_workbook

    answer = as_(manager_a).get(reverse("complaints:learn_workbook"), {"month": MONTH})
    book = load_workbook(io.BytesIO(answer.content))
    assert len(book.sheetnames) == 3 + len(DIMENSIONS)
    assert book.worksheets[1]["B20"].value is not None


@pytest.mark.parametrize("url", [LIST, BOARD, LEARN, f"{LEARN}?by=liable", f"{LIST}?figure=received"])
def test_queries_do_not_grow_with_tickets(as_, store_a, manager_a, monkeypatch, url):
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=3))
    client, counts = as_(manager_a), []
    for more in (3, 27):
        for _ in range(more):
            blame(
                ticket(store_a, category=category("repair"), vehicle=VehicleFactory(store=store_a)), manager_a.employee
            )
        client.get(url)
        with CaptureQueriesContext(connection) as made:
            client.get(url)
        counts.append(len(made))
    assert counts[0] == counts[1]


def test_a_chip_takes_a_filter_away(as_, world, manager_a):
    answer = as_(manager_a).get(LIST, {"figure": "received", "month": MONTH, "cause": "product", "span": "3"})
    assert len(answer.context["rows"]) == 1
    assert [dict(parse_qsl(urlsplit(chip["url"]).query)) for chip in answer.context["chips"]] == [
        {"cause": "product"},
        {"figure": "received", "month": MONTH, "span": "3"},
    ]


@pytest.mark.parametrize("register", ["", period.OLD, period.BOTH])
def test_what_is_counted_by_a_short_way_is_as_long_as_its_list(world, head_a, manager_a, register):
    """Renewed complaints and confirmed ones are counted otherwise than they are listed, for whole stores and heads."""
    somebody = EmployeeFactory(store=world)
    for given in ({"validity": "invalid"}, {"state": State.MERGED}, {"kind": "question"}, {"historical": True}, {}):
        row = closed(world, at=NOON - timedelta(days=4))
        into = Complaint.objects.exclude(pk=row.pk).first() if "state" in given else None
        Complaint.objects.filter(pk=row.pk).update(**given, merged_into=into)
        confirm(row, "dissatisfied", somebody)
        confirm(row, "satisfied", somebody, round_number=2)
    for person in (head_a, manager_a):
        scope = period.scope_of(
            person.user, [world.pk], DAY.replace(day=1), DAY + timedelta(days=3), now=NOON, register=register
        )
        for rate in RATES:
            found, part = rate.of(scope)
            assert (found.n, part) == (PERIOD[rate.whole].of(scope), PERIOD[rate.part].of(scope)), rate.code
