"""投诉登记表: the register of complaints that a dealer kept before, one complaint a row, taken over as history."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from complaints.actions.intake import save_register
from complaints.intake.register import settle_rows
from complaints.layouts import words
from complaints.rules import register as rules
from crm_site.imports.layout import (
    CHOICE,
    CODE,
    EMPLOYEE,
    MOMENT,
    NAME,
    PHONE,
    PLATE,
    TEXT,
    VIN,
    Field,
    Layout,
    Row,
)
from crm_site.imports.rules import header_key
from customers.layouts.glue import PHONE_TITLES, PLATE_TITLES, VIN_TITLES, pair

#: moments that cannot lie before the complaint was received
LATER = ("solved_at", "closed_at", "confirmed_at")
_PARTIES = {header_key(word): party for word, party in words.PARTIES.items()}


def key(row: Row) -> str | None:
    """The register's number."""
    return row.get("number")


def finish(row: Row) -> None:
    """What follows from the cells: where it stands, its kind, category and subject, and who is liable."""
    values = row.values
    state = rules.state_of(row.get("state"), is_finished=row.get("closed_at") is not None)
    if state == rules.RECORDED and row.get("closed_at"):
        # the register gives a day on which the work was done, and denies that the loop is closed
        values["solved_at"], values["closed_at"] = row.get("solved_at") or row.get("closed_at"), None
    values["state"] = state
    values["kind"] = rules.kind_of(row.get("kind"), row.get("level"))
    values["category"] = rules.category_of(row.get("category"), values.pop("part", None))
    values["topic"] = rules.topic_of(values.pop("part_words", None), row.get("topic"))
    _read_liable(row)
    for name in LATER:
        if row.get(name) and row.get("received_at") and row.get(name) < row.get("received_at"):
            row.warn("ends_before_begin", name, f"{row.get(name):%Y-%m-%d}")


def _read_liable(row: Row) -> None:
    """A party (厂家, 无责任) in the place of a name is no name."""
    written = row.get("liable_name")
    party = _PARTIES.get(header_key(written)) if written else None
    if party:
        row.values["liable_name"] = None
        row.values["liable_party"] = str(party)


_compare, _apply = pair(lambda: COMPLAINTS, settle_rows, save_register)

