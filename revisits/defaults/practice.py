"""The ten invented customers of practice mode: who they are, what they say, what a good record contains.

What is said is Chinese whatever the language of the page, as the scripts are that are read to customers.
"""

from __future__ import annotations

from typing import NamedTuple

from revisits.rules.practice import Expected, Moment


class Line(NamedTuple):
    """What the customer says at some point of the call."""

    when: str
    words: str


class Case(NamedTuple):
    """One invented customer and call."""

    code: str
    label_zh: str
    label_en: str
    #: code of the rule, and of the questionnaire ('' for a call without one)
    rule: str
    form: str
    customer: str
    salutation: str
    series: str
    plate: str
    said: tuple[Line, ...]
    expected: Expected
    #: codes of the rules of further purposes
    joined: tuple[str, ...] = ()


PICKS_UP, ASKED, ENDS = "接起电话", "问到评价时", "结束前"
SHORT = 7
#: what was done at the visit
WORK_DONE = "常规保养、更换前刹车片"
GOOD_TIME = "工作日白天"

CASES = (
    Case(
        "happy", "满意的客户", "A happy customer", "SVC_D3", "CSI_SHORT",
        "梁晓梅", "女士", "远岚", "渝A·P1001",
        (
            Line(PICKS_UP, "你好，我是，方便的，你说吧。"),
            Line(ASKED, "店里很干净，给 9 分；接待热情，10 分；一次就修好了，10 分；收费清楚，9 分；准时交车，9 分。"),
            Line("问到总体和返厂", "总体 9 分，下次肯定还来，给 10 分。"),
            Line(ENDS, "没有别的了，谢谢你们。"),
        ),
        Expected("SUCCESS", answers=SHORT),
    ),
    Case(
        "waited", "等得太久的客户", "A customer who waited too long", "SVC_D3", "CSI_SHORT",
        "邓国栋", "先生", "远岚", "渝A·P1002",
        (
            Line(PICKS_UP, "嗯，你说，快一点。"),
            Line(ASKED, "环境 8 分，接待 8 分，修是修好了，9 分，收费 8 分。"),
            Line("问到按时交车", "说好十一点，我等到下午两点！5 分都算多的。"),
            Line("问到总体和返厂", "总体 7 分，返厂 7 分吧。"),
            Line(ENDS, "不用道歉电话，但是你们得把这个跟经理说，下回别这样。"),
        ),
        Expected("SUCCESS", answers=SHORT, low=frozenset({"on_time"}), decision="grievance"),
    ),
    Case(
        "brakes", "刹车失灵要投诉的客户", "A complaint about brakes", "SVC_D3", "CSI_SHORT",
        "贺建军", "先生", "远岚", "渝A·P1003",
        (
            Line(PICKS_UP, "你们还好意思打电话？"),
            Line(ASKED, "环境 8 分，接待 8 分，收费 8 分，交车倒是准时，9 分。"),
            Line("问到故障是否一次解决", "修完第二天刹车就踩不住，差点追尾！1 分！"),
            Line("问到总体和返厂", "总体 2 分，返厂 1 分，再不解决我就打 12315，找媒体。"),
            Line(ENDS, "今天之内给我一个说法。"),
        ),
        Expected(
            "SUCCESS", answers=SHORT, low=frozenset({"fixed_first_time", "overall"}),
            decision="complaint", note=True,
        ),
    ),
    Case(
        "refuses", "拒绝回访的客户", "A customer who refuses", "SVC_D3", "CSI_SHORT",
        "施敏", "女士", "远岚", "渝A·P1004",
        (
            Line(PICKS_UP, "又是回访？我没空，也不想评价。"),
            Line("问以后能否再联系", "以后也别打了，再打我就拉黑。"),
        ),
        Expected("REFUSED", refuses_calls=True),
    ),
    Case(
        "stranger", "打错的号码", "A wrong number", "SVC_D3", "CSI_SHORT",
        "袁志强", "先生", "远岚", "渝A·P1005",
        (
            Line(PICKS_UP, "谁？袁志强？不认识，这号码我用了三年了。"),
            Line("核对车牌", "我没有车，你打错了。"),
        ),
        Expected("WRONG_NO"),
    ),
    Case(
        "evening", "约明晚七点的客户", "Call back tomorrow at 19:00", "SVC_D3", "CSI_SHORT",
        "蒋文静", "女士", "远岚", "渝A·P1006",
        (
            Line(PICKS_UP, "我在开会，现在不行。"),
            Line("问什么时候方便", "明天晚上七点吧，我到家了。"),
        ),
        Expected("RESCHED", agreed=Moment(1, 19)),
    ),
    Case(
        "sold", "车已卖掉的客户", "The car was sold", "MT_REMIND", "",
        "汤伟", "先生", "远岚", "渝A·P1007",
        (
            Line(PICKS_UP, "保养？那台车上个月就卖了。"),
            Line("问新车主", "卖给二手车商了，新车主是谁我不清楚。"),
        ),
        Expected("SOLD"),
    ),
    Case(
        "spouse", "接电话的不是送修人", "Not the right person", "SVC_D3", "CSI_SHORT",
        "范秀英", "女士", "远岚", "渝A·P1008",
        (
            Line(PICKS_UP, "我是范秀英，不过那天是我先生去修的。"),
            Line("问先生怎么联系", "他叫宋立，电话 139 0000 2018，你打给他。"),
        ),
        Expected("NOT_OWNER", contact="13900002018"),
    ),
    Case(
        "breaks_off", "中途挂断的客户", "A call that breaks off", "SVC_D3", "CSI_SHORT",
        "龚磊", "先生", "远岚", "渝A·P1009",
        (
            Line(PICKS_UP, "可以，你问吧。"),
            Line(ASKED, "环境 9 分，接待 9 分……喂？喂？"),
            Line("之后", "（信号中断，再拨无人接听）"),
        ),
        Expected("PARTIAL", note=True),
    ),
    Case(
        "two_things", "一次谈两件事的客户", "Two matters in one call", "MT_REMIND", "",
        "邵丽娟", "女士", "远岚", "渝A·P1010",
        (
            Line(PICKS_UP, "你好，是提醒我保养吧？"),
            Line("谈到保养", "那就后天上午来，帮我约一下。"),
            Line("谈到续保", "保险不用了，我在朋友那里买，别再推了。"),
            Line(ENDS, "就这样，谢谢。"),
        ),
        Expected("SUCCESS", booking_days=2, purposes=("refused",)),
        joined=("INS_30",),
    ),
)  # fmt: skip

BY_CODE = {case.code: case for case in CASES}
