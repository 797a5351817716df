"""The default scripts, one for each family of rules (domain 4.2): what is read aloud, in Chinese.

The variables are those of `revisits.scripts.VARIABLES`, the branches those of `revisits.rules.branches`.
"""

from typing import NamedTuple


class StepRow(NamedTuple):
    """One step of a script; `when` is a branch, '' = always."""

    label_zh: str
    label_en: str
    body: str
    when: str = ""


class ScriptRow(NamedTuple):
    """One script with the steps of its first version."""

    code: str
    label_zh: str
    label_en: str
    steps: tuple[StepRow, ...]


# ---- what most scripts begin and end with ----------------------------------------------------------------------------

HELLO = "您好，请问是{customer}{salutation}吗？我是{store}客户关系中心的{me}，"
HELLO_FIRM = "您好，请问是{customer}吗？我是{store}客户关系中心的{me}，想找一下负责车辆的同事。"
RECORDED = "本次通话可能录音。"


def opening(reason: str) -> tuple[StepRow, ...]:
    """The beginning of a call: who we are and why we call, to a person or to an enterprise; then what is special."""
    return (
        StepRow("开场", "Opening", f"{HELLO}{reason}{RECORDED}", "person"),
        StepRow("开场", "Opening", f"{HELLO_FIRM}{reason}{RECORDED}", "organisation"),
        StepRow("如约来电", "As agreed", "您之前约了这个时间，我按约定给您来电，现在方便吗？", "promised"),
    )


REVISIT = opening("您的{car}在{date}{what}，想占用您{minutes}分钟做个回访，方便吗？")
LATE = StepRow("致歉", "Apology", "这次回访比平时晚了几天，先跟您说声抱歉。", "late_import")
KNOWN_COMPLAINT = StepRow(
    "投诉在办",
    "Complaint open",
    "您之前反映的事情我们还在处理，负责的同事会继续跟您联系。今天这通电话是另外一件事，不会耽误那边的进度。",
    "open_complaint",
)
MARKS = "1 到 10 分，10 分是非常满意。"
LOW_ITEMS = StepRow(
    "低分追问",
    "Reason for a low mark",
    "您刚才提到的这一项，能不能说说当时的情况？我把您的原话记下来，交给负责的同事处理。",
    "low_answer",
)
LOW_FOLLOW_UP = StepRow(
    "后续处理",
    "What follows",
    "您反映的问题我现在就登记，{store}会有专人跟您联系，给您一个答复。联系您这个电话方便吗？",
    "low_answer",
)
ANYTHING_ELSE = StepRow(
    "其他意见", "Anything else", "除此之外，您对我们还有什么意见或建议吗？有什么疑问需要我帮您了解的？"
)
FURTHER = StepRow(
    "其他事项", "Further purposes", "另外还有{purposes}，正好一起跟您说一下，省得再打扰您。", "has_several_purposes"
)
PROFILE = StepRow("补全资料", "Missing facts", "顺便跟您核对一两项资料，方便以后给您提醒：", "missing_facts")
CONSENT = StepRow(
    "征求同意",
    "Consent",
    "以后保险到期前、或者店里有保养优惠的时候，我们打电话跟您说一声，您愿意吗？不愿意我就给您登记上，不再打扰。",
    "no_consent",
)
MAKER = StepRow("厂家回访提示", "Manufacturer's call", "过几天厂家客服也可能给您来电回访，麻烦您接听一下。")
BOOKING = StepRow(
    "预约",
    "Booking",
    "需要我现在帮您约个时间吗？工作日上午人少，预约到店可以少等。您看哪天方便，上午还是下午？",
)
CLOSING = StepRow(
    "结束语",
    "Closing",
    "感谢您的宝贵时间。您反映的事项，我们会由专人跟进并给您答复。有任何需要请拨打{hotline}，祝您用车愉快，再见。",
)
SHORT_CLOSING = StepRow("结束语", "Closing", "好的，不多打扰您了。有任何需要请拨打{hotline}，祝您用车愉快，再见。")

# ---- after a delivery, after a visit ---------------------------------------------------------------------------------

