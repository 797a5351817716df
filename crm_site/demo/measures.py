"""Improvement measures of every department: some open, one late, one done, one whose effect is to be judged."""

from __future__ import annotations

from datetime import timedelta

from crm_site.accounts.models import Department, Employee
from crm_site.core import clock
from crm_site.demo import words
from crm_site.demo.dice import Dice
from crm_site.demo.world import House, World
from satisfaction.models import ImprovementMeasure

#: (days since it was begun, days that it was given, days after which it was done or None)
COURSES = ((80, 20, 15), (40, 30, 25), (20, 14, None), (6, 21, None))
#: department -> the complaints by which its measures are judged
MEASURED_BY = {Department.SERVICE: "service", Department.SALES: "sales", Department.WORKSHOP: "repair"}
#: days after which a measure that is done is to be judged
CHECK_AFTER = 30
HEADS = (("head:service", Department.SERVICE), ("head:sales", Department.SALES), ("head:workshop", Department.WORKSHOP))


def make(world: World) -> None:
    """Four measures for each head, begun by the manager."""
    for house in world.houses:
        texts = list(words.MEASURES)
        Dice("measures", house.store.code).shuffle(texts)
        for group, department in HEADS:
            for head in house.staff.get(group, []):
                for course in COURSES:
                    _measure(world, house, head, department=department, text=texts[0], course=course)
                    texts.append(texts.pop(0))


def _measure(
    world: World,
    house: House,
    head: Employee,
    *,
    department: Department,
    text: tuple[str, str],
    course: tuple[int, int, int | None],
) -> None:
    begun, given, done = course
    day = world.today - timedelta(days=begun)
    cause, measure = text
    world.rows.add(
        ImprovementMeasure(
            store=house.store,
            cause=cause,
            measure=measure,
            responsible=head,
            department=department,
            due_on=day + timedelta(days=given),
            state=ImprovementMeasure.State.DONE if done else ImprovementMeasure.State.OPEN,
            done_on=day + timedelta(days=done) if done else None,
            check_on=day + timedelta(days=done + CHECK_AFTER) if done else None,
            metric="complaints",
            metric_code=MEASURED_BY[department],
            created_at=clock.at(day, 10),
            created_by=house.staff["manager"][0],
            submission=Dice("measure", head.number, begun).submission(),
        )
    )
