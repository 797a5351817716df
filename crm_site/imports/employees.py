"""The roster as a spreadsheet: who works in the store, in which department and post, since when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Model
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Department, Employee, Post, Posting
from crm_site.imports import cleaning
from crm_site.imports.layout import CHOICE, CODE, DATE, NAME, PHONE, Context, Field, Judgement, Layout, Row
from crm_site.imports.models import Verdict
from crm_site.imports.rules import compare_values

DEPARTMENTS = {
    "销售": Department.SALES, "销售部": Department.SALES, "展厅": Department.SALES, "市场部": Department.SALES,
    "售后": Department.SERVICE, "售后部": Department.SERVICE, "售后服务": Department.SERVICE,
    "售后服务部": Department.SERVICE, "服务部": Department.SERVICE, "前台": Department.SERVICE,
    "车间": Department.WORKSHOP, "维修车间": Department.WORKSHOP, "维修部": Department.WORKSHOP,
    "机修": Department.WORKSHOP, "钣喷": Department.WORKSHOP, "钣喷车间": Department.WORKSHOP,
    "配件": Department.PARTS, "配件部": Department.PARTS, "仓库": Department.PARTS,
    "客服": Department.DCRC, "客服部": Department.DCRC, "客户关系": Department.DCRC,
    "客户关系部": Department.DCRC, "客户关系中心": Department.DCRC, "DCRC": Department.DCRC,
    "保险": Department.FINANCE, "保险金融": Department.FINANCE, "保险/金融": Department.FINANCE,
    "金融部": Department.FINANCE, "保险部": Department.FINANCE, "续保部": Department.FINANCE,
    "管理": Department.MANAGEMENT, "管理层": Department.MANAGEMENT, "总经办": Department.MANAGEMENT,
    "行政部": Department.MANAGEMENT, "财务部": Department.MANAGEMENT, "人事部": Department.MANAGEMENT,
}  # fmt: skip
POSTS = {
    "销售顾问": Post.SALES_CONSULTANT, "销售员": Post.SALES_CONSULTANT, "交车专员": Post.DELIVERY_SPECIALIST,
    "服务顾问": Post.SERVICE_ADVISOR, "接待员": Post.SERVICE_ADVISOR, "前台接待": Post.SERVICE_ADVISOR,
    "SA": Post.SERVICE_ADVISOR, "维修技师": Post.TECHNICIAN, "技师": Post.TECHNICIAN, "机电技师": Post.TECHNICIAN,
    "机修工": Post.TECHNICIAN, "钣金技师": Post.TECHNICIAN, "喷漆技师": Post.TECHNICIAN, "钣金工": Post.TECHNICIAN,
    "喷漆工": Post.TECHNICIAN, "服务维修人员": Post.TECHNICIAN, "学徒": Post.TECHNICIAN, "配件员": Post.PARTS_CLERK,
    "配件专员": Post.PARTS_CLERK, "库管": Post.PARTS_CLERK, "保险专员": Post.INSURANCE_CLERK,
    "续保专员": Post.INSURANCE_CLERK, "金融专员": Post.INSURANCE_CLERK, "客服专员": Post.SPECIALIST,
    "回访专员": Post.SPECIALIST, "客服": Post.SPECIALIST, "部门负责人": Post.HEAD, "部门经理": Post.HEAD,
    "销售经理": Post.HEAD, "售后经理": Post.HEAD, "服务经理": Post.HEAD, "车间主任": Post.HEAD, "展厅经理": Post.HEAD,
    "主管": Post.HEAD, "配件经理": Post.HEAD, "客户关系经理": Post.MANAGER, "客服经理": Post.MANAGER,
    "总经理": Post.DIRECTOR, "副总经理": Post.DIRECTOR, "站长": Post.DIRECTOR, "其他": Post.OTHER,
}  # fmt: skip
#: where a post belongs when the file does not say the department
HOME_OF = {
    Post.SALES_CONSULTANT: Department.SALES,
    Post.DELIVERY_SPECIALIST: Department.SALES,
    Post.SERVICE_ADVISOR: Department.SERVICE,
    Post.TECHNICIAN: Department.WORKSHOP,
    Post.PARTS_CLERK: Department.PARTS,
    Post.INSURANCE_CLERK: Department.FINANCE,
    Post.SPECIALIST: Department.DCRC,
    Post.MANAGER: Department.DCRC,
    Post.DIRECTOR: Department.MANAGEMENT,
}
#: what an import may change of an employee, and of a posting
WRITTEN = ["name", "sex", "phone", "hired_on", "left_on", "source_values"]
POSTED = ["department", "post", "until"]
SEXES = {"男": "m", "女": "f", "male": "m", "female": "f"}
STATES = {"在职": "in", "在岗": "in", "试用": "in", "试用期": "in", "正式": "in", "实习": "in", "休假": "in",
          "离职": "out", "已离职": "out", "辞职": "out", "离岗": "out", "退休": "out"}  # fmt: skip


def key(row: Row) -> str | None:
    """An employee is known by the number; e901 and E901 are one."""
    number = row.get("number")
    return number.casefold() if number else None


def finish(row: Row) -> None:
    """Who leaves must not have come later."""
    values = row.values
    if values.get("left_on"):
        values["state"] = "out"
        if values.get("hired_on") and values["left_on"] < values["hired_on"]:
            row.problem("left_before_hired", "left_on", values["left_on"])


def compare(context: Context, rows: Sequence[Row]) -> list[Judgement]:
    """Look the numbers up in the store's roster, by three queries for all rows."""
    found = _by_number(context, {key(row) for row in rows})
    unknown = [row for row in rows if key(row) not in found]
    _warn_of_namesakes(context, unknown)
    return [_judge(row, found.get(key(row)), context.today) for row in rows]