DELIVERY_SATISFACTION = ScriptRow(
    "DLV_SAT",
    "交车满意度",
    "Satisfaction after delivery",
    (
        *REVISIT,
        LATE,
        StepRow("用车情况", "Use of the car", "新车开了这几天，使用上都正常吗？有没有哪些功能还不太熟悉？"),
        StepRow("充电", "Charging", "家里充电桩装好了吗？平时充电方便吗？充电或续航有没有疑问？", "ev"),
        StepRow("评分", "Marks", f"下面请您为购车过程打分，{MARKS}", "scored"),
        LOW_ITEMS,
        LOW_FOLLOW_UP,
        ANYTHING_ELSE,
        FURTHER,
        PROFILE,
        StepRow("首保提示", "First service", "提醒您，首次保养到期前我们会提前联系您预约，请保管好保养手册。"),
        MAKER,
        CLOSING,
    ),
)
DELIVERY_CARE = ScriptRow(
    "DLV_CARE",
    "交车关怀",
    "Care after delivery",
    (
        *REVISIT,
        KNOWN_COMPLAINT,
        StepRow("用车情况", "Use of the car", "车子开着还顺手吗？有没有异响、报警灯，或者不会用的功能？"),
        StepRow("充电", "Charging", "充电、续航都正常吗？手机远程功能会用吗？", "ev"),
        StepRow("手续", "Papers", "上牌和保险手续都办好了吗？需要我们帮忙的请告诉我。"),
        LOW_ITEMS,
        ANYTHING_ELSE,
        PROFILE,
        CONSENT,
        FURTHER,
        CLOSING,
    ),
)
SERVICE_SATISFACTION = ScriptRow(
    "SVC_SAT",
    "维修满意度",
    "Satisfaction after service",
    (
        *REVISIT,
        LATE,
        StepRow(
            "保养情况",
            "After maintenance",
            "保养以后车子开着正常吗？做了哪些项目，服务顾问给您讲清楚了吗？",
            "maintenance",
        ),
        StepRow("维修情况", "After repair", "车辆取回以后使用正常吗？这次反映的问题解决了没有？", "repair"),
        StepRow(
            "事故修复",
            "After an accident",
            "事故部位修好以后，漆面、缝隙和行驶都正常吗？理赔手续都办完了吗？",
            "accident",
        ),
        StepRow("返修情况", "After rework", "上次没有一次修好，给您添麻烦了。这次问题彻底解决了吗？", "rework"),
        StepRow("评分", "Marks", f"下面请您为这次服务打分，{MARKS}", "scored"),
        LOW_ITEMS,
        LOW_FOLLOW_UP,
        ANYTHING_ELSE,
        FURTHER,
        PROFILE,
        StepRow(
            "首保之后",
            "After the first service",
            "首次保养做完了，之后按手册定期保养，质保才不受影响。",
            "first_service",
        ),
        StepRow("下次保养", "Next maintenance", "您的下次保养到期前，我们会提前提醒您预约，预约可以减少等候。"),
        MAKER,
        CLOSING,
    ),
)
REWORK = ScriptRow(
    "SVC_REWORK",
    "返修确认",
    "Check after rework",
    (
        *REVISIT,
        StepRow("返修结果", "Result", "上次没有处理好，给您添麻烦了。这次修完，问题彻底解决了吗？"),
        StepRow("处理过程", "Handling", "返修的原因，服务顾问有没有给您讲清楚？对这次处理您觉得怎么样？"),
        LOW_ITEMS,
        LOW_FOLLOW_UP,
        ANYTHING_ELSE,
        CLOSING,
    ),
)

# ---- reminders -------------------------------------------------------------------------------------------------------

