"""Columns such as 退车, 作废 and 反结算 that say yes in one list and the day in another."""

from __future__ import annotations

from datetime import date

from crm_site.core import dates, text
from crm_site.core.errors import RuleBroken
from crm_site.imports.layout import Row

_YES = frozenset({"是", "有", "y", "yes", "true", "1", "√", "✓", "已", "对"})
_NO = frozenset({"否", "没有", "不", "未", "n", "no", "false", "0", "×", "x", "正常", "错"})


def read_flag(row: Row, name: str, *words: str) -> date | bool | None:
    """What a cell says: the day, True, False, or None for nothing; one that is neither is left out with a warning.

    `words` mean yes in this column besides the usual ones (退车, 已退车). The field is plain text in the layout; its
    clean value becomes True, False or None.
    """
    written = row.values.get(name)
    if written is None:
        return None
    said = text.half_width(written).casefold()
    if said in _YES or said in words:
        row.values[name] = True
        return True
    if said in _NO or said in {f"未{word.removeprefix('已')}" for word in words}:
        row.values[name] = False
        return False
    try:
        day = dates.parse_date(written)
    except RuleBroken:
        row.values[name] = None
        row.warn("flag_unclear", name, written)
        return None
    row.values[name] = True
    return day
