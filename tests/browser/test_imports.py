"""An administrator's morning with a nasty file: mapped, asked, corrected, written, repaired in a workbook, undone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from crm_site.core import clock
from tests.browser.test_journey import EMPLOYEES, TECHNICIAN, bring, due_list_has, vin, workbook
from tests.browser.visitor import Visitor
from tests.stack import Stack

pytestmark = pytest.mark.browser

#: 大保 is no job type we know, 李工 nobody's name, 店内单据 no title of an order number
TITLES = ["店内单据", "开单时间", "车牌", "VIN", "车主", "送修人", "送修人电话", "维修类别", "进厂里程", "服务顾问",
          "结算时间", "交车时间"]  # fmt: skip
ADVISOR = "李明"


def test_a_nasty_file_from_its_columns_to_its_undo(stack: Stack, visit, tmp_path: Path):
    stack.manage("shell", "--no-imports", "-c", "from tests.browser import setting; setting.make()")
    admin: Visitor = visit(stack.url, "admin")
    bring(admin, workbook(tmp_path / "员工.xlsx", people()), "imports-0")
    page = upload(admin, workbook(tmp_path / "维修工单.xlsx", orders()))
    map_the_order_number(admin, page)
    answer_the_questions(admin, page)
    correct_the_vin(admin, page)
    confirm(admin, page, "84-import-result")
    due_list_has(stack, 2)
    repaired = repair(fetch_the_workbook(admin, page, tmp_path))
    page = upload(admin, repaired)
    expect(page.locator("form#confirm")).to_contain_text("1")
    admin.picture("86-import-repair")
    confirm(admin, page, "87-import-repaired")
    due_list_has(stack, 3)
    undo(admin, page)
    assert stack.ask("__import__('customers.models').models.RepairOrder.objects.count()") == "2"
    due_list_has(stack, 2)


def people() -> list[list[object]]:
    """The roster that the orders' people are looked up in."""
    return [
        EMPLOYEES,
        ["E101", ADVISOR, "男", "售后服务部", "服务顾问", "13800001101", "2024-03-05", "在职"],
        ["E103", TECHNICIAN, "男", "车间", "机电技师", "13800001103", "2024-03-05", "在职"],
    ]


def orders() -> list[list[object]]:
    """A title, an instruction, the header, three orders with a fault each, and a count."""
    back = (clock.today() - timedelta(days=3)).isoformat()
    letter = vin(12)[:-6] + "O" + vin(12)[-5:]
    return [
        ["渝北汽车销售服务有限公司 维修工单明细"],
        ["请勿修改列名,日期按年-月-日"],
        TITLES,
        ["WX0001", back, "渝A12345", vin(11), "周敏", "周敏", "13900001211", "定期保养", 12800, "李工", back, back],
        ["WX0002", back, "渝AD12345", letter, "欧阳浩", "欧阳浩", 13900001212.0, "大保", 5100, ADVISOR, back, back],
        ["WX0003", "2026/2/30", "渝B54321", vin(13), "谭建国", "谭建国", "13900001213", "一般维修", 900, ADVISOR, back,
         back],
        ["记录数:3"],
    ]  # fmt: skip


def upload(admin: Visitor, file: Path) -> Page:
    """Bring a file and wait until it is read."""
    page = admin.go("/imports/new/")
    page.set_input_files("input[type=file]", file)
    page.locator("main form button[type=submit].btn-primary").click()
    page.wait_for_selector("form[action$='/confirm/'], a[href$='/columns/']", timeout=30_000)
    return page


def map_the_order_number(admin: Visitor, page: Page) -> None:
    """No column is called like an order number: say by hand which one it is."""
    admin.picture("80-import-not-recognised")
    page.locator("a[href$='/columns/']").first.click()
    column = page.locator("tr", has_text="店内单据")
    column.locator("select").select_option("order_number")
    admin.picture("81-import-columns")
    page.locator("main .btn-primary").click()
    page.wait_for_selector("form#confirm", timeout=30_000)


def answer_the_questions(admin: Visitor, page: Page) -> None:
    """Once a file: what 大保 is, and who 李工 is."""
    questions = page.locator("#questions")
    expect(questions).to_contain_text("大保")
    expect(questions).to_contain_text("李工")
    admin.picture("82-import-questions")
    questions.locator("label", has_text="大保").locator("select").select_option("scheduled")
    questions.locator("label", has_text="李工").locator("select").select_option(label=f"{ADVISOR} E101")
    questions.locator("button[type=submit]").click()
    page.wait_for_selector("form#confirm", timeout=30_000)
    expect(page.locator("#questions")).to_have_count(0)


def correct_the_vin(admin: Visitor, page: Page) -> None:
    """The letter O becomes a zero by one click; the row is judged anew at once."""
    refused = page.locator("tbody[id^='row-']", has_text="WX0002")
    expect(refused.locator("input[aria-invalid]")).to_have_count(1)
    admin.picture("83-import-preview")
    refused.locator("button[name=take]").click()
    expect(refused).to_contain_text("新增")
    expect(page.locator("form#confirm button[type=submit]")).to_contain_text("2")


def confirm(admin: Visitor, page: Page, picture: str) -> None:
    """Write what the preview shows, and wait until it is written."""
    page.locator("form#confirm button[type=submit]").click()
    page.wait_for_selector("a.btn-primary[href='/imports/new/']", timeout=30_000)
    admin.picture(picture)


def fetch_the_workbook(admin: Visitor, page: Page, folder: Path) -> Path:
    """Have the error workbook built, and download it."""
    page.locator("form[action$='/workbook/ask/'] button").first.click()
    button = page.locator("form[action^='/files/'] button.btn-primary")
    button.wait_for(timeout=30_000)
    admin.picture("85-import-workbook")
    with page.expect_download() as arriving:
        button.click()
    arriving.value.save_as(folder / "错误.xlsx")
    return folder / "错误.xlsx"


def repair(path: Path) -> Path:
    """Correct the red cell, as people do, and save."""
    book = openpyxl.load_workbook(path)
    red = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.comment and cell.value == "2026/2/30"]
    assert len(red) == 1
    red[0].value = (clock.today() - timedelta(days=4)).isoformat()
    book.save(path)
    return path


def undo(admin: Visitor, page: Page) -> None:
    """Take the second import back: see the plan, confirm it, see that all is as before."""
    page.locator("form[action$='/undo/ask/'] button").click()
    page.wait_for_selector("form[action$='/undo/confirm/']", timeout=30_000)
    admin.picture("88-import-undo-plan")
    page.locator("form[action$='/undo/confirm/'] button[type=submit]").click()
    page.wait_for_selector("a.btn-primary[href='/imports/new/']", timeout=30_000)
    admin.picture("89-import-undone")
    admin.check_access("import undone")
