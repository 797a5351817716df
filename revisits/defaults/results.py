"""The 17 call results with their keys and consequences (domain 4.4, keys of the desk), as a plain table."""

from typing import NamedTuple

from revisits.models import CallResult, NextStep

REACHED, NOT_REACHED, NUMBER = CallResult.Group.REACHED, CallResult.Group.NOT_REACHED, CallResult.Group.NUMBER


class ResultRow(NamedTuple):
    """One result; the fields are those of CallResult."""

    code: str
    label_zh: str
    label_en: str
    group: str
    key: str
    reached: bool
    next_step: str
    counts_as_try: str = "yes"
    max_repeats: int | None = None
    saves_answers: bool = False


#: Letters follow pinyin where they are free; a promise and a bad number use up no try.
RESULTS = (
    ResultRow("SUCCESS", "成功完成", "Completed", REACHED, "C", True, NextStep.FINISH, saves_answers=True),
    ResultRow("PARTIAL", "中途中断", "Broken off", REACHED, "D", True, NextStep.RETRY_OTHER_BAND),
    ResultRow("HUNG_UP", "接通即挂", "Hung up at once", REACHED, "H", True, NextStep.RETRY_OTHER_BAND, max_repeats=1),
    ResultRow("RESCHED", "改约·约定时间", "Call back at a time", REACHED, "Y", True, NextStep.AT_AGREED_TIME, "no"),
    ResultRow("LATER", "改约·未定时间", "Call back later", REACHED, "S", True, NextStep.RETRY_OTHER_BAND),
    ResultRow("REFUSED", "拒访", "Refuses to answer", REACHED, "J", True, NextStep.FINISH_REFUSED),
    ResultRow("NOT_OWNER", "非车主/非送修人", "Not the right person", REACHED, "F", True, NextStep.ASK_CONTACT),
    ResultRow("SOLD", "车已转让", "Car sold on", REACHED, "Z", True, NextStep.FINISH_SOLD),
    ResultRow("NO_ANSWER", "无人接听", "No answer", NOT_REACHED, "W", False, NextStep.RETRY_OTHER_BAND),
    ResultRow("BUSY", "占线", "Busy", NOT_REACHED, "M", False, NextStep.RETRY_SOON, "second"),
    ResultRow("REJECTED", "拒接", "Call rejected", NOT_REACHED, "X", False, NextStep.RETRY_NEXT_DAY),
    ResultRow("POWER_OFF", "关机", "Switched off", NOT_REACHED, "G", False, NextStep.RETRY_NEXT_DAY),
    ResultRow("UNREACH", "无法接通", "Out of reach", NOT_REACHED, "U", False, NextStep.RETRY_OTHER_BAND),
    ResultRow("VOICEMAIL", "语音助手/来电提醒", "Voice assistant", NOT_REACHED, "Q", False, NextStep.RETRY_OTHER_BAND),
    ResultRow("SUSPENDED", "停机/欠费", "Suspended", NUMBER, "T", False, NextStep.NEXT_NUMBER, "no"),
    ResultRow("VACANT", "空号/改号", "No such number", NUMBER, "K", False, NextStep.NEXT_NUMBER, "no"),
    ResultRow("WRONG_NO", "错号", "Wrong number", NUMBER, "E", True, NextStep.NEXT_NUMBER, "no"),
)
