"""What the layouts share: comparing and writing through the intake, and columns that several of them have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from crm_site.imports.cleaning import encode
from crm_site.imports.layout import Apply, Compare, Context, Judgement, Layout, Row
from customers.intake.outcome import Outcome

Settle = Callable[..., tuple[Any, list[Outcome]]]

NAME_COLUMN = 80

VIN_TITLES = (
    "车架号",
    "VIN",
    "VIN码",
    "车架号码",
    "车辆识别代号",
    "车辆识别码",
    "底盘号",
    "车架号(VIN)",
    "vin码/车架号",
)
PLATE_TITLES = ("车牌号", "车牌", "车牌号码", "牌照号", "车号", "牌照")
NAME_TITLES = ("客户名称", "客户姓名", "姓名", "车主", "车主姓名", "客户", "名称")
PHONE_TITLES = ("手机", "手机号", "手机号码", "联系电话", "电话", "客户电话", "移动电话", "联系方式", "车主电话")
#: words for what is written beside the rows
EFFECTS = {
    "customers": gettext_lazy("new customers"),
    "vehicles": gettext_lazy("new vehicles"),
    "phones": gettext_lazy("new numbers"),
    "contacts": gettext_lazy("new contacts"),
}
ADVISOR_TITLES = ("服务顾问", "接待员", "业务接待", "SA", "接车顾问", "服务接待")


def pair(layout: Callable[[], Layout], settle: Settle, save: Callable[[Any], dict[str, int]]) -> tuple[Compare, Apply]:
    """The compare and apply of a layout: rows that are to be written are settled under locks, and written as settled.

    They are settled anew where some of those compared are left out: these may have lent the others a car or an owner.
    """

    def compare(ctx: Context, rows: Sequence[Row]) -> list[Judgement]:
        gathered, outcomes = settle(ctx, rows, _facts(layout(), rows), lock=ctx.is_writing)
        if ctx.is_writing:
            ctx.memory["settled"] = list(rows), gathered, outcomes
        return [outcome.judgement() for outcome in outcomes]

    def apply(ctx: Context, judgements: Sequence[Judgement]) -> dict[str, int]:
        rows = [judged.row for judged in judgements]
        settled, gathered, outcomes = ctx.memory.pop("settled", ([], None, []))
        if len(settled) != len(rows) or any(one is not row for one, row in zip(settled, rows, strict=True)):
            gathered, outcomes = settle(ctx, rows, _facts(layout(), rows), lock=True)
        made = save(gathered)
        for judged, outcome in zip(judgements, outcomes, strict=True):
            outcome.fill_in(judged)
        return made

    return compare, apply


def _facts(layout: Layout, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The values of rows as plain JSON, which the engine then need not make once more."""
    facts = [encode(layout, row.values) for row in rows]
    for row, plain in zip(rows, facts, strict=True):
        row.facts = plain
    return facts


def check_name(row: Row, name: str) -> None:
    """Refuse a name that is longer than a card can hold."""
    written = row.values.get(name)
    if written and len(written) > NAME_COLUMN:
        row.problem("text_too_long", name, written)


def check_order(row: Row, first: str, then: str) -> None:
    """Refuse a row whose second day lies before its first."""
    begin, end = row.values.get(first), row.values.get(then)
    if begin and end and end < begin:
        row.problem("ends_before_begin", then, row.get(then))
