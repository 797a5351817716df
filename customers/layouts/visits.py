"""维修工单: the list of repair orders, in the two forms that dealer-management systems give out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_site.imports.layout import (
    CHOICE,
    CODE,
    DATE,
    EMPLOYEE,
    INT,
    MONEY,
    NAME,
    PHONE,
    PLATE,
    TEXT,
    VIN,
    YESNO,
    Field,
    Layout,
    Row,
)
from customers import rules
from customers.actions.intake import save_visits
from customers.intake.visits import settle_rows
from customers.layouts.flags import read_flag
from customers.layouts.glue import ADVISOR_TITLES, EFFECTS, PLATE_TITLES, VIN_TITLES, check_name, check_order, pair
from customers.rules.facts import OPEN, VOID

JOBS = {
    "首保": "first_service", "首次保养": "first_service", "免费首保": "first_service", "定期保养": "scheduled",
    "定保": "scheduled", "保养": "scheduled", "常规保养": "scheduled", "一般修理": "general", "一般维修": "general",
    "普通维修": "general", "小修": "general", "修理": "general", "维修": "general", "事故": "accident",
    "事故车": "accident", "事故维修": "accident", "索赔": "warranty", "保修": "warranty", "三包索赔": "warranty",
    "钣喷": "body", "钣金喷漆": "body", "钣金": "body", "喷漆": "body", "返修": "rework", "返工": "rework",
    "免费检查": "free_check", "免检": "free_check", "PDI": "pdi", "新车检查": "pdi", "洗车": "wash", "美容": "wash",
    "内部": "internal", "内部维修": "internal",
}  # fmt: skip
STATES = {
    "反结算": "open", "已反结算": "open", "反结": "open", "撤销结算": "open", "取消结算": "open", "重新打开": "open",
    "在修": "open", "维修中": "open", "未结算": "open", "待结算": "open", "已派工": "open", "已结算": "settled",
    "结算": "settled", "已交车": "settled", "已出厂": "settled", "完工": "settled", "已完成": "settled", "作废": "void",
    "已作废": "void", "废单": "void", "作废单": "void", "取消": "void", "已取消": "void", "撤单": "void",
}  # fmt: skip
PAID = ("paid_coupon", "paid_transfer", "paid_cash")
AMOUNTS = ("labour_fee", "parts_fee", *PAID, "total_fee")


def key(row: Row) -> str | None:
    """The order number."""
    return row.get("order_number")


def finish(row: Row) -> None:
    """The state where the file has none, the total where it gives only how it was paid; days must be in order."""
    check_name(row, "owner_name")
    check_name(row, "bringer_name")
    check_order(row, "checked_in_on", "settled_on")
    check_order(row, "checked_in_on", "handed_back_on")
    _take_back(row)
    stated, settled, handed_back = map(row.values.get, ("state", "settled_on", "handed_back_on"))
    if stated or settled or handed_back:  # a file that says nothing of it does not open an order that is settled
        row.values["state"] = rules.order_state(stated, settled, handed_back)
    if row.values.get("total_fee") is None:
        paid = [row.values[name] for name in PAID if row.values.get(name) is not None]
        if paid:
            row.values["total_fee"] = sum(paid, Decimal())


def _take_back(row: Row) -> None:
    """作废 and 反结算 in columns of their own; settled again after the settlement was taken back, the order stands."""
    reopened = read_flag(row, "reopened", "反结算", "已反结算", "反结")
    settled = row.get("settled_on")
    is_settled_again = isinstance(reopened, date) and settled is not None and settled > reopened
    if reopened and not is_settled_again:
        row.values["state"] = OPEN
    if read_flag(row, "void", "作废", "已作废", "废"):
        row.values["state"] = VOID


def merge(first: Row, second: Row) -> None:
    """Fold a further line of an order into its first: items joined, amounts as a person has said, else as they look.

    Amounts that differ are summed, those that every line repeats are kept once; the latter is said to be in doubt.
    """
    folded = next((finding for finding in first.findings if finding["code"] == "order_lines"), None)
    if folded is None:
        first.mended("order_lines", "order_number", first.get("order_number"), lines=1, repeated=list(AMOUNTS))
        folded = first.findings[-1]
    repeated = set(folded["repeated"])
    for name in AMOUNTS:
        if name in first.values or name in second.values:
            found = _folded(first, second, name, lines=folded["lines"], repeated=name in repeated)
            first.values[name] = found.amount
            if not found.repeated:
                repeated.discard(name)
    folded |= {"lines": folded["lines"] + 1, "repeated": sorted(repeated)}
    folded["doubt"] = not first.amounts and any(first.get(name) for name in repeated)
    first.values["items"] = rules.join_items(first.get("items"), second.get("items"))
    _take_missing(first, second.values)


def _folded(first: Row, second: Row, name: str, *, lines: int, repeated: bool) -> rules.Fold:
    """One amount of an order after a further line: summed or the first line's where a person has said so."""
    one, other = first.get(name), second.get(name)
    if not first.amounts or one is None or other is None:
        return rules.fold_amount(one, other, lines=lines, repeated=repeated)
    return rules.Fold(one + other if first.amounts == "sum" else one, False)


