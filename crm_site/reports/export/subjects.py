"""The monthly lists that can fill a manufacturer's sheet: their rows, and the fields that a column may show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import Complaint, Liability, State
from crm_site.core import clock, formats
from crm_site.core.figures import Scope
from crm_site.imports import layout as kinds
from crm_site.reports.models import ExportLayout
from customers.models import Phone
from revisits.queries import sheet
from revisits.queries.coverage import SALES, SERVICE
from revisits.queries.sheet import SheetLine, car_words
from satisfaction.models import QuestionKind

Subject = ExportLayout.Subject


@dataclass(frozen=True)
class ExportField:
    """One of our fields: its words, the titles by which manufacturers call it, and its value in a row."""

    code: str
    label: str | Promise
    titles: tuple[str, ...]
    value: Callable[[Any], Any]
    kind: str = kinds.TEXT


def _yes_no(value: bool) -> str:
    return _("yes") if value else _("no")


# ---- calls ----------------------------------------------------------------------------------------------------------


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
    ExportField("called_on", gettext_lazy("Called on"), ("回访日期", "回访时间"), lambda line: line.called_on, kinds.DATE),
    ExportField("customer", gettext_lazy("Customer"), ("客户姓名", "客户名称", "客户", "姓名", "车主", "车主姓名"),
                lambda line: line.task.customer.name if line.task.customer else ""),
    ExportField("phone", gettext_lazy("Phone"), ("联系电话", "电话", "手机", "手机号", "客户电话"),
                lambda line: _phone(line.task.phone), kinds.PHONE),
    ExportField("phone_masked", gettext_lazy("Phone, masked"), ("脱敏电话",),
                lambda line: formats.masked_phone(_phone(line.task.phone))),
    ExportField("plate", gettext_lazy("Plate"), ("车牌号", "车牌", "牌照号"), _of_car("plate_no"), kinds.PLATE),
    ExportField("vin", "VIN", ("VIN", "车架号", "车架号(VIN)", "底盘号"), _of_car("vin"), kinds.VIN),
    ExportField("series", gettext_lazy("Series"), ("车系",), _of_car("series")),
    ExportField("model", gettext_lazy("Model"), ("车型", "车型名称"), lambda line: car_words(line.task.vehicle)),
    ExportField("result", gettext_lazy("Result"), ("回访结果", "结果", "回访状态"),
                lambda line: line.task.last_result.label if line.task.last_result else ""),
    ExportField("reached", gettext_lazy("Reached, yes or no"), ("是否接通", "接通"),
                lambda line: _yes_no(bool(line.task.last_result and line.task.last_result.reached))),
    ExportField("completed", gettext_lazy("Completed, yes or no"), ("是否成功", "是否完成"),
                lambda line: _yes_no(line.task.state == "done")),
    ExportField("overall", gettext_lazy("Overall satisfaction"), ("总体满意度", "满意度", "总体评价"), _overall, kinds.DECIMAL),
    ExportField("score", gettext_lazy("Internal index"), ("满意度得分", "得分", "总分"), _score, kinds.DECIMAL),
    ExportField("answers", gettext_lazy("Marks"), ("各项评价", "评价明细", "评分明细"),
                lambda line: " · ".join(f"{one.question.label} {formats.number(one.value)}" for one in line.answers)),
    ExportField("low", gettext_lazy("Low items"), ("不满项目", "不满意项目"),
                lambda line: ", ".join(one.question.label for one in line.low)),
    ExportField("words", gettext_lazy("Customer's words"), ("客户意见", "客户反馈", "不满原因", "客户原话", "意见建议"),
                lambda line: "; ".join(one.reason for one in line.low if one.reason)),
    ExportField("ticket", gettext_lazy("Ticket number"), ("投诉编号", "工单编号"),
                lambda line: line.ticket.number if line.ticket else ""),
    ExportField("handler", gettext_lazy("Handed to"), ("转交人", "处理人", "责任人"),
                lambda line: line.ticket.handler.name if line.ticket and line.ticket.handler else ""),
    ExportField("handling", gettext_lazy("What came of it"), ("处理结果", "处理措施"),
                lambda line: line.ticket.solution if line.ticket else line.decision),
    ExportField("caller", gettext_lazy("Caller"), ("回访人", "回访专员", "回访员"),
                lambda line: line.caller.name if line.caller else ""),
    ExportField("store_name", gettext_lazy("Store's name"), ("经销商名称", "经销商", "服务店名称", "店名"),
                lambda line: line.task.store.name),
    ExportField("store_code", gettext_lazy("Store's code"), ("经销商代码", "服务店代码", "店代码"),
                lambda line: line.task.store.code),
)  # fmt: skip
REPAIRS: tuple[ExportField, ...] = (
    *CALLS,
    ExportField("order", gettext_lazy("Repair order"), ("工单号", "维修工单号", "委托书号"), _of_order("order_number"), kinds.CODE),
    ExportField("job", gettext_lazy("Kind of work"), ("维修类别", "维修类型", "业务类型"),
                lambda line: str(line.order.get_job_type_display()) if line.order else ""),
    ExportField("checked_in_on", gettext_lazy("Checked in on"), ("进厂日期", "来店日期"), _of_order("checked_in_on"),
                kinds.DATE),
    ExportField("released_on", gettext_lazy("Handed back on"), ("出厂日期", "交车日期", "结算日期"), _of_order("released_on"),
                kinds.DATE),
    ExportField("mileage", gettext_lazy("Mileage"), ("行驶里程", "进厂里程", "里程"), _of_order("mileage_km"), kinds.INT),
    ExportField("items", gettext_lazy("Repair items"), ("维修项目", "维修内容"), _of_order("items")),
    ExportField("advisor", gettext_lazy("Service advisor"), ("服务顾问", "接待员", "接待"), _advisor),
    ExportField("technicians", gettext_lazy("Lead technician"), ("主修技师", "主修", "维修技师"),
                lambda line: ", ".join(line.technicians)),
)  # fmt: skip
DELIVERIES: tuple[ExportField, ...] = (
    *CALLS,
    ExportField("delivered_on", gettext_lazy("Delivered on"), ("交车日期", "购车日期", "提车日期"),
                lambda line: line.task.delivery.delivered_on if line.task.delivery else None, kinds.DATE),
    ExportField("consultant", gettext_lazy("Sales consultant"), ("销售顾问", "销售员"), _consultant),
    ExportField("colour", gettext_lazy("Colour"), ("颜色", "车身颜色"), _of_car("colour")),
)  # fmt: skip


def _calls(kind: Any) -> Callable[[Scope], list[SheetLine]]:
    def rows(scope: Scope) -> list[SheetLine]:
        found = sheet.called(scope, kind).exclude(customer__restricted=True)
        return sheet.lines(list(sheet.loaded(found).order_by("last_attempt_at", "pk")))

    return rows


# ---- complaints -----------------------------------------------------------------------------------------------------


def _tickets(scope: Scope) -> list[Complaint]:
    """The tickets received in the period, without questions, merged ones and those of old registers."""
    rows: QuerySet[Complaint] = Complaint.objects.live().filter(store_id__in=scope.stores)
    rows = rows.received_on(scope.start, scope.last).exclude(kind="question").exclude(state=State.MERGED)
    rows = rows.exclude(customer__restricted=True)
    related = ("store", "customer", "vehicle", "repair_order", "category__parent", "level", "handler", "reported_by")
    return list(
        rows.select_related(*related)
        .prefetch_related("customer__phones", "liabilities__employee")
        .order_by("received_at", "pk")
    )


def _first_phone(row: Complaint) -> str:
    phones = list(row.customer.phones.all()) if row.customer else []
    return min(phones, key=lambda one: (one.bad_since is not None, one.rank, one.pk)).number if phones else ""


def _category(row: Complaint) -> str:
    if row.category is None:
        return ""
    parent = row.category.parent
    return f"{parent.label} / {row.category.label}" if parent else row.category.label


def _liable(row: Complaint) -> str:
    direct = [one for one in row.liabilities.all() if one.kind == Liability.Kind.DIRECT and one.confirmed_at]
    return ", ".join(one.employee.name if one.employee else str(one.get_party_display()) for one in direct)


def _moment_day(moment: Any) -> date | None:
    return clock.business_day(moment) if moment else None


COMPLAINTS: tuple[ExportField, ...] = (
    ExportField("number", gettext_lazy("Ticket number"), ("编号", "投诉编号", "投诉单号"), lambda row: row.number, kinds.CODE),
    ExportField("received_on", gettext_lazy("Received on"), ("投诉日期", "受理日期", "接诉日期"), lambda row: row.received_on,
                kinds.DATE),
    ExportField("kind", gettext_lazy("Kind"), ("性质", "类型"), lambda row: str(row.get_kind_display())),
    ExportField("source", gettext_lazy("Source"), ("投诉方式", "投诉来源", "来源", "投诉渠道"),
                lambda row: str(row.get_source_display())),
    ExportField("customer", gettext_lazy("Customer"), ("客户姓名", "客户", "姓名", "投诉人"),
                lambda row: row.customer.name if row.customer else ""),
    ExportField("phone", gettext_lazy("Phone"), ("联系电话", "电话", "手机", "客户电话"), _first_phone, kinds.PHONE),
    ExportField("plate", gettext_lazy("Plate"), ("车牌号", "车牌"), lambda row: row.vehicle.plate_no if row.vehicle else "",
                kinds.PLATE),
    ExportField("vin", "VIN", ("VIN", "车架号", "底盘号"), lambda row: row.vehicle.vin if row.vehicle else "", kinds.VIN),
    ExportField("model", gettext_lazy("Model"), ("车型", "车系"), lambda row: car_words(row.vehicle)),
    ExportField("order", gettext_lazy("Repair order"), ("工单号", "维修工单号"),
                lambda row: row.repair_order.order_number if row.repair_order else "", kinds.CODE),
    ExportField("category", gettext_lazy("Category"), ("投诉类别", "投诉分类", "类别"), _category),
    ExportField("level", gettext_lazy("Level"), ("投诉级别", "级别", "等级"), lambda row: row.level.label if row.level else ""),
    ExportField("words", gettext_lazy("What the customer says"), ("投诉内容", "客户描述", "内容"), lambda row: row.words),
    ExportField("demand", gettext_lazy("What the customer wants"), ("客户要求", "客户诉求", "诉求"), lambda row: row.demand),
    ExportField("department", gettext_lazy("Department"), ("责任部门", "部门"), lambda row: str(row.get_department_display())),
    ExportField("liable", gettext_lazy("Directly liable"), ("责任人", "直接责任人"), _liable),
    ExportField("handler", gettext_lazy("Handler"), ("处理人", "受理人", "经办人"),
                lambda row: row.handler.name if row.handler else ""),
    ExportField("solution", gettext_lazy("Solution"), ("处理措施", "处理结果", "解决方案"), lambda row: row.solution),
    ExportField("closed_on", gettext_lazy("Closed on"), ("完成日期", "关闭日期", "结案日期"),
                lambda row: _moment_day(row.closed_at), kinds.DATE),
    ExportField("closed", gettext_lazy("Closed, yes or no"), ("是否闭环", "是否关闭", "是否结案"),
                lambda row: _yes_no(row.state == State.CLOSED)),
    ExportField("second", gettext_lazy("Second call"), ("回访结果", "二次回访", "客户满意度"),
                lambda row: str(row.get_result_display())),
    ExportField("external_number", gettext_lazy("Manufacturer's number"), ("厂家编号", "400单号", "厂家单号"),
                lambda row: row.external_number, kinds.CODE),
    ExportField("store_name", gettext_lazy("Store's name"), ("经销商名称", "经销商", "服务店名称"), lambda row: row.store.name),
    ExportField("store_code", gettext_lazy("Store's code"), ("经销商代码", "服务店代码"), lambda row: row.store.code),
)  # fmt: skip

#: the running number, which no row knows by itself
NUMBER = "no"
FIELDS: dict[str, tuple[ExportField, ...]] = {
    Subject.REPAIRS: REPAIRS,
    Subject.DELIVERIES: DELIVERIES,
    Subject.COMPLAINTS: COMPLAINTS,
}
ROWS: dict[str, Callable[[Scope], list[Any]]] = {
    Subject.REPAIRS: _calls(SERVICE),
    Subject.DELIVERIES: _calls(SALES),
    Subject.COMPLAINTS: _tickets,
}


def fields_of(subject: str) -> dict[str, ExportField]:
    """The fields of a list by their codes, the running number first."""
    number = ExportField(NUMBER, gettext_lazy("Running number"), ("序号", "No", "NO."), lambda row: None, kinds.INT)
    return {NUMBER: number} | {field.code: field for field in FIELDS[subject]}
