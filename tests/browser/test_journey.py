"""The main job as people do it: spreadsheets in, a call, a complaint, its closing, the month's line."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from crm_site.core import clock, vins
from tests.browser.steps import a_night_passes, bring_the_list_up_to_date, due_list_has, give_marks, take_next, walk
from tests.browser.visitor import Visitor
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.long]

EMPLOYEES = ["工号", "姓名", "性别", "部门", "岗位", "手机", "入职日期", "在职状态"]
DELIVERIES = ["序号", "交车日期", "客户姓名", "联系电话", "车型", "车架号", "销售顾问", "成交价", "车牌号"]
ORDERS = ["工单号", "开单时间", "车牌", "VIN", "车主", "送修人", "送修人电话", "维修类别", "进厂里程", "服务顾问",
          "主修技师", "维修项目", "工时费", "材料费", "合计金额", "结算时间", "交车时间"]  # fmt: skip
REASON = "等了四十分钟没人理，问了两次都说再等等"
ADVISOR, CONSULTANT, TECHNICIAN = "朱莉", "江雨薇", "李师傅"


def test_from_a_spreadsheet_to_the_months_report(stack: Stack, visit, tmp_path: Path):
    stack.manage("shell", "--no-imports", "-c", "from tests.browser import setting; setting.make()")
    today = clock.today()
    admin = visit(stack.url, "admin")
    for number, (name, rows) in enumerate(sheets(today).items(), start=1):
        bring(admin, workbook(tmp_path / f"{name}.xlsx", rows), f"{number}-import-{number}")
    due_list_has(stack, 2)
    specialist = visit(stack.url, "specialist")
    call_with_a_low_mark(specialist)
    head = visit(stack.url, "head")
    ticket = take_through_the_stages(head)
    a_night_passes(stack)
    manager = visit(stack.url, "manager")
    bring_the_list_up_to_date(manager)
    due_list_has(stack, 2)
    confirm(specialist)
    expect(head.go(ticket).locator("main")).to_contain_text("已关闭")
    head.picture("70-complaint-closed")
    the_month_counts_it(manager, today)


# ---- the files -------------------------------------------------------------------------------------------------------


def sheets(today: date) -> dict[str, list[list[object]]]:
    """Employees, yesterday's delivery, and two cars handed back three days ago; all relative to today."""
    hired = (today - timedelta(days=300)).isoformat()
    back = (today - timedelta(days=3)).isoformat()
    visit = ["定期保养", 12800, ADVISOR, TECHNICIAN, "更换机油机滤", 160, 420, 580, back, back]
    return {
        "员工": [
            EMPLOYEES,
            ["E101", ADVISOR, "女", "售后服务部", "服务顾问", "13800001101", hired, "在职"],
            ["E102", CONSULTANT, "女", "销售部", "销售顾问", "13800001102", hired, "在职"],
            ["E103", TECHNICIAN, "男", "车间", "机电技师", "13800001103", hired, "在职"],
        ],
        "交车明细": [
            DELIVERIES,
            [
                1,
                (today - timedelta(days=1)).isoformat(),
                "周敏",
                "13900001201",
                "远岚 E5",
                vin(1),
                CONSULTANT,
                168800,
                "",
            ],
        ],
        "维修工单": [
            ORDERS,
            ["RO0001", back, "渝A12345", vin(2), "欧阳浩", "欧阳浩", "13900001202", *visit],
            ["RO0002", back, "渝AD12345", vin(3), "谭建国", "谭建国", "13900001203", *visit],
        ],
    }


def vin(number: int) -> str:
    """A VIN with its right check digit."""
    draft = f"LYLE5ABC0TC{number:06d}"
    return draft[:8] + vins.check_digit(draft) + draft[9:]


