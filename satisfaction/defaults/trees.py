"""The questionnaires that every installation starts with, as plain tables (domain 5.2, 5.3 and 4.1).

A weighted item: (code, weight, attribution, Chinese, English). An extra: (code, kind, attribution, Chinese, English).
"""

from typing import NamedTuple

from satisfaction.models import Attribution as By
from satisfaction.models import QuestionKind as Kind
from satisfaction.models import Questionnaire

WeightedItem = tuple[str, int, str, str, str]
ExtraItem = tuple[str, str, str, str, str]

CONSULTANT, DELIVERER, ADVISOR = By.SALES_CONSULTANT, By.DELIVERY_SPECIALIST, By.SERVICE_ADVISOR
TECHNICIANS, DEPARTMENT, NOBODY = By.TECHNICIANS, By.DEPARTMENT, By.NONE


class FactorRow(NamedTuple):
    """One factor with its weight and its items."""

    code: str
    weight: int
    label_zh: str
    label_en: str
    items: tuple[WeightedItem, ...]


class Tree(NamedTuple):
    """One questionnaire: weighted factors, unweighted extras, and the codes without which a response is not valid."""

    code: str
    kind: str
    label_zh: str
    label_en: str
    factors: tuple[FactorRow, ...] = ()
    extras: tuple[ExtraItem, ...] = ()
    required: tuple[str, ...] = ()
    #: the code of the long questionnaire, of a short form
    short_of: str = ""


OVERALL = ("overall", Kind.OVERALL, NOBODY, "总体满意度", "Overall satisfaction")
RECOMMEND = ("recommend", Kind.NPS, NOBODY, "推荐意愿", "Would recommend us")
COME_AGAIN = ("come_again", Kind.LOYALTY, NOBODY, "返厂意愿", "Would come back for service")

SSI = Tree(
    "SSI",
    Questionnaire.Kind.SALES,
    "销售满意度 SSI",
    "Sales satisfaction SSI",
    (
        FactorRow(
            "environment",
            15,
            "购车环境",
            "Showroom",
            (
                ("signage", 3, NOBODY, "店面标示与门面", "Signs and front"),
                ("showroom_tidy", 3, NOBODY, "展厅外观整洁", "Showroom outside clean"),
                ("showroom_comfort", 4, NOBODY, "展厅内整洁舒适", "Showroom inside clean and comfortable"),
                ("display_cars", 5, NOBODY, "展车整洁、车型与资料", "Display cars: clean, choice, brochures"),
            ),
        ),
        FactorRow(
            "viewing",
            25,
            "看车过程",
            "Choosing the car",
            (
                ("manner", 8, CONSULTANT, "仪表着装与态度", "Appearance and manner"),
                ("expertise", 9, CONSULTANT, "专业程度", "Expertise"),
                ("test_drive", 8, CONSULTANT, "看车（试驾）整体感觉", "Viewing and test drive overall"),
            ),
        ),
        FactorRow(
            "price",
            20,
            "车价与付款",
            "Price and payment",
            (
                ("price_fair", 8, NOBODY, "价格合理", "Fair price"),
                ("charges_clear", 8, CONSULTANT, "收费内容清楚", "Charges clear"),
                ("payment_easy", 4, NOBODY, "支付便利", "Easy payment"),
            ),
        ),
        FactorRow(
            "delivery",
            25,
            "交车服务",
            "Delivery",
            (
                ("on_time", 7, DELIVERER, "按时交车", "Handed over on time"),
                ("car_clean", 5, DELIVERER, "车辆整洁", "Car clean"),
                ("controls", 7, CONSULTANT, "操控介绍", "Controls explained"),
                ("maintenance", 6, CONSULTANT, "保养维修说明", "Maintenance explained"),
            ),
        ),
        FactorRow(
            "follow_up",
            15,
            "跟踪服务",
            "Follow-up",
            (
                ("follow_up_call", 6, NOBODY, "交车后回访", "Call after delivery"),
                ("problems_solved", 9, NOBODY, "问题专人主动解决", "Somebody took care of problems"),
            ),
        ),
    ),
    (
        OVERALL,
        RECOMMEND,
        ("buy_again", Kind.LOYALTY, NOBODY, "再购意愿", "Would buy here again"),
        ("music", Kind.EXECUTION, NOBODY, "展厅播放背景音乐", "Music in the showroom"),
        ("uniform", Kind.EXECUTION, CONSULTANT, "销售顾问统一着装", "Consultant in uniform"),
        ("test_drive_offered", Kind.EXECUTION, CONSULTANT, "提供试驾", "Test drive offered"),
        ("ceremony", Kind.EXECUTION, DELIVERER, "举行交车仪式", "Delivery ceremony"),
        ("advisor_introduced", Kind.EXECUTION, CONSULTANT, "介绍服务顾问", "Service advisor introduced"),
    ),
    ("overall",),
)