FIRST_SERVICE = ScriptRow(
    "FS",
    "首保提醒",
    "First-service reminder",
    (
        *opening("您的{car}首次保养大约在{due}到期，提前跟您说一声，占用您{minutes}分钟，方便吗？"),
        KNOWN_COMPLAINT,
        StepRow("核对里程", "Mileage", "车子现在大概开了多少公里？我帮您看看按时间还是按里程先到。"),
        StepRow("首保内容", "What is done", "首保会更换机油和机滤，并做全车检查，大约需要一个小时。", "not_ev"),
        StepRow("首保内容", "What is done", "纯电车首保主要检查三电系统、制动和轮胎，大约需要一个小时。", "ev"),
        StepRow("质保提示", "Warranty", "首保按时做，质保才不受影响。来的时候请带上保养手册和行驶证。"),
        BOOKING,
        FURTHER,
        PROFILE,
        SHORT_CLOSING,
    ),
)
FIRST_SERVICE_LATE = ScriptRow(
    "FS_LATE",
    "首保逾期",
    "First service overdue",
    (
        *opening(
            "您的{car}首次保养在{due}已经到期，店里还没有您的首保记录，想跟您核实一下，占用您{minutes}分钟，方便吗？"
        ),
        KNOWN_COMPLAINT,
        StepRow("核实", "Check", "您的首保做了吗？如果在别的店做过，我帮您登记一下日期和里程。"),
        StepRow("未到店原因", "Reason", "还没做的话，是里程没到、没时间，还是有什么不方便？我们看看能帮您做点什么。"),
        StepRow("质保提示", "Warranty", "首保逾期可能影响质保，建议您尽快安排。"),
        BOOKING,
        FURTHER,
        PROFILE,
        SHORT_CLOSING,
    ),
)
MAINTENANCE = ScriptRow(
    "MT",
    "定保提醒",
    "Maintenance reminder",
    (
        *opening("按您平时的用车情况，您的{car}下次保养大约在{due}到期，跟您提醒一下，占用您{minutes}分钟，方便吗？"),
        KNOWN_COMPLAINT,
        StepRow("核对里程", "Mileage", "车子现在大概多少公里？最近开着有没有异响、报警灯，或者想一起检查的地方？"),
        StepRow("电池检查", "Battery", "这次到店可以顺便给您做一次动力电池健康检测。", "ev"),
        StepRow(
            "已在别处保养", "Done elsewhere", "如果已经在别的地方做过，方便告诉我日期和里程吗？我更新一下提醒时间。"
        ),
        BOOKING,
        FURTHER,
        PROFILE,
        SHORT_CLOSING,
    ),
)
INSURANCE = ScriptRow(
    "INS",
    "续保提醒",
    "Insurance reminder",
    (
        *opening("您的{car}保险在{due}到期，提前跟您说一声，占用您{minutes}分钟，方便吗？"),
        KNOWN_COMPLAINT,
        StepRow(
            "核对到期日", "End of the policy", "我这边登记的到期日是{due}，跟您保单上的一致吗？今年打算在哪里投保？"
        ),
        StepRow("险种", "Cover", "去年的险种够用吗？需要的话，我请续保专员按您的情况算一份报价发给您，您对比着看。"),
        StepRow("店内理赔", "Claims", "在本店投保，出险后可以直接到店定损、维修，手续我们协助您办。"),
        StepRow(
            "已续保", "Renewed already", "如果已经续好了，麻烦告诉我新的到期日和保险公司，我更新一下，就不再提醒您了。"
        ),
        FURTHER,
        PROFILE,
        SHORT_CLOSING,
    ),
)
INSPECTION = ScriptRow(
    "INSP",
    "年检提醒",
    "Inspection reminder",
    (
        *opening("您的{car}（{plate}）年检在{due}到期，提前跟您说一声，占用您{minutes}分钟，方便吗？"),
        KNOWN_COMPLAINT,
        StepRow(
            "办理方式",
            "How",
            "六年以内的私家车一般可以免上线检测，线上申领检验标志；"
            "需要上线的，检前可以先到店检查一下灯光、尾气和制动。",
        ),
        StepRow("检前提示", "Before it", "年检前请先处理完违章，交强险要在有效期内，证件带行驶证就可以。"),
        BOOKING,
        FURTHER,
        PROFILE,
        SHORT_CLOSING,
    ),
)
WARRANTY = ScriptRow(
    "WTY",
    "保修到期提醒",
    "Warranty reminder",
    (
        *opening("您的{car}整车质保在{due}到期，提醒您到期前来做一次检查，占用您{minutes}分钟，方便吗？"),
        KNOWN_COMPLAINT,
        StepRow(
            "保修检查", "Check", "车上有没有异响、渗漏、报警灯这类小毛病？在质保期内查出来，符合条件的可以免费处理。"
        ),
        StepRow("三电质保", "Battery and motor", "三电系统的质保期另算，具体年限和里程以您的质保手册为准。", "ev"),
        BOOKING,
        FURTHER,
        SHORT_CLOSING,
    ),
)

# ---- care, loss ------------------------------------------------------------------------------------------------------

