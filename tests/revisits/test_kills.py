"""A worker killed while it makes the day's calls: after a restart they are all there, once, on both engines."""

import os

import pytest

from tests.imports.test_kills import until

pytestmark = pytest.mark.races

CARS = 6_000

SET_UP = """
from datetime import timedelta
from crm_site.accounts.models import Store
from crm_site.core import clock
from customers.models import Customer, Delivery, Phone, Vehicle
from revisits.tasks import enqueue_due_days
now, today = clock.now(), clock.today()
store = Store.objects.create(code="A", name="A", short_name="A", go_live_on=today - timedelta(days=200))
some = range({cars})
people = Customer.objects.bulk_create(Customer(store=store, name=f"客户{{n}}", created_at=now) for n in some)
Phone.objects.bulk_create(Phone(store=store, customer=one, number=f"138{{n:08d}}") for n, one in enumerate(people))
cars = Vehicle.objects.bulk_create(Vehicle(store=store, vin=f"LSVAA4180E{{n:07d}}", created_at=now) for n in some)
day = today - timedelta(days=5)
Delivery.objects.bulk_create(
    Delivery(store=store, vehicle=car, customer=one, delivered_on=day, recorded_on=day)
    for one, car in zip(people, cars, strict=True)
)
enqueue_due_days()
"""
#: kills at the moment at which the first calls are seen: a process that had to end first would come too late
WATCH = """
import os, signal, time
from crm_site.jobs.models import Job
from revisits.models import Revisit
deadline = time.monotonic() + 60
while not (Revisit.objects.exists() and Job.objects.filter(kind="revisits.generate", state="running").exists()):
    assert time.monotonic() < deadline, list(Job.objects.values())
    time.sleep(0.01)
os.killpg({group}, signal.SIGKILL)
"""
REVISITS = "__import__('revisits.models', fromlist=['x']).Revisit.objects"
OPEN_JOBS = "__import__('crm_site.jobs.models', fromlist=['x']).Job.objects.filter(kind='revisits.generate').open()"


def test_killed_while_making_calls_every_delivery_gets_its_call_once(fresh_stack):
    stack = fresh_stack
    stack.env["JOB_LEASE_SECONDS"] = "5"
    stack.manage("shell", "--no-imports", "-c", SET_UP.format(cars=CARS))
    stack.start_worker()
    stack.manage("shell", "--no-imports", "-c", WATCH.format(group=os.getpgid(stack.processes["worker"].pid)))
    stack.kill("worker")
    made = int(stack.ask(f"{REVISITS}.filter(rule__code='DLV_D3').count()"))
    assert stack.ask(f"{OPEN_JOBS}.exists()") == "True"
    stack.start_worker()
    until(stack, f"{OPEN_JOBS}.exists()", lambda answer: answer == "False", 120)
    third_day = f"{REVISITS}.filter(rule__code='DLV_D3')"
    assert stack.ask(f"{third_day}.count(), {third_day}.values('delivery').distinct().count()") == f"{CARS} {CARS}"
    assert made < CARS, "the worker was killed only after the last call was made"
