"""The list of customers with their cars, as dealer-management systems give it out."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm_site.core import names
from crm_site.imports.layout import CHOICE, CODE, DATE, INT, NAME, PHONE, PLATE, TEXT, VIN, YESNO, Field, Layout, Row
from customers.actions.intake import save_cards
from customers.intake.cards import settle_rows
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

SEXES = {"男": "m", "女": "f", "先生": "m", "女士": "f"}
TYPES = {
    "个人": "person", "个人客户": "person", "自然人": "person", "私人": "person", "企业": "org", "企业客户": "org",
    "单位": "org", "公司": "org", "单位客户": "org", "法人": "org", "集团": "org",
}  # fmt: skip
CLASSES = {
    "金牌": "gold", "金牌客户": "gold", "金卡": "gold", "VIP": "gold", "A": "a", "A类": "a", "A级": "a",
    "B": "b", "B类": "b", "B级": "b", "C": "c", "C类": "c", "C级": "c",
}  # fmt: skip
USAGES = {
    "家用": "family", "私家": "family", "非营运": "family", "公务": "official", "公务用车": "official",
    "单位用车": "official",
    "营运": "commercial", "运营": "commercial", "出租": "commercial", "网约车": "commercial",
}  # fmt: skip


def key(row: Row) -> str | None:
    """A VIN, else the customer number, else name with number; a bare name cannot be told from another."""
    if row.get("vin"):
        return f"vin:{row.get('vin')}"
    if row.get("number"):
        return f"number:{row.get('number')}:{row.get('plate_no') or ''}"
    if row.get("phone"):
        return f"phone:{row.get('phone')[0]}:{names.match_key(row.get('name') or '')}:{row.get('plate_no') or ''}"
    return None


def finish(row: Row) -> None:
    """Refuse a row that names nobody for certain, and days in the wrong order."""
    check_name(row, "name")
    if not row.is_refused and key(row) is None:
        row.problem("who_unclear", "phone")
    check_order(row, "made_on", "purchased_on")
    check_order(row, "warranty_from", "warranty_until")


_compare, _apply = pair(lambda: CUSTOMERS, settle_rows, save_cards)

_PERSON = (
    Field(
        "number", _("Customer number"), ("客户编号", "客户代码", "客户编码", "档案编号", "会员号"), CODE, max_length=40
    ),
    Field("name", _("Customer"), NAME_TITLES, NAME, required=True, max_length=80),
    Field("customer_type", _("Customer type"), ("客户类型", "客户性质", "类型"), CHOICE, choices=TYPES, strict=False),
    Field(
        "value_class",
        _("Customer class"),
        ("客户级别", "客户等级", "客户分类", "价值分类", "会员等级"),
        CHOICE,
        choices=CLASSES,
        strict=False,
    ),
    Field("salutation", _("Salutation"), ("称谓", "称呼"), TEXT, max_length=20),
    Field("sex", _("Sex"), ("性别",), CHOICE, choices=SEXES, strict=False),
    Field("phone", _("Phone"), PHONE_TITLES, PHONE),
    Field(
        "spare_phone",
        _("Spare phone"),
        ("备用电话", "备用手机", "其他电话", "电话2", "手机2", "固定电话"),
        PHONE,
        strict=False,
    ),
    Field("birthday", _("Birthday"), ("出生日期", "生日", "出生年月"), DATE, strict=False),
    Field("province", _("Province"), ("省", "省份", "所在省"), TEXT, max_length=30),
    Field("city", _("City"), ("市", "城市", "所在市"), TEXT, max_length=30),
    Field("district", _("District"), ("区", "区县", "县", "所在区"), TEXT, max_length=30),
    Field("address", _("Address"), ("详细地址", "地址", "联系地址", "通讯地址"), TEXT, max_length=200),
    Field("industry", _("Industry"), ("行业", "所属行业"), TEXT, max_length=40),
    Field("occupation", _("Occupation"), ("职业", "职务"), TEXT, max_length=40),
    Field("employer", _("Employer"), ("工作单位", "单位名称"), TEXT, max_length=80),
    Field("email", _("E-mail"), ("E-mail", "邮箱", "电子邮箱", "电子邮件"), TEXT, max_length=120),
    Field("source", _("Customer source"), ("客户来源", "来源", "信息来源"), TEXT, max_length=40),
    Field("hobbies", _("Hobbies"), ("爱好", "兴趣爱好"), TEXT, max_length=120),
    Field("preferred_time", _("Preferred time"), ("偏好时段", "方便时间", "联系时段"), TEXT, max_length=60),
    Field("marketing_consent", _("Marketing consent"), ("营销同意", "同意营销", "是否同意营销"), YESNO, strict=False),
    Field("note", _("Note"), ("备注", "说明"), TEXT, max_length=500),
)
_CAR = (
    Field("plate_no", _("Plate"), PLATE_TITLES, PLATE, max_length=12, strict=False),
    Field("vin", _("VIN"), VIN_TITLES, VIN),
    Field("engine_no", _("Engine number"), ("发动机号", "发动机号码", "电机号"), TEXT, max_length=30),
    Field("brand", _("Brand"), ("品牌", "厂牌"), TEXT, max_length=40),
    Field("series", _("Series"), ("车系",), TEXT, max_length=60),
    Field("model", _("Model"), ("车型", "车型名称", "车款"), TEXT, max_length=80),
    Field("colour", _("Colour"), ("颜色", "车身颜色", "车色"), TEXT, max_length=30),
    Field("usage", _("Usage"), ("车辆性质", "使用性质", "用途"), CHOICE, choices=USAGES, strict=False),
    Field("sold_here", _("Sold here"), ("自店销售", "本店购车", "是否自店销售"), YESNO, strict=False),
    Field("made_on", _("Made on"), ("制造日期", "出厂日期", "生产日期"), DATE, strict=False),
    Field("purchased_on", _("Purchased on"), ("购车日期", "购买日期", "购车时间"), DATE, strict=False),
    Field("registered_on", _("Registered on"), ("上牌日期", "登记日期", "初登日期"), DATE, strict=False),
    Field("warranty_from", _("Warranty from"), ("保修开始", "保修开始日期", "质保开始"), DATE, strict=False),
    Field(
        "warranty_until", _("Warranty until"), ("保修结束", "保修到期日", "质保到期", "保修到期"), DATE, strict=False
    ),
    Field(
        "insurance_until",
        _("Insured until"),
        ("保险到期日", "保险到期", "交强险到期", "商业险到期"),
        DATE,
        strict=False,
    ),
    Field("inspection_due_on", _("Inspection due on"), ("年检到期日", "年检到期", "年审到期"), DATE, strict=False),
    Field("last_visit_on", _("Last visit"), ("末次进厂日期", "最近进厂", "最后进厂日期"), DATE, strict=False),
    Field("last_mileage_km", _("Last mileage"), ("末次里程", "最近里程", "最后里程"), INT, strict=False),
)

CUSTOMERS: Layout = Layout(
    code="customers",
    label=_("Customers and vehicles"),
    fields=_PERSON + _CAR,
    one_of=(("number", "phone", "vin"), ("number", "vin", "plate_no", "address", "spare_phone", "customer_type")),
    key=key,
    finish=finish,
    compare=_compare,
    apply=_apply,
    effects=EFFECTS,
    follows=_("Revisits are scheduled where the days of a card call for them."),
)
