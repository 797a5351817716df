"""Every indicator equals its formula in plain SQL, and opens exactly the list that makes it."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.accounts.models import Role
from crm_site.core import clock
from crm_site.core.dates import Month
from crm_site.core.figures import Scope
from crm_site.worktime import calendars
from revisits.lens import Lens
from revisits.models import Revisit
from revisits.queries.indicators import COUNT, INDICATORS, PEOPLE, callers
from revisits.views.figures import board
from tests.cast import make_person
from tests.factories import ComplaintFactory, StoreFactory
from tests.revisits.month import LAST, MONTH, TODAY, busy_month

pytestmark = pytest.mark.django_db

DUE = """
  from revisits_revisit r join revisits_ruleversion v on v.id = r.rule_version_id
  where r.store_id = %(store)s and r.expires_on between %(first)s and %(last)s
    and r.state not in ('excused', 'cancelled')
"""
SCORED = (
    DUE
    + """
    and r.state = 'done' and r.head_id is null and exists (
      select 1 from satisfaction_questionnaireversion f join satisfaction_questionnaire q on q.id = f.questionnaire_id
      where f.id = r.questionnaire_version_id and q.kind <> 'unscored')
"""
)
VALID = """
  exists (select 1 from revisits_callattempt a join satisfaction_response s on s.id = a.response_id
          where a.revisit_id = r.id and s.is_valid and s.excluded_at is null)
"""
CUSTOMERS = f"from customers_customer c where c.id in (select r.customer_id {DUE})"
ATTEMPTS = """
  from revisits_callattempt a join revisits_callresult o on o.id = a.result_id
  where a.store_id = %(store)s and a.called_on between %(first)s and %(last)s
"""
RESPONSES = """
  from satisfaction_response s join satisfaction_questionnaireversion f on f.id = s.version_id
    join satisfaction_questionnaire q on q.id = f.questionnaire_id
  where s.store_id = %(store)s and s.called_on between %(first)s and %(last)s and s.is_valid and s.excluded_at is null
    and q.kind in ('sales', 'service')
"""
COUNTING = "o.state <> 'void' and not o.historical and o.job_type not in ('pdi', 'free_check', 'wash', 'internal')"
COHORT = """
  from revisits_revisit r join revisits_ruleversion v on v.id = r.rule_version_id
    join customers_vehicle c on c.id = r.vehicle_id
  where r.store_id = %(store)s and r.anchor_on between %(first)s and %(last)s
    and not (r.state = 'cancelled' and r.reason not in ('came_back', 'booked', 'renewed', 'inspected', 'extended'))
"""
BOOKINGS = """
  from customers_booking b where b.store_id = %(store)s and b.wanted_on between %(first)s and %(last)s
    and b.state <> 'cancelled'
"""
STOCK = """
  from customers_vehicle c where c.store_id = %(store)s and c.state = 'active'
    and (c.sold_here or coalesce(c.last_seen_on, c.last_visit_on, c.purchased_on) >= %(three_years)s)
"""
REMINDED = """
  (select r.id, r.vehicle_id, min(a.called_on) filter (where x.reached) as reached_on, min(a.called_on) as called_on
   from revisits_callattempt a join revisits_callresult x on x.id = a.result_id
     join revisits_revisit r on r.id = a.revisit_id join revisits_ruleversion v on v.id = r.rule_version_id
   where a.store_id = %(store)s and a.called_on between %(first)s and %(last)s and r.vehicle_id is not null
     and v.anchor in ('first_service', 'maintenance', 'last_visit') group by r.id, r.vehicle_id) m
