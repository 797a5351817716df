"""What the example rows of a template show: three made-up records, by field name, else by kind."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from crm_site.accounts.models import Store
from crm_site.imports import layout as kinds
from crm_site.imports.layout import Field

EXAMPLES = 3
#: The first day that stands in an example; later columns show later days, so that no end lies before its beginning.
FIRST_DAY = date(2025, 3, 3)

#: field name → what the three rows show; one value stands for all three, '' leaves the cell empty
BY_NAME: dict[str, tuple[Any, ...]] = {
    "number": ("KH20250001", "KH20250002", "KH20250003"),
    "order_number": ("RO20250001", "RO20250002", "RO20250003"),
    "booking_number": ("YY20250001", "", ""),
    "name": ("张伟", "欧阳静", "王芳"),
    "value_class": ("金牌", "A", ""),
    "salutation": ("先生", "女士", "女士"),
    "sex": ("男", "女", "女"),
    "spare_phone": ("02368001234", "", ""),
    "birthday": (date(1988, 6, 12), date(1992, 11, 3), ""),
    "province": ("重庆市",),
    "city": ("重庆市",),
    "district": ("渝北区", "江北区", "南岸区"),
    "address": ("龙溪街道 1 号", "观音桥 2 号", "南坪西路 3 号"),
    "industry": ("教育", "建筑", ""),
    "occupation": ("教师", "工程师", ""),
    "employer": ("渝北实验小学", "", ""),
    "email": ("zhangwei@example.com", "", ""),
    "source": ("展厅", "转介绍", "网络"),
    "hobbies": ("自驾", "", ""),
    "preferred_time": ("周末上午", "", ""),
    "vin": ("LSVAA49J3B2000017", "LSVAA49J8B2000028", "LSVAA49J2B2000039"),
    "plate_no": ("渝A12345", "渝AD12346", "渝B12347"),
    "engine_no": ("EA211-000017", "EA211-000028", "EA211-000039"),
    "brand": ("上汽大众",),
    "series": ("途观L", "帕萨特", "朗逸"),
    "model": ("330TSI 两驱豪华版", "330TSI 尊贵版", "1.5L 自动满逸版"),
    "colour": ("白", "黑", "灰"),
    "payment": ("全款", "按揭", "按揭"),
    "returned_on": ("",),
    "returned": ("",),
    "void": ("",),
    "reopened": ("",),
    "left_on": ("",),
    "state": ("已结算", "已结算", "已结算"),
    "note": ("", "希望上午联系", ""),
    "mileage_km": (12860, 30500, 8200),
    "last_mileage_km": (12860, 30500, 8200),
    "complaint_text": ("刹车有异响", "空调不制冷", "定期保养"),
    "items": ("更换前刹车片", "空调清洗、加氟", "小保养"),
    "paid_coupon": ("",),
    "paid_transfer": ("",),
    "paid_cash": ("",),
    "labour_fee": (200, 180, 120),
    "parts_fee": (480, 260, 328),
    "total_fee": (680, 440, 448),
    "price": (236800, 198800, 109900),
    "words": ("保养等了两个小时，没人说明进度。", "新车中控屏黑屏两次。", "服务态度很好。"),
    "topic": ("",),
    "demand": ("说明原因并致歉", "更换中控屏", ""),
    "solution": ("店长致电说明，赠送保养一次", "更换主机，验证三天", ""),
    "kind": ("",),
    "category": ("",),
    "part": ("",),
    "result": ("",),
    "result_text": ("",),
    "result_words": ("",),
    "liable_party": ("",),
    "survey": ("2025 年厂家满意度调查",),
    "period": ("2025-Q1", "2025-Q2", "2025-Q3"),
    "year": ("",),
    "factor": ("服务启动", "服务顾问", "服务质量"),
    "score": (9, 10, 8),
    "score_10": ("",),
    "score_100": ("",),
    "score_1000": ("",),
    "scale": ("十分制",),
    "sample": (120, 135, 118),
    "sample_size": (120, 135, 118),
    "regional_mean": (8.7, 8.9, 8.5),
    "rank": (3, 5, 4),
    "rank_of": (30,),
}
BY_KIND: dict[str, tuple[Any, ...]] = {
    kinds.TEXT: ("示例一", "示例二", "示例三"),
    kinds.NAME: ("张伟", "欧阳静", "王芳"),
    kinds.EMPLOYEE: ("李明", "陈思雨", "李明"),
    kinds.CODE: ("A0001", "A0002", "A0003"),
    kinds.PHONE: ("13800000001", "13900000002", "13700000003"),
    kinds.VIN: BY_NAME["vin"],
    kinds.PLATE: BY_NAME["plate_no"],
    kinds.MONEY: (680, 440, 448),
    kinds.DECIMAL: (8.5, 9, 7.5),
    kinds.INT: (100, 200, 300),
    kinds.YESNO: ("是", "否", "是"),
}
_YESNO = ("是", "否")


def examples(fields: list[Field], store: Store) -> list[list[Any]]:
    """The three example rows for the fields of a list, for a store (whose name they show); '' is an empty cell."""
    return [[_example(one, place, row, store) for place, one in enumerate(fields)] for row in range(EXAMPLES)]


def choices(one: Field) -> list[str]:
    """One spelling for each choice of a field, the first; yes and no where that is the question."""
    if one.kind == kinds.YESNO:
        return list(_YESNO)
    first: dict[str, str] = {}
    for word, code in one.spellings.items():
        first.setdefault(str(code), word)
    return list(first.values())


def _example(one: Field, place: int, row: int, store: Store) -> Any:
    if one.name == "store":
        return store.short_name
    shown = one.examples or BY_NAME.get(one.name)
    if one.kind == kinds.CHOICE and (shown is None or shown[0] not in one.spellings):
        shown = ("",) if one.name == "state" else tuple(choices(one)[:1]) or ("",)
    if shown is None and one.kind in (kinds.DATE, kinds.MOMENT):
        return FIRST_DAY + timedelta(days=7 * place + row)
    shown = shown or BY_KIND[one.kind]
    return shown[row % len(shown)]
