"""The phrases for notes that every installation starts with, in the order of their keys."""

from typing import NamedTuple


class PhraseRow(NamedTuple):
    """One phrase; the fields are those of Phrase."""

    code: str
    label_zh: str
    label_en: str


#: the first nine have a key
PHRASES = (
    PhraseRow("content", "客户表示满意，没有意见。", "Content, nothing to add."),
    PhraseRow("busy", "客户在忙，简短结束。", "Busy, kept it short."),
    PhraseRow("driving", "正在开车，请稍后再打。", "Driving, call again later."),
    PhraseRow("will_come", "近期会到店保养。", "Will come for a service soon."),
    PhraseRow("few_km", "用车少，里程未到。", "Drives little, mileage not reached."),
    PhraseRow("done_elsewhere", "已在别处保养。", "Had the service done elsewhere."),
    PhraseRow("insured_elsewhere", "已在别处续保。", "Has renewed the insurance elsewhere."),
    PhraseRow("wait_long", "反映等待时间长。", "Says the wait was long."),
    PhraseRow("price_high", "反映价格偏高。", "Says the price is high."),
)
