"""Fills a house of many stores of uneven size: `python -m bench._scale_fill STORES CUSTOMERS` on DATABASE_URL.

Five stores are drawn as the archive's measurement draws them, and copied by PostgreSQL for all others. Calls, answers,
tickets and the trail follow from the repair orders; last come who works there, calls that are due, and the sums.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from typing import Any

from bench import _archive, _scale_calls
from bench._scale_copy import Copies, execute, insert, side_by_side, without_indexes
from bench.pages import PASSWORD

#: of a hundred customers of five stores
SHARES = (40, 25, 17, 12, 6)
#: who judged work is put down to, of each kind in a store; callers in all; calls that wait in each store
STAFF, CALLERS, DUE = 10, 20, 400
POSTS = (("service_advisor", "service"), ("technician", "workshop"))


def main() -> int:
    """Fill unless it is filled."""
    import django

    django.setup()
    from crm_site.accounts.models import Store

    if not Store.objects.exists():
        fill(int(sys.argv[1]), int(sys.argv[2]))
    return 0


def fill(stores: int, customers: int) -> None:
    """So many stores with so many customers in all."""
    from crm_site.core import clock

    today, now = clock.today(), clock.now()
    drawn = len(SHARES) if stores % len(SHARES) == 0 else stores
    with said("stores and staff"):
        houses = make_stores(stores, today)
        keepers = make_staff(houses[:drawn])
    tables = copied_models()
    with without_indexes(tables):
        with said("customers of the first stores"):
            draw(houses[:drawn], customers * drawn // stores, keepers, today=today, now=now)
        with said("their calls, answers and tickets"):
            _scale_calls.write(today=today, now=now)
        with said("the same for all other stores"):
            copy(tables, drawn, stores // drawn)
        began = time.monotonic()
    print(f"indexes and statistics: {time.monotonic() - began:.0f} s", flush=True)
    with said("people, due calls, sums"):
        make_people(houses)
        due_calls(today, now)
        sums()
        side_by_side([partial(execute, "VACUUM ANALYZE")])


@contextmanager
def said(what: str) -> Iterator[None]:
    """Say how long something took, and how busy the machine was."""
    began = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - began:.0f} s (load average {os.getloadavg()[0]:.1f})", flush=True)


def make_stores(count: int, today: date) -> list[Any]:
    """Stores whose keys follow one another, open every day."""
    from crm_site.accounts.models import Store
    from crm_site.worktime.models import DeskRota

    rows = [
        Store.objects.create(code=f"B{number}", name=f"店{number}", short_name=f"店{number}", go_live_on=today)
        for number in range(1, count + 1)
    ]
    DeskRota.objects.bulk_create(DeskRota(store=store, weekday=day) for store in rows for day in range(7))
    if rows[-1].pk != rows[0].pk + count - 1:
        raise RuntimeError("the stores' keys do not follow one another: fill an empty database")
    return rows


def make_staff(stores: list[Any]) -> list[Any]:
    """Advisors and technicians of every store; gives those who keep customers, the first of each store."""
    from crm_site.accounts.models import Employee, Posting

    keepers = []
    for store in stores:
        rows = [Employee(store=store, number=f"Q{number:03d}", name=f"员工{number}") for number in range(2 * STAFF)]
        made = Employee.objects.bulk_create(rows)
        Posting.objects.bulk_create(
            Posting(employee=one, post=post, department=department, since=date(2015, 1, 1))
            for number, one in enumerate(made) for post, department in [POSTS[number // STAFF]]
        )  # fmt: skip
        keepers.append(made[0])
    return keepers


def copied_models() -> list[Any]:
    """Everything that grows with the customers."""
    from complaints.models import Complaint
    from crm_site.accounts.models import Employee, Posting
    from crm_site.audit.models import Entry
    from customers import models as archive
    from revisits.models import CallAttempt, Revisit
    from satisfaction import models as answers

    names = ("Customer", "Phone", "ContactBan", "Vehicle", "VehicleRole", "Delivery", "RepairOrder", "ProfileValue")
    scored = ("Response", "Answer", "AnswerAttribution", "FactorScore", "EmployeeScore")
    return [
        archive.SearchToken, *(getattr(answers, name) for name in scored), Revisit, CallAttempt,
        *(getattr(archive, name) for name in names), Entry, Complaint, Employee, Posting,
    ]  # fmt: skip


def draw(stores: list[Any], customers: int, keepers: list[Any], *, today: date, now: datetime) -> None:
    """The customers of some stores, by the measurement of the archive."""
    shares = SHARES if len(stores) == len(SHARES) else _archive.SHARES if len(stores) == 3 else [1] * len(stores)
    dice, maker = random.Random(7), _archive.Maker(stores, today, now, keepers, shares)
    execute("SET session_replication_role = replica")
    for number in range(1, customers + 1):
        maker.customer(number, dice)
        if number % _archive.CHUNK == 0 or number == customers:
            maker.write()
    execute("SET session_replication_role = origin")


def copy(tables: list[Any], drawn: int, copies: int) -> None:
    """Everything of the first stores once more for each other group of stores; then keys go on behind the last."""
    from crm_site.audit.models import Entry
    from customers.models import Customer, Phone, RepairOrder, SearchToken, Vehicle
    from revisits.models import Revisit

    plan = Copies(
        tables,
        drawn,
        computed={
            Revisit: {"anchor_key": "'order:' || (repair_order_id + {RepairOrder})"},
            Entry: {
                "store_id": "store_id + {Store}",
                "actor_id": "actor_id + {Employee}",
                "subject_id": "subject_id + {Revisit}",
            },
        },
        spelled={
            Customer: ["number"], Phone: ["number"], Vehicle: ["plate_no", "vin"], RepairOrder: ["order_number"],
            SearchToken: ["token"],
        },
    )  # fmt: skip
    plan.measure()
    side_by_side(partial(plan.write, model, copies) for model in tables)


def make_people(stores: list[Any]) -> None:
    """Callers spread over the stores, a manager of the first one, a director of all."""
    from django.contrib.auth.hashers import make_password

    from crm_site.accounts.models import Employee, Membership, User
    from tests import factories

    factories.no_second_factor()
    password = make_password(PASSWORD)
    people = {f"bench{number}": ("specialist", [stores[number % len(stores)]]) for number in range(CALLERS)}
    people |= {"bench-manager": ("manager", stores[:1]), "bench-director": ("director", stores)}
    for name, (role, at) in people.items():
        user = User.objects.create(username=name, name=name, password=password)
        Membership.objects.bulk_create(Membership(user=user, store=store, role=role) for store in at)
        if role == "specialist":
            Employee.objects.create(store=at[0], number=f"S{name}", name=name, user=user)


def due_calls(today: date, now: datetime) -> None:
    """The newest orders of every store are to be called about today."""
    from revisits.models import Revisit, RevisitRule
    from satisfaction.models import QuestionnaireVersion

    rule = RevisitRule.objects.get(code="SVC_D3", store=None)
    form = QuestionnaireVersion.objects.published().get(questionnaire__code="CSI_SHORT")
    columns = {
        "store_id": "o.store_id", "anchor_key": "'order:' || o.id || ':again'", "anchor_on": "%(today)s::date",
        "repair_order_id": "o.id", "vehicle_id": "o.vehicle_id", "customer_id": "o.customer_id",
        "due_on": "%(today)s::date", "expires_on": "%(today)s::date", "phone_id": "p.id",
    }  # fmt: skip
    source = """
    FROM accounts_store s CROSS JOIN LATERAL (
         SELECT * FROM customers_repairorder WHERE store_id = s.id ORDER BY released_on DESC LIMIT %(due)s) o
    JOIN customers_phone p ON p.customer_id = o.customer_id AND p.rank = 1"""
    fixed = {
        "rule": rule, "rule_version": rule.versions.get(), "priority": rule.priority, "questionnaire_version": form,
        "state": "due", "created_at": now,
    }  # fmt: skip
    insert(Revisit, columns, source, {"today": today, "due": DUE}, fixed)


def sums() -> None:
    """The sums from which the pages of satisfaction are read."""
    from django.core.management import call_command

    call_command("rebuild_summaries", workers=os.cpu_count() or 1)


if __name__ == "__main__":
    sys.exit(main())