def _take_missing(first: Row, more: dict[str, Any]) -> None:
    """What only a further line says."""
    for name, value in more.items():
        if first.values.get(name) in (None, "", []):
            first.values[name] = value


_compare, _apply = pair(lambda: REPAIR_ORDERS, settle_rows, save_visits)

REPAIR_ORDERS: Layout = Layout(
    code="repair_orders",
    label=_("Repair orders"),
    fields=(
        Field(
            "order_number",
            _("Order number"),
            ("工单号", "维修单号", "委托书号", "RO号", "施工单号", "结算单号"),
            CODE,
            required=True,
            max_length=40,
        ),
        Field(
            "checked_in_on",
            _("Checked in on"),
            ("进厂日期", "开单时间", "开单日期", "进厂时间", "接车时间", "来厂日期"),
            DATE,
            required=True,
        ),
        Field(
            "job_type",
            _("Job type"),
            ("维修类别", "维修类型", "业务类型", "工单类型", "修理类别"),
            CHOICE,
            choices=JOBS,
            strict=False,
        ),
        Field("vin", _("VIN"), VIN_TITLES, VIN, required=True),
        Field("plate_no", _("Plate"), PLATE_TITLES, PLATE, max_length=12, strict=False),
        Field("brand", _("Brand"), ("品牌", "厂牌"), TEXT, max_length=40),
        Field("series", _("Series"), ("车系",), TEXT, max_length=60),
        Field("model", _("Model"), ("车型", "车型名称"), TEXT, max_length=80),
        Field("owner_name", _("Owner"), ("车主", "车主姓名", "客户名称", "客户姓名", "客户"), NAME, max_length=80),
        Field("bringer_name", _("Brought by"), ("送修人", "送修人姓名", "联系人"), NAME, max_length=80),
        Field(
            "bringer_phone",
            _("Phone of the person bringing the car"),
            ("送修人电话", "送修人手机", "联系人电话", "联系电话", "手机", "电话"),
            PHONE,
            strict=False,
        ),
        Field("is_rework", _("Rework"), ("是否返修", "返修"), YESNO, strict=False),
        Field(
            "mileage_km", _("Mileage"), ("进厂行驶里程", "进厂里程", "行驶里程", "里程", "里程数"), INT, strict=False
        ),
        Field("complaint_text", _("Described fault"), ("故障描述", "客户描述", "报修内容"), TEXT, max_length=500),
        Field("items", _("Items"), ("维修项目", "维修内容", "作业项目", "项目"), TEXT, max_length=1000),
        Field("labour_fee", _("Labour fee"), ("工时费", "工时金额", "人工费"), MONEY, strict=False),
        Field("parts_fee", _("Parts fee"), ("材料费", "配件费", "配件金额", "材料金额"), MONEY, strict=False),
        Field("paid_coupon", _("Paid by coupon"), ("优惠劵消费", "优惠券消费", "卡券抵扣"), MONEY, strict=False),
        Field("paid_transfer", _("Paid by transfer"), ("转账消费", "转帐消费"), MONEY, strict=False),
        Field("paid_cash", _("Paid in cash"), ("现金消费",), MONEY, strict=False),
        Field(
            "total_fee",
            _("Total"),
            ("合计金额", "消费总额", "合计", "总金额", "应收金额", "结算金额"),
            MONEY,
            strict=False,
        ),
        Field("settled_on", _("Settled on"), ("结算时间", "结算日期"), DATE),
        Field(
            "handed_back_on", _("Handed back on"), ("交车时间", "交车日期", "出厂时间", "出厂日期", "提车时间"), DATE
        ),
        Field("state", _("State"), ("状态", "工单状态", "单据状态"), CHOICE, choices=STATES, strict=False),
        Field("void", _("Void"), ("作废", "是否作废", "作废标志", "作废日期", "作废时间"), TEXT, max_length=40),
        Field(
            "reopened",
            _("Settlement taken back"),
            ("反结算", "是否反结算", "反结算日期", "反结算时间", "反结算标志"),
            TEXT,
            max_length=40,
        ),
        Field("service_advisor", _("Service advisor"), ADVISOR_TITLES, EMPLOYEE),
        Field("technician", _("Lead technician"), ("主修技师", "主修", "维修技师", "技师", "主修人"), EMPLOYEE),
        Field("technician_mechanical", _("Lead, mechanical"), ("机电主修", "机修主修"), EMPLOYEE),
        Field("technician_body", _("Lead, sheet metal"), ("钣金主修",), EMPLOYEE),
        Field("technician_paint", _("Lead, paint"), ("喷漆主修", "油漆主修"), EMPLOYEE),
        Field("booking_number", _("Booking number"), ("预约单号", "预约号"), CODE, max_length=40),
    ),
    key=key,
    finish=finish,
    merge=merge,
    day_field="checked_in_on",
    effects=EFFECTS,
    follows=_("Revisits are scheduled for new visits; those of void orders come off the list."),
    compare=_compare,
    apply=_apply,
)