"""
REACHED = f"from {REMINDED} where m.reached_on is not null"
UNREACHED = f"from {REMINDED} where m.reached_on is null"


def came(day: str) -> str:
    return f"""exists (select 1 from customers_repairorder o where o.vehicle_id = m.vehicle_id and {COUNTING}
        and o.checked_in_on between m.{day} and m.{day} + 30)"""


#: indicator -> (rows of the denominator, what is above the line)
SQL = {
    "coverage": (
        """
        from customers_delivery d where d.store_id = %(store)s and d.delivered_on between %(first)s and %(last)s
          and not exists (select 1 from revisits_revisit r join revisits_revisitrule u on u.id = r.rule_id
                          where r.delivery_id = d.id and u.code = 'DLV_D3' and (r.state in ('excused', 'cancelled')
                            or (r.state in ('due', 'in_progress') and r.expires_on >= %(today)s)))
        """,
        """exists (select 1 from revisits_revisit r join revisits_revisitrule u on u.id = r.rule_id
           where r.delivery_id = d.id and u.code = 'DLV_D3' and r.first_attempt_on is not null)""",
    ),
    "due": (DUE, "true"),
    "called": (DUE, "r.first_attempt_on <= r.expires_on"),
    "late": (DUE + " and r.late", "r.first_attempt_on <= r.expires_on"),
    "success": (DUE, "r.state = 'done'"),
    "success_of_called": (DUE + " and r.first_attempt_on is not null", "r.state = 'done'"),
    "connected": (ATTEMPTS, "o.reached"),
    "valid": (SCORED, VALID),
    "numbers": (
        CUSTOMERS,
        "exists (select 1 from customers_phone p where p.customer_id = c.id and p.bad_since is null)",
    ),
    "unhappy": (RESPONSES, "s.low_count > 0"),
    "first_service": (
        COHORT + " and v.anchor = 'first_service'",
        f"""exists (select 1 from customers_repairorder o where o.vehicle_id = r.vehicle_id and {COUNTING}
            and o.checked_in_on >= r.due_on)""",
    ),
    "renewed": (COHORT + " and v.anchor = 'insurance'", "c.insurance_until > r.anchor_on"),
    "booked": (BOOKINGS, "b.state = 'came'"),
    "returned_reached": (REACHED, came("reached_on")),
    "returned_unreached": (UNREACHED, came("called_on")),
    "kept": (STOCK, "true"),
    "churned": (STOCK, "coalesce(coalesce(c.last_seen_on, c.last_visit_on, c.purchased_on) < %(year)s, true)"),
    "retained": (STOCK, "coalesce(c.last_seen_on, c.last_visit_on, c.purchased_on) >= %(year)s"),
}


@pytest.fixture(scope="module")
def people(django_db_setup, django_db_blocker):
    """Two specialists and a manager of a store with a busy month, made once; taken back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        store = StoreFactory(code="A")
        one, two = (make_person(store, Role.SPECIALIST, name) for name in ("陈思雨", "冉月"))
        busy_month(store, [one.employee, two.employee])
        connection.check_constraints()
        yield SimpleNamespace(store=store, specialist=one, manager=make_person(store, Role.MANAGER, "温静"))
        transaction.set_rollback(True)


@pytest.fixture
def store_a(people):
    return people.store


def scope(store, **filters) -> Scope:
    found = {"today": TODAY, "now": clock.at(TODAY, 12), **filters}
    return Scope((store.pk,), MONTH, LAST + timedelta(days=1), found)


def plain(store, rows: str, condition: str) -> tuple[int, int]:
    """(n, hits) by plain SQL."""
    asked = {
        "store": store.pk, "first": MONTH,
        "today": TODAY, "last": LAST, "year": date(2025, 9, 16), "three_years": date(2023, 9, 16),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*), count(*) filter (where {condition}) {rows}", asked)
        return cursor.fetchone()


def test_every_indicator_is_what_plain_sql_counts(store_a):
    for code, (rows, condition) in SQL.items():
        n, hits = plain(store_a, rows, condition)
        assert n, f"{code}: a test that counts nothing proves nothing"
        value = INDICATORS[code].of(scope(store_a))
        found = (value, hits) if INDICATORS[code].kind == COUNT else (value.n, value.hits)
        assert found == (n, hits), code


def test_on_time_asks_the_desk_calendar(store_a):
    desk = calendars.desk_calendar(store_a.pk)
    tasks = Revisit.objects.filter(store=store_a, expires_on__range=(MONTH, LAST), late=False)
    tasks = list(tasks.exclude(state__in=("excused", "cancelled")))
    prompt = [
        task for task in tasks if task.first_attempt_on and task.first_attempt_on <= desk.next_desk_day(task.due_on)
    ]
    value = INDICATORS["prompt"].of(scope(store_a))
    assert prompt
    assert (value.n, value.hits) == (len(tasks), len(prompt))


