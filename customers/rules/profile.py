"""What a card may hold as it is shipped, group by group, and how a written fact is read and stored."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

#: a store's own fields, at most; retired ones do not count
MOST_OWN = 20
#: facts asked in passing in one call, at most (滴灌式, domain 1.6)
ASKED_A_CALL = 2
#: for so many days a question that the customer would not answer is not put again
RESTS_DAYS = 180
LONGEST = 200

PERSON, ORG, BOTH = "person", "org", ""
TEXT, NUMBER, DATE, CHOICE, YES_NO = "text", "number", "date", "choice", "yes_no"
YES, NO = "yes", "no"

#: how people call themselves when asked who drives
MYSELF = ("本人", "自己", "我", "车主", "车主本人", "我自己", "myself", "self", "me", "the owner")

#: columns that are no column: another table says whether the fact is there
PHONE, CONTACTS, DRIVER = "customer.phone", "customer.contacts", "vehicle.driver"
#: so many contacts an enterprise should have (domain 3.1)
ORG_CONTACTS = 3


class Shipped(NamedTuple):
    """One fact as it is shipped; `ask` is its place among the questions of a call, None for none."""

    code: str
    zh: str
    en: str
    kind: str = TEXT
    column: str = ""
    options: tuple[tuple[str, str, str], ...] = ()
    intimate: bool = False
    counts: bool = False
    ask: int | None = None
    question: tuple[str, str] = ("", "")
    for_type: str = PERSON
    is_on: bool = True


SEXES = (("m", "男", "Male"), ("f", "女", "Female"))
CONSENTS = (("True", "同意", "Agrees"), ("False", "不同意", "Does not agree"))
INCOMES = (
    ("u10", "10 万以下", "Below 100,000"), ("u20", "10–20 万", "100,000–200,000"),
    ("u50", "20–50 万", "200,000–500,000"), ("o50", "50 万以上", "Above 500,000"),
)  # fmt: skip
BUDGETS = (
    ("u10", "10 万以下", "Below 100,000"), ("u20", "10–20 万", "100,000–200,000"),
    ("u30", "20–30 万", "200,000–300,000"), ("o30", "30 万以上", "Above 300,000"),
)  # fmt: skip
SIZES = (
    ("s", "50 人以下", "Below 50"), ("m", "50–200 人", "50–200"), ("l", "200–1000 人", "200–1,000"),
    ("xl", "1000 人以上", "Above 1,000"),
)  # fmt: skip

#: the eight groups of a person (基本 消费 事业 家庭 生活 教育 个性 人际) and the five of an enterprise (domain 3.1)
CATALOGUE: dict[str, tuple[Shipped, ...]] = {
    "basics": (
        Shipped("phone", "有效电话", "A good number", column=PHONE, counts=True, for_type=BOTH),
        Shipped("salutation", "称谓", "Salutation", column="customer.salutation"),
        Shipped("sex", "性别", "Sex", CHOICE, "customer.sex", SEXES, counts=True),
        Shipped("birthday", "生日", "Birthday", DATE, "customer.birthday", counts=True, ask=5,
                question=("方便告诉我们您的生日吗？生日当天门店有一份心意。",
                          "May we note your birthday? The store has a small gift on the day.")),
        Shipped("province", "省", "Province", column="customer.province"),
        Shipped("city", "市", "City", column="customer.city", counts=True),
        Shipped("district", "区县", "District", column="customer.district"),
        Shipped("address", "地址", "Address", column="customer.address", counts=True),
        Shipped("email", "E-mail", "E-mail", column="customer.email", counts=True),
        Shipped("preferred_time", "偏好联系时段", "Preferred time", column="customer.preferred_time", counts=True,
                ask=4, question=("以后给您打电话，什么时间比较方便？", "When is a good time to call you?")),
        Shipped("preferred_channel", "偏好联系方式", "Preferred channel", CHOICE, options=(
            ("phone", "电话", "Telephone"), ("wechat", "微信", "WeChat"), ("sms", "短信", "Text message")),
                counts=True),
        Shipped("source", "客户来源", "Customer source", column="customer.source", counts=True),
        Shipped("marketing_consent", "营销同意", "Marketing consent", CHOICE, "customer.marketing_consent", CONSENTS,
                counts=True),
        Shipped("identity_no", "证件号码", "Identity number", intimate=True),
    ),
    "spending": (
        Shipped("cars_bought", "购车次数", "Cars bought", NUMBER),
        Shipped("next_car_plan", "换购计划", "Plans for the next car", CHOICE, options=(
            ("half", "半年内", "Within half a year"), ("year", "一年内", "Within a year"),
            ("later", "一年以后", "Later"), ("none", "暂无", "None"))),
        Shipped("budget", "换购预算", "Budget for the next car", CHOICE, options=BUDGETS),
        Shipped("payment_habit", "付款习惯", "Way of paying", CHOICE, options=(
            ("full", "全款", "In full"), ("loan", "贷款", "By loan"), ("lease", "租赁", "Lease"))),
        Shipped("cares_for", "购车看重", "What matters in a car", CHOICE, options=(
            ("price", "价格", "Price"), ("safety", "安全", "Safety"), ("looks", "外观", "Looks"),
            ("power", "动力", "Power"), ("saving", "省油省电", "Economy"), ("service", "售后", "Service"))),
        Shipped("other_cars", "家中其他车辆", "Other cars at home"),
        Shipped("card_no", "会员卡号", "Membership card", counts=False),
    ),
    "career": (
        Shipped("employer", "工作单位", "Employer", column="customer.employer", counts=True),
        Shipped("industry", "行业", "Industry", column="customer.industry", counts=True),
        Shipped("occupation", "职业", "Occupation", column="customer.occupation", counts=True, ask=6,
                question=("方便问一下您从事什么工作吗？", "May I ask what work you do?")),
        Shipped("position", "职务", "Position"),
        Shipped("business_use", "公务用车", "Uses the car for work", YES_NO),
        Shipped("income", "年收入", "Yearly income", CHOICE, options=INCOMES, intimate=True),
    ),
    "family": (
        Shipped("married", "婚姻状况", "Married", YES_NO, intimate=True),
        Shipped("household", "家庭人口", "People at home", NUMBER, intimate=True),
        Shipped("spouse", "配偶姓名", "Name of the spouse", intimate=True),
        Shipped("children", "子女情况", "Children", intimate=True),
        Shipped("wedding_day", "结婚纪念日", "Wedding day", DATE, intimate=True),
        Shipped("family_driver", "家中谁也开车", "Who else at home drives", intimate=True),
    ),
    "life": (
        Shipped("hobbies", "爱好", "Hobbies", column="customer.hobbies", counts=True),
        Shipped("sports", "运动", "Sports"),
        Shipped("pets", "宠物", "Pets"),
        Shipped("travel", "自驾习惯", "Trips by car", CHOICE, options=(
            ("often", "经常", "Often"), ("some", "偶尔", "Now and then"), ("never", "很少", "Hardly ever"))),
        Shipped("commute_km", "每日通勤公里", "Kilometres to work a day", NUMBER),
        Shipped("home_charging", "家中有充电桩", "Charging point at home", YES_NO),
        Shipped("dietary", "饮食忌口", "Dietary needs", intimate=True),
    ),
    "education": (
        Shipped("degree", "学历", "Degree", CHOICE, options=(
            ("school", "高中及以下", "School"), ("college", "大专", "College"), ("bachelor", "本科", "Bachelor"),
            ("master", "硕士及以上", "Master or above"))),
        Shipped("school", "毕业院校", "School or university"),
        Shipped("subject", "专业", "Subject"),
        Shipped("languages", "语言/方言", "Languages"),
    ),
    "character": (
        Shipped("manner", "沟通风格", "Manner of talking", CHOICE, options=(
            ("brief", "直接简短", "Brief and direct"), ("detailed", "细致", "Likes detail"),
            ("warm", "随和健谈", "Warm, likes to talk"), ("wary", "谨慎", "Wary"))),
        Shipped("decides", "谁做决定", "Who decides", CHOICE, options=(
            ("self", "本人", "The customer"), ("family", "家人", "Family"), ("firm", "单位", "The firm"))),
        Shipped("car_knowledge", "懂车程度", "Knows about cars", CHOICE, options=(
            ("expert", "很懂", "Well"), ("some", "一般", "Somewhat"), ("little", "不太懂", "Little"))),
        Shipped("beliefs", "宗教信仰与禁忌", "Beliefs and taboos", intimate=True),
        Shipped("health", "健康需注意", "Health to be mindful of", intimate=True),
    ),
    "relations": (
        Shipped("referred_by", "介绍人", "Referred by"),
        Shipped("referrals", "转介绍人数", "Customers referred", NUMBER),
        Shipped("club", "车友会", "Owners' club"),
        Shipped("opinion_leader", "圈内有影响", "Has a say among friends", YES_NO),
        Shipped("knows_staff", "与本店谁熟悉", "Knows whom of us"),
    ),
    "org_basics": (
        Shipped("org_type", "企业类别", "Kind of enterprise", CHOICE, options=(
            ("private", "民营", "Private"), ("state", "国有", "State-owned"),
            ("foreign", "外资/合资", "Foreign or joint"), ("public", "机关事业单位", "Public body"),
            ("rental", "租赁/网约车", "Rental or ride hailing")), counts=True),
        Shipped("org_contacts", "至少 3 位联系人", "At least 3 contacts", column=CONTACTS, counts=True),
        Shipped("org_province", "省", "Province", column="customer.province"),
        Shipped("org_city", "市", "City", column="customer.city", counts=True),
        Shipped("org_district", "区", "District", column="customer.district"),
        Shipped("org_address", "地址", "Address", column="customer.address", counts=True),
        Shipped("org_email", "E-mail", "E-mail", column="customer.email"),
        Shipped("org_credit_code", "统一社会信用代码", "Credit code", counts=True),
        Shipped("org_source", "客户来源", "Customer source", column="customer.source"),
        Shipped("org_preferred_time", "偏好联系时段", "Preferred time", column="customer.preferred_time",
                ask=4, question=("以后联系贵单位，什么时间比较方便？", "When is a good time to call you?")),
        Shipped("org_marketing_consent", "营销同意", "Marketing consent", CHOICE, "customer.marketing_consent",
                CONSENTS, counts=True),
    ),
    "org_traits": (
        Shipped("org_industry", "所属行业", "Industry", column="customer.industry", counts=True, ask=5,
                question=("贵单位主要从事什么行业？", "What line of business is your company in?")),
        Shipped("org_size", "员工人数", "Employees", CHOICE, options=SIZES),
        Shipped("org_buys_how", "采购方式", "Way of buying", CHOICE, options=(
            ("tender", "招标", "By tender"), ("frame", "框架协议", "Frame contract"),
            ("single", "零星采购", "Singly"))),
        Shipped("org_decides", "购车决策人", "Who decides on cars"),
        Shipped("org_values", "看重的服务", "Service that matters", CHOICE, options=(
            ("price", "价格", "Price"), ("speed", "速度", "Speed"), ("pickup", "上门取送车", "Pick-up"),
            ("account", "月结", "Monthly account"))),
    ),
    "org_business": (
        Shipped("org_trade", "主营业务", "Main business", counts=True),
        Shipped("org_founded_on", "成立日期", "Founded on", DATE),
        Shipped("org_turnover", "年营业额（万元）", "Yearly turnover (10,000 yuan)", NUMBER, intimate=True),
        Shipped("org_fleet_size", "车辆保有量", "Cars in the fleet", NUMBER, counts=True, ask=6,
                question=("贵单位现在一共有多少台车？", "How many cars does your company run in all?")),
        Shipped("org_fleet_plan", "年内购车计划（台）", "Cars to be bought this year", NUMBER),
    ),
    "org_dealings": (
        Shipped("org_settles", "结算方式", "How it settles", CHOICE, options=(
            ("each", "单次结算", "Each time"), ("month", "月结", "Monthly"), ("prepaid", "预存", "Prepaid")),
                counts=True),
        Shipped("org_contract_until", "服务协议到期", "Service contract until", DATE),
        Shipped("org_discount", "协议折扣（%）", "Discount agreed (%)", NUMBER),
        Shipped("org_credit_limit", "授信额度（元）", "Credit limit (yuan)", NUMBER, intimate=True),
        Shipped("org_invoice", "开票要求", "Invoices", CHOICE, options=(
            ("special", "增值税专票", "Special VAT invoice"), ("plain", "普票", "Plain invoice"))),
    ),
    "org_leader": (
        Shipped("org_leader_name", "负责人姓名", "Person in charge", counts=True),
        Shipped("org_leader_title", "负责人职务", "Position of the person in charge"),
        Shipped("org_leader_since", "任职起", "In charge since", DATE),
        Shipped("org_leader_hobbies", "负责人爱好", "Hobbies of the person in charge", intimate=True),
        Shipped("org_leader_birthday", "负责人生日", "Birthday of the person in charge", DATE, intimate=True),
    ),
}  # fmt: skip

#: what is asked of each car in use; shown with the cars, so in no group of the card
OF_CARS: tuple[Shipped, ...] = (
    Shipped("plate_no", "车牌号", "Plate", column="vehicle.plate_no", counts=True, ask=1, for_type=BOTH,
            question=("您的车上牌了吗？车牌号是多少？", "Does the car have its plate yet? What is it?")),
    Shipped("insurance_until", "保险到期日", "Insurance end", DATE, "vehicle.insurance_until", counts=True, ask=2,
            for_type=BOTH, question=("您车险大概什么时候到期？", "When does the car's insurance end?")),
    Shipped("driver", "平时谁开这辆车", "Who usually drives", column=DRIVER, counts=True, ask=3, for_type=BOTH,
            question=("平时主要是谁开这辆车？", "Who usually drives the car?")),
    Shipped("inspection_due_on", "年检到期日", "Inspection due on", DATE, "vehicle.inspection_due_on", counts=True,
            for_type=BOTH),
    Shipped("purchased_on", "购车日期", "Bought on", DATE, "vehicle.purchased_on", counts=True, for_type=BOTH),
)  # fmt: skip


def shipped() -> list[tuple[str, Shipped]]:
    """Every shipped fact with its group, in the order of the card; those of cars stand under the basics."""
    own = [(group, fact) for group, facts in CATALOGUE.items() for fact in facts]
    return [*own, *(("basics", fact) for fact in OF_CARS)]


def for_type(group: str, fact: Shipped) -> str:
    """Whose card holds a shipped fact: a person's, an enterprise's, or '' for both."""
    return ORG if group.startswith("org_") and fact.for_type == PERSON else fact.for_type


class Unreadable(ValueError):
    """A value that is not of its field's kind; `reason` is the kind, or "long" for one that is too long."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def stored(kind: str, value: object, options: Collection[str] = ()) -> str:
    """A fact as it is kept: text trimmed, a number plain, a day as ISO, a choice's code, yes or no; '' for nothing.

    Raises Unreadable for what is not of the kind.
    """
    if value in (None, ""):
        return ""
    text = value.isoformat() if isinstance(value, date) else " ".join(str(value).split())
    if len(text) > LONGEST:
        raise Unreadable("long")
    known = {CHOICE: set(options), YES_NO: {YES, NO}}.get(kind)
    if known is not None and text and text not in known:
        raise Unreadable(kind)
    if kind == NUMBER and text:
        return _number(text)
    if kind == DATE and text:
        return _day(text)
    return text


def _number(text: str) -> str:
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise Unreadable(NUMBER) from None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 12:
        raise Unreadable(NUMBER)
    return f"{number.normalize():f}"


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Unreadable(DATE) from None


def per_cent(filled: int, asked: int) -> int | None:
    """档案完整率 as a whole per cent, rounded down so that 100 means complete; None where nothing is asked."""
    return filled * 100 // asked if asked else None