def apply(context: Context, judged: Sequence[Judgement]) -> dict[str, int]:
    """Write new employees and changed ones; another post ends the old one the day before."""
    new = [one for one in judged if one.target_id is None]
    made = Employee.objects.bulk_create([_employee(context, one.row) for one in new])
    context.journal.made(made)
    for one, employee in zip(new, made, strict=True):
        one.target_id = employee.pk
    began = [_first_posting(context, one) for one in new]
    postings = Posting.objects.bulk_create([posting for posting in began if posting])
    context.journal.made(postings)
    changed = [one for one in judged if one.verdict == Verdict.CHANGED]
    return {"postings": len(postings) + _change(context, changed)}


def _by_number(context: Context, keys: set[str | None]) -> dict[str | None, Employee]:
    """The employees by their numbers in lower case; of two that differ in nothing else the first entered."""
    rows = Employee.objects.filter(store=context.store).alias(plain=Lower("number")).filter(plain__in=keys - {None})
    return {one.number.casefold(): one for one in rows.order_by("-pk").prefetch_related("postings")}


def _warn_of_namesakes(context: Context, rows: Sequence[Row]) -> None:
    """Say that a new number belongs to a name on the roster, unless the phones tell the two apart."""
    names = {row.get("name") for row in rows if row.get("name")}
    known: dict[str, list[Employee]] = defaultdict(list)
    for employee in Employee.objects.filter(store=context.store, name__in=names, left_on=None).order_by("pk"):
        known[employee.name].append(employee)
    for row in rows:
        phones = row.get("phone") or []
        alike = [one for one in known[row.get("name") or ""] if not (phones and one.phone) or one.phone in phones]
        if alike and row.get("state") != "out":
            row.warn("same_name_on_roster", "number", row.get("number"), number=alike[0].number)