BIRTHDAY = ScriptRow(
    "BDAY",
    "生日关怀",
    "Birthday",
    (
        StepRow(
            "祝福",
            "Wishes",
            "{customer}{salutation}您好，我是{store}客户关系中心的{me}。今天是您的生日，{store}祝您生日快乐、出行平安！",
        ),
        StepRow("用车情况", "Use of the car", "最近车子开着都好吗？有需要我们帮忙的随时说。"),
        PROFILE,
        SHORT_CLOSING,
    ),
)
ANNIVERSARY = ScriptRow(
    "ANNIV",
    "购车周年",
    "Anniversary of the delivery",
    (
        *opening("您的{car}提车满{years}年了，谢谢您一直以来的信任，打个电话问候一下，现在方便吗？"),
        KNOWN_COMPLAINT,
        StepRow("用车情况", "Use of the car", "这一年车子开着怎么样？有没有哪里需要我们再检查一下？"),
        StepRow("推荐", "Recommendation", "如果身边有朋友想看车，也欢迎介绍给我们，我们一定招待好。"),
        FURTHER,
        PROFILE,
        CONSENT,
        SHORT_CLOSING,
    ),
)
LOST = ScriptRow(
    "LOST",
    "流失招揽",
    "Win back",
    (
        *opening(
            "您的{car}有一段时间没有来店里了（上次是{last_visit}），不知道车子现在怎么样，占用您{minutes}分钟，方便吗？"
        ),
        KNOWN_COMPLAINT,
        StepRow("用车情况", "Use of the car", "车子现在还是您在开吗？大概多少公里了？"),
        StepRow("在哪保养", "Where now", "最近的保养是在哪里做的？"),
        StepRow(
            "未回店原因", "Reason", "是价格、距离、等候时间，还是之前有哪里让您不满意？您直说没关系，我如实记下来。"
        ),
        StepRow("回应", "Answer", "谢谢您告诉我。您说的情况我会反映给店里，有答复我给您回电。"),
        StepRow("电池检查", "Battery", "您有空可以来店里做一次三电检测，我帮您约。", "ev"),
        BOOKING,
        FURTHER,
        PROFILE,
        SHORT_CLOSING,
    ),
)

# ---- complaints ------------------------------------------------------------------------------------------------------

CONFIRMATION = ScriptRow(
    "CMP_CFM",
    "投诉处理确认",
    "Confirmation after a complaint",
    (
        *opening("您在{date}{what}，我想用{minutes}分钟了解一下处理情况，方便吗？"),
        StepRow("处理结果", "Result", "您反映的事情，我们的处理方案都兑现了吗？现在问题解决了没有？"),
        StepRow("评分", "Marks", f"请您为处理态度、处理速度和处理结果分别打分，{MARKS}", "scored"),
        LOW_ITEMS,
        StepRow("表态", "Verdict", "总的来说，对这次处理您是满意、理解接受，还是觉得仍没有解决？"),
        CLOSING,
    ),
)
COMPLAINT_CHECK = ScriptRow(
    "CMP_CHECK",
    "投诉后复查",
    "Check after a complaint",
    (
        *opening("您在{date}{what}，当时处理完以后有一段时间了，想再跟您确认一下，占用您{minutes}分钟，方便吗？"),
        StepRow("复查", "Check", "上次您反映的问题，后来有没有再出现？"),
        StepRow("仍有问题", "Not settled", "如果还有没解决的地方，您跟我说，我现在就重新登记，请负责的同事给您答复。"),
        ANYTHING_ELSE,
        SHORT_CLOSING,
    ),
)
PROGRESS = ScriptRow(
    "PROGRESS",
    "投诉进度告知",
    "Progress of a complaint",
    (
        *opening("您之前反映的事情我们正在处理，今天跟您说一下进度，方便吗？"),
        StepRow(
            "进度", "Progress", "目前的处理进展是这样的（照右侧工单说明现在到哪一步、由谁负责、预计什么时候答复）。"
        ),
        StepRow("听取", "Listen", "您看这样安排可以吗？还有什么是我要转告处理同事的？"),
        StepRow("不打分", "No marks", "这次我们先把您的事情处理好，满意度的问题就不问您了。"),
        CLOSING,
    ),
)

SCRIPTS = (
    DELIVERY_SATISFACTION, DELIVERY_CARE, SERVICE_SATISFACTION, REWORK, FIRST_SERVICE, FIRST_SERVICE_LATE, MAINTENANCE,
    INSURANCE, INSPECTION, WARRANTY, BIRTHDAY, ANNIVERSARY, LOST, CONFIRMATION, COMPLAINT_CHECK, PROGRESS,
)  # fmt: skip
