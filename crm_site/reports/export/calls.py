"""The fields of the monthly lists of calls: repair revisits and delivery revisits."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy

from crm_site.core import formats
from crm_site.core.figures import Scope
from crm_site.imports import layout as kinds
from crm_site.reports.export.fields import ExportField, yes_no
from customers.models import Phone
from revisits.queries import sheet
from revisits.queries.coverage import Kind
from revisits.queries.sheet import SheetLine, car_words
from satisfaction.models import QuestionKind


def _overall(line: SheetLine) -> Decimal | None:
    return next((one.value for one in line.answers if one.question.kind == QuestionKind.OVERALL), None)


def _score(line: SheetLine) -> Decimal | None:
    found = line.response.score if line.response and line.response.is_valid else None
    return None if found is None else found.quantize(Decimal("0.1"))


def _phone(number: Phone | None) -> str:
    return number.number if number else ""


def _advisor(line: SheetLine) -> str:
    if line.order is None:
        return ""
    return line.order.service_advisor.name if line.order.service_advisor else line.order.service_advisor_name


def _consultant(line: SheetLine) -> str:
    fact = line.task.delivery
    if fact is None:
        return ""
    return fact.sales_consultant.name if fact.sales_consultant else fact.sales_consultant_name


def _of_order(name: str) -> Callable[[SheetLine], Any]:
    return lambda line: getattr(line.order, name) if line.order else None


def _of_car(name: str) -> Callable[[SheetLine], Any]:
    return lambda line: getattr(line.task.vehicle, name) if line.task.vehicle else ""


CALLS: tuple[ExportField, ...] = (
    ExportField(
        "called_on", gettext_lazy("Called on"), ("回访日期", "回访时间"), lambda line: line.called_on, kinds.DATE
    ),
    ExportField(
        "customer",
        gettext_lazy("Customer"),
        ("客户姓名", "客户名称", "客户", "姓名", "车主", "车主姓名"),
        lambda line: line.task.customer.listed_name if line.task.customer else "",
    ),
    ExportField(
        "phone",
        gettext_lazy("Phone"),
        ("联系电话", "电话", "手机", "手机号", "客户电话"),
        lambda line: _phone(line.task.phone),
        kinds.PHONE,
    ),
    ExportField(
        "phone_masked",
        gettext_lazy("Phone, masked"),
        ("脱敏电话",),
        lambda line: formats.masked_phone(_phone(line.task.phone)),
    ),
    ExportField("plate", gettext_lazy("Plate"), ("车牌号", "车牌", "牌照号"), _of_car("plate_no"), kinds.PLATE),
    ExportField("vin", "VIN", ("VIN", "车架号", "车架号(VIN)", "底盘号"), _of_car("vin"), kinds.VIN),
    ExportField("series", gettext_lazy("Series"), ("车系",), _of_car("series")),
    ExportField("model", gettext_lazy("Model"), ("车型", "车型名称"), lambda line: car_words(line.task.vehicle)),
    ExportField(
        "result",
        gettext_lazy("Result"),
        ("回访结果", "结果", "回访状态"),
        lambda line: line.task.last_result.label if line.task.last_result else "",
    ),
    ExportField(
        "reached",
        gettext_lazy("Reached, yes or no"),
        ("是否接通", "接通"),
        lambda line: yes_no(bool(line.task.last_result and line.task.last_result.reached)),
    ),
    ExportField(
        "completed",
        gettext_lazy("Completed, yes or no"),
        ("是否成功", "是否完成"),
        lambda line: yes_no(line.task.state == "done"),
    ),
    ExportField(
        "overall", gettext_lazy("Overall satisfaction"), ("总体满意度", "满意度", "总体评价"), _overall, kinds.DECIMAL
    ),
    ExportField("score", gettext_lazy("Internal index"), ("满意度得分", "得分", "总分"), _score, kinds.DECIMAL),
    ExportField(
        "answers",
        gettext_lazy("Marks"),
        ("各项评价", "评价明细", "评分明细"),
        lambda line: " · ".join(f"{one.question.label} {formats.number(one.value)}" for one in line.answers),
    ),
    ExportField(
        "low",
        gettext_lazy("Low items"),
        ("不满项目", "不满意项目"),
        lambda line: ", ".join(one.question.label for one in line.low),
    ),
    ExportField(
        "words",
        gettext_lazy("Customer's words"),
        ("客户意见", "客户反馈", "不满原因", "客户原话", "意见建议"),
        lambda line: "; ".join(one.reason for one in line.low if one.reason),
    ),
    ExportField(
        "ticket",
        gettext_lazy("Ticket number"),
        ("投诉编号", "工单编号"),
        lambda line: line.ticket.number if line.ticket else "",
    ),
    ExportField(
        "handler",
        gettext_lazy("Handed to"),
        ("转交人", "处理人", "责任人"),
        lambda line: line.ticket.handler.name if line.ticket and line.ticket.handler else "",
    ),
    ExportField(
        "handling",
        gettext_lazy("What came of it"),
        ("处理结果", "处理措施"),
        lambda line: line.ticket.solution if line.ticket else line.decision,
    ),
    ExportField(
        "caller",
        gettext_lazy("Caller"),
        ("回访人", "回访专员", "回访员"),
        lambda line: line.caller.name if line.caller else "",
    ),
    ExportField(
        "store_name",
        gettext_lazy("Store's name"),
        ("经销商名称", "经销商", "服务店名称", "店名"),
        lambda line: line.task.store.name,
    ),
    ExportField(
        "store_code",
        gettext_lazy("Store's code"),
        ("经销商代码", "服务店代码", "店代码"),
        lambda line: line.task.store.code,
    ),
)
REPAIRS: tuple[ExportField, ...] = (
    *CALLS,
    ExportField(
        "order",
        gettext_lazy("Repair order"),
        ("工单号", "维修工单号", "委托书号"),
        _of_order("order_number"),
        kinds.CODE,
    ),
    ExportField(
        "job",
        gettext_lazy("Kind of work"),
        ("维修类别", "维修类型", "业务类型"),
        lambda line: str(line.order.get_job_type_display()) if line.order else "",
    ),
    ExportField(
        "checked_in_on", gettext_lazy("Checked in on"), ("进厂日期", "来店日期"), _of_order("checked_in_on"), kinds.DATE
    ),
    ExportField(
        "released_on",
        gettext_lazy("Handed back on"),
        ("出厂日期", "交车日期", "结算日期"),
        _of_order("released_on"),
        kinds.DATE,
    ),
    ExportField(
        "mileage", gettext_lazy("Mileage"), ("行驶里程", "进厂里程", "里程"), _of_order("mileage_km"), kinds.INT
    ),
    ExportField("items", gettext_lazy("Repair items"), ("维修项目", "维修内容"), _of_order("items")),
    ExportField("advisor", gettext_lazy("Service advisor"), ("服务顾问", "接待员", "接待"), _advisor),
    ExportField(
        "technicians",
        gettext_lazy("Lead technician"),
        ("主修技师", "主修", "维修技师"),
        lambda line: ", ".join(line.technicians),
    ),
)
DELIVERIES: tuple[ExportField, ...] = (
    *CALLS,
    ExportField(
        "delivered_on",
        gettext_lazy("Delivered on"),
        ("交车日期", "购车日期", "提车日期"),
        lambda line: line.task.delivery.delivered_on if line.task.delivery else None,
        kinds.DATE,
    ),
    ExportField("consultant", gettext_lazy("Sales consultant"), ("销售顾问", "销售员"), _consultant),
    ExportField("colour", gettext_lazy("Colour"), ("颜色", "车身颜色"), _of_car("colour")),
)


def calls(kind: Kind) -> Callable[[Scope], list[SheetLine]]:
    """The rows of a kind of calls; restricted customers are left out."""

    def rows(scope: Scope) -> list[SheetLine]:
        found = sheet.called(scope, kind).exclude(customer__restricted=True)
        return sheet.lines(list(sheet.loaded(found).order_by("last_attempt_at", "pk")))

    return rows