def test_complete_counts_fields(store_a):
    rows = INDICATORS["complete"].rows(scope(store_a))
    value = INDICATORS["complete"].of(scope(store_a))
    wanted = filled = 0
    for customer in rows:
        has = [customer.phones.exists(), bool(customer.city)]
        is_person = customer.customer_type == "person"
        has += [bool(customer.sex), customer.birthday is not None] if is_person else [customer.contacts.exists()]
        wanted, filled = wanted + len(has), filled + sum(has)
    assert wanted
    assert (value.n, value.hits) == (wanted, filled)


def test_acceptance_counts_store_hours(store_a):
    shop = calendars.store_calendar(store_a.pk)
    rows = list(INDICATORS["accepted"].rows(scope(store_a)))
    assert rows
    for ticket in rows:
        limit = shop.add_working_time(ticket.received_at, 120)
        assert bool(ticket.hit) == (ticket.accepted_at is not None and ticket.accepted_at <= limit)


def test_a_ticket_with_time_left_is_not_judged_yet(people):
    store_a = StoreFactory(code="Z")
    ComplaintFactory(store=store_a, received_at=clock.at(TODAY, 11), received_on=TODAY)
    asked = Scope((store_a.pk,), TODAY, TODAY + timedelta(days=1), {"today": TODAY, "now": clock.at(TODAY, 12)})
    assert INDICATORS["accepted"].of(asked).n == 0
    later = asked.having(now=clock.at(TODAY, 14))
    assert (INDICATORS["accepted"].of(later).n, INDICATORS["accepted"].of(later).hits) == (1, 0)


def test_turnover_counts_each_visit_once(store_a):
    n, total = INDICATORS["returned"].of(scope(store_a))
    orders = list(INDICATORS["returned"].rows(scope(store_a)))
    assert n == len(orders) == len({order.pk for order in orders}) > 0
    assert total == sum(order.total_fee for order in orders)


def test_callers_add_up_to_the_attempts(store_a):
    lines = callers(scope(store_a))
    n, hits = plain(store_a, ATTEMPTS, "o.reached")
    assert sum(line.counts["dialled"] for line in lines) == n
    assert sum(line.counts["reached"] for line in lines) == hits
    for line in lines:
        for code, count in line.counts.items():
            assert PEOPLE[f"by_{code}"].of(scope(store_a, by=line.caller.pk)) == count


def test_churn_and_retention_leave_nobody_out(store_a):
    churned, kept = (INDICATORS[code].of(scope(store_a)) for code in ("churned", "retained"))
    assert churned.n == kept.n == churned.hits + kept.hits


def test_a_role_narrows_the_calls(store_a):
    whole = INDICATORS["due"].of(scope(store_a))
    parts = [INDICATORS["due"].of(scope(store_a, role=role)) for role in ("specialist", "frontline")]
    assert sum(parts) == whole
    assert all(parts)


def test_every_figure_opens_its_list(people, store_a, as_, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: clock.at(TODAY, 12))
    client = as_(people.manager)
    for code, figure in {**INDICATORS, **PEOPLE}.items():
        value, url = figure.of(scope(store_a)), reverse("revisits:indicator", args=[code])
        shown, hits, rest = (
            client.get(url, {"month": "2026-08", "part": part}).context["total"].number for part in ("", "hit", "rest")
        )
        if figure.kind == COUNT:
            assert shown == (value[0] if isinstance(value, tuple) else value), code
            continue
        assert hits + rest == shown, code
        if code != "complete":  # there a row is a customer and the figure counts fields
            assert (shown, hits) == (value.n, value.hits), code


def test_the_page_asks_no_more_with_more_rows(people, store_a):
    def count() -> int:
        lens = Lens(Month(2026, 8), (store_a,), (store_a,), "", clock.at(TODAY, 12), TODAY)
        with CaptureQueriesContext(connection) as captured:
            board.groups(lens)
            board.coverages(lens)
            board.callers(lens)
        return len(captured)

    few = count()
    busy_month(store_a, [people.specialist.employee], tasks=80)
    assert count() <= few
