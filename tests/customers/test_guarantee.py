"""返修 by the guarantee: classes and limits, the same trade, jobs that are never the same work again."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from customers.models import JobType
from customers.rules.guarantee import CLASSES, MINOR, REPEATABLE, Job, candidates, reworked

OUT = date(2026, 3, 31)
EARLIER = Job(1, "general", OUT - timedelta(days=1), OUT, 30_000, "更换水泵")


def again(days=5, km=1_000, job_type="general", **values):
    """A later order, so many days after the release and kilometres after the check-in of the earlier one."""
    return Job(2, job_type, OUT + timedelta(days=days), None, None if km is None else 30_000 + km, **values)


@pytest.mark.parametrize(
    ("job_type", "items", "days", "km", "is_rework"),
    [
        ("general", "更换水泵", 10, 2_000, True),
        ("general", "更换水泵", 11, 0, False),
        ("general", "更换水泵", 0, 2_001, False),
        ("general", "更换水泵", 0, 0, True),  # back on the day of the release
        ("warranty", "更换玻璃升降器", 10, 2_000, True),
        ("rework", "", 10, 2_000, True),
        ("scheduled", "机油机滤", 30, 5_000, True),
        ("scheduled", "机油机滤", 31, 0, False),
        ("scheduled", "机油机滤", 0, 5_001, False),
        ("first_service", "首保", 30, 5_000, True),
        ("general", "发动机大修", 100, 20_000, True),
        ("general", "更换变速箱总成", 100, 20_000, True),
        ("general", "转向机带横拉杆总成", 100, 20_000, True),
        ("general", "发动机大修", 101, 0, False),
        ("general", "发动机大修", 0, 20_001, False),
        ("general", "更换雨刮臂总成", 11, 0, False),  # a part that is called so, not an assembly
        ("general", "检查发动机；更换后视镜总成", 11, 0, False),
        ("wash", "", 1, 10, False),
        ("pdi", "", 1, 10, False),
        ("free_check", "", 1, 10, False),
        ("internal", "", 1, 10, False),
    ],
)
def test_the_guarantee_ends_with_days_or_kilometres(job_type, items, days, km, is_rework):
    earlier = replace(EARLIER, job_type=job_type, items=items)
    assert (reworked(again(days, km), [earlier]) == 1) is is_rework


@pytest.mark.parametrize("job_type", JobType.values)
def test_services_accidents_and_small_jobs_are_never_the_same_work_again(job_type):
    found = reworked(again(job_type=job_type, named_trades=frozenset({"mechanical"})), [EARLIER])
    assert (found == 1) is (job_type in REPEATABLE)


def test_every_counting_job_type_has_its_class():
    assert set(CLASSES) == set(JobType.values) - {"free_check", "pdi", "wash", "internal"}
    assert CLASSES["general"] == MINOR


@pytest.mark.parametrize(
    ("first", "second", "is_rework"),
    [
        ({"mechanical"}, {"mechanical"}, True),
        ({"mechanical"}, {"body"}, False),
        ({"body", "paint"}, {"paint"}, True),
        (set(), set(), True),  # both by their job type
        (set(), {"paint"}, False),
    ],
)
def test_it_is_the_same_trade(first, second, is_rework):
    earlier = replace(EARLIER, named_trades=frozenset(first))
    assert (reworked(again(named_trades=frozenset(second)), [earlier]) == 1) is is_rework


def test_body_work_without_a_name_is_of_body_and_paint():
    earlier = replace(EARLIER, job_type="accident")
    assert reworked(again(job_type="body"), [earlier]) == 1
    assert reworked(again(), [earlier]) is None


@pytest.mark.parametrize(("first", "second"), [(None, 30_500), (30_000, None), (30_000, 20_000)])
def test_without_an_honest_odometer_the_days_decide(first, second):
    later = replace(again(10), km=second)
    assert reworked(later, [replace(EARLIER, km=first)]) == 1
    assert reworked(replace(later, checked_in_on=OUT + timedelta(days=11)), [replace(EARLIER, km=first)]) is None


def test_a_ticked_order_needs_no_detection():
    assert reworked(again(is_ticked=True), [EARLIER]) is None


def test_work_that_is_not_handed_back_is_not_done_again():
    assert reworked(again(), [replace(EARLIER, released_on=None)]) is None


def test_of_several_the_latest_is_meant():
    newer = replace(EARLIER, key=7, released_on=OUT + timedelta(days=2))
    assert reworked(again(), [newer, EARLIER]) == 7


def test_only_orders_near_each_other_are_looked_at():
    old = replace(EARLIER, key=5, checked_in_on=date(2025, 1, 1), released_on=date(2025, 1, 2))
    assert candidates([old, EARLIER, again(100)]) == {1, 2}
    assert candidates([old]) == set()
