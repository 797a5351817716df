"""Why customers leave (背叛类型): the reasons of the trade by kind, and how a reason is read from what was said."""

from __future__ import annotations

from typing import NamedTuple

PRICE, PRODUCT, SERVICE, OWN = "price", "product", "service", "own"


class Reason(NamedTuple):
    """One reason for leaving: its kind ('' for none of the four), and words by which it is recognised."""

    code: str
    kind: str
    words: tuple[str, ...]


#: domain 4.3; of several reasons in one sentence the first of this table is taken
REASONS: tuple[Reason, ...] = (
    Reason("not_repaired", SERVICE, ("不彻底", "没修好", "未修复", "修不好", "返修", "not repaired")),
    Reason("broken_promise", SERVICE, ("承诺", "未兑现", "说话不算", "promise")),
    Reason("attitude", SERVICE, ("态度", "attitude", "rude")),
    Reason("waiting", SERVICE, ("等待", "等太久", "排队", "太慢", "等很久", "waiting")),
    Reason("few_offers", PRICE, ("优惠", "折扣", "活动少", "discount")),
    Reason("fees", PRICE, ("工时", "配件贵", "太贵", "收费高", "价格高", "贵", "expensive")),
    Reason("changed_car", PRODUCT, ("换车", "卖车", "卖了", "卖掉", "转让", "sold the car")),
    Reason("faults", PRODUCT, ("质量", "故障", "毛病", "fault")),
    Reason("unit_decides", OWN, ("单位", "公司指定", "定点", "company decides")),
    Reason("moved", OWN, ("搬家", "搬到", "太远", "距离", "不顺路", "外地", "moved", "too far")),
    Reason("seldom_driven", OWN, ("少开", "很少开", "少用", "不常开", "开得少", "seldom")),
    Reason("out_of_touch", "", ("失联", "out of touch")),
    Reason("other", "", ("其他", "other")),
)
KIND_OF = {one.code: one.kind for one in REASONS}
#: where only the kind is named
_KINDS = (("价格", PRICE), ("产品", PRODUCT), ("服务", SERVICE), ("自变", OWN), ("自身", OWN))


class Told(NamedTuple):
    """What was understood: the kind and the reason; '' where it is not clear."""

    kind: str
    reason: str


def read(text: str) -> Told | None:
    """Kind and reason out of the words of an answer; None for an empty one, both '' where no word is known."""
    said = text.strip().casefold()
    if not said:
        return None
    for one in REASONS:
        if any(word in said for word in one.words):
            return Told(one.kind, one.code)
    return Told(next((kind for word, kind in _KINDS if word in said), ""), "")
