"""To what the scores of the demo world have led: alerts, digests, measures about items."""

from __future__ import annotations

from datetime import timedelta

from crm_site.accounts.models import Department
from crm_site.core import clock
from crm_site.core.dates import month_of
from crm_site.demo.dice import Dice
from crm_site.demo.world import House, World
from satisfaction import actions, steering
from satisfaction.models import Alert, ImprovementMeasure
from satisfaction.queries import alerts
from satisfaction.queries.digests import Window

#: how many ended weeks have a digest
WEEKS = 3
#: how many months back falls are looked for
MONTHS = 7
#: days ago: begun, done (None: not yet), and the days it is given; (item, head's department, cause, measure)
ITEM_MEASURES = (
    (95, 70, 25, "on_time", Department.SERVICE, "交车常比承诺晚", "交车前一小时顾问与车间核对进度，延误先致电"),
    (24, None, 30, "charges_transparent", Department.SERVICE, "客户看不懂工时费", "结算单逐项说明，签字前复述一遍"),
    (40, None, 28, "fixed_first_time", Department.WORKSHOP, "同一故障返修偏多", "疑难故障先由技术主管会诊，出厂前路试"),
)  # fmt: skip
CHECK_AFTER = 30


def make(world: World) -> None:
    """What the clock would have found and told by now; the manager has taken note of the first alert."""
    for house in world.houses:
        _measures(world, house)
        _alerts(world, house)
        _digests(world, house)


def _measures(world: World, house: House) -> None:
    """Measures about items: one done long ago with a comparison to judge, two that are open."""
    for begun, done, given, code, department, cause, measure in ITEM_MEASURES:
        day = world.today - timedelta(days=begun)
        done_on = world.today - timedelta(days=done) if done else None
        for head in house.staff.get(f"head:{department.value}", [])[:1]:
            ImprovementMeasure.objects.create(
                store=house.store, cause=cause, measure=measure, responsible=head, department=department,
                due_on=day + timedelta(days=given), state="done" if done_on else "open", done_on=done_on,
                check_on=done_on + timedelta(days=CHECK_AFTER) if done_on else None, metric="item", metric_code=code,
                created_at=clock.at(day, 10), created_by=house.staff["manager"][0],
                submission=Dice("item-measure", house.store.code, code).submission(),
            )  # fmt: skip


def _alerts(world: World, house: House) -> None:
    judged = steering.months_to_judge(world.today)
    for back in range(MONTHS):
        month = month_of(world.today).shift(-back)
        falls = [fall for kind in alerts.KINDS for fall in alerts.falls(house.store.pk, kind, month)]
        found_at = min(clock.at(month.start + timedelta(days=8), 7), world.now)
        actions.keep_alerts(house.store.pk, month, falls, at=found_at, is_news=month in judged)
    first = Alert.objects.filter(store=house.store).order_by("pk").first()
    if first is not None:
        actions.take_note(first.pk, note="已在周例会上通报", by=house.staff["manager"][0], at=world.now)


def _digests(world: World, house: House) -> None:
    monday = world.today - timedelta(days=world.today.weekday())
    windows = [Window.week(monday - timedelta(days=7 * back)) for back in range(WEEKS, 0, -1)]
    for window in (*windows, Window.month(month_of(world.today).shift(-1).start)):
        actions.build_digests(house.store.pk, window, at=world.now)
