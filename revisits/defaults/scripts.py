"""The default scripts, one for each family of rules (domain 4.2): what is read aloud, in Chinese.

Variables: {customer} {salutation} {store} {me} {car} {date} {what} {minutes}.
"""

from typing import NamedTuple


class StepRow(NamedTuple):
    """One step of a script."""

    label_zh: str
    label_en: str
    body: str


class ScriptRow(NamedTuple):
    """One script with the steps of its first version."""

    code: str
    label_zh: str
    label_en: str
    steps: tuple[StepRow, ...]


OPENING = StepRow(
    "开场",
    "Opening",
    "您好，请问是{customer}{salutation}吗？我是{store}客户关系中心的{me}，您的{car}在{date}{what}，"
    "想占用您{minutes}分钟做个回访，方便吗？本次通话可能录音。",
)
LOW_ITEMS = StepRow(
    "低分追问",
    "Reason for a low mark",
    "您刚才提到的这一项，能不能说说当时的情况？我把您的原话记下来，交给负责的同事处理。",
)
ANYTHING_ELSE = StepRow(
    "其他意见", "Anything else", "除此之外，您对我们还有什么意见或建议吗？有什么疑问需要我帮您了解的？"
)
PROFILE = StepRow("补全资料", "Missing facts", "顺便跟您核对一两项资料，方便以后给您提醒：")
MAKER = StepRow("厂家回访提示", "Manufacturer's call", "过几天厂家客服也可能给您来电回访，麻烦您接听一下。")
CLOSING = StepRow(
    "结束语",
    "Closing",
    "感谢您的宝贵时间。您反映的事项，我们会由专人跟进并给您答复。有任何需要请拨打{store}的服务热线，祝您用车愉快，再见。",
)

SCRIPTS = (
    ScriptRow(
        "DLV_SAT",
        "交车满意度",
        "Satisfaction after delivery",
        (
            OPENING,
            StepRow("用车情况", "Use of the car", "新车开了这几天，使用上都正常吗？有没有哪些功能还不太熟悉？"),
            StepRow("评分", "Marks", "下面请您为购车过程打分，1 到 10 分，10 分是非常满意。"),
            LOW_ITEMS,
            ANYTHING_ELSE,
            PROFILE,
            StepRow("首保提示", "First service", "提醒您，首次保养到期前我们会提前联系您预约，请保管好保养手册。"),
            MAKER,
            CLOSING,
        ),
    ),
    ScriptRow(
        "DLV_CARE",
        "交车关怀",
        "Care after delivery",
        (
            OPENING,
            StepRow("用车情况", "Use of the car", "车子开着还顺手吗？有没有异响、报警灯，或者不会用的功能？"),
            StepRow("手续", "Papers", "上牌和保险手续都办好了吗？需要我们帮忙的请告诉我。"),
            ANYTHING_ELSE,
            PROFILE,
            CLOSING,
        ),
    ),
    ScriptRow(
        "SVC_SAT",
        "维修满意度",
        "Satisfaction after service",
        (
            OPENING,
            StepRow("用车情况", "Use of the car", "车辆取回以后使用正常吗？这次反映的问题解决了没有？"),
            StepRow("评分", "Marks", "下面请您为这次服务打分，1 到 10 分，10 分是非常满意。"),
            LOW_ITEMS,
            ANYTHING_ELSE,
            PROFILE,
            StepRow("下次保养", "Next maintenance", "您的下次保养到期前，我们会提前提醒您预约，预约可以减少等候。"),
            MAKER,
            CLOSING,
        ),
    ),
    ScriptRow(
        "SVC_REWORK",
        "返修确认",
        "Check after rework",
        (
            OPENING,
            StepRow("返修结果", "Result", "上次没有处理好，给您添麻烦了。这次修完，问题彻底解决了吗？"),
            StepRow("处理过程", "Handling", "返修的原因，服务顾问有没有给您讲清楚？对这次处理您觉得怎么样？"),
            ANYTHING_ELSE,
            CLOSING,
        ),
    ),
    ScriptRow(
        "CMP_CFM",
        "投诉处理确认",
        "Confirmation after a complaint",
        (
            StepRow(
                "开场",
                "Opening",
                "您好，请问是{customer}{salutation}吗？我是{store}客户关系中心的{me}。您在{date}{what}，"
                "我想用{minutes}分钟了解一下处理情况，方便吗？本次通话可能录音。",
            ),
            StepRow("处理结果", "Result", "您反映的事情，我们的处理方案都兑现了吗？现在问题解决了没有？"),
            StepRow("评分", "Marks", "请您为处理态度、处理速度和处理结果分别打分，1 到 10 分，10 分是非常满意。"),
            LOW_ITEMS,
            StepRow("表态", "Verdict", "总的来说，对这次处理您是满意、理解接受，还是觉得仍没有解决？"),
            CLOSING,
        ),
    ),
    ScriptRow(
        "CMP_CHECK",
        "投诉后复查",
        "Check after a complaint",
        (
            OPENING,
            StepRow("复查", "Check", "上次您反映的问题处理已经有一段时间了，后来有没有再出现？"),
            ANYTHING_ELSE,
            CLOSING,
        ),
    ),
)
