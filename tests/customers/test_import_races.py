"""Imports of one store and people at the same rows: one at a time, nothing twice, nobody's edit lost (T16, T17)."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from crm_site.core import clock
from crm_site.imports.actions import batches
from crm_site.imports.models import AppliedChunk, BatchState, ImportBatch, StagedRow
from crm_site.jobs import runner
from crm_site.jobs.models import Job, State
from customers.actions.cards import edit_customer
from customers.actions.cars import add_vehicle
from customers.actions.editing import Overlap
from customers.models import Customer, Phone, Vehicle, VehicleRole
from tests.cast import make_person
from tests.customers import intake
from tests.customers.intake import CUSTOMER, CUSTOMERS
from tests.factories import NOON, StoreFactory

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
PEOPLE = 5


@pytest.fixture
def person(reference):
    return make_person(StoreFactory(code="A"), "admin", "段文")


def alone(act, *arguments):
    try:
        return act(*arguments)
    finally:
        connection.close()


def rows(first: int, last: int, city: str) -> list[dict]:
    return [
        {**CUSTOMER, "客户编号": f"K{n}", "客户名称": f"客户{n}", "手机": f"139{n:08d}", "市": city, "车牌号": None,
         "车架号(VIN)": f"LSVAA4180E{n:07d}"} for n in range(first, last)
    ]  # fmt: skip


def confirm(person, batch):
    batches.confirm(batch.pk, by=person.employee, now=NOON)
    batch.refresh_from_db()
    return batch


def test_a_message_delivered_twice_at_once_is_worked_once(person, repeat):
    for turn in range(repeat):
        batch = confirm(person, intake.look(person, CUSTOMERS, *rows(100 * turn, 100 * turn + 20, "重庆市")))
        took = []

        def deliver(job, took=took):
            began = time.monotonic()
            end = runner.run(job)
            if end == "not ours":
                took.append(time.monotonic() - began)
            return end

        with ThreadPoolExecutor(2) as pool:
            ends = sorted(pool.map(lambda job: alone(deliver, job), [batch.apply_job_id] * 2))
        assert ends == ["done", "not ours"]
        assert max(took) <= 1
        assert AppliedChunk.objects.filter(batch=batch).count() == 1
        assert Customer.objects.count() == 20 * (turn + 1)


def work_through(jobs: list[int]) -> None:
    """As a worker would: look at each job until all are done; whoever finds the lane busy comes again."""
    while left := list(Job.objects.filter(pk__in=jobs).exclude(state=State.DONE).values_list("pk", flat=True)):
        for job in left:
            runner.run(job)
        time.sleep(0.02)


class Editor:
    """Somebody who corrects cards while imports are written."""

    def __init__(self, person, number: int, stop: threading.Event) -> None:
        self.person, self.number, self.stop = person, number, stop
        self.last: dict[int, str] = {}
        self.trouble: list[BaseException] = []

    def work(self, keys: list[int]) -> None:
        dice = random.Random(self.number)
        mine = keys[self.number :: PEOPLE]
        try:
            for turn in range(10_000):
                if self.stop.is_set():
                    return
                self.edit(dice.choice(mine), f"{self.number}-{turn}", turn)
        except BaseException as trouble:  # noqa: BLE001 - reported by the test
            self.trouble.append(trouble)

    def edit(self, key: int, city: str, turn: int) -> None:
        seen = Customer.objects.get(pk=key).city
        try:
            edit_customer(key, values={"city": city}, seen={"city": seen}, by=self.person.employee, now=NOON)
        except Overlap:
            return
        self.last[key] = city
        if turn % 3 == 0:
            vin = Vehicle.objects.filter(roles__customer_id=key).values_list("vin", flat=True).first()
            values = {"vin": vin, "colour": "红"}
            add_vehicle(key, values=values, role="owner", since=None, by=self.person.employee, now=clock.now())


def test_two_imports_with_rows_in_common_while_people_edit_lose_nothing(person, monkeypatch, repeat):
    common = 50 * repeat  # REPEAT=100: two files of 10,000 rows with 5,000 in common
    monkeypatch.setattr("crm_site.imports.applying.CHUNK", max(40, common // 5))
    intake.take_in(person, CUSTOMERS, *rows(common, 2 * common, "重庆市"))
    keys = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    first = intake.look(person, CUSTOMERS, *rows(0, 2 * common, "成都市"))
    second = intake.look(person, CUSTOMERS, *reversed(rows(common, 3 * common, "绵阳市")))
    jobs = [confirm(person, batch).apply_job_id for batch in (first, second)]
    stop = threading.Event()
    editors = [Editor(person, number, stop) for number in range(PEOPLE)]
    with ThreadPoolExecutor(PEOPLE + 2) as pool:
        edits = [pool.submit(alone, editor.work, keys) for editor in editors]
        imports = [pool.submit(alone, work_through, order) for order in (jobs, jobs[::-1])]
        for one in imports:
            one.result()
        stop.set()
        for one in edits:
            one.result()
    assert [editor.trouble for editor in editors] == [[]] * PEOPLE
    assert set(ImportBatch.objects.values_list("state", flat=True)) == {BatchState.APPLIED}
    assert Job.objects.filter(pk__in=jobs, error="").count() == 2
    for model, unique in ((Customer, "number"), (Vehicle, "vin"), (Phone, "number")):
        assert model.objects.count() == model.objects.values(unique).distinct().count() == 3 * common
    assert VehicleRole.objects.filter(until=None, role="owner").count() == 3 * common
    said = {key: city for editor in editors for key, city in editor.last.items()}
    print(f"{len(said)} customers edited meanwhile")
    assert said
    assert dict(Customer.objects.filter(pk__in=said).values_list("pk", "city")) == said
    flagged = StagedRow.objects.filter(batch__in=[first, second], verdict="conflict")
    assert set(flagged.values_list("target_id", flat=True)) <= set(keys)
