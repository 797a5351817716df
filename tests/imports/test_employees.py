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


def roster_of(*rows):
    """Rows of 工号, 姓名, 部门, 岗位, 手机, 在职状态; None empties a cell."""
    header = ["工号", "姓名", "部门", "岗位", "手机", "在职状态"]
    return sheets.roster([list(row) for row in rows], header)


@pytest.mark.parametrize(
    ("number", "name"),
    [("E901", "李 明"), ("e901", "李明(先生)"), ("Ｅ９０１", "李　明"), (" E901 ", "李明\u200b"), ("'E901", "李明 ")],
)
def test_the_same_people_in_another_spelling_make_no_duplicates(admin_a, number, name):
    sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    before = Employee.objects.count()
    batch = sheets.read(admin_a, roster_of([number, name, "售后服务部", "服务顾问", "+86 138-0013-8001", "在职"]))
    assert (row_of(batch, 2).verdict, Employee.objects.count()) == (Verdict.UNCHANGED, before)


def test_two_spellings_of_a_number_in_one_file_are_one_person(admin_a):
    same = ["李明", "售后服务部", "服务顾问", "13800138001", "在职"]
    batch = sheets.read(admin_a, roster_of(["E901", *same], ["e901", *same]))
    assert [row_of(batch, number).verdict for number in (2, 3)] != [Verdict.NEW, Verdict.NEW]


@pytest.mark.parametrize(("phone", "warned"), [("13800138001", True), (None, True), ("13700137000", False)])
def test_a_namesake_under_another_number_is_said(admin_a, phone, warned):
    sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    batch = sheets.read(admin_a, roster_of(["E999", "李明", "售后服务部", "服务顾问", phone, "在职"]))
    staged = row_of(batch, 2)
    found = [one for one in staged.findings if one["code"] == "same_name_on_roster"]
    assert staged.verdict == Verdict.NEW
    assert [one["number"] for one in found] == (["E901"] if warned else [])


@pytest.mark.parametrize(
    ("department", "post", "becomes"),
    [
        (None, "销售顾问", ("sales", "sales_consultant")),
        (None, "售后经理", ("service", "head")),  # a head's home is not certain: the department stays
        ("部门甲", "售后经理", ("service", "head")),  # an unknown word is asked, and moves nobody meanwhile
        ("配件部", None, ("parts", "service_advisor")),
    ],
)
def test_what_the_file_does_not_say_stays_or_follows_the_post(admin_a, department, post, becomes):
    sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    row = ["E901", "李明", department, post, "13800138001", "在职"]
    sheets.write(admin_a, sheets.read(admin_a, roster_of(row)))
    posting = Employee.objects.get(number="E901").posting_on(clock.today())
    assert (posting.department, posting.post) == becomes


def test_who_comes_back_has_a_post_again(admin_a):
    sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    sheets.write(admin_a, sheets.read(admin_a, roster_of(["E903", "张三", "车间", "机电技师", None, "在职"])))
    back = Employee.objects.get(number="E903")
    assert back.left_on is None
    assert back.posting_on(clock.today()).post == Post.TECHNICIAN


def test_an_unknown_post_is_asked_once_a_file(admin_a):
    rows = [[f"N{number}", f"新人{number}", "售后部", "首席体验官", None, "在职"] for number in range(3)]
    batch = sheets.read(admin_a, roster_of(*rows))
    asked = [(one["kind"], one["field"], [word[0] for word in one["words"]]) for one in batch.questions]
    assert asked == [("value", "post", ["首席体验官"])]