CSI = Tree(
    "CSI",
    Questionnaire.Kind.SERVICE,
    "服务满意度 CSI",
    "Service satisfaction CSI",
    (
        FactorRow(
            "environment",
            10,
            "服务环境",
            "Premises",
            (
                ("clean", 5, NOBODY, "整洁", "Clean"),
                ("lounge", 5, NOBODY, "休息区舒适", "Comfortable lounge"),
            ),
        ),
        FactorRow(
            "process",
            35,
            "服务过程",
            "Service process",
            (
                ("booking", 5, DEPARTMENT, "合理预约", "Booking"),
                ("received_at_once", 5, ADVISOR, "进站即有人接待", "Received at once"),
                ("reception_manner", 6, ADVISOR, "接待态度", "Manner at reception"),
                ("reception_expertise", 6, ADVISOR, "接待专业", "Expertise at reception"),
                ("waiting", 4, ADVISOR, "等候服务", "Care while waiting"),
                ("hand_back", 6, ADVISOR, "验收、交车与结算", "Inspection, hand-back, settlement"),
                ("follow_up_call", 3, NOBODY, "跟踪回访", "Follow-up call"),
            ),
        ),
        FactorRow(
            "quality",
            25,
            "维修质量",
            "Repair quality",
            (
                ("diagnosis", 8, TECHNICIANS, "正确判断故障", "Right diagnosis"),
                ("fixed_first_time", 12, TECHNICIANS, "故障一次解决", "Fixed first time"),
                ("technician_manner", 5, TECHNICIANS, "维修人员态度", "Manner of the technicians"),
            ),
        ),
        FactorRow(
            "charges",
            15,
            "维修收费",
            "Charges",
            (
                ("labour_price", 4, NOBODY, "工时费合理", "Fair labour price"),
                ("parts_price", 4, NOBODY, "配件价合理", "Fair parts price"),
                ("charges_explained", 7, ADVISOR, "讲解透明", "Charges explained"),
            ),
        ),
        FactorRow(
            "timeliness",
            15,
            "服务及时性",
            "Timeliness",
            (
                ("started_at_once", 6, DEPARTMENT, "登记后马上维修", "Work begun at once"),
                ("on_time", 9, DEPARTMENT, "按约定时间交车", "Ready as promised"),
            ),
        ),
    ),
    (OVERALL, RECOMMEND, COME_AGAIN),
    ("overall",),
)

#: one item a factor, carrying the factor's weight
CSI_SHORT = Tree(
    "CSI_SHORT",
    Questionnaire.Kind.SERVICE,
    "服务满意度 CSI 简表",
    "Service satisfaction CSI, short",
    (
        FactorRow(
            "environment",
            10,
            "服务环境",
            "Premises",
            (("clean_comfortable", 10, NOBODY, "整洁舒适", "Clean and comfortable"),),
        ),
        FactorRow(
            "process",
            35,
            "服务过程",
            "Service process",
            (("reception", 35, ADVISOR, "接待服务", "Reception"),),
        ),
        FactorRow(
            "quality",
            25,
            "维修质量",
            "Repair quality",
            (("fixed_first_time", 25, TECHNICIANS, "故障一次解决", "Fixed first time"),),
        ),
        FactorRow(
            "charges",
            15,
            "维修收费",
            "Charges",
            (("charges_transparent", 15, ADVISOR, "收费透明", "Charges transparent"),),
        ),
        FactorRow(
            "timeliness",
            15,
            "服务及时性",
            "Timeliness",
            (("on_time", 15, DEPARTMENT, "按约定时间交车", "Ready as promised"),),
        ),
    ),
    (OVERALL, COME_AGAIN),
    ("overall",),
    short_of="CSI",
)

CMP_CFM = Tree(
    "CMP_CFM",
    Questionnaire.Kind.CONFIRMATION,
    "投诉处理确认",
    "Complaint confirmation",
    (
        FactorRow(
            "handling",
            100,
            "投诉处理",
            "Handling of the complaint",
            (
                ("handling_manner", 30, NOBODY, "处理态度", "Manner"),
                ("handling_speed", 30, NOBODY, "处理速度", "Speed"),
                ("handling_result", 40, NOBODY, "结果满意", "Result"),
            ),
        ),
    ),
    (),
    ("handling_manner", "handling_speed", "handling_result"),
)

