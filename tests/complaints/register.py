"""An old register of complaints as dealers keep it, taken in through the whole import."""

from __future__ import annotations

from typing import Any

from complaints.models import Complaint
from crm_site.imports.models import ImportBatch
from tests.customers.intake import VIN, table, titles
from tests.imports import sheets

REGISTER = titles(
    "编号|投诉日期|投诉方式|客户姓名|电话|车牌号|车型|VIN|工单号|投诉类别|投诉级别|投诉内容|客户要求|责任部门|责任人"
    "|受理人|处理措施|处理时间|完成日期|是否闭环|回访时间|回访结果|备注"
)
ROW: dict[str, Any] = {
    "编号": "TS2025-0001", "投诉日期": "2025-03-05 14:20", "投诉方式": "来店", "客户姓名": "张三",
    "电话": "13800138001", "车牌号": "渝A·D12345", "车型": "远岚 E5", "VIN": VIN, "工单号": "RO1",
    "投诉类别": "维修质量", "投诉级别": "一般", "投诉内容": "空调修了两次还是有异味", "客户要求": "免费返修",
    "责任部门": "售后服务部", "责任人": "罗雪", "受理人": "陈思雨", "处理措施": "更换蒸发箱",
    "处理时间": "2025-03-06 10:00", "完成日期": "2025-03-07", "是否闭环": "是", "回访时间": "2025-03-08 15:30",
    "回访结果": "满意", "备注": "老客户",
}  # fmt: skip
#: as little as a register may say
BARE = {"编号": "B1", "投诉日期": "2025-03-05", "投诉内容": "有异味"}


def row(**changed: Any) -> dict[str, Any]:
    """A full line with some cells written otherwise; None empties one."""
    return {**ROW, **changed}


def bare(**more: Any) -> dict[str, Any]:
    """The least line with some cells more."""
    return {**BARE, **more}


def look(person, *rows: dict[str, Any]) -> ImportBatch:
    """Read the rows as one workbook and stop at the preview."""
    return sheets.read(person, sheets.workbook(("投诉", table(REGISTER, *rows))), "投诉登记表.xlsx")


def take_in(person, *rows: dict[str, Any]) -> ImportBatch:
    """Import the rows as one workbook."""
    return sheets.write(person, look(person, *rows))


def one(**wanted: Any) -> Complaint:
    """The only ticket, or the one of a number."""
    return Complaint.objects.get(**wanted)
