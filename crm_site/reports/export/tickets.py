"""The fields of the monthly list of complaints."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from complaints.models import Complaint, Liability, State
from crm_site.core import clock
from crm_site.core.figures import Scope
from crm_site.imports import layout as kinds
from crm_site.reports.export.fields import ExportField, yes_no
from revisits.queries.sheet import car_words


def tickets(scope: Scope) -> list[Complaint]:
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
    ExportField(
        "number", gettext_lazy("Ticket number"), ("编号", "投诉编号", "投诉单号"), lambda row: row.number, kinds.CODE
    ),
    ExportField(
        "received_on",
        gettext_lazy("Received on"),
        ("投诉日期", "受理日期", "接诉日期"),
        lambda row: row.received_on,
        kinds.DATE,
    ),
    ExportField("kind", gettext_lazy("Kind"), ("性质", "类型"), lambda row: str(row.get_kind_display())),
    ExportField(
        "source",
        gettext_lazy("Source"),
        ("投诉方式", "投诉来源", "来源", "投诉渠道"),
        lambda row: str(row.get_source_display()),
    ),
    ExportField(
        "customer",
        gettext_lazy("Customer"),
        ("客户姓名", "客户", "姓名", "投诉人"),
        lambda row: row.customer.listed_name if row.customer else "",
    ),
    ExportField("phone", gettext_lazy("Phone"), ("联系电话", "电话", "手机", "客户电话"), _first_phone, kinds.PHONE),
    ExportField(
        "plate",
        gettext_lazy("Plate"),
        ("车牌号", "车牌"),
        lambda row: row.vehicle.plate_no if row.vehicle else "",
        kinds.PLATE,
    ),
    ExportField(
        "vin", "VIN", ("VIN", "车架号", "底盘号"), lambda row: row.vehicle.vin if row.vehicle else "", kinds.VIN
    ),
    ExportField("model", gettext_lazy("Model"), ("车型", "车系"), lambda row: car_words(row.vehicle)),
    ExportField(
        "order",
        gettext_lazy("Repair order"),
        ("工单号", "维修工单号"),
        lambda row: row.repair_order.order_number if row.repair_order else "",
        kinds.CODE,
    ),
    ExportField("category", gettext_lazy("Category"), ("投诉类别", "投诉分类", "类别"), _category),
    ExportField(
        "level", gettext_lazy("Level"), ("投诉级别", "级别", "等级"), lambda row: row.level.label if row.level else ""
    ),
    ExportField(
        "words", gettext_lazy("What the customer says"), ("投诉内容", "客户描述", "内容"), lambda row: row.words
    ),
    ExportField(
        "demand", gettext_lazy("What the customer wants"), ("客户要求", "客户诉求", "诉求"), lambda row: row.demand
    ),
    ExportField(
        "department", gettext_lazy("Department"), ("责任部门", "部门"), lambda row: str(row.get_department_display())
    ),
    ExportField("liable", gettext_lazy("Directly liable"), ("责任人", "直接责任人"), _liable),
    ExportField(
        "handler",
        gettext_lazy("Handler"),
        ("处理人", "受理人", "经办人"),
        lambda row: row.handler.name if row.handler else "",
    ),
    ExportField("solution", gettext_lazy("Solution"), ("处理措施", "处理结果", "解决方案"), lambda row: row.solution),
    ExportField(
        "closed_on",
        gettext_lazy("Closed on"),
        ("完成日期", "关闭日期", "结案日期"),
        lambda row: _moment_day(row.closed_at),
        kinds.DATE,
    ),
    ExportField(
        "closed",
        gettext_lazy("Closed, yes or no"),
        ("是否闭环", "是否关闭", "是否结案"),
        lambda row: yes_no(row.state == State.CLOSED),
    ),
    ExportField(
        "second",
        gettext_lazy("Second call"),
        ("回访结果", "二次回访", "客户满意度"),
        lambda row: str(row.get_result_display()),
    ),
    ExportField(
        "external_number",
        gettext_lazy("Manufacturer's number"),
        ("厂家编号", "400单号", "厂家单号"),
        lambda row: row.external_number,
        kinds.CODE,
    ),
    ExportField(
        "store_name", gettext_lazy("Store's name"), ("经销商名称", "经销商", "服务店名称"), lambda row: row.store.name
    ),
    ExportField("store_code", gettext_lazy("Store's code"), ("经销商代码", "服务店代码"), lambda row: row.store.code),
)
