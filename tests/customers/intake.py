"""Lists as dealers give them out, taken into the archive through the whole import."""

from collections.abc import Sequence
from typing import Any

from crm_site.imports.models import ImportBatch, StagedRow
from tests.imports import sheets


def titles(written: str) -> list[str]:
    """A header row as the glossary of the trade writes it."""
    return written.split("|")


CUSTOMERS = titles(
    "序号|客户编号|客户名称|客户类型|性别|手机|备用电话|证件号码|出生日期|省|市|区|详细地址|车牌号|车架号(VIN)"
    "|发动机号|品牌|车系|车型|颜色|购车日期|上牌日期|销售顾问|保险到期日|年检到期日|末次进厂日期|末次里程"
    "|客户来源|营销同意|备注"
)
DELIVERIES = titles(
    "序号|交车日期|客户姓名|联系电话|车型|车身颜色|车架号|发动机号|销售顾问|购车方式|成交价|是否本店投保|保险到期"
    "|上牌情况|车牌号|备注"
)
#: without a name and a number: joined to the archive by the VIN
ORDERS_BY_VIN = titles(
    "档案编号|进厂日期|工单号|维修类型|车架号|车牌号|品牌|车系|是否返修|进厂行驶里程|维修项目|优惠劵消费|转账消费"
    "|现金消费|消费总额|钣金主修|喷漆主修|机电主修|交车日期|是否回访|预约单号|服务顾问"
)
ORDERS = titles(
    "工单号|开单时间|车牌|VIN|车主|送修人|送修人电话|维修类别|进厂里程|服务顾问|主修技师|故障描述|维修项目|工时费"
    "|材料费|合计金额|结算时间|交车时间|状态"
)

VIN = "LSVAA4180E2000017"
OTHER_VIN = "LSVAA4180E2000024"

CUSTOMER = {
    "客户编号": "K1", "客户名称": "张三", "客户类型": "个人", "性别": "男", "手机": "13800138001", "市": "重庆市",
    "车牌号": "渝A·D12345", "车架号(VIN)": VIN, "车系": "远岚", "颜色": "白", "购车日期": "2025-03-11",
}  # fmt: skip
DELIVERY = {
    "交车日期": "2026-09-13", "客户姓名": "张三", "联系电话": "13800138001", "车型": "远岚 E5", "车架号": VIN,
    "销售顾问": "江雨薇", "成交价": "168,800", "是否本店投保": "是", "保险到期": "2027-09-12",
}  # fmt: skip
ORDER = {
    "工单号": "RO1", "开单时间": "2026-09-10 09:20", "VIN": VIN, "车主": "张三", "送修人": "李四",
    "送修人电话": "13900139001", "维修类别": "一般修理", "进厂里程": 38420, "服务顾问": "罗雪", "主修技师": "唐建军",
    "维修项目": "更换前刹车片", "工时费": 300, "材料费": 986, "合计金额": 1286, "结算时间": "2026-09-11",
    "交车时间": "2026-09-12 17:00",
}  # fmt: skip
ORDER_BY_VIN = {
    "工单号": "RO9", "进厂日期": "2026-09-10", "车架号": VIN, "维修类型": "钣喷",
    "进厂行驶里程": 40000, "维修项目": "喷漆", "是否返修": "否",
    "现金消费": 200, "转账消费": 300, "喷漆主修": "马师傅", "钣金主修": "牛师傅",
    "交车日期": "2026-09-12",
}  # fmt: skip


def table(header: Sequence[str], *rows: dict[str, Any]) -> list[list[Any]]:
    """A sheet: the header and each row's values under it."""
    return [list(header), *([row.get(title) for title in header] for row in rows)]


def look(person, header: Sequence[str], *rows: dict[str, Any], historical: bool = False) -> ImportBatch:
    """Read the rows as one workbook and stop at the preview."""
    return sheets.read(person, sheets.workbook(("表", table(header, *rows))), historical=historical)


def take_in(person, header: Sequence[str], *rows: dict[str, Any], historical: bool = False) -> ImportBatch:
    """Import the rows as one workbook."""
    return sheets.write(person, look(person, header, *rows, historical=historical))


def verdicts(batch: ImportBatch) -> list[str]:
    """The verdict of each row, in their order."""
    return list(StagedRow.objects.filter(batch=batch).order_by("row").values_list("verdict", flat=True))


def codes(batch: ImportBatch) -> set[str]:
    """The codes of everything found in the rows."""
    found = StagedRow.objects.filter(batch=batch).values_list("findings", flat=True)
    return {finding["code"] for row in found for finding in row}
