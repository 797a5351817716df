"""The words by which registers call sources, levels, categories, results and parties."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from complaints import settings
from complaints.models import ConfirmResult, Kind, Level, Liability, Source, State
from crm_site.accounts.models import Department, Store
from crm_site.imports.employees import DEPARTMENTS as OF_PEOPLE

Party = Liability.Party

SOURCES = {
    "电话": Source.PHONE, "来电": Source.PHONE, "电话投诉": Source.PHONE, "来电投诉": Source.PHONE,
    "客户来电": Source.PHONE, "热线": Source.PHONE, "来店": Source.WALK_IN, "到店": Source.WALK_IN,
    "上门": Source.WALK_IN, "现场": Source.WALK_IN, "现场投诉": Source.WALK_IN, "来访": Source.WALK_IN,
    "当面": Source.WALK_IN, "面谈": Source.WALK_IN, "来店投诉": Source.WALK_IN, "400": Source.HOTLINE,
    "400转办": Source.HOTLINE, "400热线": Source.HOTLINE, "厂家400": Source.HOTLINE,
    "厂家400转办": Source.HOTLINE, "厂家": Source.HOTLINE, "厂家转办": Source.HOTLINE,
    "厂家转单": Source.HOTLINE, "主机厂": Source.HOTLINE, "总部": Source.HOTLINE, "网络": Source.WEB,
    "微信": Source.WEB, "网络/微信": Source.WEB, "公众号": Source.WEB, "企业微信": Source.WEB, "抖音": Source.WEB,
    "微博": Source.WEB, "论坛": Source.WEB, "车质网": Source.WEB, "网络投诉": Source.WEB, "互联网": Source.WEB,
    "12315": Source.AUTHORITY, "12315/消协": Source.AUTHORITY, "消协": Source.AUTHORITY, "12345": Source.AUTHORITY,
    "工商": Source.AUTHORITY, "市场监管": Source.AUTHORITY, "市场监督管理局": Source.AUTHORITY,
    "消费者协会": Source.AUTHORITY, "信函": Source.LETTER, "信件": Source.LETTER, "来信": Source.LETTER,
    "邮件": Source.LETTER, "传真": Source.LETTER, "回访": Source.REVISIT, "回访发现": Source.REVISIT,
    "电话回访": Source.REVISIT, "回访投诉": Source.REVISIT, "满意度回访": Source.REVISIT,
    "员工上报": Source.STAFF, "员工": Source.STAFF, "内部上报": Source.STAFF, "业务部门上报": Source.STAFF,
}  # fmt: skip
KINDS = {
    "投诉": Kind.COMPLAINT, "抱怨": Kind.GRIEVANCE, "客户投诉": Kind.COMPLAINT, "客户抱怨": Kind.GRIEVANCE,
    "不满": Kind.GRIEVANCE, "咨询": Kind.QUESTION, "疑问": Kind.QUESTION,
}  # fmt: skip
#: 是否闭环
ENDS = {
    "是": State.CLOSED, "已闭环": State.CLOSED, "闭环": State.CLOSED, "已关闭": State.CLOSED, "关闭": State.CLOSED,
    "已结案": State.CLOSED, "结案": State.CLOSED, "已完成": State.CLOSED, "完成": State.CLOSED, "已办结": State.CLOSED,
    "办结": State.CLOSED, "已解决": State.CLOSED, "已处理": State.CLOSED, "√": State.CLOSED, "Y": State.CLOSED,
    "yes": State.CLOSED, "否": State.RECORDED, "未闭环": State.RECORDED, "未关闭": State.RECORDED,
    "未结案": State.RECORDED, "处理中": State.RECORDED, "跟进中": State.RECORDED, "进行中": State.RECORDED,
    "待处理": State.RECORDED, "未处理": State.RECORDED, "未完成": State.RECORDED, "未解决": State.RECORDED,
    "×": State.RECORDED, "N": State.RECORDED, "no": State.RECORDED,
}  # fmt: skip
RESULTS = {
    "非常满意": ConfirmResult.VERY_SATISFIED, "很满意": ConfirmResult.VERY_SATISFIED,
    "满意": ConfirmResult.SATISFIED, "基本满意": ConfirmResult.SATISFIED, "比较满意": ConfirmResult.SATISFIED,
    "一般": ConfirmResult.FAIR, "理解接受": ConfirmResult.ACCEPTS, "理解": ConfirmResult.ACCEPTS,
    "接受": ConfirmResult.ACCEPTS, "认可": ConfirmResult.ACCEPTS, "不表态": ConfirmResult.NO_COMMENT,
    "未表态": ConfirmResult.NO_COMMENT, "不满意": ConfirmResult.DISSATISFIED, "不满": ConfirmResult.DISSATISFIED,
    "非常不满意": ConfirmResult.DISSATISFIED, "不接受": ConfirmResult.DISSATISFIED,
    "无法联系": ConfirmResult.UNREACHABLE, "未接通": ConfirmResult.UNREACHABLE,
    "联系不上": ConfirmResult.UNREACHABLE, "无人接听": ConfirmResult.UNREACHABLE,
}  # fmt: skip
#: 责任部门: the departments of the house, and the manufacturer's product
DEPARTMENTS = OF_PEOPLE | {
    "厂家": Department.PRODUCT, "产品": Department.PRODUCT, "产品质量": Department.PRODUCT,
    "主机厂": Department.PRODUCT, "维修": Department.WORKSHOP, "车间维修": Department.WORKSHOP,
    "服务": Department.SERVICE, "销售服务部": Department.SALES, "客服中心": Department.DCRC,
}  # fmt: skip
#: what stands under 责任人 where it is no single person
PARTIES = {
    "厂家": Party.MANUFACTURER, "厂家责任": Party.MANUFACTURER, "主机厂": Party.MANUFACTURER,
    "产品": Party.MANUFACTURER, "产品质量": Party.MANUFACTURER, "部门": Party.DEPARTMENT,
    "部门责任": Party.DEPARTMENT, "集体": Party.DEPARTMENT, "无责任": Party.NOBODY, "无责": Party.NOBODY,
    "无责任人": Party.NOBODY, "非我司责任": Party.NOBODY, "客户原因": Party.NOBODY,
}  # fmt: skip

_LEVELS = {
    "L1": ("轻微", "轻微抱怨", "抱怨"),
    "L2": ("一般", "一般投诉", "普通", "普通投诉"),
    "L3": ("严重", "严重投诉", "升级", "升级投诉"),
    "L4": ("重大", "重大投诉", "特大"),
}
#: words of the trade that mean one category of ours and no other; what could be several is asked
_CATEGORIES = {
    "product.powertrain": (
        "发动机", "变速箱", "变速器", "自动变速器", "离合器", "传动系", "传动系统", "动力系统", "动力总成", "烧机油",
        "漏机油", "动力不足", "动力中断", "动力消失", "加速无力", "怠速不稳", "启动困难", "换挡困难", "脱挡", "闯车",
        "顿挫", "自动启停故障", "发动机异响", "变速箱顿挫",
    ),
    "product.electrical": (
        "电气设备", "电器", "电气系统", "电子电器", "空调", "空调不制冷", "空调异响", "车灯不亮", "车灯进水",
        "电池亏电", "蓄电池",
    ),
    "product.chassis": (
        "制动系", "制动系统", "制动", "刹车", "转向系", "转向系统", "转向", "悬架系", "悬架", "悬挂", "底盘系统",
        "轮胎和车轮", "轮胎", "车轮", "刹车失灵", "刹车片异常磨损", "ABS故障", "液压行车制动", "真空泵损坏",
        "转向沉重", "助力消失", "跑偏", "吃胎", "爆胎", "鼓包", "胎压异常", "轮胎偏磨", "轮毂开裂", "轮毂腐蚀",
    ),
    "product.body": (
        "车身附件", "车身外观", "内饰", "外观", "车漆", "车漆脱落", "车漆鼓包", "色差", "漏水", "共振",
    ),
    "product.infotainment": ("中控", "中控黑屏", "中控卡顿", "车载互联故障", "导航", "车联网", "智能网联"),
    "product.ev": (
        "动力电池及电源管理系统", "动力电池", "电池", "电驱动系统", "电力驱动系统", "电机", "电控", "充电故障",
        "动力电池组故障", "电池衰减严重", "续航里程不准", "续航里程不足", "EV功能受限", "行驶中断电", "电机故障",
        "电机异响",
    ),
    "product": ("产品", "质量", "质量问题", "产品问题", "车辆质量", "新车质量", "设计缺陷"),
    "sales": ("销售类", "销售服务", "销售问题", "销售投诉", "销售欺诈"),
    "sales.attitude": ("销售人员态度",),
    "sales.promise": ("承诺", "销售承诺不兑现"),
    "sales.price": ("变更价格", "价格", "销售价格"),
    "sales.delivery_time": ("交车延迟", "未按时交付", "交期"),
    "sales.paperwork": ("手续", "证件", "上牌", "合格证"),
    "service": ("服务类", "售后服务", "服务", "售后"),
    "service.attitude": ("态度", "服务态度", "态度蛮横", "人员态度"),
    "service.waiting": ("等待时间", "等候", "等候时间长"),
    "repair": ("维修", "维修类", "维修技术", "维修技术差", "人员技术", "维修问题"),
    "repair.not_fixed": ("未修好", "维修不彻底", "不解决问题"),
    "repair.rework": ("多次返修", "二次维修", "重复维修"),
    "charges": ("收费", "价格收费", "服务收费", "费用"),
    "charges.transparency": ("收费不透明", "价格不透明", "变相收费", "乱收费"),
    "parts": ("备件", "零件", "零部件", "配件争议"),
    "parts.out_of_stock": ("缺件", "无零配件", "无配件"),
    "parts.slow": ("配件到货慢", "未按时到货", "等件"),
    "parts.quality": ("配件质量差", "备件质量"),
    "insurance": ("保险", "金融", "理赔", "续保"),
    "environment": ("环境", "设施", "硬件"),
    "other": ("其它", "其他原因", "其他问题", "其他类"),
}  # fmt: skip


def levels(store: Store) -> dict[str, str]:
    """Spelling → code of the levels as the store has them.

    一级 and 二级 are not among them: some registers count from the slightest, some from the gravest.
    """
    found: dict[str, str] = {}
    for level in _of_store(Level.objects.for_store(store.pk).order_by("rank"), store):
        names = (f"{level.code} {level.label}", level.code, level.label_zh, level.label_en)
        _add(found, level.code, chain(names, _LEVELS.get(level.code, ())))
    return found


def categories(store: Store) -> dict[str, str]:
    """Spelling → code of the categories as the store has them; a lower one also by its path."""
    rows = settings.categories(store.pk)
    found: dict[str, str] = {}
    for row in rows:
        path = f"{row.parent.label} / {row.label}" if row.parent else row.label
        zh = f"{row.parent.label_zh}/{row.label_zh}" if row.parent else row.label_zh
        en = f"{row.parent.label_en}/{row.label_en}" if row.parent else row.label_en
        _add(found, row.code, (path, zh, en))
    for row in rows:
        _add(found, row.code, chain((row.label_zh, row.label_en), _CATEGORIES.get(row.code, ())))
    return found


def _add(found: dict[str, str], code: str, words: Iterable[str]) -> None:
    """The first that claims a word has it."""
    for word in words:
        found.setdefault(word, code)


def _of_store(rows: Iterable, store: Store) -> list:
    """One row a code, in their order; the store's own instead of the company's."""
    by_code: dict[str, object] = {}
    for row in rows:
        if row.code not in by_code or row.store_id == store.pk:
            by_code[row.code] = row
    return list(by_code.values())