def workbook(path: Path, rows: list[list[object]]) -> Path:
    """Write rows as an xlsx file."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    path.write_bytes(stream.getvalue())
    return path


# ---- what people do --------------------------------------------------------------------------------------------------


def bring(admin: Visitor, file: Path, picture: str) -> None:
    """Upload a file, look at the preview, confirm it, and wait until it is written."""
    page = admin.go("/imports/new/")
    page.set_input_files("input[type=file]", file)
    page.locator("main form button[type=submit].btn-primary").click()
    page.wait_for_selector("form[action$='/confirm/']", timeout=30_000)
    admin.picture(f"1{picture}-preview")
    page.locator("form[action$='/confirm/'] button[type=submit]").click()
    page.wait_for_selector("a.btn-primary[href='/imports/new/']", timeout=30_000)
    expect(page.locator("h1")).to_contain_text(file.name)
    admin.picture(f"1{picture}-result")


def call_with_a_low_mark(specialist: Visitor) -> None:
    """The next call: all well, but the reception; the customer complains."""
    specialist.go("/revisits/")
    specialist.picture("20-due-list")
    page = take_next(specialist)
    specialist.picture("30-call")
    give_marks(page, "9")
    low = page.locator("[data-question*='reception']").first
    low.locator("input[value='4']").check(force=True)
    low.locator("textarea").fill(REASON)
    page.locator("input[name=decision][value=complaint]").check(force=True)
    page.locator("input[name=demand]").fill("给个说法")
    page.locator("input[name=result][value=SUCCESS]").check(force=True)
    specialist.picture("31-call-answered")
    page.locator("button[name=go][value=back]").click()
    page.wait_for_url("**/revisits/")
    specialist.picture("32-due-list-after")


STAGES: tuple[tuple[str, dict[str, str]], ...] = (
    ("accept", {"select[name=handler]": "何志远"}),
    ("contact", {"textarea[name=note]": "已致电致歉，了解当天情况"}),
    ("investigate", {"select[name=cause_class]": "poor_service", "textarea[name=cause]": "当天进厂集中，没有安排接待"}),
    ("propose", {"textarea[name=solution]": "当面致歉，赠送一次基础保养"}),
    ("tell", {"input[name=accepts][value=yes]": ""}),
    ("act", {"textarea[name=note]": "已登记保养券"}),
    ("submit", {}),
    ("confirm_liability", {"select[name=direct]": ADVISOR}),
)


def take_through_the_stages(head: Visitor) -> str:
    """The head opens the ticket from the list and takes step after step; gives its address."""
    page = head.go("/complaints/")
    head.picture("40-complaints")
    ticket = page.locator("tbody a[href^='/complaints/']").first.get_attribute("href") or ""
    page = head.go(ticket)
    walk(head, STAGES, "5")
    expect(page.locator("main")).to_contain_text("待回访")
    head.picture("58-complaint-handed-over")
    return ticket


def confirm(specialist: Visitor) -> None:
    """The confirming call comes first of all; the customer is satisfied."""
    page = take_next(specialist)
    expect(page.locator("input[name=confirm_result]").first).to_be_attached()
    give_marks(page, "9")
    page.locator("input[name=confirm_result][value=satisfied]").check(force=True)
    page.locator("input[name=result][value=SUCCESS]").check(force=True)
    specialist.picture("60-confirming-call")
    page.locator("button[name=go][value=back]").click()
    page.wait_for_url("**/revisits/")


def the_month_counts_it(manager: Visitor, today: date) -> None:
    """The running month's draft has one complaint, against the advisor."""
    page = manager.go("/reports/")
    page.select_option("select[name=month]", f"{today:%Y-%m}")
    page.locator("form[action='/reports/build/'] button[type=submit]").click()
    link = page.locator("tbody a[href^='/reports/']").first
    for _ in range(20):
        page.wait_for_timeout(500)
        manager.go("/reports/")
        if link.count():
            break
    manager.picture("80-reports")
    manager.go(link.get_attribute("href") or "")
    manager.picture("81-report")
    row = page.locator("tr", has_text=ADVISOR).first
    row.locator("a[href*='column=direct']", has_text="1").first.click()
    expect(page.locator("main")).to_contain_text(REASON)
    manager.picture("82-report-tickets")
