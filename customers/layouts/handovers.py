"""交车明细: the list of cars handed over."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext_lazy as _

from crm_site.imports.layout import (
    CHOICE,
    DATE,
    EMPLOYEE,
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
from customers.actions.intake import save_handovers
from customers.intake.handovers import settle_rows
from customers.layouts.flags import read_flag
from customers.layouts.glue import (
    EFFECTS,
    NAME_TITLES,
    PHONE_TITLES,
    PLATE_TITLES,
    VIN_TITLES,
    check_name,
    check_order,
    pair,
)

SALES = {
    "零售": "retail", "个人零售": "retail", "展厅": "retail", "大客户": "fleet", "团购": "fleet", "集团": "fleet",
    "二网": "reseller", "二级网点": "reseller", "分销": "reseller", "批发": "reseller", "试驾自用": "demo",
    "试驾车": "demo", "试乘试驾": "demo", "自用": "demo",
}  # fmt: skip


#: what a list calls a delivery that was taken back, and one that stands
STANDS = {
    "退车": "returned", "已退车": "returned", "已退": "returned", "退单": "returned", "已退单": "returned",
    "正常": "stands", "已交车": "stands", "已交付": "stands", "已完成": "stands", "有效": "stands",
}  # fmt: skip


def key(row: Row) -> str | None:
    """The car and the day."""
    return f"{row.get('vin')}|{row.get('delivered_on')}" if row.get("vin") and row.get("delivered_on") else None


def finish(row: Row) -> None:
    """Refuse a price below zero and a return before the delivery; a return may be told by a day, a yes or a state."""
    check_name(row, "name")
    returned = read_flag(row, "returned", "退车", "已退车", "退")
    if isinstance(returned, date) and not row.get("returned_on"):
        row.values["returned_on"] = returned
    if row.get("state") == "returned" or row.get("returned_on"):
        row.values["returned"] = True
    check_order(row, "delivered_on", "returned_on")
    if row.get("price") is not None and row.get("price") < 0:
        row.problem("number_range", "price", row.get("price"))


_compare, _apply = pair(lambda: DELIVERIES, settle_rows, save_handovers)

DELIVERIES: Layout = Layout(
    code="deliveries",
    label=_("Deliveries"),
    fields=(
        Field("delivered_on", _("Delivered on"), ("交车日期", "交车时间", "交付日期", "提车日期"), DATE, required=True),
        Field("name", _("Customer"), NAME_TITLES, NAME, required=True, max_length=80),
        Field("phone", _("Phone"), PHONE_TITLES, PHONE, strict=False),
        Field("picked_up_by", _("Picked up by"), ("提车人", "提车人姓名"), NAME, max_length=80),
        Field("brand", _("Brand"), ("品牌", "厂牌"), TEXT, max_length=40),
        Field("series", _("Series"), ("车系",), TEXT, max_length=60),
        Field("model", _("Model"), ("车型", "车型名称", "车款"), TEXT, max_length=80),
        Field("colour", _("Colour"), ("车身颜色", "颜色", "车色"), TEXT, max_length=30),
        Field("vin", _("VIN"), VIN_TITLES, VIN, required=True),
        Field("engine_no", _("Engine number"), ("发动机号", "发动机号码", "电机号"), TEXT, max_length=30),
        Field("sales_consultant", _("Sales consultant"), ("销售顾问", "销售人员", "销售员"), EMPLOYEE),
        Field("delivery_specialist", _("Delivery specialist"), ("交车专员", "交付专员"), EMPLOYEE),
        Field("sale_type", _("Sale type"), ("销售类型", "销售渠道", "销售性质"), CHOICE, choices=SALES, strict=False),
        Field("payment", _("Way of payment"), ("购车方式", "付款方式", "支付方式"), TEXT, max_length=40),
        Field("price", _("Price"), ("成交价", "成交价格", "售价", "车价"), MONEY, strict=False),
        Field("insured_here", _("Insured here"), ("是否本店投保", "本店投保", "店内投保"), YESNO, strict=False),
        Field("insurance_until", _("Insured until"), ("保险到期", "保险到期日"), DATE, strict=False),
        Field("plate_no", _("Plate"), PLATE_TITLES, PLATE, max_length=12, strict=False),
        Field("returned_on", _("Returned on"), ("退车日期", "退车时间"), DATE, strict=False),
        Field("returned", _("Returned"), ("退车", "是否退车", "退车标志", "退车标记"), TEXT, max_length=40),
        Field("state", _("State"), ("状态", "交车状态", "销售状态", "单据状态"), CHOICE, choices=STANDS, strict=False),
        Field("note", _("Note"), ("备注", "说明"), TEXT, max_length=200),
    ),
    key=key,
    finish=finish,
    day_field="delivered_on",
    effects=EFFECTS,
    follows=_("Revisits are scheduled for the cars that are newly delivered."),
    compare=_compare,
    apply=_apply,
)