def _judge(row: Row, employee: Employee | None, today: date) -> Judgement:
    """New, changed, unchanged or in conflict with what somebody has entered since."""
    target = "accounts.employee"
    if employee is None:
        return Judgement(row, Verdict.NEW, target_type=target)
    current = _current(employee, today)
    found = compare_values(current, employee.source_values, _said(row), row.decision)
    if found.changes.get("state", ["", ""])[1] == "out" and employee.user_id:
        row.warn("leaves_login", "state")
    for name, (standing, said) in found.conflicts.items():
        row.warn("conflict", name, said, standing=standing)
    changes = found.changes or found.conflicts
    verdict = Verdict.CHANGED if found.changes else Verdict.CONFLICT if changes else Verdict.UNCHANGED
    return Judgement(row, verdict, changes, target, employee.pk)


def _said(row: Row) -> dict[str, Any]:
    """What the file says, as plain values; the first of several phones."""
    said = cleaning.encode(EMPLOYEES, row.values)
    said["phone"] = (said.get("phone") or [""])[0]
    return {name: value for name, value in said.items() if value not in (None, "") and name != "number"}


def _current(employee: Employee, today: date) -> dict[str, Any]:
    """What stands, in the same plain values."""
    posting = employee.posting_on(min(today, employee.left_on) if employee.left_on else today)
    return {
        "name": employee.name,
        "sex": employee.sex,
        "phone": employee.phone,
        "hired_on": employee.hired_on.isoformat() if employee.hired_on else None,
        "left_on": employee.left_on.isoformat() if employee.left_on else None,
        "state": "out" if employee.left_on else "in",
        "department": posting.department if posting else "",
        "post": posting.post if posting else "",
    }


def _employee(context: Context, row: Row) -> Employee:
    """A new employee as the file describes them."""
    said = _said(row)
    return Employee(
        store=context.store,
        number=row.values["number"],
        name=row.values["name"],
        sex=said.get("sex", ""),
        phone=said.get("phone", ""),
        hired_on=row.get("hired_on"),
        left_on=_left_on(row, context.today),
        source_values=said,
    )


def _left_on(row: Row, today: date) -> date | None:
    """The last day of somebody who has left: as the file says, else today (never before they came)."""
    if row.get("state") != "out":
        return None
    day = row.get("left_on") or today
    return max(day, row.get("hired_on") or day)


def _first_posting(context: Context, one: Judgement) -> Posting | None:
    """The post of a new employee, from the day they came."""
    row = one.row
    department = row.get("department") or _home_of(row.get("post"))
    if not department:
        return None
    until = _left_on(row, context.today)
    since = row.get("hired_on") or min(context.today, until or context.today)
    post = row.get("post") or Post.OTHER
    return Posting(employee_id=one.target_id or 0, department=department, post=post, since=since, until=until)


def _home_of(post: str | None) -> str:
    """Where a post usually belongs, for a file that does not say; that of a head is not certain, so management."""
    return HOME_OF.get(Post(post), Department.MANAGEMENT) if post else ""


def _change(context: Context, changed: Sequence[Judgement]) -> int:
    """Write the changed fields of employees that exist; gives how many posts began."""
    people = {
        employee.pk: employee
        for employee in Employee.objects.filter(pk__in=[one.target_id for one in changed]).prefetch_related("postings")
    }
    before = {employee.pk: _values(employee, WRITTEN) for employee in people.values()}
    began, ended = [], []
    for one in changed:
        employee = people[one.target_id or 0]
        _put(employee, one, context.today)
        if employee.left_on is not None:
            ended += _end_posting(employee, employee.left_on)
        elif {"department", "post", "state"} & one.changes.keys():  # "state": who had left is back
            ended += _end_posting(employee, context.today - timedelta(days=1))
            began.append(_next_posting(employee, one, context.today))
    Employee.objects.bulk_update(people.values(), WRITTEN, batch_size=200)
    for employee in people.values():
        context.journal.changed(employee, before[employee.pk])
    _write_postings(context, ended, began)
    return len(began)


