"""A roster comes in, changes posts, and the same file again changes nothing."""

from datetime import timedelta

import pytest

from crm_site.accounts.models import Department, Employee, Post, Posting
from crm_site.core import clock
from crm_site.imports.models import BatchState, StagedRow, Verdict
from tests.imports import sheets

pytestmark = [pytest.mark.django_db, pytest.mark.smoke]


def row_of(batch, number):
    return StagedRow.objects.get(batch=batch, row=number)


def test_a_roster_becomes_employees_and_posts(admin_a):
    batch = sheets.read(admin_a, sheets.roster())
    assert (batch.state, batch.layout) == (BatchState.PREVIEW, "employees")
    assert {key: batch.counts[key] for key in ("rows", "new")} == {"rows": 3, "new": 3}
    sheets.write(admin_a, batch)
    assert batch.state == BatchState.APPLIED
    lee = Employee.objects.get(store=admin_a.store, number="E901")
    assert (lee.name, lee.sex, lee.phone, lee.hired_on.isoformat()) == ("李明", "m", "13800138001", "2024-03-05")
    posting = lee.posting_on(clock.today())
    assert (posting.department, posting.post) == (Department.SERVICE, Post.SERVICE_ADVISOR)
    gone = Employee.objects.get(store=admin_a.store, number="E903")
    assert gone.name == "张三"
    assert gone.left_on == clock.today()
    assert row_of(batch, 2).target_id == lee.pk


def test_the_same_file_again_writes_nothing(admin_a):
    sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    people, posts = list(Employee.objects.values()), list(Posting.objects.values())
    again = sheets.read(admin_a, sheets.roster())
    assert {key: again.counts.get(key, 0) for key in ("new", "changed", "unchanged")} == {
        "new": 0,
        "changed": 0,
        "unchanged": 3,
    }
    assert (list(Employee.objects.values()), list(Posting.objects.values())) == (people, posts)


def test_a_new_post_ends_the_old_one_the_day_before(admin_a):
    sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    moved = [["E901", "李明", "男", "客服部", "客服专员", "13800138001", "2024.3.5", "在职"]]
    batch = sheets.read(admin_a, sheets.roster(moved))
    assert row_of(batch, 2).changes == {"department": ["service", "dcrc"], "post": ["service_advisor", "specialist"]}
    sheets.write(admin_a, batch)
    old, new = Posting.objects.filter(employee__number="E901").order_by("since")
    today = clock.today()
    assert (old.until, new.since, new.until) == (today - timedelta(days=1), today, None)
    assert (new.department, new.post) == (Department.DCRC, Post.SPECIALIST)


def test_who_leaves_keeps_the_row_and_ends_the_post(admin_a):
    sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    left = [["E902", "欧阳娜娜", "女", "销售部", "销售顾问", 13800138002, "2023年11月20日", "离职"]]
    sheets.write(admin_a, sheets.read(admin_a, sheets.roster(left)))
    today = clock.today()
    assert Employee.objects.get(number="E902").left_on == today
    assert Posting.objects.get(employee__number="E902").until == today


def test_a_value_corrected_by_hand_is_a_conflict_and_stays(admin_a):
    sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    Employee.objects.filter(number="E901").update(phone="13900139000")
    other = [["E901", "李明", "男", "售后服务部", "服务顾问", "13700137000", "2024.3.5", "在职"]]
    batch = sheets.read(admin_a, sheets.roster(other))
    staged = row_of(batch, 2)
    assert (staged.verdict, staged.changes) == (Verdict.CONFLICT, {"phone": ["13900139000", "13700137000"]})


def test_an_edit_after_the_preview_is_not_overwritten(admin_a):
    sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    other = [
        ["E901", "李明", "男", "售后服务部", "服务顾问", "13700137000", "2024.3.5", "在职"],
        ["E902", "欧阳娜", "女", "销售部", "销售顾问", 13800138002, "2023年11月20日", "在职"],
    ]
    batch = sheets.read(admin_a, sheets.roster(other))
    assert batch.counts["changed"] == 2
    Employee.objects.filter(number="E901").update(phone="13900139000")
    sheets.write(admin_a, batch)
    assert Employee.objects.get(number="E901").phone == "13900139000"
    assert Employee.objects.get(number="E902").name == "欧阳娜"
    assert (row_of(batch, 2).verdict, row_of(batch, 2).applied) == (Verdict.CONFLICT, False)
    assert (batch.counts["conflict"], batch.counts["changed"]) == (1, 1)


def test_another_stores_roster_is_not_touched(admin_a, stranger_b):
    sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    sheets.write(stranger_b, sheets.read(stranger_b, sheets.roster()))
    assert Employee.objects.filter(number="E901").count() == 2