DLV_D1 = Tree(
    "DLV_D1",
    Questionnaire.Kind.UNSCORED,
    "交车次日关怀",
    "Care on the day after delivery",
    extras=(
        ("car_fine", Kind.YES_NO, NOBODY, "车辆使用一切正常", "The car is in order"),
        ("explained", Kind.YES_NO, CONSULTANT, "功能和保养已讲清楚", "Functions and maintenance were explained"),
        ("help_wanted", Kind.TEXT, NOBODY, "还需要我们做什么", "What else we can do"),
    ),
)

USAGE = Tree(
    "USAGE",
    Questionnaire.Kind.UNSCORED,
    "用车情况与资料补全",
    "Use of the car and missing facts",
    extras=(
        ("usage", Kind.WORDS, NOBODY, "用车感受", "How the car is liked"),
        ("mileage", Kind.TEXT, NOBODY, "目前行驶里程（公里）", "Odometer now (km)"),
        ("unclear", Kind.TEXT, NOBODY, "不清楚的功能或疑问", "Functions or questions that are unclear"),
        ("plate", Kind.TEXT, NOBODY, "上牌情况与车牌号", "Registration and plate"),
        ("insurance", Kind.TEXT, NOBODY, "保险公司与到期日", "Insurer and end of the insurance"),
    ),
)

REWORK = Tree(
    "REWORK",
    Questionnaire.Kind.UNSCORED,
    "返修后确认",
    "Check after rework",
    extras=(
        ("repaired_now", Kind.YES_NO, TECHNICIANS, "这次彻底修好了", "It is really repaired now"),
        ("cause_explained", Kind.YES_NO, ADVISOR, "返修原因已讲清楚", "Why it had to come back was explained"),
        ("rework_handling", Kind.WORDS, ADVISOR, "对返修处理的评价", "How the rework was handled"),
    ),
)

# ---- reminders and recalls: short and unscored; free text, since a "no" to an offer is no low mark -------------------

BOOKING = ("booking_wish", Kind.TEXT, NOBODY, "预约时间与项目", "Booking: when and for what")
ODOMETER = ("mileage", Kind.TEXT, NOBODY, "目前行驶里程（公里）", "Odometer now (km)")

REMINDER = Tree(
    "REMINDER",
    Questionnaire.Kind.UNSCORED,
    "提醒与预约",
    "Reminder and booking",
    extras=(
        ODOMETER,
        BOOKING,
        ("not_coming", Kind.TEXT, NOBODY, "暂不来店的原因", "Why not for the time being"),
    ),
)

LATE_REASON = Tree(
    "LATE_REASON",
    Questionnaire.Kind.UNSCORED,
    "首保逾期原因",
    "Why the first service is late",
    extras=(
        ("late_reason", Kind.TEXT, NOBODY, "未按时首保的原因", "Why the first service was not done in time"),
        ODOMETER,
        BOOKING,
    ),
)

RENEWAL = Tree(
    "RENEWAL",
    Questionnaire.Kind.UNSCORED,
    "续保意向",
    "Renewal of the insurance",
    extras=(
        ("renewal_wish", Kind.TEXT, NOBODY, "续保意向与险种", "Wish to renew, and which cover"),
        ("insurer", Kind.TEXT, NOBODY, "目前保险公司与到期日", "Insurer now and end of the insurance"),
        ("not_renewing", Kind.TEXT, NOBODY, "不在本店续保的原因", "Why not renewed with us"),
    ),
)

#: the kinds of domain 4.3, in the customer's words
LOSS_REASON = (
    "loss_reason",
    Kind.TEXT,
    NOBODY,
    "流失原因（价格、产品、服务、自变、其他、失联）",
    "Reason for loss (price, product, service, circumstances, other, out of touch)",
)
WHERE_NOW = ("where_now", Kind.TEXT, NOBODY, "现在在哪里保养", "Where the car is serviced now")

LOSS = Tree(
    "LOSS",
    Questionnaire.Kind.UNSCORED,
    "流失原因",
    "Reasons for loss",
    extras=(LOSS_REASON, WHERE_NOW, BOOKING),
)

WIN_BACK = Tree(
    "WIN_BACK",
    Questionnaire.Kind.UNSCORED,
    "流失招揽",
    "Win-back",
    extras=(
        LOSS_REASON,
        WHERE_NOW,
        ("offer", Kind.TEXT, NOBODY, "希望得到的优惠或服务", "Offer or service that would bring them back"),
        BOOKING,
    ),
)

TREES = (
    SSI, CSI, CSI_SHORT, CMP_CFM, DLV_D1, USAGE, REWORK, REMINDER, LATE_REASON, RENEWAL, LOSS, WIN_BACK,
)  # fmt: skip
