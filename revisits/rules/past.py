"""What makes a past call this one and no other, and what old lists call a result."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, time

#: what lists write for a call result → its code; a judgement where the result should stand means that one was given
RESULT_WORDS: dict[str, str] = {
    "成功完成": "SUCCESS", "成功": "SUCCESS", "成功回访": "SUCCESS", "回访成功": "SUCCESS", "已回访": "SUCCESS",
    "完成": "SUCCESS", "已完成": "SUCCESS", "回访完成": "SUCCESS", "接通": "SUCCESS", "已接通": "SUCCESS",
    "正常": "SUCCESS", "非常满意": "SUCCESS", "满意": "SUCCESS", "比较满意": "SUCCESS", "一般": "SUCCESS",
    "不满意": "SUCCESS", "非常不满意": "SUCCESS",
    "接通-中途中断": "PARTIAL", "中途中断": "PARTIAL", "中途挂断": "PARTIAL", "未完成": "PARTIAL",
    "接通即挂": "HUNG_UP", "挂断": "HUNG_UP", "秒挂": "HUNG_UP",
    "改约-约定时间": "RESCHED", "改约": "RESCHED", "预约回访": "RESCHED", "约定时间": "RESCHED",
    "改约-未定时间": "LATER", "稍后再拨": "LATER", "不方便": "LATER", "不便接听": "LATER", "客户忙": "LATER",
    "改日": "LATER",
    "接通-拒访": "REFUSED", "拒访": "REFUSED", "拒绝回访": "REFUSED", "拒绝访问": "REFUSED", "拒绝": "REFUSED",
    "接通-非车主/非送修人": "NOT_OWNER", "非车主": "NOT_OWNER", "非本人": "NOT_OWNER", "非送修人": "NOT_OWNER",
    "接通-车已转让": "SOLD", "车已转让": "SOLD", "已转让": "SOLD", "已卖车": "SOLD", "已换车": "SOLD",
    "无人接听": "NO_ANSWER", "未接": "NO_ANSWER", "未接听": "NO_ANSWER", "无人接": "NO_ANSWER", "没人接": "NO_ANSWER",
    "占线": "BUSY", "忙线": "BUSY", "通话中": "BUSY", "正在通话": "BUSY",
    "拒接": "REJECTED", "关机": "POWER_OFF", "已关机": "POWER_OFF",
    "无法接通": "UNREACH", "不在服务区": "UNREACH", "未接通": "UNREACH", "打不通": "UNREACH",
    "语音助手": "VOICEMAIL", "来电提醒": "VOICEMAIL", "语音信箱": "VOICEMAIL", "语音留言": "VOICEMAIL",
    "停机": "SUSPENDED", "欠费": "SUSPENDED", "欠费停机": "SUSPENDED",
    "空号": "VACANT", "改号": "VACANT", "号码不存在": "VACANT",
    "错号": "WRONG_NO", "号码错误": "WRONG_NO", "打错": "WRONG_NO", "号码有误": "WRONG_NO",
}  # fmt: skip


def has_time(at: datetime) -> bool:
    """Whether a moment says more than its day: nobody calls a customer at midnight."""
    return at.time() != time()


def natural_key(
    *,
    number: str | None,
    at: datetime | None,
    who: Iterable[str | None],
    caller: str | None,
    about: Iterable[str | None],
) -> str | None:
    """What makes a call this one: a number of its own, else when, the first thing known of whom, and by whom.

    Where only the day is known, what it was `about` (kind, order) too: one may be called twice a day. None where it
    cannot be told.
    """
    if number:
        return f"number:{number}"
    whom = next((each for each in who if each), None)
    if at is None or whom is None:
        return None
    when = f"{at:%Y-%m-%dT%H:%M:%S}" if has_time(at) else f"{at:%Y-%m-%d}:{':'.join(each or '' for each in about)}"
    return f"{when}|{whom}|{caller or ''}"


def key_of(natural: str) -> str:
    """The form in which the key is kept: a hash, so that no number stands in an index twice over."""
    return hashlib.sha256(natural.encode()).hexdigest()