_WHAT = (
    Field(
        "number",
        _("Number"),
        ("投诉编号", "编号", "投诉单号", "单号", "登记编号", "投诉登记号", "受理编号", "案件编号", "工单编号"),
        CODE,
        required=True,
        max_length=40,
    ),
    Field(
        "received_at",
        _("Received"),
        ("投诉日期", "投诉时间", "受理日期", "受理时间", "登记日期", "登记时间", "接诉日期", "接诉时间", "来电时间"),
        MOMENT,
        required=True,
    ),
    Field(
        "category",
        _("Category"),
        ("投诉类别", "投诉类型", "投诉分类", "类别", "问题类型", "问题类别", "问题分类", "投诉项目"),
        CHOICE,
        choices=words.categories,
        words_in="topic",
        several=True,
        strict=False,
    ),
    Field(
        "words",
        _("In the customer's words"),
        ("投诉内容", "投诉简述", "投诉描述", "投诉详情", "投诉事项", "内容", "问题描述", "客户原话", "反映内容"),
        TEXT,
        max_length=4000,
        whole=True,
    ),
    Field(
        "level", _("Level"), ("投诉级别", "投诉等级", "级别", "等级", "严重程度"), CHOICE, choices=words.levels,
        strict=False,
    ),
    Field(
        "source",
        _("Source"),
        ("投诉方式", "投诉渠道", "投诉来源", "受理方式", "受理渠道", "来源", "渠道"),
        CHOICE,
        choices=words.SOURCES,
        strict=False,
    ),
    Field("kind", _("Nature"), ("投诉性质", "性质", "单据类型"), CHOICE, choices=words.KINDS, strict=False),
    Field(
        "part",
        _("Part of the car"),
        ("投诉问题", "投诉部位", "问题部位", "故障部位", "故障系统", "所属系统", "投诉对象"),
        CHOICE,
        choices=words.categories,
        words_in="part_words",
        several=True,
        strict=False,
    ),
    Field(
        "demand", _("Demand"), ("客户要求", "客户诉求", "诉求", "投诉诉求", "用户诉求", "要求"), TEXT, max_length=4000
    ),
    Field("topic", _("Subject"), (), TEXT, max_length=400),
)  # fmt: skip
_WHO = (
    Field(
        "customer_name",
        _("Customer"),
        ("客户姓名", "客户名称", "投诉人", "投诉人姓名", "投诉客户", "姓名", "客户", "车主", "车主姓名", "联系人"),
        NAME,
        max_length=80,
        strict=False,
    ),
    Field("customer_phone", _("Phone"), ("投诉人电话", *PHONE_TITLES), PHONE, strict=False),
    Field("plate_no", _("Plate"), PLATE_TITLES, PLATE, max_length=12, strict=False),
    Field("vin", _("VIN"), VIN_TITLES, VIN, strict=False),
    Field("brand", _("Brand"), ("投诉品牌", "品牌", "厂牌"), TEXT, max_length=40),
    Field("series", _("Series"), ("投诉车系", "车系"), TEXT, max_length=60),
    Field("model", _("Model"), ("投诉车型", "车型", "车型名称", "车款"), TEXT, max_length=80),
    Field(
        "order_number", _("Order number"), ("工单号", "维修单号", "委托书号", "RO号", "关联工单"), CODE, max_length=40,
        strict=False,
    ),
)  # fmt: skip
_HANDLED = (
    Field(
        "department",
        _("Department"),
        ("责任部门", "被投诉部门", "处理部门", "所属部门", "部门"),
        CHOICE,
        choices=words.DEPARTMENTS,
        strict=False,
    ),
    Field(
        "liable_name", _("Liable"), ("责任人", "直接责任人", "责任员工", "被投诉人", "当事人"), EMPLOYEE, max_length=60,
        strict=False,
    ),
    Field("liable_party", _("Liable party"), ("责任方", "责任归属"), CHOICE, choices=words.PARTIES, strict=False),
    Field(
        "reported_by_name",
        _("Registered by"),
        ("受理人", "登记人", "受理人员", "接诉人", "接待人", "记录人", "客服专员"),
        EMPLOYEE,
        max_length=60,
        strict=False,
    ),
    Field(
        "handler_name", _("Handler"), ("处理人", "责任处理人", "跟进人", "经办人", "处理人员"), EMPLOYEE, max_length=60,
        strict=False,
    ),
    Field(
        "solution",
        _("Solution"),
        ("处理措施", "处理结果", "处理方案", "解决方案", "处理情况", "处理意见", "处理过程"),
        TEXT,
        max_length=4000,
    ),
    Field("solved_at", _("Handled at"), ("处理时间", "处理日期"), MOMENT, strict=False),
    Field(
        "closed_at",
        _("Closed at"),
        ("完成日期", "完成时间", "结案日期", "结案时间", "关闭日期", "关闭时间", "闭环日期", "闭环时间"),
        MOMENT,
        strict=False,
    ),
    Field(
        "state",
        _("Closed loop"),
        ("是否闭环", "闭环", "是否关闭", "是否结案", "处理状态", "状态", "投诉状态", "是否完成"),
        CHOICE,
        choices=words.ENDS,
        strict=False,
    ),
    Field("confirmed_at", _("Confirming call at"), ("回访时间", "回访日期", "二次回访时间"), MOMENT, strict=False),
    Field(
        "result",
        _("Confirming call's result"),
        ("回访结果", "回访满意度", "客户满意度", "二次回访结果", "回访情况"),
        CHOICE,
        choices=words.RESULTS,
        words_in="result_words",
        strict=False,
    ),
    Field("result_words", _("Result in the register's words"), (), TEXT),
    Field("note", _("Note"), ("备注", "说明"), TEXT, max_length=1000),
)  # fmt: skip

COMPLAINTS: Layout = Layout(
    code="complaints",
    label=_("Complaint register"),
    fields=_WHAT + _WHO + _HANDLED,
    one_of=(("words", "category", "part"),),
    key=key,
    finish=finish,
    compare=_compare,
    apply=_apply,
    effects={"liabilities": _("liabilities recorded")},
    follows=_("They become old complaints: no deadlines run, and nobody is notified or called."),
)