def _write_postings(context: Context, ended: Sequence[tuple[Posting, date | None]], began: Sequence[Posting]) -> None:
    """Postings that end, those that begin, and those that somebody began today already."""
    Posting.objects.bulk_update([posting for posting, _until in ended], ["until"], batch_size=200)
    for posting, until in ended:
        context.journal.changed(posting, {"until": until})
    today = Posting.objects.filter(employee__in=[one.employee_id for one in began], since=context.today)
    there = {posting.employee_id: posting for posting in today}
    context.journal.made(Posting.objects.bulk_create([one for one in began if one.employee_id not in there]))
    for one in began:
        posting = there.get(one.employee_id)
        if posting is not None:
            before = _values(posting, POSTED)
            posting.department, posting.post, posting.until = one.department, one.post, one.until
            posting.save(update_fields=POSTED)  # rare: somebody has changed this person's post today
            context.journal.changed(posting, before)


def _values(row: Model, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _put(employee: Employee, one: Judgement, today: date) -> None:
    """The changed plain fields, and what the file said for the next comparison."""
    row = one.row
    for name in ("name", "hired_on"):
        if name in one.changes:
            setattr(employee, name, row.get(name))
    for name in ("sex", "phone"):
        if name in one.changes:
            setattr(employee, name, one.changes[name][1])
    if "state" in one.changes or "left_on" in one.changes:
        employee.left_on = _left_on(row, today)
    stayed = {finding["field"] for finding in row.findings if finding["code"] == "conflict"}
    said = {name: value for name, value in _said(row).items() if name not in stayed}
    employee.source_values = employee.source_values | said


def _end_posting(employee: Employee, last_day: date) -> list[tuple[Posting, date | None]]:
    """The post held on a day ends with it, given with its last day before; one that begins later stays."""
    held = employee.posting_on(last_day)
    if held is None:
        return []
    before, held.until = held.until, last_day
    return [(held, before)]


def _next_posting(employee: Employee, one: Judgement, today: date) -> Posting:
    """The post that begins today; what the file does not say stays as it was, or belongs to the new post."""
    held = max((one for one in employee.postings.all() if one.since <= today), key=lambda one: one.since, default=None)
    post = one.row.get("post") or (held.post if held else Post.OTHER)
    home = HOME_OF.get(Post(post)) if held is None or post != held.post else None
    department = one.row.get("department") or home or (held.department if held else Department.MANAGEMENT)
    return Posting(employee=employee, department=department, post=post, since=today, until=None)


EMPLOYEES = Layout(
    code="employees",
    label=_("Employees"),
    fields=(
        Field(
            "number", _("Employee number"), ("工号", "员工编号", "员工工号", "编号"), CODE, required=True, max_length=30
        ),
        Field("name", _("Name"), ("姓名", "员工姓名", "名字"), NAME, required=True, max_length=60),
        Field("sex", _("Sex"), ("性别",), CHOICE, choices=SEXES, strict=False),
        Field("department", _("Department"), ("部门", "所属部门"), CHOICE, choices=DEPARTMENTS, strict=False),
        Field("post", _("Post"), ("岗位", "职位", "职务", "岗位名称"), CHOICE, choices=POSTS, strict=False),
        Field("phone", _("Phone"), ("手机", "手机号", "手机号码", "联系电话", "电话"), PHONE, strict=False),
        Field("hired_on", _("Hired on"), ("入职日期", "入职时间", "到岗日期"), DATE),
        Field("state", _("Employed"), ("在职状态", "状态", "员工状态", "是否在职"), CHOICE, choices=STATES),
        Field("left_on", _("Left on"), ("离职日期", "离职时间"), DATE),
    ),
    one_of=(("post", "department", "hired_on", "state"),),
    capability="people.edit",
    key=key,
    finish=finish,
    compare=compare,
    apply=apply,
    effects={"postings": _("posts begun")},
    follows=_("The roster of the store is brought up to date; nobody gets a login by it."),
)
