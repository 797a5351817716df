"""How well the calls of the last two weeks were made: inspections, among them a false record, and some practice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.demo import words
from crm_site.demo.dice import Dice
from crm_site.demo.world import House, World
from revisits.actions import inspections
from revisits.defaults.practice import CASES
from revisits.models import Inspection, PracticeCall
from revisits.rules import practice as rules
from revisits.rules.practice import Expected, Said

#: of ten inspections of a week that is over, and of the running one, so many are done
DONE = {True: 9, False: 4}
#: how many of the ten cases each specialist has tried
TRIED = (7, 4, 2)
#: how often a practice call has no fault
RIGHT_AT_ONCE = 0.7
#: share of its points that a line of the sheet gets, at worst and at best, in per cent
USUAL, WEAK = (66, 100), (45, 80)
WEAK_LINE = "digging"


def make(world: World) -> None:
    """Draw as every night does, inspect most of it, and let the specialists practise."""
    for house in world.houses:
        inspections.draw_lately(house.store.pk, world.today, now=world.now)
        _inspect(world, house)
        _practise(world, house)
    _false_record(world, world.houses[0])


def _inspect(world: World, house: House) -> None:
    monday = inspections.monday_of(world.today)
    sheet = inspections.sheet_of(house.store.pk)
    by = house.staff["manager"][0]
    for row in Inspection.objects.filter(store=house.store).exclude(caller=by).order_by("pk"):
        dice = Dice("inspection", house.store.code, str(row.attempt_id))
        if dice.randrange(10) >= DONE[row.week < monday]:
            continue
        points = {
            item.code: item.weight * dice.randint(*(WEAK if item.code == WEAK_LINE else USUAL)) // 100 for item in sheet
        }
        share = sum(points.values())
        verdict = Inspection.Verdict.GENUINE if share >= inspections.rules.PASSES_AT else Inspection.Verdict.FAULTY
        _save(world, row, by, points=points, verdict=verdict, written=_written(world, by, verdict, dice))


def _written(world: World, by: Employee, verdict: str, dice: Dice) -> dict[str, Any]:
    """What the manager notes: a strength always, a weakness with its measure where the call did not pass."""
    written: dict[str, Any] = {"strengths": dice.choice(words.CALL_STRENGTHS)}
    if verdict == Inspection.Verdict.FAULTY:
        weakness, measure = dice.choice(words.CALL_WEAKNESSES)
        due = world.today + timedelta(days=dice.randint(3, 14))
        written |= {"weaknesses": weakness, "measure": measure, "responsible": by, "measure_due_on": due}
    return written


def _save(
    world: World, row: Inspection, by: Employee, *, points: dict[str, int], verdict: str, written: dict[str, Any]
) -> None:
    moment = max(row.attempt.ended_at + timedelta(minutes=30), world.now - timedelta(hours=row.pk % 40))
    inspections.inspect(
        row.pk, method="listen", verdict=verdict, points=points, written=written, shown=row.version, by=by,
        now=min(moment, world.now),
    )  # fmt: skip


def _false_record(world: World, house: House) -> None:
    """One record of last week was proved false by a check call."""
    by = house.staff["manager"][0]
    waiting = Inspection.objects.filter(store=house.store, inspected_at=None, attempt__response__isnull=False)
    row = waiting.exclude(caller=by).select_related("attempt").order_by("week", "pk").first()
    if row is None:
        return
    inspections.inspect(
        row.pk, method="call_back", verdict=Inspection.Verdict.FALSE, points={}, shown=row.version, by=by,
        written={"note": words.FALSE_RECORD, "measure": words.FALSE_MEASURE, "responsible": by,
                 "measure_due_on": world.today + timedelta(days=7)},
        now=world.now - timedelta(hours=2),
    )  # fmt: skip


def _practise(world: World, house: House) -> None:
    """Each specialist has tried some cases; not everything was right at once."""
    for number, person in enumerate(house.staff["specialist"]):
        for place, case in enumerate(CASES[: TRIED[number % len(TRIED)]]):
            dice = Dice("practice", house.store.code, person.number, case.code)
            said = _whole(case.expected) if dice.chance(RIGHT_AT_ONCE) else Said("LATER")
            found = rules.review(case.expected, said)
            PracticeCall.objects.create(
                store=house.store,
                employee=person,
                case=case.code,
                made_at=clock.at(world.today - timedelta(days=12 - place), 9, 10 + 3 * place),
                result_code=said.result,
                findings={"right": found.right, "missed": found.missed},
                seconds=dice.randint(60, 240),
                submission=dice.submission(),
            )


def _whole(wanted: Expected) -> Said:
    """A record that has everything."""
    low = dict.fromkeys(wanted.low, "-")
    return Said(**{**wanted._asdict(), "low": low, "note": "-"})
